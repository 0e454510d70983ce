"""Reads control curves back from a file: ``.txt``, ``.csv`` or a ``.take``.

``.txt`` is the MEDTalk authors' form (174 comma-separated values a row, no
header), ``.csv`` ours (by the names in its header). For training data and for
the ground truth of an evaluation. Blocks on the disk; any thread.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from medtalk_live.errors import TakeError
from medtalk_live.rig.controls import COUNT, NAMES, FloatArray
from medtalk_live.takes.take import read_take

ENDINGS = (".txt", ".csv", ".take")


def read_controls(path: Path) -> FloatArray:
    """Controls (T, 174) at the file's own frame rate (60 in ``.txt``).

    Raises:
        TakeError: missing, empty, not numbers, or not the 174 controls.
    """
    if path.suffix == ".take":
        return np.asarray(read_take(path).controls, np.float32)
    columns = _columns(path)
    if not path.stat().st_size:
        raise TakeError(f"{path} holds no rows: write the file again")
    try:
        rows = np.loadtxt(path, delimiter=",", skiprows=int(columns is not None), ndmin=2)
    except (OSError, ValueError) as error:
        raise TakeError(
            f"{path} cannot be read as control values ({error}): "
            "expected comma-separated numbers, a row a frame"
        ) from None
    if rows.size and columns is not None and rows.shape[1] > max(columns):
        rows = rows[:, columns]
    if not rows.size or rows.shape[1] != COUNT:
        found = rows.shape[1] if rows.size else 0
        raise TakeError(f"{path} has {found} values a row, expected the rig's {COUNT} controls")
    if not np.isfinite(rows).all():
        raise TakeError(f"{path} holds NaN or infinity: write the file again")
    return rows.astype(np.float32)


def _columns(path: Path) -> list[int] | None:
    """Column of each control by the header, None where there is no header."""
    try:
        with path.open(encoding="utf-8") as file:
            header = file.readline().strip().split(",")
    except (OSError, UnicodeDecodeError) as error:
        raise TakeError(f"{path} cannot be read ({error}): check its path") from None
    if path.suffix == ".txt":
        return None
    if missing := [name for name in NAMES if name not in header]:
        raise TakeError(
            f"the header of {path} lacks '{missing[0]}' ({len(missing)} controls in all): "
            "expected the 174 names, as  animate -o FILE.csv  writes them"
        )
    return [header.index(name) for name in NAMES]
