"""CLIP for text and image guidance: open_clip's network under Hugging Face's names.

The authors' file holds CLIP as transformers names it; ``current_names`` turns
that into open_clip's, which brings tokenizer and picture preparation along
without a hub. Features are projected, not normalised. A worker's thread.
Source: MEDTalk, section 3.5; Radford et al., CLIP.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from medtalk_live.errors import MissingExtraError

if TYPE_CHECKING:
    from PIL.Image import Image

_SINGLE = {
    "logit_scale": "logit_scale",
    "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
    "text_model.embeddings.position_embedding.weight": "positional_embedding",
    "text_model.final_layer_norm": "ln_final",
    "vision_model.embeddings.class_embedding": "visual.class_embedding",
    "vision_model.embeddings.patch_embedding.weight": "visual.conv1.weight",
    "vision_model.embeddings.position_embedding.weight": "visual.positional_embedding",
    "vision_model.pre_layrnorm": "visual.ln_pre",
    "vision_model.post_layernorm": "visual.ln_post",
}
_TRANSPOSED = {
    "visual_projection.weight": "visual.proj",
    "text_projection.weight": "text_projection",
}
_TOWERS = {"text_model": "transformer", "vision_model": "visual.transformer"}
_IN_LAYER = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "self_attn.out_proj": "attn.out_proj",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}
_LAYER = re.compile(r"(text_model|vision_model)\.encoder\.layers\.(\d+)\.(.+)\.(weight|bias)$")
_HIGHEST = 2
"""As ``eos_token_id`` in OpenAI's own config: the sentence ends at its highest token."""
_LEFT_OUT = ("text_model.embeddings.position_ids", "vision_model.embeddings.position_ids")


class ClipEncoder(nn.Module):
    """Both towers of CLIP.

    Args:
        config: Of ``transformers.CLIPConfig``; what is not named is that of ViT-B/32.

    Raises:
        MissingExtraError: open_clip_torch is not installed.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        try:
            from open_clip.model import CLIP
        except ImportError as error:
            raise MissingExtraError("open_clip_torch", "official", "the official model") from error
        text, vision = config.get("text_config", {}), config.get("vision_config", {})
        self.width = int(config.get("projection_dim", 512))
        self.clip = CLIP(
            self.width,
            _vision(vision),
            _text(text),
            quick_gelu=text.get("hidden_act", "quick_gelu") == "quick_gelu",
        )

    def text(self, ids: Tensor) -> Tensor:
        """Feature (B, F) of token ids (B, L)."""
        missing = self.clip.context_length - ids.shape[1]
        padded = nn.functional.pad(ids, (0, missing))
        result: Tensor = self.clip.encode_text(padded)
        return result

    def image(self, pixels: Tensor) -> Tensor:
        """Feature (B, F) of normalised pixels (B, 3, H, W)."""
        result: Tensor = self.clip.encode_image(pixels)
        return result

    def tokens(self, sentence: str) -> Tensor:
        """CLIP's token ids (1, L) of a sentence."""
        from open_clip import SimpleTokenizer

        result: Tensor = SimpleTokenizer(context_length=self.clip.context_length)(sentence)
        return result

    def pixels(self, picture: Image) -> Tensor:
        """A picture as CLIP was trained on them, (1, 3, H, W)."""
        from open_clip import image_transform

        prepared = image_transform(self.clip.visual.image_size, is_train=False)(picture)
        result: Tensor = torch.as_tensor(prepared).unsqueeze(0)
        return result


def _vision(config: Mapping[str, Any]) -> dict[str, Any]:
    width = config.get("hidden_size", 768)
    return {
        "layers": config.get("num_hidden_layers", 12),
        "width": width,
        "head_width": width // config.get("num_attention_heads", 12),
        "mlp_ratio": _ratio(config.get("intermediate_size", 3072), width),
        "patch_size": config.get("patch_size", 32),
        "image_size": config.get("image_size", 224),
    }


def _text(config: Mapping[str, Any]) -> dict[str, Any]:
    width, end = config.get("hidden_size", 512), config.get("eos_token_id", _HIGHEST)
    return {
        "context_length": config.get("max_position_embeddings", 77),
        "vocab_size": config.get("vocab_size", 49408),
        "width": width,
        "heads": config.get("num_attention_heads", 8),
        "layers": config.get("num_hidden_layers", 12),
        "mlp_ratio": _ratio(config.get("intermediate_size", 2048), width),
        **({"pool_type": "argmax"} if end == _HIGHEST else {"pool_type": "eos", "eos_id": end}),
    }


def _ratio(intermediate: int, width: int) -> float:
    return (intermediate + 0.5) / width  # open_clip cuts the product off, it must not fall short


def current_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A CLIP state dict under ``ClipEncoder``'s names; a key that is none of CLIP's stays.

    Args:
        state: Under Hugging Face's names, or ``ClipEncoder``'s own.
    """
    if any(key.startswith("clip.") for key in state):
        return dict(state)
    renamed: dict[str, Tensor] = {}
    for key, value in state.items():
        if key in _TRANSPOSED:
            renamed[_TRANSPOSED[key]] = value.T.contiguous()
        elif ".self_attn.q_proj." in key:
            parts = [key.replace("q_proj", f"{part}_proj") for part in "qkv"]
            renamed[_layer_name(key, "attn.in_proj_")] = torch.cat(
                [state[part] for part in parts if part in state]
            )
        elif not (key in _LEFT_OUT or ".k_proj." in key or ".v_proj." in key):
            renamed[_name(key)] = value
    return {f"clip.{key}": value for key, value in renamed.items()}


def _name(key: str) -> str:
    if key in _SINGLE:
        return _SINGLE[key]
    if found := _LAYER.match(key):
        inner = _IN_LAYER.get(found[3])
        return _layer_name(key, f"{inner}.") if inner else key
    stem, _, kind = key.rpartition(".")
    return f"{_SINGLE[stem]}.{kind}" if stem in _SINGLE else key


def _layer_name(key: str, inner: str) -> str:
    tower, number, _, kind = _LAYER.match(key).groups()  # type: ignore[union-attr] # the caller saw it
    return f"{_TOWERS[tower]}.resblocks.{number}.{inner}{kind}"
