"""Face sequences for the stages that need no sound: one content, seven emotions.

The procedural animator acts the same timed phones in every emotion, at equal
length and on the same clock, which is what cross-reconstruction rests on
(MEDTalk uses another audio-driven model for it). Trainer's thread; seeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medtalk_live.clock import frame_count
from medtalk_live.model.streaming import LABELS
from medtalk_live.procedural.animate import animate_phones
from medtalk_live.procedural.labels import Segment
from medtalk_live.rig.controls import FloatArray

INTENSITIES = (0.6, 1.0, 1.5)


@dataclass(frozen=True, slots=True)
class Quad:
    """The 2x2 of contents and emotions, each (B, T, N), and what made them.

    Attributes:
        x11: First content, first emotion.
        x12: First content, second emotion.
        x21: Second content, first emotion.
        x22: Second content, second emotion.
        labels: Emotion indices (2, B).
        intensity: Of each emotion, (2, B).
    """

    x11: Tensor
    x12: Tensor
    x21: Tensor
    x22: Tensor
    labels: Tensor
    intensity: Tensor

    def to(self, device: torch.device) -> Quad:
        """The same on another device."""
        return Quad(*(getattr(self, one.name).to(device) for one in fields(self)))


def in_every_emotion(
    segments: Sequence[Segment], frames: int, intensity: float, seed: int
) -> FloatArray:
    """One content in the seven emotions, (7, T, 174), by the procedural animator."""
    faces = [
        animate_phones(segments, frames, emotion=label, intensity=intensity, seed=seed)
        for label in LABELS
    ]
    return np.stack(faces)


class FaceSequences:
    """Rendered sequences, and seeded draws from them.

    Args:
        contents: Timed phones of several recordings.
        frames: T of every draw; contents shorter than this are left out.
        seed: For intensities and draws.
    """

    def __init__(self, contents: Sequence[Sequence[Segment]], frames: int, seed: int) -> None:
        self._frames, self._seed = frames, seed
        rng = np.random.default_rng(seed)
        self._faces: list[FloatArray] = []
        for segments in contents:
            T = frame_count(round(segments[-1].end_s * 16_000))
            if frames > T:
                continue
            strength = INTENSITIES[len(self._faces) % len(INTENSITIES)]
            life = int(rng.integers(1 << 31))  # the same accents and asymmetry in every emotion
            self._faces.append(in_every_emotion(segments, T, strength, life).astype(np.float16))

    def __len__(self) -> int:
        """Number of contents."""
        return len(self._faces)

    def draw(self, number: int, size: int) -> Quad:
        """Draw ``number`` of ``size`` quads; the same number gives the same quads."""
        rng = np.random.default_rng((self._seed, number))
        rows = [self._quad(rng) for _ in range(size)]
        x11, x12, x21, x22 = (torch.from_numpy(np.stack([r[0][i] for r in rows])) for i in range(4))
        labels = torch.from_numpy(np.stack([r[1] for r in rows], axis=1))
        intensity = torch.from_numpy(np.stack([r[2] for r in rows], axis=1))
        return Quad(x11, x12, x21, x22, labels, intensity)

    def _quad(
        self, rng: np.random.Generator
    ) -> tuple[list[FloatArray], NDArray[Any], NDArray[Any]]:
        """Two contents of one strength in two emotions."""
        group = int(rng.integers(0, len(INTENSITIES)))
        members = np.arange(group, len(self._faces), len(INTENSITIES))
        first, second = rng.choice(len(LABELS), 2, replace=False)
        cuts = []
        for content in rng.choice(members, 2):
            faces = self._faces[content]
            start = int(rng.integers(0, faces.shape[1] - self._frames + 1))
            for label in (first, second):
                cut = faces[label, start : start + self._frames]
                cuts.append(cut.astype(np.float32))
        strength = np.full(2, INTENSITIES[group], np.float32)
        return cuts, np.asarray([first, second]), strength
