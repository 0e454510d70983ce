"""A matplotlib figure without a screen, and saving it: what every plot begins and ends with.

Stands below all that plots: takes, figures of a model, loss curves. Matplotlib
is imported only here and only when something is plotted. Blocks until the file
is written, any thread.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medtalk_live.errors import MedTalkError, MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def new_figure(width: float, height: float, purpose: str) -> Figure:
    """An empty figure of a size in inches.

    Args:
        width: In inches.
        height: In inches.
        purpose: What needs it, for the message.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("matplotlib", "plot", purpose) from None
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_figure(
    figure: Figure, path: str | Path, dpi: int, problem: type[MedTalkError] = MedTalkError
) -> None:
    """Write a figure; the ending of its name chooses the kind.

    Raises:
        MedTalkError: the file cannot be written; of the class ``problem``.
    """
    try:
        figure.savefig(path, dpi=dpi)
    except (OSError, ValueError) as error:
        raise problem(
            f"the figure '{path}' cannot be written ({error}): "
            "use a name ending in .png, .svg or .pdf in a folder that exists"
        ) from None
