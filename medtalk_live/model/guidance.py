"""From guidance to an emotion embedding: label table, intensity modulation, E_fuse.

Torch modules for training and for the published model; names as in the
authors' checkpoints. Pure. Source: MEDTalk, sections 3.4 and 3.5, equation 9.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from medtalk_live.model.streaming import EMBEDDING_WIDTH, LABELS


class LabelEmbedding(nn.Sequential):
    """f_label: Embedding(7, W) Linear(W, H) LeakyReLU(.2) Linear(H, D).

    Args:
        latent: D.
        width: W of the table; D where nothing is said.
        hidden: H; 2D where nothing is said.
    """

    def __init__(self, latent: int = EMBEDDING_WIDTH, width: int = 0, hidden: int = 0) -> None:
        width, hidden = width or latent, hidden or 2 * latent
        super().__init__(
            nn.Embedding(len(LABELS), width),
            nn.Linear(width, hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, latent),
        )


def modulate(guidance: Tensor, intensity: Tensor) -> Tensor:
    """Equation 9: ``f * I_t / (norm(f) + 1e-8)``.

    Args:
        guidance: f, (..., D).
        intensity: I_t, (...,) or (..., 1) where it must broadcast over D.

    Returns:
        f_t, (..., D).
    """
    if intensity.dim() < guidance.dim() or intensity.shape[-1] != 1:
        intensity = intensity.unsqueeze(-1)
    length: Tensor = torch.linalg.vector_norm(guidance, dim=-1, keepdim=True)
    return guidance * intensity / (length + 1e-8)
