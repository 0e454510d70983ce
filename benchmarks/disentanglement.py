"""Whether lips and emotion are apart: the same speech in all seven labels.

    python benchmarks/disentanglement.py CLIP.wav ... [--model DIR] [--finish full]

Prints, over all pairs of labels, the correlation of the lip aperture (each
clip's own, and all clips in a row), and how often a linear classifier on the
emotion-set controls names the label of a single frame that nobody showed it:
it learns from one half of the clips and is tested on the other, both ways.
Exits with 1 where either is below its bar.
"""

from __future__ import annotations

import argparse
import sys
from itertools import combinations
from pathlib import Path

import numpy as np

from medtalk_live.audio.file import read_sound
from medtalk_live.cli.progress import ProgressBar
from medtalk_live.engine.animator import animate
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.checkpoint import load_model
from medtalk_live.model.streaming import LABELS
from medtalk_live.rig.articulation import lip_aperture
from medtalk_live.rig.controls import EMOTION_SET

BAR_R, BAR_ACCURACY = 0.9, 0.95
LEAD_FRAMES = 30  # of a clip that are left out: nothing is said yet
RIDGE = 1e-2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--finish", default="full")
    parser.add_argument("--look-ahead", type=int, default=80)
    parser.add_argument("--seconds", type=float, default=8.0, help="at most, of each clip (8)")
    args = parser.parse_args()
    curves = animated(args)
    worst = report_lips([[lip_aperture(c) for c in clip] for clip in curves])
    accuracy = report_labels([[c[LEAD_FRAMES:, EMOTION_SET] for c in clip] for clip in curves])
    return 0 if worst >= BAR_R and accuracy >= BAR_ACCURACY else 1


def animated(args: argparse.Namespace) -> list[list[np.ndarray]]:
    """Controls (T, 174) of each clip in each label."""
    model = load_model(args.model, look_ahead_ms=args.look_ahead)
    progress = ProgressBar("clips")
    out = []
    for number, path in enumerate(args.clips, 1):
        samples, rate = read_sound(path)
        sound = samples[: round(args.seconds * rate)]
        requests = [Guidance.label(label) for label in LABELS]
        rows = [animate(sound, rate, model=model, guidance=g, finish=args.finish) for g in requests]
        out.append([row.controls for row in rows])
        progress(number / len(args.clips))
    return out


def report_lips(apertures: list[list[np.ndarray]]) -> float:
    """Correlations over pairs of labels; gives the lowest over all clips in a row."""
    joined = [np.concatenate(rows) for rows in zip(*apertures, strict=True)]
    pairs = list(combinations(range(len(LABELS)), 2))
    whole = {(i, j): np.corrcoef(joined[i], joined[j])[0, 1] for i, j in pairs}
    single = [np.corrcoef(clip[i], clip[j])[0, 1] for clip in apertures for i, j in pairs]
    i, j = min(whole, key=whole.__getitem__)
    print(f"lip aperture over {len(pairs)} pairs of labels, {len(apertures)} clips:")
    print(f"  all clips in a row: mean r {np.mean(list(whole.values())):.3f}, ", end="")
    print(f"lowest {whole[i, j]:.3f} ({LABELS[i]}, {LABELS[j]})")
    print(f"  clip by clip: median r {np.median(single):.3f}, lowest {np.min(single):.3f}")
    return float(whole[i, j])


def report_labels(faces: list[list[np.ndarray]]) -> float:
    """Share of single frames of unseen clips whose label is told."""
    halves = faces[0::2], faces[1::2]
    told = np.zeros((len(LABELS), len(LABELS)))
    for learned, tested in (halves, halves[::-1]):
        told += confusion(tested, *fitted(learned))
    accuracy = float(np.trace(told) / told.sum())
    print(f"linear classifier on {len(EMOTION_SET)} emotion-set controls, single frames: ", end="")
    print(f"{accuracy:.1%} of {int(told.sum())} right")
    shares = told.diagonal() / told.sum(axis=1)
    each = (f"{name} {share:.1%}" for name, share in zip(LABELS, shares, strict=True))
    print("  " + ", ".join(each))
    return accuracy


def fitted(clips: list[list[np.ndarray]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, spread and weights of ridge regression on one-hot labels."""
    x = np.concatenate([rows for clip in clips for rows in clip]).astype(np.float64)
    y = np.concatenate([np.full(len(rows), k) for clip in clips for k, rows in enumerate(clip)])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-3
    z = with_bias((x - mean) / spread)
    gram = z.T @ z / len(z) + RIDGE * np.eye(z.shape[1])
    return mean, spread, np.linalg.solve(gram, z.T @ np.eye(len(LABELS))[y] / len(z))


def confusion(
    clips: list[list[np.ndarray]], mean: np.ndarray, spread: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Counts [label][told]."""
    counts = np.zeros((len(LABELS), len(LABELS)))
    for clip in clips:
        for label, rows in enumerate(clip):
            told = (with_bias((rows - mean) / spread) @ weights).argmax(axis=1)
            counts[label] += np.bincount(told, minlength=len(LABELS))
    return counts


def with_bias(x: np.ndarray) -> np.ndarray:
    return np.hstack((x, np.ones((len(x), 1))))


if __name__ == "__main__":
    sys.exit(main())
