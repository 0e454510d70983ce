"""The paper's figures of a model: embedding spaces, intensity, swapped emotions.

Fig. 5: both embedding spaces by t-SNE, coloured by label; Fig. 4: intensity
beside the sound and its words; Fig. 6: faces whose emotion embeddings were
exchanged. Arrays in, a picture out; scikit-learn is imported only here.
Blocks until the file is written. Source: MEDTalk, section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtalk_live.errors import MedTalkError, MissingExtraError
from medtalk_live.figure import new_figure, save_figure
from medtalk_live.rig.controls import FloatArray

_POINTS = 1500
_SEED = 0
_DPI = 90
_PURPOSE = "a figure of a model"
_ENVELOPE_COLUMNS = 2000


@dataclass(frozen=True, slots=True)
class Word:
    """A word (or a stretch of several) and when it is said, in seconds."""

    text: str
    start_s: float
    end_s: float


def plot_embeddings(
    spaces: Mapping[str, FloatArray], labels: Sequence[str], path: Path
) -> dict[str, float]:
    """Fig. 5: each space by t-SNE, a colour for each label.

    Args:
        spaces: Embeddings (n, D) by the space's name, the same n rows in each.
        labels: Of each row.
        path: The picture.

    Returns:
        Silhouette of the labels in each space itself (1 parted, 0 mixed): the
        emotion space should part them, the content space should not.

    Raises:
        MissingExtraError: scikit-learn or matplotlib is not installed.
        MedTalkError: too few rows, or the file cannot be written.
    """
    try:
        from sklearn.manifold import TSNE
        from sklearn.metrics import silhouette_score
    except ImportError:
        raise MissingExtraError("scikit-learn", "plot", "a t-SNE of embeddings") from None
    names = np.asarray(labels)
    if len(names) < 10 or len(set(labels)) < 2:
        raise MedTalkError(
            f"a t-SNE needs 10 frames or more of two labels, found {len(names)} frames of "
            f"{len(set(labels))}: give more clips"
        )
    chosen = np.random.default_rng(_SEED).permutation(len(names))[:_POINTS]
    figure = new_figure(6.2 * len(spaces), 5.6, _PURPOSE)
    scores = {}
    for axes, (name, rows) in zip(
        figure.subplots(1, len(spaces), squeeze=False)[0], spaces.items(), strict=True
    ):
        scores[name] = float(silhouette_score(rows[chosen], names[chosen]))
        near = min(30.0, (len(chosen) - 1) / 3)
        flat = TSNE(perplexity=near, init="pca", random_state=_SEED).fit_transform(rows[chosen])
        for label in sorted(set(labels)):
            mine = names[chosen] == label
            axes.scatter(flat[mine, 0], flat[mine, 1], s=5, label=label)
        axes.set_title(f"{name} space (silhouette of the labels {scores[name]:.2f})")
        axes.set_xticks([])
        axes.set_yticks([])
    figure.axes[-1].legend(markerscale=3, fontsize=8)
    save_figure(figure, path, _DPI)
    return scores


def plot_intensity(
    sound: FloatArray,
    sample_rate: int,
    intensities: Mapping[str, FloatArray],
    words: Sequence[Word],
    path: Path,
) -> None:
    """Fig. 4: intensity at 60 fps under the sound and its words.

    Args:
        sound: (n,).
        sample_rate: In Hz.
        intensities: Curves (T,) by name, say of the network and of the face.
        words: May be empty.
        path: The picture.
    """
    figure = new_figure(11, 4.5, _PURPOSE)
    wave, curve = figure.subplots(2, 1, sharex=True, height_ratios=(1, 1.5))
    step = max(1, len(sound) // _ENVELOPE_COLUMNS)
    blocks = sound[: len(sound) // step * step].reshape(-1, step)
    times = np.arange(len(blocks)) * step / sample_rate
    wave.fill_between(times, blocks.min(1), blocks.max(1), linewidth=0.3)
    wave.set_ylabel("sound")
    for word in words:
        middle = (word.start_s + word.end_s) / 2
        wave.text(middle, 1.02, word.text, ha="center", fontsize=8, transform=_over(wave))
    for name, values in intensities.items():
        curve.plot(np.arange(len(values)) / 60, values, label=name, linewidth=1.2)
    for axes in (wave, curve):
        for word in words:
            axes.axvline(word.start_s, color="0.8", linewidth=0.6)
    curve.set_ylabel("intensity")
    curve.set_xlabel("seconds")
    curve.set_xlim(0, len(sound) / sample_rate)
    curve.legend(fontsize=8, frameon=False)
    save_figure(figure, path, _DPI)


def plot_faces(
    rows: Sequence[tuple[str, Sequence[NDArray[np.uint8]]]], columns: Sequence[str], path: Path
) -> None:
    """Fig. 6: rows of drawn faces, named at the left, a moment for each column."""
    figure = new_figure(1.9 * len(columns) + 1.2, 1.9 * len(rows) + 0.4, _PURPOSE)
    grid = figure.subplots(len(rows), len(columns), squeeze=False)
    for line, (name, faces) in zip(grid, rows, strict=True):
        for axes, face in zip(line, faces, strict=True):
            axes.imshow(face)
            axes.set_xticks([])
            axes.set_yticks([])
        line[0].set_ylabel(name, fontsize=9)
    for axes, title in zip(grid[0], columns, strict=True):
        axes.set_title(title, fontsize=9)
    save_figure(figure, path, _DPI)


def _over(axes: Any) -> Any:
    """Seconds along, share of the axes' height up."""
    return axes.get_xaxis_transform()
