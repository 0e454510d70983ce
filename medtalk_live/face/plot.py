"""One picture of a clip over time: waveform, curves, intensity and guidance marks.

For ``take info --plot``: where people would rather look than read; nothing is
shown on a screen. Blocks until the file is written, any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from medtalk_live.errors import SinkError
from medtalk_live.face.movie import Sound
from medtalk_live.figure import new_figure, save_figure
from medtalk_live.rig.articulation import lip_aperture
from medtalk_live.rig.controls import index, pseudo_intensity
from medtalk_live.rig.frames import HEAD_NAMES, Curves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEFAULT_CONTROLS = (
    "C_jaw.ty",
    "L_mouth_purseU.ty",
    "L_mouth_cornerPull.ty",
    "L_mouth_cornerDepress.ty",
    "L_brow_raiseIn.ty",
    "L_brow_down.ty",
    "L_eye_blink.ty",
)
_ENVELOPE_COLUMNS = 4000


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of the clip and what happened then, such as a change of guidance."""

    seconds: float
    words: str


def plot_clip(
    curves: Curves,
    path: str | Path,
    sound: Sound | None = None,
    marks: Sequence[Mark] = (),
    controls: Sequence[str] = DEFAULT_CONTROLS,
    title: str = "",
) -> None:
    """Write a picture (png, svg or pdf) of a clip.

    Args:
        curves: The clip.
        path: Where to; the ending chooses the kind.
        sound: Its waveform is drawn on top.
        marks: Vertical lines with words.
        controls: Names of the curves to draw.
        title: Above everything, say the name of the take.

    Raises:
        SinkError: the clip is empty, or the file cannot be written.
        RigError: a control is not known.
        MissingExtraError: matplotlib is not installed.
    """
    if not len(curves):
        raise SinkError(f"there are no frames to plot into '{path}': record or animate some first")
    columns = {name: index(name) for name in controls}
    figure = new_figure(12, 8, "a plot of a take")
    wave, lips, face, head = figure.subplots(4, 1, sharex=True, height_ratios=(1, 1, 2, 1))
    _draw_sound(wave, sound, marks)
    _draw_lips(lips, curves)
    for name, column in columns.items():
        face.plot(curves.times, curves.controls[:, column], label=name, linewidth=1)
    _finish(face, "controls")
    for place in range(3):
        head.plot(curves.times, curves.head[:, place], label=HEAD_NAMES[place], linewidth=1)
    _finish(head, "degrees")
    for axes in (wave, lips, face, head):
        for mark in marks:
            axes.axvline(mark.seconds, color="0.4", linewidth=0.8, linestyle="--")
    head.set_xlabel("seconds")
    head.set_xlim(float(curves.times[0]), max(float(curves.times[-1]), 0.01))
    figure.suptitle(title)
    save_figure(figure, path, 110, SinkError)


def _draw_sound(axes: Axes, sound: Sound | None, marks: Sequence[Mark]) -> None:
    if sound is not None and len(sound.samples):
        step = max(1, len(sound.samples) // _ENVELOPE_COLUMNS)
        whole = len(sound.samples) // step * step
        blocks = sound.samples[:whole].reshape(-1, step)
        times = np.arange(len(blocks)) * step / sound.sample_rate
        axes.fill_between(times, blocks.min(axis=1), blocks.max(axis=1), linewidth=0.3)
    axes.set_ylim(-1, 1)
    axes.set_ylabel("sound")
    for mark in marks:
        axes.annotate(
            mark.words,
            (mark.seconds, 0.95),
            fontsize=8,
            va="top",
            xytext=(3, 0),
            textcoords="offset points",
        )


def _draw_lips(axes: Axes, curves: Curves) -> None:
    aperture = np.asarray(lip_aperture(curves.controls))
    axes.plot(curves.times, aperture, label="lip aperture", linewidth=1)
    axes.plot(curves.times, pseudo_intensity(curves.controls), label="intensity", linewidth=1)
    _finish(axes, "")


def _finish(axes: Axes, words: str) -> None:
    axes.set_ylabel(words)
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, frameon=False)
