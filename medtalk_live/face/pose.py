"""Reading the 174 controls by name while drawing.

A ``Half`` reads one side of the face, ``Pose`` what has no side and what both
sides share. Sides are the character's; its right is the picture's left. Values
are clamped to the rig's ranges first. Pure, any thread.
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

_pair = lru_cache(maxsize=256)(pair)
_index = lru_cache(maxsize=256)(index)


@dataclass(frozen=True, slots=True)
class Mix:
    """Weighted sums of pairs, (2, 174): the right side's, the left side's."""

    weights: Floats

    @classmethod
    def of(cls, parts: Mapping[str, float]) -> Mix:
        """From the weight of each pair, such as ``{"mouth_stretch": 0.1}``."""
        weights = np.zeros((2, COUNT))
        for part, weight in parts.items():
            left, right = pair(part)
            weights[0, right] = weights[1, left] = weight
        return cls(weights)


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


@dataclass(frozen=True, slots=True)
class Half:
    """One half of the face: ``half("mouth_stretch")``, ``half("eye.tx")``.

    Attributes:
        side: 1 for the picture's right (the character's left), -1 for the other.
        place: 0 for the character's right, 1 for its left, as in every pair here.
    """

    values: list[float]
    side: int
    place: int

    def __call__(self, part: str) -> float:
        """Value of this side of a pair."""
        return self.values[_pair(part)[1 - self.place]]

    def mean(self, *parts: str) -> float:
        """Mean of several, such as the upper and lower purse."""
        return sum(map(self, parts)) / len(parts)


class Pose:
    """One frame of controls.

    Attributes:
        halves: The character's right and left half, in this order.
    """

    def __init__(self, controls: ArrayLike) -> None:
        self._single = clamp(np.asarray(controls, np.float32))
        self._list: list[float] = self._single.tolist()
        self.halves = (Half(self._list, -1, 0), Half(self._list, 1, 1))

    def one(self, name: str) -> float:
        """A control without sides, such as ``C_jaw.ty``."""
        return self._list[_index(name)]

    def both(self, part: str) -> Floats:
        """A pair (2,), right then left."""
        left, right = _pair(part)
        return np.array((self._list[right], self._list[left]))

    def mix(self, mix: Mix) -> Floats:
        """A weighted sum of pairs (2,)."""
        total: Floats = mix.weights @ self._single
        return total

    def mean(self, *parts: str) -> float:
        """Mean of several pairs over both sides."""
        right, left = self.halves
        return (right.mean(*parts) + left.mean(*parts)) / 2

    def jaw_opening(self) -> float:
        """Opening of the jaw, 0..1.5."""
        return float(jaw_opening(self._single))

    def aperture(self) -> Floats:
        """Lip aperture (2,) as the right and the left half of the mouth would have it."""
        return np.asarray(lip_aperture(self._single[_HALVES]))
