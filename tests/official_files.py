"""Small random checkpoints in the form of the authors' files, made by the libraries.

The pretrained parts are transformers' own classes under their own names, full
depth included, so that reading them tests what a user's files would meet. The
sizes differ from one another and from the published ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

CONFIG: dict[str, Any] = {
    "wav2vec2": {
        "hidden_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 40,
        "conv_dim": [24, 16, 16, 16, 16, 16, 20],
        "num_conv_pos_embeddings": 128,
        "num_conv_pos_embedding_groups": 16,
        "mask_time_prob": 0.05,
    },
    "bert": {
        "vocab_size": 150,
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 50,
        "max_position_embeddings": 40,
    },
    "clip": {
        "projection_dim": 28,
        "text_config": {
            "vocab_size": 49408,
            "hidden_size": 12,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 25,
            "max_position_embeddings": 77,
            "eos_token_id": 49407,
            "bos_token_id": 49406,
        },
        "vision_config": {
            "hidden_size": 36,
            "num_hidden_layers": 2,
            "num_attention_heads": 3,
            "intermediate_size": 100,
            "image_size": 48,
            "patch_size": 16,
        },
    },
}
CONTROLS, HIDDEN, LATENT = 174, 20, 14
STEMS = ("cross_recon", "audio_cont", "audio_semantic", "clip_emotion")


@dataclass(frozen=True)
class Libraries:
    """The pretrained parts as transformers runs them."""

    speech: Any
    words: Any
    pictures: Any


def libraries() -> Libraries:
    from transformers import (
        BertConfig,
        BertModel,
        CLIPConfig,
        CLIPModel,
        Wav2Vec2Config,
        Wav2Vec2Model,
    )

    torch.manual_seed(7)
    clip = CONFIG["clip"]
    return Libraries(
        Wav2Vec2Model(Wav2Vec2Config(**CONFIG["wav2vec2"])).eval(),
        BertModel(BertConfig(**CONFIG["bert"])).eval(),
        CLIPModel(
            CLIPConfig(
                text_config=clip["text_config"],
                vision_config=clip["vision_config"],
                projection_dim=clip["projection_dim"],
            )
        ).eval(),
    )


def states() -> dict[str, dict[str, Tensor]]:
    """The four state dicts, by stem."""
    parts = libraries()
    face = {
        **named("emo_encoder", two_layers(CONTROLS, HIDDEN, LATENT)),
        **named("cont_encoder", two_layers(CONTROLS, HIDDEN, LATENT)),
        **named("decoder", two_layers(2 * LATENT, HIDDEN, CONTROLS)),
    }
    content = {
        **face,
        **named("audio_content_encoder", parts.speech),
        **named("audio_content_map", two_layers(48, HIDDEN + 1, LATENT)),
    }
    fuse = named("semantic_emotion_map", two_layers(LATENT, HIDDEN + 2, LATENT))
    return {
        "cross_recon": face,
        "audio_cont": content,
        "audio_semantic": {**content, **fuse, **label_parts(parts)},
        "clip_emotion": {
            **content,
            **fuse,
            **named("clip_encoder", parts.pictures),
            **named("fusion_predictor", two_layers(32, 9, 1)),
            **named("clip_text_map", two_layers(28, HIDDEN, LATENT)),
            **named("clip_image_map", two_layers(28, HIDDEN, LATENT)),
        },
    }


def label_parts(parts: Libraries) -> dict[str, Tensor]:
    fusion = nn.ModuleDict(
        {
            "cross_attn": nn.MultiheadAttention(32, 8, batch_first=True),
            "norm1": nn.LayerNorm(32),
            "norm2": nn.LayerNorm(32),
            "linear": nn.Linear(32, 32),
            "predictor": nn.Linear(32, 1),
        }
    )
    table = nn.ModuleDict(
        {"0": nn.Embedding(7, LATENT), "1": nn.Linear(LATENT, 31), "3": nn.Linear(31, LATENT)}
    )
    return {
        **named("text_encoder", parts.words),
        **named("fusion_predictor", fusion),
        **named("emotion_embedding", table),
    }


def two_layers(inputs: int, hidden: int, outputs: int) -> nn.ModuleDict:
    return nn.ModuleDict({"fc1": nn.Linear(inputs, hidden), "fc2": nn.Linear(hidden, outputs)})


def named(prefix: str, module: nn.Module) -> dict[str, Tensor]:
    return {f"{prefix}.{key}": value for key, value in module.state_dict().items()}


def write(folder: Path, changed: dict[str, dict[str, Tensor]] | None = None) -> Path:
    """The four ``.pth`` files and ``config.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem, state in (changed or states()).items():
        torch.save(state, folder / f"{stem}.pth")
    (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    return folder
