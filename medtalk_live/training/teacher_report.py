"""How good the phone teacher is on speech it was not trained on, source by source.

``python -m medtalk_live.training.teacher_report --corpus DIR`` reads the soft
targets that ``teach label`` wrote and the labels of held-out recordings.
Accuracy is counted on frames of speech; boundary errors come from aligning the
labels' own phone sequence again. Offline.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from medtalk_live.errors import MedTalkError
from medtalk_live.procedural.labels import segments_from_labels
from medtalk_live.procedural.phones import (
    BILABIAL,
    CLASS_INDEX,
    CLASS_TO_VISEME,
    LABIODENTAL,
    PHONE_CLASSES,
    ROUNDED,
    SPREAD,
)
from medtalk_live.training.teach import recordings, target_path
from medtalk_live.training.teacher import ARTICULATION, FRAME_RATE_HZ, IGNORE, targets_of
from medtalk_live.training.utterance import Recording
from medtalk_live.training.viterbi import Slot, force_align

_VISEMES = np.array(CLASS_TO_VISEME)
_SILENCE = CLASS_INDEX["sil"]
_LARGEST_LAG = 8


@dataclass(frozen=True)
class Heard:
    """One held-out recording: what the teacher heard and what the labels say."""

    posteriors: NDArray[np.float32]
    articulation: NDArray[np.float32]
    classes: NDArray[np.int64]
    boundary_errors_s: NDArray[np.float64]


def auc(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> float:
    """Chance that a positive scores above a negative; NaN where one kind is missing."""
    hits, misses = int(positive.sum()), int((~positive).sum())
    if not hits or not misses:
        return float("nan")
    ranks = rankdata(scores)[positive].sum()
    return float((ranks - hits * (hits + 1) / 2) / (hits * misses))


def hear(recording: Recording) -> Heard:
    """Read the teacher's targets of one labelled recording and align its phones again."""
    with np.load(target_path(recording)) as stored:
        posteriors = stored["posteriors"].astype(np.float32)
        articulation = stored["articulation"].astype(np.float32)
    classes = targets_of(recording, len(posteriors)).classes
    return Heard(posteriors, articulation, classes, _boundary_errors(recording, posteriors))


def _boundary_errors(recording: Recording, posteriors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Aligned starts less labelled starts of all phones but silences, in seconds."""
    segments = segments_from_labels(
        recording.phones or (), recording.alphabet, recording.duration_s
    )
    spans, _ = force_align(posteriors, [Slot(s.phone.class_index) for s in segments])
    return np.array(
        [
            (span[0] - 0.5) / FRAME_RATE_HZ - segment.start_s
            for segment, span in zip(segments, spans, strict=True)
            if span is not None and span[0] > 0 and not segment.phone.is_silence
        ]
    )


def _indices(names: frozenset[str]) -> list[int]:
    return [CLASS_INDEX[name] for name in names]


def scores(heard: Sequence[Heard]) -> dict[str, float]:
    """Figures over some recordings: accuracies, AUCs, lag and boundary errors (ms)."""
    posteriors = np.concatenate([h.posteriors for h in heard])
    shape = np.concatenate([h.articulation for h in heard])
    classes = np.concatenate([h.classes for h in heard])
    known = (classes != IGNORE) & (classes != _SILENCE)
    guessed = posteriors.argmax(axis=1)
    as_viseme = posteriors @ np.eye(_VISEMES.max() + 1, dtype=np.float32)[_VISEMES]
    vowels = known & np.isin(classes, _indices(ROUNDED | SPREAD))
    errors_ms = 1000 * np.concatenate([h.boundary_errors_s for h in heard])
    closure = shape[:, ARTICULATION.index("closure")]
    rounding = shape[:, ARTICULATION.index("rounding")]
    touch = shape[:, ARTICULATION.index("labiodental")]
    return {
        "phone accuracy": float((guessed == classes)[known].mean()),
        "viseme accuracy": float((as_viseme.argmax(1)[known] == _VISEMES[classes[known]]).mean()),
        "closure AUC": auc(closure[known], np.isin(classes[known], _indices(BILABIAL))),
        "labiodental AUC": auc(touch[known], np.isin(classes[known], _indices(LABIODENTAL))),
        "rounding AUC": auc(rounding[vowels], np.isin(classes[vowels], _indices(ROUNDED))),
        "lag ms": lag_ms(posteriors, classes),
        "boundary bias ms": float(np.median(errors_ms)),
        "boundary error ms": float(np.median(np.abs(errors_ms))),
        "within 20 ms": float((np.abs(errors_ms) <= 20).mean()),
    }


def lag_ms(posteriors: NDArray[np.float32], classes: NDArray[np.int64]) -> float:
    """How late the posteriors are against the labels: the shift of best agreement.

    The mean posterior of the labelled class is taken at shifts of whole frames
    and its peak is refined by a parabola.
    """
    known = np.flatnonzero((classes != IGNORE) & (classes != _SILENCE))
    known = known[(known >= _LARGEST_LAG) & (known < len(classes) - _LARGEST_LAG)]
    shifts = np.arange(-_LARGEST_LAG, _LARGEST_LAG + 1)
    agreement = np.array([posteriors[known + s, classes[known]].mean() for s in shifts])
    best = int(np.clip(agreement.argmax(), 1, len(shifts) - 2))
    left, middle, right = agreement[best - 1 : best + 2]
    bend = left - 2 * middle + right
    return float(1000 / FRAME_RATE_HZ * (shifts[best] + 0.5 * (left - right) / bend))


def report(corpus: Path, split: str = "heldout") -> dict[str, dict[str, float]]:
    """Score every source of a split; recordings without targets or labels are passed over."""
    found: dict[str, list[Heard]] = {}
    for recording in recordings(corpus):
        labelled = recording.split == split and recording.phones is not None
        if not labelled or not target_path(recording).exists():
            continue
        try:
            found.setdefault(recording.source, []).append(hear(recording))
        except MedTalkError:
            continue
    return {
        name: {"minutes": sum(len(h.classes) for h in heard) / 6000, **scores(heard)}
        for name, heard in found.items()
    }


def main(arguments: list[str] | None = None) -> int:
    """Print one row a source."""
    parser = argparse.ArgumentParser(
        prog="medtalk_live.training.teacher_report", description=__doc__
    )
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--split", default="heldout", choices=("heldout", "train"))
    chosen = parser.parse_args(arguments)
    for name, row in report(chosen.corpus, chosen.split).items():
        print(f"{name}: " + ", ".join(f"{key} {value:.3f}" for key, value in row.items()))
    print(f"{len(PHONE_CLASSES)} phone classes; frames of speech only")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
