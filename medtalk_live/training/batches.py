"""Batches for the starter: stretches of examples, mixed by source, augmented in mel.

Cheap augmentation happens here, on log-mel features and anew for every batch:
gain, equaliser, vocal-tract length, noise floor, masks. What needs a waveform
(speed, rooms, codecs) was done when the examples were made.
Trainer's thread; seeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medtalk_live.model.mel import BANDS
from medtalk_live.training.examples import Example


@dataclass(frozen=True, slots=True)
class Batch:
    """B stretches of T frames; see ``Example`` for the arrays."""

    features: Tensor
    classes: Tensor
    cues: Tensor
    controls: Tensor
    posteriors: Tensor
    has_posteriors: Tensor
    labels: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        return Batch(*(getattr(self, one.name).to(device) for one in fields(self)))


class Batcher:
    """Draws seeded batches.

    Args:
        examples: All training examples.
        chances: Of each example to be drawn (n,), whose sum is 1.
        frames: T.
        size: B.
        classes: P, width of the posteriors.
        seed: Batch i depends on the seed and i alone, so a resumed run sees
            what an uninterrupted one would have seen.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        chances: NDArray[np.float64],
        frames: int,
        size: int,
        classes: int,
        seed: int,
    ) -> None:
        self._examples, self._frames, self._size = examples, frames, size
        self._classes, self._seed = classes, seed
        self._chances = chances

    def draw(self, number: int) -> Batch:
        """Batch ``number``."""
        rng = np.random.default_rng((self._seed, number))
        chosen = rng.choice(len(self._examples), self._size, p=self._chances)
        rows = [self._stretch(self._examples[i], rng) for i in chosen]
        columns = [torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True)]
        features, classes, cues, controls, posteriors, has, labels = columns
        return Batch(
            augment(features, rng), classes.long(), cues, controls, posteriors, has, labels
        )

    def _stretch(self, e: Example, rng: np.random.Generator) -> tuple[NDArray[Any], ...]:
        """Cut or repeat-pad one example to T frames (silence classes where padded)."""
        T, have = self._frames, len(e.features)
        start = int(rng.integers(0, max(1, have - T + 1)))
        part = slice(start, min(start + T, have))
        pad = T - (part.stop - part.start)
        soft = np.zeros((have, self._classes)) if e.posteriors is None else e.posteriors

        def cut(array: NDArray[Any]) -> NDArray[Any]:
            kept = array[part].astype(np.float32)
            return np.pad(kept, ((0, pad), *((0, 0),) * (kept.ndim - 1)), mode="edge")

        classes = cut(e.classes)
        if pad:
            classes[-pad:] = -1
        return (
            cut(e.features),
            classes,
            cut(e.cues),
            cut(e.controls),
            cut(soft),
            np.asarray(e.posteriors is not None, np.float32),
            np.asarray(e.label, np.int64),
        )


def augment(features: Tensor, rng: np.random.Generator) -> Tensor:
    """Change voices, microphones and rooms in log-mel (B, T, 128), in place of waveforms."""
    B, T, _ = features.shape
    x = features.reshape(B, T, 2, BANDS)
    x = _warp(x, rng)
    band = torch.linspace(-1, 1, BANDS)
    shape = torch.from_numpy(rng.normal(size=(B, 1, 1, 4)).astype(np.float32))
    tilt = shape[..., :1] * band + shape[..., 1:2] * torch.cos(2.2 * band + 3 * shape[..., 2:3])
    gain = torch.from_numpy(rng.uniform(-4.0, 2.5, (B, 1, 1, 1)).astype(np.float32))
    x = x + gain + 0.7 * tilt
    x = _noise(x, rng, band)
    return _mask(x, rng).reshape(B, T, 2 * BANDS)


def _warp(x: Tensor, rng: np.random.Generator) -> Tensor:
    """Stretch the mel axis by up to 12%: another length of vocal tract."""
    factor = torch.from_numpy(rng.uniform(0.88, 1.12, (x.shape[0], 1)).astype(np.float32))
    place = (torch.arange(BANDS) * factor).clamp(0, BANDS - 1.001)
    low = place.long()
    part = (place - low)[:, None, None, :]
    index = low[:, None, None, :].expand(*x.shape[:3], BANDS)
    return x.gather(3, index) * (1 - part) + x.gather(3, index + 1) * part


def _noise(x: Tensor, rng: np.random.Generator, band: Tensor) -> Tensor:
    """Add a steady noise floor in power, for two stretches in three."""
    B = x.shape[0]
    peak = x.amax(dim=(1, 2, 3), keepdim=True)
    below = rng.uniform(4.0, 12.0, (B, 1, 1, 1)) + 20.0 * (rng.random((B, 1, 1, 1)) < 0.35)
    slope = torch.from_numpy(rng.uniform(-2.5, 1.0, (B, 1, 1, 1)).astype(np.float32)) * band
    floor = peak - torch.from_numpy(below.astype(np.float32)) + slope
    # the power of noise in one 25 ms window scatters like this around its mean
    scatter = torch.from_numpy(rng.gumbel(-0.3, 0.5, x.shape).astype(np.float32))
    return torch.logaddexp(x, floor - scatter.clamp(-1.0, 3.0))


def _mask(x: Tensor, rng: np.random.Generator) -> Tensor:
    """Hide a few bands in half of the stretches."""
    for row in range(x.shape[0]):
        if rng.random() < 0.5:
            width, start = int(rng.integers(2, 9)), int(rng.integers(0, BANDS - 9))
            x[row, ..., start : start + width] = x[row, ..., start : start + width].mean()
    return x
