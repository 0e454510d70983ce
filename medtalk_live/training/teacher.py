"""A phone teacher for speech without labels: a small probe on Whisper's encoder.

The probe reads encoder layers 4 and 6 (``whisper_features.py``), is trained on
the labelled part of the corpus, and then writes soft phone posteriors and
articulation for every recording; the shipped streaming model is distilled from
them. It hears the whole recording (not causal) and is never shipped itself.
Output frames come at 100 Hz, frame k centred at k / 100 s. Offline; torch.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from medtalk_live.errors import CheckpointError, TrainingError
from medtalk_live.procedural.labels import Segment, segments_from_labels
from medtalk_live.procedural.phones import (
    BILABIAL,
    CLASS_TO_VISEME,
    LABIODENTAL,
    PHONE_CLASSES,
    ROUNDED,
    SPREAD,
    VISEMES,
    Phone,
)
from medtalk_live.training.utterance import Recording
from medtalk_live.training.whisper_features import FEATURE_WIDTH

log = logging.getLogger(__name__)

FRAME_RATE_HZ = 100
FRAMES_A_FEATURE = 2
ARTICULATION = ("closure", "labiodental", "rounding", "openness", "spread", "silence")
IGNORE = -100
_CROP_FEATURES = 200
_VISEME_OF_CLASS = torch.tensor(CLASS_TO_VISEME)


class Probe(nn.Module):
    """Three convolutions from Whisper's layers to phones and articulation at 100 Hz."""

    def __init__(self, width: int = 256, dropout: float = 0.2) -> None:
        super().__init__()
        self.width = width
        outputs = FRAMES_A_FEATURE * (len(PHONE_CLASSES) + len(ARTICULATION))
        half = FEATURE_WIDTH // 2
        self.norms = nn.ModuleList([nn.LayerNorm(half), nn.LayerNorm(half)])
        self.layers = nn.Sequential(
            nn.Dropout(dropout),
            nn.Conv1d(FEATURE_WIDTH, width, 1),
            nn.GELU(),
            nn.Conv1d(width, width, 5, padding=2),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Conv1d(width, width, 5, padding=2),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Conv1d(width, outputs, 1),
        )
        self.log_bigram: Tensor  # of the classes in the training labels, for the search
        self.register_buffer("log_bigram", torch.zeros(len(PHONE_CLASSES), len(PHONE_CLASSES)))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Score phones and articulation.

        Args:
            features: Shape (B, T50, 1024), 50 Hz.

        Returns:
            Logits of the phone classes (B, T100, C) and of ``ARTICULATION`` (B, T100, 6).
        """
        early, late = features.chunk(2, dim=-1)
        normed = torch.cat([self.norms[0](early), self.norms[1](late)], dim=-1)
        out = self.layers(normed.transpose(1, 2)).transpose(1, 2)
        out = out.reshape(len(out), FRAMES_A_FEATURE * features.shape[1], -1)
        return out[..., : len(PHONE_CLASSES)], out[..., len(PHONE_CLASSES) :]


@dataclass(frozen=True)
class Targets:
    """What the probe should say about one recording, at 100 Hz.

    Attributes:
        classes: Index into ``PHONE_CLASSES``, ``IGNORE`` outside the labels; shape (T,).
        articulation: 0..1, NaN where the label leaves it open; shape (T, 6).
    """

    classes: NDArray[np.int64]
    articulation: NDArray[np.float32]


def targets_of(recording: Recording, frames: int) -> Targets:
    """Lay the labels of a recording out on the frames of the probe.

    Raises:
        TrainingError: The recording has no phone labels.
    """
    if recording.phones is None:
        raise TrainingError(f"{recording.id} has no phone labels to learn from")
    classes = np.full(frames, IGNORE, np.int64)
    articulation = np.full((frames, len(ARTICULATION)), np.nan, np.float32)
    for segment in segments_from_labels(recording.phones, recording.alphabet, recording.duration_s):
        start, stop = (
            min(int(np.ceil(time_s * FRAME_RATE_HZ)), frames)
            for time_s in (segment.start_s, segment.end_s)
        )
        classes[start:stop] = segment.phone.class_index
        articulation[start:stop] = _articulation(segment, stop - start)
    return Targets(classes, articulation)


def _articulation(segment: Segment, frames: int) -> NDArray[np.float32]:
    """Targets of ``ARTICULATION`` inside one segment; diphthongs move to their glide."""
    name = segment.phone.phone_class
    rows = np.full((frames, len(ARTICULATION)), np.nan, np.float32)
    rows[:, 0] = name in BILABIAL
    rows[:, 1] = name in LABIODENTAL
    rows[:, 5] = segment.phone.is_silence
    if segment.phone.is_vowel:
        along = np.clip((np.linspace(0, 1, frames) - 0.3) / 0.4, 0, 1)
        rows[:, 2], rows[:, 3] = _vowel_shape(segment.phone, along)
        rows[:, 4] = name in SPREAD
    elif name in ROUNDED:
        rows[:, 2], rows[:, 4] = 1, 0
    if name in BILABIAL:
        rows[:, 3] = 0
    return rows


def _vowel_shape(vowel: Phone, along: NDArray[np.float64]) -> tuple[Any, Any]:
    """Rounding and openness over a vowel; `along` is the way to its glide, 0..1."""
    end = vowel.glide or vowel
    return (
        vowel.rounding + along * (end.rounding - vowel.rounding),
        vowel.openness + along * (end.openness - vowel.openness),
    )


def probe_loss(logits: Tensor, shape: Tensor, classes: Tensor, articulation: Tensor) -> Tensor:
    """Phones, the visemes they add up to, and articulation where a label fixes it.

    Args:
        logits: (B, T, C).
        shape: Articulation logits (B, T, 6).
        classes: (B, T), ``IGNORE`` where unknown.
        articulation: (B, T, 6), NaN where open.
    """
    known = classes != IGNORE
    phones = functional.cross_entropy(logits[known], classes[known], label_smoothing=0.05)
    members = functional.one_hot(_VISEME_OF_CLASS, len(VISEMES)).to(logits)
    visemes = torch.log(logits[known].softmax(-1) @ members + 1e-6)
    of_viseme = functional.nll_loss(visemes, _VISEME_OF_CLASS[classes[known]])
    fixed = ~torch.isnan(articulation)
    motion = functional.binary_cross_entropy_with_logits(shape[fixed], articulation[fixed])
    return phones + 0.5 * of_viseme + 2.0 * motion


@dataclass(frozen=True)
class Example:
    """One labelled recording with its Whisper features, (T50, 1024) float16."""

    source: str
    features: NDArray[np.float16]
    targets: Targets


def train_probe(
    examples: Sequence[Example],
    weights: dict[str, float],
    steps: int = 1200,
    batch: int = 12,
    seed: int = 0,
    start: Probe | None = None,
) -> Probe:
    """Train the probe on random crops of 4 s, sources mixed by weight.

    Args:
        examples: Labelled recordings; none of the held-out ones.
        weights: Share of each source in a batch, relative; sources not named get 1.
        steps: Updates; 1,200 take a few minutes on one core.
        batch: Crops an update.
        seed: Of the draw and the initial weights.
        start: Goes on from this probe, which is changed; None begins anew.

    Raises:
        TrainingError: There is nothing to learn from.
    """
    if not examples:
        raise TrainingError("no labelled recordings with features: build the corpus first")
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    chances = _chances(examples, weights)
    probe = (start or Probe()).train()
    probe.log_bigram.copy_(log_bigram(examples))
    optimiser = torch.optim.AdamW(probe.parameters(), lr=1e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-3, total_steps=steps)
    smooth = 0.0
    for step in range(steps):
        picked = draw.choice(len(examples), size=batch, p=chances)
        loss = probe_loss(*_forward(probe, [_crop(examples[i], draw) for i in picked]))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(probe.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        smooth = loss.item() if step == 0 else 0.98 * smooth + 0.02 * loss.item()
        if step % 100 == 99:
            log.info("probe step %d of %d, loss %.3f", step + 1, steps, smooth)
    return probe.eval()


def log_bigram(examples: Sequence[Example]) -> Tensor:
    """Log probability of the next phone class given the last, smoothed; shape (C, C)."""
    counts = np.full((len(PHONE_CLASSES), len(PHONE_CLASSES)), 2.0)
    for example in examples:
        classes = example.targets.classes[example.targets.classes != IGNORE]
        runs = classes[np.flatnonzero(np.diff(classes, prepend=-1))]
        np.add.at(counts, (runs[:-1], runs[1:]), 1.0)
    return torch.from_numpy(np.log(counts / counts.sum(axis=1, keepdims=True))).float()


def _chances(examples: Sequence[Example], weights: dict[str, float]) -> NDArray[np.float64]:
    """Chance of each example: the source's weight, shared by length inside the source."""
    lengths = np.array([len(example.features) for example in examples], dtype=np.float64)
    names = np.array([example.source for example in examples])
    for name in set(names.tolist()):
        mine = names == name
        lengths[mine] *= weights.get(name, 1.0) / lengths[mine].sum()
    return np.asarray(lengths / lengths.sum())


