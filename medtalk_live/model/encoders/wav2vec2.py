"""wav2vec2 as MEDTalk hears through it: convolutions, projection, positional convolution.

The published network reads hidden state 0, what stands before the first
transformer layer; those layers are never built here, and their weights in a
file are left out. Built from transformers' own parts, sizes from its config.
Any thread; blocks for the length of the sound. Source: facts of the public
implementation; MEDTalk, section 3.3; Baevski et al., wav2vec 2.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from medtalk_live.errors import MissingExtraError

LEFT_OUT = ("encoder.layers.", "masked_spec_embed", "adapter.", "lm_head.")
"""Keys of a wav2vec2 file that never reach the result."""

_OLD_NAMES = {
    "conv.weight_g": "conv.parametrizations.weight.original0",
    "conv.weight_v": "conv.parametrizations.weight.original1",
}


def normalise(samples: Tensor) -> Tensor:
    """Zero mean and unit variance over the clip (..., n), as wav2vec2 was trained."""
    centred = samples - samples.mean(-1, keepdim=True)
    return centred / torch.sqrt(centred.square().mean(-1, keepdim=True) + 1e-7)


def at_frames(features: Tensor, frames: int) -> Tensor:
    """Features (B, S, F) spread over T frames, ends on ends: (B, T, F)."""
    spread = nn.functional.interpolate(
        features.transpose(1, 2), size=frames, mode="linear", align_corners=True
    )
    return spread.transpose(1, 2)


class SpeechFeatures(nn.Module):
    """Sound to speech features at the face's frame rate.

    Args:
        config: Of ``transformers.Wav2Vec2Config``; what is not named is that of the base model.

    Raises:
        MissingExtraError: transformers is not installed.
    """

    encoder: Any

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        try:
            from transformers import Wav2Vec2Config
            from transformers.models.wav2vec2 import modeling_wav2vec2
        except ImportError as error:
            raise MissingExtraError("transformers", "official", "the official model") from error
        library: Any = modeling_wav2vec2
        settings = Wav2Vec2Config(**{**config, "num_hidden_layers": 0, "mask_time_prob": 0.0})
        self.width: int = settings.hidden_size
        self.feature_extractor = library.Wav2Vec2FeatureEncoder(settings)
        self.feature_projection = library.Wav2Vec2FeatureProjection(settings)
        self.encoder = nn.Module()
        self.encoder.pos_conv_embed = library.Wav2Vec2PositionalConvEmbedding(settings)
        self.encoder.layer_norm = nn.LayerNorm(self.width, eps=settings.layer_norm_eps)

    def forward(self, samples: Tensor, frames: int) -> Tensor:
        """Features of a clip.

        Args:
            samples: Normalised 16 kHz sound (B, n), see ``normalise``.
            frames: T.

        Returns:
            (B, T, F).
        """
        heard = self.feature_extractor(samples).transpose(1, 2)
        projected, _ = self.feature_projection(at_frames(heard, frames))
        return self.placed(projected)

    def placed(self, projected: Tensor) -> Tensor:
        """Projected features (B, T, F) with their surroundings added, normalised."""
        result: Tensor = self.encoder.layer_norm(projected + self.encoder.pos_conv_embed(projected))
        return result


def current_names(key: str) -> str:
    """The name that today's classes give to a key of an older file."""
    for old, new in _OLD_NAMES.items():
        if key.endswith(old):
            return key.removesuffix(old) + new
    return key
