"""The 174 controls as one table: name, side, region, range, neutral and sets.

The order is that of every 174-vector in this project, on the wire and in
takes; ``TABLE_HASH`` travels with them so that a mismatch is said, not
guessed. Read once from ``controls.csv``. Pure, any thread.
Source: control list of the MEDTalk authors; ranges from the MetaHuman board.
The sets S_lip, S_emo and S_up are not listed in the paper: ours go by region.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medtalk_live.errors import RigError

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Control:
    """One row of the table.

    Attributes:
        index: Position in every 174-vector.
        name: ``CTRL_<side>_<part>-translate<axis>``.
        published: The spelling in the authors' published list (two names stand twice there).
        side: ``left``, ``right`` or ``centre``.
        region: brows, eyes, cheeks, nose, ears, lips, jaw, tongue, teeth or neck.
        minimum: Lowest legal value.
        maximum: Highest legal value.
        neutral: Value at rest.
        lip: Member of S_lip (MLE).
        emotion: Member of S_emo (MEE).
        upper: Member of S_up (FRD).
        intensity: Member of S_int (equation 8).
    """

    index: int
    name: str
    published: str
    side: str
    region: str
    minimum: float
    maximum: float
    neutral: float
    lip: bool
    emotion: bool
    upper: bool
    intensity: bool

    @property
    def board_name(self) -> str:
        """The control board's spelling, such as ``CTRL_L_eye.tx``."""
        return self.name.replace("-translateX", ".tx").replace("-translateY", ".ty")


def _read_table() -> tuple[Control, ...]:
    text = resources.files(__package__).joinpath("controls.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(
        Control(
            index=int(row["index"]),
            name=row["name"],
            published=row["published"],
            side=row["side"],
            region=row["region"],
            minimum=float(row["minimum"]),
            maximum=float(row["maximum"]),
            neutral=float(row["neutral"]),
            lip=row["lip"] == "1",
            emotion=row["emotion"] == "1",
            upper=row["upper"] == "1",
            intensity=row["intensity"] == "1",
        )
        for row in rows
    )


def _frozen(values: Sequence[float]) -> FloatArray:
    array = np.asarray(values, dtype=np.float32)
    array.setflags(write=False)
    return array


def _members(flag: str) -> NDArray[np.intp]:
    array = np.asarray([c.index for c in CONTROLS if getattr(c, flag)], dtype=np.intp)
    array.setflags(write=False)
    return array


def table_hash(names: Sequence[str]) -> int:
    """CRC-32 of the names joined by newlines (UTF-8), as a signed 32-bit integer."""
    crc = zlib.crc32("\n".join(names).encode())
    return crc - (1 << 32) if crc >= 1 << 31 else crc


CONTROLS: tuple[Control, ...] = _read_table()
NAMES: tuple[str, ...] = tuple(control.name for control in CONTROLS)
COUNT = len(CONTROLS)
TABLE_HASH = table_hash(NAMES)

MINIMUM = _frozen([control.minimum for control in CONTROLS])
MAXIMUM = _frozen([control.maximum for control in CONTROLS])
NEUTRAL = _frozen([control.neutral for control in CONTROLS])

LIP_SET = _members("lip")
EMOTION_SET = _members("emotion")
UPPER_SET = _members("upper")
INTENSITY_SET = _members("intensity")
_INTENSITY_COLUMNS = INTENSITY_SET.tolist()

_INDEX = {control.name: control.index for control in CONTROLS}
_INDEX |= {control.board_name: control.index for control in CONTROLS}
_INDEX |= {name.removeprefix("CTRL_"): index for name, index in list(_INDEX.items())}


def index(name: str) -> int:
    """Position of a control, by its full, board (``.ty``) or prefix-less name.

    Raises:
        RigError: no such control.
    """
    try:
        return _INDEX[name]
    except KeyError:
        raise RigError(f"'{name}' is not one of the {COUNT} controls of the rig") from None


def pair(part: str) -> tuple[int, int]:
    """Positions of a left/right pair: ``pair("mouth_cornerPull")`` -> (53, 122).

    Raises:
        RigError: no such pair, or the part has two axes (say ``eye.tx``).
    """
    tail = part if "." in part else f"{part}.ty"
    return index(f"L_{tail}"), index(f"R_{tail}")


def region(*names: str) -> NDArray[np.intp]:
    """Positions of all controls of the named regions.

    Raises:
        RigError: a region is not known.
    """
    known = {control.region for control in CONTROLS}
    if unknown := set(names) - known:
        raise RigError(f"unknown region {sorted(unknown)}: known are {sorted(known)}")
    return np.asarray([c.index for c in CONTROLS if c.region in names], dtype=np.intp)


def clamp(controls: FloatArray) -> FloatArray:
    """Controls (..., 174) inside their ranges; NaN and infinities become neutral."""
    finite = np.where(np.isfinite(controls), controls, NEUTRAL)
    clipped: FloatArray = np.clip(finite, MINIMUM, MAXIMUM).astype(np.float32, copy=False)
    return clipped


def pseudo_intensity(controls: Any) -> Any:
    """Emotion intensity (...,) read off controls (..., 174), an array or a tensor.

    Source: MEDTalk, equation 8, over S_int.
    """
    return abs(controls[..., _INTENSITY_COLUMNS]).sum(-1) / 10


def order_of(names: Sequence[str]) -> NDArray[np.intp]:
    """Column of a foreign list for each of our controls; both spellings are read.

    The published list names ``CTRL_C_tongue_tip`` twice: its first pair is
    the tongue roll (inferred from the alphabetical order and the rig).

    Raises:
        RigError: the list does not hold exactly the 174 controls.
    """
    given = list(names)
    if given == [control.published for control in CONTROLS]:
        return np.arange(COUNT, dtype=np.intp)
    column = {name: position for position, name in enumerate(given)}
    if len(given) != COUNT or set(column) != set(NAMES):
        missing = sorted(set(NAMES) - set(column))
        raise RigError(
            f"a list of {len(given)} control names does not fit the rig of {COUNT}"
            + (f": missing {missing[0]}" if missing else ": names stand twice")
        )
    return np.asarray([column[name] for name in NAMES], dtype=np.intp)
