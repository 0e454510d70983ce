"""A sheet to draw a face on: filled polygons on the surface of a head that can turn.

The parts of the face (mouth, eyes, ...) fill polygons in face units: x to the
picture's right (the character's left), y up, the chin near y = -1, the top of
the hair near y = 1.15. ``Sketch.project`` turns them with the head, all points
in one go, and hands back ``Polygons`` in pixels. Pure numpy, any thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Colour = tuple[int, int, int]

UNIT_CM = 11.5
"""Centimetres of a grown head in one face unit."""

_SPAN = 2.86  # face units across a picture
_CENTRE_Y = -0.10  # what lies in the middle of the picture
_PIVOT = np.array([0.0, -0.45, -0.25])  # where head and neck meet
_EYE_DISTANCE = 5.0  # from the viewer to the middle of the head


@dataclass(frozen=True, slots=True)
class Polygons:
    """Filled outlines, to be painted one over the other in order.

    Attributes:
        points: (M, 2) float32 in pixels, x right, y down, all outlines joined.
        starts: (P + 1,) int32: outline p is ``points[starts[p]:starts[p + 1]]``.
        colours: (P, 4) uint8: red, green, blue, opacity.
        names: Name of each outline; several may share one.
    """

    points: NDArray[np.float32]
    starts: NDArray[np.int32]
    colours: NDArray[np.uint8]
    names: tuple[str, ...]

    def __len__(self) -> int:
        """Number of outlines."""
        return len(self.names)

    def outline(self, position: int) -> NDArray[np.float32]:
        """Points (n, 2) of one outline."""
        return self.points[self.starts[position] : self.starts[position + 1]]

    def named(self, name: str) -> NDArray[np.float32]:
        """Points (n, 2) of the first outline of a name; ``KeyError`` if it is not drawn."""
        if name not in self.names:
            raise KeyError(f"nothing called '{name}' is drawn")
        return self.outline(self.names.index(name))


@dataclass(slots=True)
class Sketch:
    """Collects outlines; later ones cover earlier ones."""

    _points: list[Floats] = field(default_factory=list)
    _lifts: list[float] = field(default_factory=list)
    _follows: list[float] = field(default_factory=list)
    _colours: list[tuple[int, int, int, int]] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)

    def fill(
        self,
        name: str,
        points: Floats,
        colour: Colour,
        opacity: float = 1.0,
        lift: float = 0.0,
        follow: float = 1.0,
    ) -> None:
        """Fill an outline (n, 2).

        Args:
            name: What it is, for whoever looks for it.
            points: Face units.
            colour: Red, green, blue.
            opacity: 0 to 1; next to nothing is not drawn.
            lift: How far it stands off the surface of the head (face units).
            follow: Share of the head's movement that it makes (the neck: part).
        """
        alpha = int(255 * min(opacity, 1.0))
        if alpha < 2:
            return
        self._points.append(points)
        self._lifts.append(lift)
        self._follows.append(follow)
        self._colours.append((*colour, alpha))
        self._names.append(name)

    def stroke(
        self,
        name: str,
        line: Floats,
        width: Floats | float,
        colour: Colour,
        opacity: float = 1.0,
        lift: float = 0.0,
        follow: float = 1.0,
    ) -> None:
        """Paint a line (n, 2) of a half width (n,); see ``fill``."""
        if opacity > 0.008:
            self.fill(name, ribbon(line, width), colour, opacity, lift, follow)

    def soft(
        self,
        name: str,
        points: Floats,
        colour: Colour,
        opacity: float,
        lift: float = 0.0,
        layers: int = 3,
    ) -> None:
        """Fill an outline whose edge fades: the same outline, smaller and smaller."""
        if opacity < 0.008:
            return
        middle = points.sum(axis=0) / len(points)
        for layer in range(layers):
            size = 1.0 - 0.75 * layer / layers
            self.fill(name, middle + (points - middle) * size, colour, opacity / layers, lift)

    def project(self, head: NDArray[np.float32], size: int) -> Polygons:
        """Turn everything with the head and bring it to pixels of a square picture.

        Args:
            head: (6,) yaw (to the character's left), pitch (up), roll (to the
                character's left) in degrees; x (left), y (up), z (forward) in cm.
            size: Pixels on a side.
        """
        counts = [len(points) for points in self._points]
        flat = np.concatenate(self._points)
        lift = np.repeat(self._lifts, counts)
        follow = np.repeat(self._follows, counts)[:, None]
        surface = np.column_stack([flat, _depth(flat) + lift])
        moved = (surface - _PIVOT) @ _rotation(head).T + _PIVOT + head[3:6] / UNIT_CM
        placed = surface + (moved - surface) * follow
        scale = size / _SPAN * _EYE_DISTANCE / (_EYE_DISTANCE - placed[:, 2])
        pixels = np.empty((len(flat), 2), np.float32)
        pixels[:, 0] = size / 2 + placed[:, 0] * scale
        pixels[:, 1] = size / 2 - (placed[:, 1] - _CENTRE_Y) * scale
        starts = np.zeros(len(counts) + 1, np.int32)
        np.cumsum(counts, out=starts[1:])
        return Polygons(pixels, starts, np.array(self._colours, np.uint8), tuple(self._names))


def _depth(points: Floats) -> Floats:
    """Distance of the head's surface in front of its middle: half an ellipsoid."""
    x, y = points[:, 0] / 0.78, (points[:, 1] - 0.1) / 1.3
    depth: Floats = 0.62 * np.sqrt(np.maximum(0.0, 1.0 - x * x - y * y))
    return depth


def _rotation(head: NDArray[np.float32]) -> Floats:
    yaw, pitch, roll = np.radians(head[:3].astype(np.float64))
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    tilt = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    rotation: Floats = tilt @ nod @ turn
    return rotation


@lru_cache(maxsize=64)
def _curve_matrix(knots: int, points: int, closed: bool) -> Floats:
    """Weights (points, knots) of a Catmull-Rom curve through the knots."""
    position = np.linspace(0, knots if closed else knots - 1, points, endpoint=not closed)
    left = np.minimum(position.astype(int), knots - (1 if closed else 2))
    t = position - left
    weights = np.zeros((points, knots))
    basis = (
        (-t + 2 * t**2 - t**3) / 2,
        (2 - 5 * t**2 + 3 * t**3) / 2,
        (t + 4 * t**2 - 3 * t**3) / 2,
        (-(t**2) + t**3) / 2,
    )
    rows = np.arange(points)
    for offset, values in zip((-1, 0, 1, 2), basis, strict=True):
        knot = (left + offset) % knots if closed else np.clip(left + offset, 0, knots - 1)
        np.add.at(weights, (rows, knot), values)
    return weights


def curve(knots: Floats, points: int, closed: bool = False) -> Floats:
    """A smooth line (points, 2) through knots (k, 2)."""
    return _curve_matrix(len(knots), points, closed) @ knots


def ribbon(line: Floats, width: Floats | float) -> Floats:
    """A line (n, 2) as an outline of the given half width (n,) at each point."""
    step = np.empty_like(line)
    step[1:-1] = line[2:] - line[:-2]
    step[0], step[-1] = line[1] - line[0], line[-1] - line[-2]
    length = np.sqrt(step[:, 0] ** 2 + step[:, 1] ** 2)
    reach = width / np.maximum(length, 1e-9)
    outline = np.empty((2 * len(line), 2))
    offset = np.empty_like(line)
    offset[:, 0], offset[:, 1] = -step[:, 1] * reach, step[:, 0] * reach
    outline[: len(line)] = line + offset
    outline[len(line) :] = (line - offset)[::-1]
    return outline


@lru_cache(maxsize=64)
def _swell(points: int) -> Floats:
    return np.sin(np.linspace(0.04, np.pi - 0.04, points))


def taper(points: int, width: float) -> Floats:
    """Half widths of a stroke that is thickest in its middle."""
    return width * _swell(points)


@lru_cache(maxsize=16)
def _circle(points: int) -> Floats:
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def ellipse(x: float, y: float, width: float, height: float, points: int = 20) -> Floats:
    """An ellipse by its half width and half height."""
    return _circle(points) * (width, height) + (x, y)


def segment(start: tuple[float, float], end: tuple[float, float], points: int = 5) -> Floats:
    """A straight line (points, 2)."""
    return curve(np.array([start, end]), points)


def mirror(points: Floats, side: int) -> Floats:
    """Points drawn for the picture's right half, on the side asked for (-1 or 1)."""
    return points * (side, 1)
