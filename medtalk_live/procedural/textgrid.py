"""Reads one interval tier of a Praat TextGrid, long or short text format.

Phones and transcripts both come in TextGrids; what a missing tier means is
for the caller to say. Reads a file; any thread. Needs praatio.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tier:
    """What was found.

    Attributes:
        rows: (start_s, end_s, label) of the tier; None where no tier has the name.
        names: Of all tiers.
        duration_s: Of the whole grid.
    """

    rows: list[tuple[float, float, str]] | None
    names: tuple[str, ...]
    duration_s: float


def read_tier(path: Path, endings: tuple[str, ...], *, empty: bool) -> Tier:
    """The first tier whose name ends in one of ``endings`` (lower case).

    Args:
        path: The file.
        endings: Of tier names.
        empty: Whether intervals without a label count.

    Raises:
        ValueError: the file is no TextGrid.
    """
    # praatio ships no type stubs
    from praatio import textgrid  # type: ignore[import-untyped]
    from praatio.utilities.errors import PraatioException  # type: ignore[import-untyped]

    try:
        grid = textgrid.openTextgrid(str(path), empty, duplicateNamesMode="rename")
    except (PraatioException, ValueError, IndexError, KeyError, AttributeError) as fault:
        raise ValueError(str(fault)) from fault
    named = [name for name in grid.tierNames if name.lower().endswith(endings)]
    rows = [(e.start, e.end, e.label) for e in grid.getTier(named[0]).entries] if named else None
    return Tier(rows, tuple(grid.tierNames), float(grid.maxTimestamp))
