"""The paper's figures of one model, for ``medtalk-live evaluate --figures``.

Intensity (Fig. 4) can be drawn for every model; the embedding spaces (Fig. 5)
and the swapped emotions (Fig. 6) need E_e and E_c, which only an official
model folder holds.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from medtalk_live.clock import SAMPLE_RATE

if TYPE_CHECKING:
    from medtalk_live.cli.evaluate import Truth
    from medtalk_live.model.disentangle import Disentangler
    from medtalk_live.model.streaming import FaceModel

_EVERY = 6
"""Frames from one that is embedded to the next: neighbours are nearly the same."""
_MOMENTS = 5
_PICTURE = 180


def draw_figures(
    name: str, model: FaceModel, truth_name: str, truth: Truth, args: argparse.Namespace
) -> list[Path]:
    """Write what can be drawn of a model; the files."""
    stem = f"{Path(name).name}-{truth_name}"
    paths = [args.figures / f"{stem}-intensity.png"]
    _draw_intensity(name, model, truth, paths[0], args.finish)
    face = _face_of(name)
    if face is None:
        print(
            f"{name} holds no encoders of faces: no embedding spaces, no swapped emotions",
            file=sys.stderr,
        )
        return paths
    paths += [args.figures / f"{stem}-{what}.png" for what in ("embeddings", "swap")]
    for space, score in draw_embeddings(face, truth, paths[1]).items():
        print(f"{stem}: silhouette of the labels in the {space} space {score:.2f}")
    draw_swap(face, truth, paths[2])
    return paths


def _face_of(name: str) -> Disentangler | None:
    """E_e, E_c and D of an official model folder."""
    from medtalk_live.model import authors
    from medtalk_live.model.checkpoint import find_model, read_manifest

    folder = find_model(name)
    manifest = read_manifest(folder)
    if manifest.get("kind") != "official":
        return None
    network: Disentangler = authors.load(folder, "audio_semantic", manifest["config"]).network
    return network


def _draw_intensity(name: str, model: FaceModel, truth: Truth, path: Path, finish: str) -> None:
    import medtalk_live as mt
    from medtalk_live.cli.evaluate import guidance_of
    from medtalk_live.evaluation.figures import Word, plot_intensity
    from medtalk_live.rig.controls import pseudo_intensity

    clip, sound, face = max(truth, key=lambda one: (bool(one[0].timed_words), len(one[1])))
    curves = mt.animate(sound, SAMPLE_RATE, model=model, guidance=guidance_of(clip), finish=finish)
    length = len(sound) / SAMPLE_RATE
    words = [Word(text, start, end) for start, end, text in clip.timed_words]
    words = words or ([Word(clip.words, 0.0, length)] if clip.words else [])
    shown = {Path(name).name: curves.controls, "ground truth": face}
    intensities = {key: pseudo_intensity(value) for key, value in shown.items()}
    plot_intensity(sound, SAMPLE_RATE, intensities, words, path)


def draw_embeddings(face: Disentangler, truth: Truth, path: Path) -> dict[str, float]:
    """Fig. 5 of the ground truth's frames; see ``figures.plot_embeddings``."""
    import torch

    from medtalk_live.evaluation.figures import plot_embeddings
    from medtalk_live.model.streaming import LABELS

    known = [(clip.label, rows[::_EVERY]) for clip, _, rows in truth if clip.label is not None]
    frames = np.concatenate([rows for _, rows in known] or [np.zeros((0, 174), np.float32)])
    labels = [LABELS[label] for label, rows in known for _ in rows]
    with torch.inference_mode():
        rows = torch.from_numpy(frames)
        spaces = {"emotion": face.emotion(rows).numpy(), "content": face.content(rows).numpy()}
    return plot_embeddings(spaces, labels, path)


def draw_swap(face: Disentangler, truth: Truth, path: Path) -> None:
    """Fig. 6: two clips of different labels, and each with the other's emotion."""
    import torch

    from medtalk_live.evaluation.figures import plot_faces
    from medtalk_live.face.drawing import picture
    from medtalk_live.model.streaming import LABELS

    first, second = _two_feelings(truth)
    frames = min(len(first[2]), len(second[2]))
    a, b = (torch.from_numpy(one[2][:frames]) for one in (first, second))
    with torch.inference_mode():
        swapped = (
            face.decode(face.emotion(b), face.content(a)),
            face.decode(face.emotion(a), face.content(b)),
        )
    x, y = (LABELS[one[0].label or 0] for one in (first, second))
    shown = {
        f"A, {x}": a,
        f"B, {y}": b,
        f"A with B's {y}": swapped[0],
        f"B with A's {x}": swapped[1],
    }
    moments = [int(frames * (place + 0.5) / _MOMENTS) for place in range(_MOMENTS)]
    rows = [
        (name, [picture(np.asarray(values[k]), size=_PICTURE) for k in moments])
        for name, values in shown.items()
    ]
    plot_faces(rows, [f"{k / 60:.2f} s" for k in moments], path)


def _two_feelings(truth: Truth) -> tuple[Any, Any]:
    """The clip of the strongest feeling, and the strongest of another label."""
    from medtalk_live.errors import TrainingError
    from medtalk_live.rig.controls import pseudo_intensity

    known = [one for one in truth if one[0].label is not None]
    ranked = sorted(known, key=lambda one: -float(pseudo_intensity(one[2]).mean()))
    for other in ranked[1:]:
        if other[0].label != ranked[0][0].label:
            return ranked[0], other
    raise TrainingError("emotions can only be swapped between clips of two labels: give more clips")
