"""Sizes of the official network, read from a file's tensors and its config.

Everything that a tensor's shape tells is taken from there; what it cannot
tell (heads, activation, strides) comes from ``config.json`` or, without one,
from the published pretrained parts. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from medtalk_live.errors import CheckpointError

Config = Mapping[str, Any]
State = Mapping[str, Tensor]
_HEAD_WIDTH = 64
"""Of every pretrained transformer that MEDTalk uses."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of one checkpoint file; a part that the file lacks keeps its zero.

    Attributes:
        controls: N.
        hidden: Between the layers of E_e, E_c and D.
        latent: D.
        content_hidden: Between the layers of ACM.
        fuse_hidden: Between those of E_fuse.
        label_width: Of the label table.
        label_hidden: Between its two layers.
        intensity_hidden: Of the guided model's intensity.
        emotion2vec: Features a frame.
        prompt_hidden: Of P_text and P_image.
        heads: Of the cross-modality fusion.
        wav2vec2: Config of transformers.
        bert: Config of transformers.
        clip: Config of transformers' CLIP.
    """

    controls: int
    hidden: int
    latent: int
    content_hidden: int
    fuse_hidden: int
    label_width: int
    label_hidden: int
    intensity_hidden: int
    emotion2vec: int
    prompt_hidden: int
    heads: int
    wav2vec2: Config
    bert: Config
    clip: Config


def read_sizes(state: State, config: Config) -> Sizes:
    """Sizes of the network that a state dict belongs to.

    Raises:
        CheckpointError: it lacks a tensor that every MEDTalk file has.
    """
    intensity = _rows(state, "fusion_predictor.fc1")
    return Sizes(
        controls=_columns(state, "emo_encoder.fc1", needed=True),
        hidden=_rows(state, "emo_encoder.fc1", needed=True),
        latent=_rows(state, "emo_encoder.fc2", needed=True),
        content_hidden=_rows(state, "audio_content_map.fc1"),
        fuse_hidden=_rows(state, "semantic_emotion_map.fc1"),
        label_width=_columns(state, "emotion_embedding.0"),
        label_hidden=_rows(state, "emotion_embedding.1"),
        intensity_hidden=intensity,
        emotion2vec=_columns(
            state, "fusion_predictor.fc1" if intensity else "fusion_predictor.linear"
        ),
        prompt_hidden=_rows(state, "clip_text_map.fc1"),
        heads=int(config.get("fusion_heads", 8)),
        wav2vec2=config.get("wav2vec2") or _wav2vec2(state),
        bert=config.get("bert") or _bert(state),
        clip=config.get("clip") or _clip(state),
    )


def _size(state: State, key: str, axis: int) -> int:
    tensor = state.get(key)
    return 0 if tensor is None or tensor.dim() <= axis else tensor.shape[axis]


def _layer_size(state: State, layer: str, axis: int, needed: bool) -> int:
    found = _size(state, f"{layer}.weight", axis)
    if needed and not found:
        raise CheckpointError(
            f"the tensor '{layer}.weight' is missing or not a matrix: this is no MEDTalk checkpoint"
        )
    return found


def _rows(state: State, layer: str, needed: bool = False) -> int:
    return _layer_size(state, layer, 0, needed)


def _columns(state: State, layer: str, needed: bool = False) -> int:
    return _layer_size(state, layer, 1, needed)


def _count(state: State, prefix: str) -> int:
    """Numbered layers under a prefix such as ``encoder.layers.``."""
    numbers = {key.removeprefix(prefix).split(".")[0] for key in state if key.startswith(prefix)}
    return len(numbers)


def _wav2vec2(state: State) -> Config:
    at = "audio_content_encoder."
    width = _size(state, at + "feature_projection.projection.weight", 0) or 768
    layers = _count(state, at + "feature_extractor.conv_layers.") or 7
    convolutions = [
        _size(state, f"{at}feature_extractor.conv_layers.{i}.conv.weight", 0) or 512
        for i in range(layers)
    ]
    return {"hidden_size": width, "conv_dim": convolutions}


def _bert(state: State) -> Config:
    at = "text_encoder."
    width = _size(state, at + "embeddings.word_embeddings.weight", 1) or 768
    return {
        "vocab_size": _size(state, at + "embeddings.word_embeddings.weight", 0) or 21128,
        "hidden_size": width,
        "num_hidden_layers": _count(state, at + "encoder.layer.") or 12,
        "num_attention_heads": max(1, width // _HEAD_WIDTH),
        "intermediate_size": _size(state, at + "encoder.layer.0.intermediate.dense.weight", 0)
        or 3072,
        "max_position_embeddings": _size(state, at + "embeddings.position_embeddings.weight", 0)
        or 512,
    }


def _clip(state: State) -> Config:
    at = "clip_encoder."
    patch = _size(state, at + "vision_model.embeddings.patch_embedding.weight", 2) or 32
    places = _size(state, at + "vision_model.embeddings.position_embedding.weight", 0) or 50
    vocabulary = _size(state, at + "text_model.embeddings.token_embedding.weight", 0) or 49408
    return {
        "projection_dim": _size(state, at + "text_projection.weight", 0) or 512,
        "text_config": {
            **_tower(state, at + "text_model.", 512),
            "vocab_size": vocabulary,
            "max_position_embeddings": _size(
                state, at + "text_model.embeddings.position_embedding.weight", 0
            )
            or 77,
            "eos_token_id": vocabulary - 1,
        },
        "vision_config": {
            **_tower(state, at + "vision_model.", 768),
            "image_size": patch * round((places - 1) ** 0.5),
            "patch_size": patch,
        },
    }


def _tower(state: State, at: str, usual: int) -> dict[str, Any]:
    width = _size(state, at + "encoder.layers.0.mlp.fc1.weight", 1) or usual
    return {
        "hidden_size": width,
        "num_hidden_layers": _count(state, at + "encoder.layers.") or 12,
        "num_attention_heads": max(1, width // _HEAD_WIDTH),
        "intermediate_size": _size(state, at + "encoder.layers.0.mlp.fc1.weight", 0) or 4 * usual,
        "hidden_act": "quick_gelu",
    }
