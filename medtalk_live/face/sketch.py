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

_SPAN = 2.6  # face units across a picture
_CENTRE_Y = -0.15  # what lies in the middle of the picture
_PIVOT = np.array([0.0, -0.45, -0.25])  # where head and neck meet
_INVISIBLE = 0.008  # opacity that is not worth an outline
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


# name, points, half widths, whether a stroke, colour, and how it is placed:
# lift, follow, side, scale x and y, centre x and y
_Outline = tuple[str, Floats, Floats, bool, tuple[int, int, int, int], tuple[float, ...]]


@dataclass(slots=True)
class Sketch:
    """Collects outlines; later ones cover earlier ones.

    What can be worked out for all outlines in one go (strokes, fading edges,
    mirroring, the turn of the head) waits for ``project``: a frame has over a
    hundred outlines and a budget of a few milliseconds.
    """

    _outlines: list[_Outline] = field(default_factory=list)

    def fill(
        self,
        name: str,
        points: Floats,
        colour: Colour,
        opacity: float = 1.0,
        lift: float = 0.0,
        follow: float = 1.0,
        side: int = 1,
    ) -> None:
        """Fill an outline (n, 2).

        Args:
            name: What it is, for whoever looks for it.
            points: Face units.
            colour: Red, green, blue.
            opacity: 0 to 1; next to nothing is not drawn.
            lift: How far it stands off the surface of the head (face units).
            follow: Share of the head's movement that it makes (the neck: part).
            side: -1 mirrors it to the other half of the face.
        """
        if opacity > _INVISIBLE:
            width = _no_width(len(points))
            placing = (lift, follow, side, 1.0, 1.0, 0.0, 0.0)
            self._outlines.append((name, points, width, False, _rgba(colour, opacity), placing))

    def stroke(
        self,
        name: str,
        line: Floats,
        width: Floats,
        colour: Colour,
        opacity: float = 1.0,
        lift: float = 0.0,
        follow: float = 1.0,
        side: int = 1,
    ) -> None:
        """Paint a line (n, 2) of half width (n,); otherwise like ``fill``."""
        if opacity > _INVISIBLE:
            placing = (lift, follow, side, 1.0, 1.0, 0.0, 0.0)
            self._outlines.append((name, line, width, True, _rgba(colour, opacity), placing))

    def disc(
        self,
        name: str,
        centre: tuple[float, float],
        radii: tuple[float, float],
        colour: Colour,
        opacity: float = 1.0,
        lift: float = 0.0,
        side: int = 1,
    ) -> None:
        """Fill an ellipse; otherwise like ``fill``."""
        if opacity > _INVISIBLE:
            placing = (lift, 1.0, side, *radii, *centre)
            self._outlines.append(
                (name, _DISC, _no_width(len(_DISC)), False, _rgba(colour, opacity), placing)
            )

    def soft(
        self,
        name: str,
        centre: tuple[float, float],
        radii: tuple[float, float],
        colour: Colour,
        opacity: float,
        lift: float = 0.0,
        side: int = 1,
    ) -> None:
        """Fill an ellipse whose edge fades: the same ellipse, smaller and smaller."""
        share = min(opacity, 1.0) / len(_SOFT_SIZES)
        for size in _SOFT_SIZES:
            scaled = (radii[0] * size, radii[1] * size)
            self.disc(name, centre, scaled, colour, share, lift, side)

    def project(self, head: NDArray[np.float32], size: int) -> Polygons:
        """Turn everything with the head and bring it to pixels of a square picture.

        Args:
            head: (6,) as in ``rig.frames``: yaw (to the character's right), pitch
                (up), roll (to the right ear) in degrees; x (forward), y (right),
                z (up) in cm.
            size: Pixels on a side.
        """
        names, points, widths, strokes, colours, placing = zip(*self._outlines, strict=True)
        layout = _layout(tuple(map(len, points)), strokes)
        placed_by = np.array(placing)
        own = placed_by[layout.owner]
        flat = np.concatenate(points) * own[:, 3:5] + own[:, 5:7]
        flat[:, 0] *= own[:, 2]
        outlines = _with_strokes(flat, np.concatenate(widths), layout)
        lift, follow = placed_by[layout.outline_owner, :2].T
        surface = np.empty((len(outlines), 3))
        surface[:, :2] = outlines
        surface[:, 2] = _depth(outlines) + lift
        moved = (surface - _PIVOT) @ _rotation(head).T + _PIVOT + _shift(head)
        placed = surface + (moved - surface) * follow[:, None]
        scale = size / _SPAN * _EYE_DISTANCE / (_EYE_DISTANCE - placed[:, 2])
        pixels = np.empty((len(outlines), 2), np.float32)
        pixels[:, 0] = size / 2 + placed[:, 0] * scale
        pixels[:, 1] = size / 2 - (placed[:, 1] - _CENTRE_Y) * scale
        return Polygons(pixels, layout.starts, np.array(colours, np.uint8), names)


