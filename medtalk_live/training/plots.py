"""The loss curves of a run as one picture, a panel for each stage.

Reads the ``.jsonl`` logs that the trainer writes. Without matplotlib, or where
the picture cannot be written, the logs remain and a line says so. Blocks on
the disk.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from medtalk_live.errors import MedTalkError
from medtalk_live.figure import new_figure, save_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_log = logging.getLogger(__name__)
_NOT_LOSSES = ("step", "time")


def read_log(path: Path) -> dict[str, list[tuple[int, float]]]:
    """(step, value) of every term; a resumed run's repeated steps count once."""
    rows = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row["step"]] = row
    terms: dict[str, list[tuple[int, float]]] = {}
    for step in sorted(rows):
        for name, value in rows[step].items():
            if name not in _NOT_LOSSES:
                terms.setdefault(name, []).append((step, value))
    return terms


def plot_curves(folder: Path, path: Path) -> bool:
    """Draw every log of a folder; False where nothing is there or no picture can be made."""
    logs = sorted(folder.glob("*.jsonl"))
    if not logs:
        return False
    try:
        save_figure(_drawn(logs), path, 100)
    except MedTalkError as problem:
        _log.warning("%s", problem)
        return False
    return True


def _drawn(logs: Sequence[Path]) -> Figure:
    columns = min(4, len(logs))
    rows = -(-len(logs) // columns)
    figure = new_figure(3.6 * columns, 3.0 * rows, "a plot of loss curves")
    for axes, log in zip(figure.subplots(rows, columns, squeeze=False).flat, logs, strict=False):
        for name, points in read_log(log).items():
            axes.plot(*zip(*points, strict=True), label=name, linewidth=1)
        axes.set_yscale("log")
        axes.set_title(log.stem)
        axes.set_xlabel("step")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7, frameon=False)
    for axes in list(figure.axes)[len(logs) :]:
        axes.set_axis_off()
    return figure