Crop = tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]


def _crop(example: Example, draw: np.random.Generator) -> Crop:
    """A random stretch of an example, padded to the length of a crop."""
    spare = len(example.features) - _CROP_FEATURES
    start = int(draw.integers(0, spare + 1)) if spare > 0 else 0
    features = np.zeros((_CROP_FEATURES, FEATURE_WIDTH), np.float32)
    classes = np.full(_CROP_FEATURES * FRAMES_A_FEATURE, IGNORE, np.int64)
    shape = np.full((len(classes), len(ARTICULATION)), np.nan, np.float32)
    piece = example.features[start : start + _CROP_FEATURES]
    inside = slice(FRAMES_A_FEATURE * start, FRAMES_A_FEATURE * (start + len(piece)))
    features[: len(piece)] = piece
    classes[: FRAMES_A_FEATURE * len(piece)] = example.targets.classes[inside]
    shape[: FRAMES_A_FEATURE * len(piece)] = example.targets.articulation[inside]
    return features, classes, shape


def _forward(probe: Probe, crops: Sequence[Crop]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    features, classes, shape = (
        torch.from_numpy(np.stack(part)) for part in zip(*crops, strict=True)
    )
    logits, motion = probe(features)
    return logits, motion, classes, shape


def listen(
    probe: Probe, features: NDArray[np.float16]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Run the probe over one recording.

    Args:
        probe: Trained.
        features: (T50, 1024).

    Returns:
        Phone posteriors (T100, C) and articulation (T100, 6), both 0..1; frame
        k is centred at k / 100 s.
    """
    with torch.inference_mode():
        logits, shape = probe(torch.from_numpy(features.astype(np.float32))[None])
    return logits[0].softmax(-1).numpy(), shape[0].sigmoid().numpy()


def save_probe(probe: Probe, path: Path) -> None:
    """Write the probe's weights with the class names they belong to (safetensors)."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    names = {"classes": json.dumps(PHONE_CLASSES), "articulation": json.dumps(ARTICULATION)}
    save_file(probe.state_dict(), path, {**names, "width": str(probe.width)})


def load_probe(path: Path) -> Probe:
    """Read what ``save_probe`` wrote.

    Raises:
        CheckpointError: It was trained on another table of phone classes.
    """
    from safetensors import safe_open

    with safe_open(path, "pt") as stored:
        meta = stored.metadata()
        if json.loads(meta["classes"]) != list(PHONE_CLASSES):
            raise CheckpointError(
                f"{path.name} was trained on {len(json.loads(meta['classes']))} other phone "
                f"classes than the {len(PHONE_CLASSES)} of phone_classes.csv: train it again"
            )
        probe = Probe(width=int(meta["width"]))
        probe.load_state_dict({name: stored.get_tensor(name) for name in stored.keys()})  # noqa: SIM118 - not a dict
    return probe.eval()


def save_targets(
    path: Path, posteriors: NDArray[np.floating], articulation: NDArray[np.floating]
) -> None:
    """Store the soft targets of one recording as ``<id>.teacher.npz``.

    Arrays: ``posteriors`` (T100, C) and ``articulation`` (T100, 6) float16,
    ``frame_rate_hz``, ``class_names``, ``articulation_names``.
    """
    np.savez(
        path,
        posteriors=posteriors.astype(np.float16),
        articulation=articulation.astype(np.float16),
        frame_rate_hz=FRAME_RATE_HZ,
        class_names=np.array(PHONE_CLASSES),
        articulation_names=np.array(ARTICULATION),
    )
