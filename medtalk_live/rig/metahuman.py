"""Our 174 controls -> the control board of UE 5.x -> its 251 raw expression curves.

Our vocabulary is that of the older Maya rig: ``CTRL_C_eye`` is folded into
both eyes, three tongue controls go by their new names, six controls that the
board does not have are dropped, and what we lack stays at rest (15 raw curves
never move). Values are clamped first, because the engine's table answers an
input out of its range with 0. Works on one frame or many; pure, any thread.
Source: ``gui_to_raw.csv`` (``start``, ``peak``, ``end``: where a raw curve is 0, 1 and 0 again).
"""

from __future__ import annotations

import csv
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from medtalk_live.rig.controls import MAXIMUM, MINIMUM, FloatArray, clamp, index


def _read_rows() -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath("gui_to_raw.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


_ROWS = _read_rows()
_FED = {row["board"]: row for row in _ROWS if row["control"]}

RAW_NAMES: tuple[str, ...] = tuple(row["raw"] for row in _ROWS)
"""The 251 ``CTRL_expressions_*`` curves, in the order of every raw vector."""

BOARD_NAMES: tuple[str, ...] = tuple(_FED)
"""The 166 board inputs that we can move, such as ``CTRL_C_tongue_move.tx``."""

_CONTROL = np.asarray([index(row["control"]) for row in _FED.values()], np.intp)
_FOLDED = np.flatnonzero([bool(row["also"]) for row in _FED.values()])
_ALSO = np.asarray([index(row["also"]) for row in _FED.values() if row["also"]], np.intp)


def _ramps() -> tuple[NDArray[np.intp], tuple[FloatArray, FloatArray, FloatArray, FloatArray]]:
    """Board column of every raw curve, and its rising and falling line (slope, offset)."""
    column = {name: position for position, name in enumerate(BOARD_NAMES)}
    source = np.zeros(len(_ROWS), np.intp)
    rise, rise_at_0, fall, fall_at_0 = np.zeros((4, len(_ROWS)), np.float32)
    fall_at_0 += 1
    for row_index, row in enumerate(_ROWS):
        if row["board"] not in column:
            continue
        source[row_index] = column[row["board"]]
        start, peak = float(row["start"]), float(row["peak"])
        rise[row_index] = 1 / (peak - start)
        rise_at_0[row_index] = -start / (peak - start)
        if row["end"]:
            end = float(row["end"])
            fall[row_index] = -1 / (end - peak)
            fall_at_0[row_index] = end / (end - peak)
    return source, (rise, rise_at_0, fall, fall_at_0)


_SOURCE, (_RISE, _RISE_AT_0, _FALL, _FALL_AT_0) = _ramps()


def to_board(controls: FloatArray) -> FloatArray:
    """Controls (..., 174) as values of ``BOARD_NAMES`` (..., 166), inside their ranges."""
    inside = clamp(controls)
    board = inside[..., _CONTROL]
    folded = board[..., _FOLDED] + inside[..., _ALSO]
    board[..., _FOLDED] = np.clip(folded, MINIMUM[_ALSO], MAXIMUM[_ALSO])
    return board


def to_raw(controls: FloatArray) -> FloatArray:
    """Controls (..., 174) as values of ``RAW_NAMES`` (..., 251), in 0..1."""
    inputs = to_board(controls)[..., _SOURCE]
    rising = inputs * _RISE + _RISE_AT_0
    falling = inputs * _FALL + _FALL_AT_0
    raw: FloatArray = np.clip(np.minimum(rising, falling), 0.0, 1.0)
    return raw
