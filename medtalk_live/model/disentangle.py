"""E_e, E_c and D: a face split into feeling and content, and put together again.

Per-frame networks in torch, for training and for the published model; the
live starter runs the same weights in numpy (``model/starter.py``). Key names
are those of the authors' checkpoints. Pure modules without state.
Source: MEDTalk, section 3.2; sizes from the public implementation.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from medtalk_live.model.streaming import EMBEDDING_WIDTH
from medtalk_live.rig.controls import COUNT


class Mapping(nn.Module):
    """Linear, ReLU, Linear: the form of every small map in MEDTalk.

    Args:
        inputs: Features in.
        outputs: Features out.
        hidden: Features between.
    """

    def __init__(
        self, inputs: int, outputs: int = EMBEDDING_WIDTH, hidden: int = EMBEDDING_WIDTH
    ) -> None:
        super().__init__()
        self.fc1 = nn.Linear(inputs, hidden)
        self.fc2 = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., inputs) to (..., outputs)."""
        result: Tensor = self.fc2(torch.relu(self.fc1(x)))
        return result


class Disentangler(nn.Module):
    """Both encoders and the decoder.

    Args:
        controls: N.
        latent: D.
        hidden: Width between.
    """

    def __init__(
        self, controls: int = COUNT, latent: int = EMBEDDING_WIDTH, hidden: int = EMBEDDING_WIDTH
    ) -> None:
        super().__init__()
        self.emo_encoder = Mapping(controls, latent, hidden)
        self.cont_encoder = Mapping(controls, latent, hidden)
        self.decoder = Mapping(2 * latent, controls, hidden)

    def emotion(self, controls: Tensor) -> Tensor:
        """Emotion embedding (..., D) of controls (..., N)."""
        return self.emo_encoder(controls)  # type: ignore[no-any-return]

    def content(self, controls: Tensor) -> Tensor:
        """Content embedding (..., D) of controls (..., N)."""
        return self.cont_encoder(controls)  # type: ignore[no-any-return]

    def decode(self, emotion: Tensor, content: Tensor) -> Tensor:
        """Controls (..., N) of an emotion and a content embedding (..., D)."""
        return self.decoder(torch.cat((emotion, content), dim=-1))  # type: ignore[no-any-return]
