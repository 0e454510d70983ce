"""Reading the 174 controls by name while drawing.

Pairs come as (right, left) of the character, which is left to right in the
picture. Values are clamped to the rig's ranges first. Pure, any thread.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medtalk_live.face.sketch import Floats
from medtalk_live.rig.articulation import lip_aperture
from medtalk_live.rig.controls import COUNT, clamp, index, pair


@lru_cache(maxsize=256)
def _columns(part: str) -> NDArray[np.intp]:
    left, right = pair(part)
    return np.array([right, left], dtype=np.intp)


def _one_sided() -> NDArray[np.intp]:
    """Columns (2, 174) that fill both halves of the face from its right, then its left."""
    columns = np.tile(np.arange(COUNT), (2, 1))
    for position in range(COUNT):
        name = _name(position)
        if name.startswith("L_"):
            columns[0, position] = index("R_" + name[2:])
        elif name.startswith("R_"):
            columns[1, position] = index("L_" + name[2:])
    return columns


def _name(position: int) -> str:
    from medtalk_live.rig.controls import NAMES

    return NAMES[position].removeprefix("CTRL_")


_HALVES = _one_sided()


class Pose:
    """One frame of controls, read by part."""

    def __init__(self, controls: ArrayLike) -> None:
        self._values: Floats = clamp(np.asarray(controls, np.float32)).astype(np.float64)

    def one(self, name: str) -> float:
        """A control without sides, such as ``C_jaw.ty``."""
        return float(self._values[index(name)])

    def both(self, part: str) -> Floats:
        """A pair (2,), right then left, such as ``mouth_stretch`` or ``eye.tx``."""
        return self._values[_columns(part)]

    def mean(self, *parts: str) -> Floats:
        """Mean of several pairs (2,), such as the upper and lower purse."""
        total = self.both(parts[0])
        for part in parts[1:]:
            total = total + self.both(part)
        return total / len(parts)

    def aperture(self) -> Floats:
        """Lip aperture (2,) as the right and the left half of the mouth would have it."""
        return np.asarray(lip_aperture(self._values[_HALVES]))
