"""Overlap data: the same contents in seven emotions, and what stage 1 draws from them.

Either files (``pair_rig/EMOTION/*.txt``, in every emotion the same contents in
the same order) or, where there is no such corpus, timed phones acted by the
procedural animator. Every draw depends on the seed and its number alone.
Trainer's thread. Source: MEDTalk, section 3.2, and its public data loader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medtalk_live.clock import frame_count
from medtalk_live.errors import TrainingError
from medtalk_live.model.streaming import LABELS
from medtalk_live.rig.controls import FloatArray
from medtalk_live.takes.controls_file import read_controls
from medtalk_live.training.clips import phones_of
from medtalk_live.training.corpus import MANIFEST, load
from medtalk_live.training.faces import INTENSITIES, in_every_emotion
from medtalk_live.training.prepare import timed_phones

Progress = Callable[[int, int], None]
Place = tuple[int, int]
_LONGEST_SECONDS = 12.0


class OverlapFaces:
    """Contents in seven emotions.

    Args:
        contents: Each (7, T, 174) in the order of ``LABELS``.
        seed: Of the draws.
        stretch_frames: Cut a stretch of so many frames from each, 0 for the whole;
            only stretches can be drawn several at a time.

    Raises:
        TrainingError: fewer than two contents are long enough.
    """

    def __init__(self, contents: Sequence[FloatArray], seed: int, stretch_frames: int = 0) -> None:
        self._contents = [content for content in contents if content.shape[1] >= stretch_frames]
        self._seed, self._stretch = seed, stretch_frames
        if len(self._contents) < 2:
            raise TrainingError(
                f"{len(self._contents)} of {len(contents)} contents in seven emotions have "
                f"{stretch_frames} frames or more, expected at least 2"
            )

    def __len__(self) -> int:
        """Sequences in all: an epoch."""
        return len(self._contents) * len(LABELS)

    def one(self, numbers: range) -> Tensor:
        """Sequences (B, T, N), a number each; an epoch brings each once."""
        return self._drawn(numbers, lambda rng, emotion, content: [(content, emotion)])[0]

    def same_content(self, numbers: range) -> list[Tensor]:
        """One content in two emotions, each (B, T, N)."""

        def places(rng: np.random.Generator, emotion: int, content: int) -> list[Place]:
            return [(content, e) for e in rng.choice(len(LABELS), 2, replace=False)]

        return self._drawn(numbers, places)

    def same_emotion(self, numbers: range) -> list[Tensor]:
        """Two contents in one emotion, each (B, T, N)."""

        def places(rng: np.random.Generator, emotion: int, content: int) -> list[Place]:
            return [(c, emotion) for c in rng.choice(len(self._contents), 2, replace=False)]

        return self._drawn(numbers, places)

    def nothing_shared(self, numbers: range) -> list[Tensor]:
        """Two contents in two emotions, each (B, T, N)."""

        def places(rng: np.random.Generator, emotion: int, content: int) -> list[Place]:
            emotions = rng.choice(len(LABELS), 2, replace=False)
            return list(
                zip(rng.choice(len(self._contents), 2, replace=False), emotions, strict=True)
            )

        return self._drawn(numbers, places)

    def _drawn(
        self, numbers: range, places: Callable[[np.random.Generator, int, int], list[Place]]
    ) -> list[Tensor]:
        """The sequences at the places of each number, stacked over the numbers."""
        rows = []
        for number in numbers:
            rng, emotion, content = self._place(number)
            rows.append(self._cut(rng, places(rng, emotion, content)))
        columns = zip(*rows, strict=True)
        return [torch.from_numpy(np.stack(column)) for column in columns]

    def _place(self, number: int) -> tuple[np.random.Generator, int, int]:
        """What the epoch's shuffled order has at a number."""
        epoch, place = divmod(number, len(self))
        order = np.random.default_rng((self._seed, epoch)).permutation(len(self))
        emotion, content = divmod(int(order[place]), len(self._contents))
        return np.random.default_rng((self._seed, epoch, place)), emotion, content

    def _cut(self, rng: np.random.Generator, places: list[Place]) -> list[FloatArray]:
        """The sequences at (content, emotion), cut to the same frames."""
        faces: list[NDArray[Any]] = [self._contents[c][e] for c, e in places]
        shortest = min(len(face) for face in faces)
        length = self._stretch or shortest
        start = int(rng.integers(0, shortest - length + 1))
        return [np.asarray(face[start : start + length], np.float32) for face in faces]


def overlap_contents(
    folder: Path, most: int, seed: int, progress: Progress | None = None
) -> list[FloatArray]:
    """Contents (7, T, 174) of a ``pair_rig`` folder, or acted from a corpus with phones.

    Args:
        folder: Holds a folder for each emotion, or ``manifest.jsonl``.
        most: Contents taken of a corpus, 0 for all.
        seed: Of the choice and of the acting.
        progress: Called with (done, of).

    Raises:
        TrainingError: it is neither, or its emotions do not fit together.
    """
    read = _acted if (folder / MANIFEST).is_file() else _from_files
    return read(folder, most, seed, progress or (lambda done, total: None))


def _acted(folder: Path, most: int, seed: int, progress: Progress) -> list[FloatArray]:
    known = [
        recording
        for recording in load(folder)
        if recording.split == "train"
        and recording.duration_s < _LONGEST_SECONDS
        and timed_phones(recording) is not None
    ]
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(known))[: most or None]
    contents = []
    for done, place in enumerate(chosen):
        recording = known[place]
        frames = frame_count(round(recording.duration_s * 16_000))
        strength = INTENSITIES[done % len(INTENSITIES)]
        life = int(rng.integers(1 << 31))
        contents.append(in_every_emotion(phones_of(recording), frames, strength, life))
        progress(done + 1, len(chosen))
    return contents


def _from_files(folder: Path, most: int, seed: int, progress: Progress) -> list[FloatArray]:
    base = folder / "pair_rig" if (folder / "pair_rig").is_dir() else folder
    files = [_files_of(base, label) for label in LABELS]
    if len({len(of_label) for of_label in files}) > 1:
        counts = ", ".join(f"{label} {len(f)}" for label, f in zip(LABELS, files, strict=True))
        raise TrainingError(
            f"the emotions of {base} have unequal numbers of files ({counts}): "
            "expected the same contents in each, in the same order of names"
        )
    contents = []
    for done, paths in enumerate(zip(*files, strict=True)):
        faces = [read_controls(path) for path in paths]
        frames = min(len(face) for face in faces)
        if max(len(face) for face in faces) - frames > 2:
            raise TrainingError(
                f"{paths[0].name} and its namesakes in the other emotions of {base} differ "
                "in length: overlap data says the same at the same times"
            )
        contents.append(np.stack([face[:frames] for face in faces]))
        progress(done + 1, len(files[0]))
    return contents


def _files_of(base: Path, label: str) -> list[Path]:
    folders = [f for f in sorted(base.glob("*")) if f.is_dir() and f.name.startswith(label[:3])]
    if not folders:
        raise TrainingError(
            f"{base} has no folder for '{label}': expected one of rig files for each of "
            f"{', '.join(LABELS)}, or {MANIFEST} of a corpus that the procedural animator can act"
        )
    return sorted(folders[0].rglob("*.txt"))