def _rgba(colour: Colour, opacity: float) -> tuple[int, int, int, int]:
    return (*colour, int(255 * min(opacity, 1.0)))


@dataclass(frozen=True, slots=True)
class _Layout:
    """Index arrays that join many outlines into one array; the same for most frames."""

    owner: NDArray[np.intp]  # outline of each given point
    before: NDArray[np.intp]  # neighbours of each point within its own line
    after: NDArray[np.intp]
    order: NDArray[np.intp]  # outline points out of [one edge, other edge]
    outline_owner: NDArray[np.intp]
    starts: NDArray[np.int32]


@lru_cache(maxsize=256)
def _layout(counts: tuple[int, ...], strokes: tuple[bool, ...]) -> _Layout:
    tails = np.cumsum(counts)
    heads = np.concatenate([[0], tails[:-1]])
    total = int(tails[-1])
    owner = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(total)
    order, sizes = [], []
    for head, tail, stroke in zip(heads, tails, strokes, strict=True):
        one_edge = np.arange(head, tail)
        edges = [one_edge, one_edge[::-1] + total] if stroke else [one_edge]
        order.extend(edges)
        sizes.append((tail - head) * len(edges))
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    return _Layout(
        owner,
        np.maximum(place - 1, heads[owner]),
        np.minimum(place + 1, tails[owner] - 1),
        np.concatenate(order),
        np.repeat(np.arange(len(counts)), sizes),
        starts,
    )


def _with_strokes(flat: Floats, width: Floats, layout: _Layout) -> Floats:
    """Outlines of fills as they are, of strokes by their half width to either side."""
    step = flat[layout.after] - flat[layout.before]
    reach = width / np.sqrt((step * step).sum(axis=1) + 1e-12)
    offset = np.empty_like(flat)
    offset[:, 0], offset[:, 1] = -step[:, 1] * reach, step[:, 0] * reach
    outlines: Floats = np.concatenate([flat + offset, flat - offset])[layout.order]
    return outlines


@lru_cache(maxsize=64)
def _no_width(points: int) -> Floats:
    return np.zeros(points)


def _depth(points: Floats) -> Floats:
    """Distance of the head's surface in front of its middle: half an ellipsoid."""
    x, y = points[:, 0] / 0.78, (points[:, 1] - 0.1) / 1.3
    depth: Floats = 0.62 * np.sqrt(np.maximum(0.0, 1.0 - x * x - y * y))
    return depth


def _shift(head: NDArray[np.float32]) -> Floats:
    """Where the head stands, in face units: to the character's left, up, forward."""
    forward, right, up = head[3:6].astype(np.float64)
    return np.array([-right, up, forward]) / UNIT_CM


def _rotation(head: NDArray[np.float32]) -> Floats:
    yaw, pitch, roll = np.radians(head[:3].astype(np.float64)) * (-1.0, 1.0, -1.0)
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
    circle = _circle(points)
    outline = np.empty_like(circle)
    outline[:, 0] = circle[:, 0] * width + x
    outline[:, 1] = circle[:, 1] * height + y
    return outline


def polyline(x: Floats, y: Floats) -> Floats:
    """Coordinates (n,) and (n,) as a line (n, 2)."""
    line = np.empty((len(x), 2))
    line[:, 0], line[:, 1] = x, y
    return line


def segment(start: tuple[float, float], end: tuple[float, float], points: int = 5) -> Floats:
    """A straight line (points, 2)."""
    return curve(np.array([start, end]), points)


_DISC = _circle(20)
_SOFT_SIZES = (1.0, 0.75, 0.5)
