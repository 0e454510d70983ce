"""Reading the 174 controls by name while drawing.

Pairs come as (right, left) of the character, which is left to right in the
picture. Values are clamped to the rig's ranges first. Pure, any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medtalk_live.face.sketch import Floats
from medtalk_live.rig.articulation import jaw_opening, lip_aperture
from medtalk_live.rig.controls import CONTROLS, COUNT, clamp, index, pair


@lru_cache(maxsize=256)
def _columns(part: str) -> NDArray[np.intp]:
    left, right = pair(part)
    return np.array([right, left], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Mix:
    """A weighted sum of pairs, read in one go."""

    columns: NDArray[np.intp]
    weights: Floats

    @classmethod
    def of(cls, parts: Mapping[str, float]) -> Mix:
        """From the weight of each pair, such as ``{"mouth_stretch": 0.1}``."""
        return cls(np.stack([_columns(part) for part in parts]), np.array(list(parts.values())))


def _halves() -> NDArray[np.intp]:
    """Columns (2, 174) that fill both sides of the face from its right, then from its left."""
    columns = np.tile(np.arange(COUNT), (2, 1))
    for control in CONTROLS:
        name = control.name.removeprefix("CTRL_")
        if control.side == "left":
            columns[0, control.index] = index("R_" + name.removeprefix("L_"))
        elif control.side == "right":
            columns[1, control.index] = index("L_" + name.removeprefix("R_"))
    return columns


_HALVES = _halves()


class Pose:
    """One frame of controls, read by part."""

    def __init__(self, controls: ArrayLike) -> None:
        single = clamp(np.asarray(controls, np.float32))
        self._values: Floats = single.astype(np.float64)
        self._halves = single[_HALVES]

    def one(self, name: str) -> float:
        """A control without sides, such as ``C_jaw.ty``."""
        return float(self._values[index(name)])

    def both(self, part: str) -> Floats:
        """A pair (2,), right then left, such as ``mouth_stretch`` or ``eye.tx``."""
        return self._values[_columns(part)]

    def mix(self, mix: Mix) -> Floats:
        """A weighted sum of pairs (2,)."""
        total: Floats = mix.weights @ self._values[mix.columns]
        return total

    def mean(self, *parts: str) -> Floats:
        """Mean of several pairs (2,), such as the upper and lower purse."""
        return self.mix(_mean_of(parts))

    def jaw_opening(self) -> float:
        """Opening of the jaw, 0..1.5."""
        return float(jaw_opening(self._halves[0]))

    def aperture(self) -> Floats:
        """Lip aperture (2,) as the right and the left half of the mouth would have it."""
        return np.asarray(lip_aperture(self._halves))


@lru_cache(maxsize=64)
def _mean_of(parts: tuple[str, ...]) -> Mix:
    return Mix.of(dict.fromkeys(parts, 1 / len(parts)))
