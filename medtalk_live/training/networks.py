"""The starter's networks in the form that learns: torch twins of what runs live.

``SpeechEncoder`` computes the same as ``model/encoders/streaming.py``, over
whole batches; ``StarterNetwork`` joins it with E_e, E_c, D, the label table,
E_fuse and the projection of expressions. Trainer's thread.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from medtalk_live.model.disentangle import Disentangler, Mapping
from medtalk_live.model.encoders.streaming import CUES, smoothing_frames
from medtalk_live.model.guidance import LabelEmbedding, modulate
from medtalk_live.model.mel import FEATURES
from medtalk_live.model.streaming import EMBEDDING_WIDTH
from medtalk_live.procedural.phones import PHONE_CLASSES
from medtalk_live.rig.controls import COUNT

LOOK_AHEADS_MS = (0, 40, 80)
LATE_FRAMES = tuple(ms * 60 / 1000 - smoothing_frames(ms) for ms in LOOK_AHEADS_MS)
"""How many frames each head answers later than it hears; the rest goes into smoothing."""
LEAK = 0.1
"""What units let through below zero: with none, half of them fell silent early and for good."""


class Block(nn.Module):
    """A dilated causal convolution of three taps, mixed back into the stream."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.conv = nn.Conv1d(width, width, 3, dilation=dilation)
        self.mix = nn.Conv1d(width, width, 1)
        nn.init.normal_(self.mix.weight, std=0.3 / width**0.5)

    def forward(self, h: Tensor) -> Tensor:
        """(B, W, T) -> (B, W, T)."""
        past = functional.pad(h, (2 * self.dilation, 0))
        bent = functional.leaky_relu(self.conv(past), LEAK)
        return h + self.mix(bent)  # type: ignore[no-any-return] # a module's answer has no type


class Head(nn.Module):
    """One look-ahead's answer: content, cues, and (in training only) phones."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, EMBEDDING_WIDTH)
        self.content = nn.Linear(EMBEDDING_WIDTH, EMBEDDING_WIDTH)
        self.cues = nn.Linear(EMBEDDING_WIDTH, len(CUES))
        self.phones = nn.Linear(EMBEDDING_WIDTH, len(PHONE_CLASSES))

    def forward(self, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, T, W) -> content (B, T, D), cue logits (B, T, C), phone logits (B, T, P)."""
        hidden = functional.leaky_relu(self.hidden(h), LEAK)
        return self.content(hidden), self.cues(hidden), self.phones(hidden)


class SpeechEncoder(nn.Module):
    """Log-mel to content for every look-ahead at once."""

    mean: Tensor
    scale: Tensor

    def __init__(self, width: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(FEATURES))
        self.register_buffer("scale", torch.ones(FEATURES))
        self.input = nn.Linear(FEATURES, width)
        self.blocks = nn.ModuleList(Block(width, dilation) for dilation in dilations)
        self.heads = nn.ModuleList(Head(width) for _ in LOOK_AHEADS_MS)

    def trunk(self, features: Tensor) -> Tensor:
        """(B, T, F) log-mel -> (B, T, W)."""
        h = self.input((features - self.mean) * self.scale).transpose(1, 2)
        for block in self.blocks:
            h = block(h)
        return h.transpose(1, 2)  # type: ignore[no-any-return]

    def forward(self, features: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Content, cues and phones of each look-ahead (see ``Head``)."""
        h = self.trunk(features)
        return [head(h) for head in self.heads]


class StarterNetwork(nn.Module):
    """Everything that the starter learns."""

    def __init__(self, width: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.face = Disentangler()
        self.encoder = SpeechEncoder(width, dilations)
        self.emotion_embedding = LabelEmbedding()
        self.semantic_emotion_map = Mapping(EMBEDDING_WIDTH)
        self.expression_map = Mapping(COUNT)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.encoder.mean.device

    def label_guidance(self, labels: Tensor) -> Tensor:
        """f_label (..., D) of label indices (...,)."""
        return self.emotion_embedding(labels)  # type: ignore[no-any-return]

    def fuse(self, guidance: Tensor, intensity: Tensor) -> Tensor:
        """Emotion embedding (..., D) of guidance f at intensity I (equation 9, E_fuse)."""
        return self.semantic_emotion_map(modulate(guidance, intensity))  # type: ignore[no-any-return]
