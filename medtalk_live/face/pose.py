"""Reading the 174 controls by name while drawing.

A ``Half`` reads one side of the face, ``Pose`` what has no side and what both
sides share. Sides are the character's; its right is the picture's left. Values
are clamped to the rig's ranges first. Pure, any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medtalk_live.rig.articulation import aperture_of, lip_means_each
from medtalk_live.rig.controls import CONTROLS, COUNT, clamp, index, pair


class _Columns(dict[str, int]):
    """Columns by name, looked up once: a frame asks some two hundred times."""

    def __init__(self, find: Callable[[str], int]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, name: str) -> int:
        self[name] = self._find(name)
        return self[name]


_RIGHT = _Columns(lambda part: pair(part)[1])
_LEFT = _Columns(lambda part: pair(part)[0])
_SINGLE = _Columns(index)


@dataclass(frozen=True, slots=True)
class Mixes:
    """Several weighted sums of pairs, worked out in one product.

    Attributes:
        weights: (174, 2 n): a column for the right side of each sum, then for its left.
    """

    weights: NDArray[np.float32]

    @classmethod
    def of(cls, *sums: Mapping[str, float]) -> Mixes:
        """From the weight of each pair in each sum, such as ``{"mouth_stretch": 0.1}``."""
        weights = np.zeros((COUNT, len(sums), 2), np.float32)
        for place, parts in enumerate(sums):
            for part, weight in parts.items():
                left, right = pair(part)
                weights[right, place, 0] = weights[left, place, 1] = weight
        return cls(weights.reshape(COUNT, -1))


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
    """

    values: list[float]
    side: int
    columns: _Columns

    def __call__(self, part: str) -> float:
        """Value of this side of a pair."""
        return self.values[self.columns[part]]

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
        self.halves = (Half(self._list, -1, _RIGHT), Half(self._list, 1, _LEFT))

    def one(self, name: str) -> float:
        """A control without sides, such as ``C_jaw.ty``."""
        return self._list[_SINGLE[name]]

    def both(self, part: str) -> tuple[float, float]:
        """A pair, right then left."""
        return self._list[_RIGHT[part]], self._list[_LEFT[part]]

    def mix(self, mixes: Mixes) -> list[list[float]]:
        """The weighted sums of pairs, each right then left."""
        totals: list[list[float]] = (self._single @ mixes.weights).reshape(-1, 2).tolist()
        return totals

    def mean(self, *parts: str) -> float:
        """Mean of several pairs over both sides."""
        right, left = self.halves
        return (right.mean(*parts) + left.mean(*parts)) / 2

    def mouth(self) -> tuple[float, tuple[float, float]]:
        """Opening of the jaw, 0..1.5, and the lip aperture (right, left).

        The aperture is what the right and the left half of the mouth would have it.
        """
        right, left = lip_means_each(self._single[_HALVES])
        return right.jaw, (aperture_of(right), aperture_of(left))
