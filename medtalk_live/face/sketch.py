"""A sheet to draw a face on: filled polygons on the surface of a head that can turn.

The parts of the face (mouth, eyes, ...) fill polygons in face units: x to the
picture's right (the character's left), y up, the chin near y = -1, the top of
the hair near y = 1.15. ``Sketch.project`` turns them with the head, all points
in one go, and hands back ``Polygons`` in pixels. Pure numpy, any thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Colour = tuple[int, int, int]

UNIT_CM = 11.5
"""Centimetres of a grown head in one face unit."""

_SPAN = 2.8  # face units across a picture
_CENTRE_Y = -0.05  # what lies in the middle of the picture
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


_Placing = tuple[float, float, float, float, float, float, float, float]
"""Lift, follow, side, scale x and y, centre x and y, and a factor of the half widths."""

_Outline = tuple[str, Floats, Floats | None, Colour, float, _Placing]
"""Name, points, half widths of a stroke (None: a fill), colour, opacity, how it is placed."""


@dataclass(slots=True)
class Sketch:
    """Collects outlines; later ones cover earlier ones.

    What can be worked out for all outlines in one go (strokes, ellipses,
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
            placing = (lift, follow, side, 1.0, 1.0, 0.0, 0.0, 0.0)
            self._outlines.append((name, points, None, colour, opacity, placing))

    def stroke(
        self,
        name: str,
        line: Floats,
        width: float | Floats,
        colour: Colour,
        opacity: float = 1.0,
        lift: float = 0.0,
        follow: float = 1.0,
        side: int = 1,
    ) -> None:
        """Paint a line (n, 2); otherwise like ``fill``.

        ``width`` is half of it in face units: at each point (n,), or a number
        where it is thickest in its middle and thin at its ends.
        """
        if opacity > _INVISIBLE:
            factor, profile = (
                (width, _swell(len(line))) if isinstance(width, float) else (1.0, width)
            )
            placing = (lift, follow, side, 1.0, 1.0, 0.0, 0.0, factor)
            self._outlines.append((name, line, profile, colour, opacity, placing))

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
            placing = (lift, 1.0, side, *radii, *centre, 0.0)
            self._outlines.append((name, _DISC, None, colour, opacity, placing))

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
        if share > _INVISIBLE:
            for size in _SOFT_SIZES:
                placing = (lift, 1.0, side, radii[0] * size, radii[1] * size, *centre, 0.0)
                self._outlines.append((name, _DISC, None, colour, share, placing))

    def project(self, head: NDArray[np.float32], size: int) -> Polygons:
        """Turn everything with the head and bring it to pixels of a square picture.

        Args:
            head: (6,) as in ``rig.frames``: yaw (to the character's right), pitch
                (up), roll (to the right ear) in degrees; x (forward), y (right),
                z (up) in cm.
            size: Pixels on a side.
        """
        names, lines, profiles, colours, opacities, placing = zip(*self._outlines, strict=True)
        layout = _layout(
            tuple(map(len, lines)), tuple([profile is not None for profile in profiles])
        )
        lift, follow, side, *fits, width = np.array(placing).T
        widths = np.concatenate([profile for profile in profiles if profile is not None])
        line = np.concatenate(lines).T
        for axis, (scale, centre) in enumerate(zip(fits[:2], fits[2:], strict=True)):
            mirror = side if axis == 0 else 1.0
            line[axis] *= (scale * mirror).repeat(layout.counts)
            line[axis] += (centre * mirror).repeat(layout.counts)
        x, y = _with_strokes(line, widths * width[layout.stroke_owner], layout)
        z = _depth(x, y) + lift.repeat(layout.sizes)
        pixels = _turned(x, y, z, follow.repeat(layout.sizes), head, size)
        rgba = _rgb(colours).copy()
        rgba[:, 3] = np.minimum(255 * np.array(opacities), 255)
        return Polygons(pixels, layout.starts, rgba, names)


@lru_cache(maxsize=512)
def _rgb(colours: tuple[Colour, ...]) -> NDArray[np.uint8]:
    """Colours (P, 4), the opacity still to come."""
    return np.array([(*colour, 0) for colour in colours], np.uint8)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Index arrays that join many outlines into one array; the same for many frames."""

    counts: NDArray[np.intp]  # given points of each outline
    sizes: NDArray[np.intp]  # points of each outline as it is painted
    stroke: NDArray[np.intp]  # the given points that belong to strokes, their outlines,
    stroke_owner: NDArray[np.intp]
    before: NDArray[np.intp]  # and their neighbours within their own line
    after: NDArray[np.intp]
    order: NDArray[np.intp]  # outline points out of [given or one edge, other edge]
    starts: NDArray[np.int32]


@lru_cache(maxsize=512)
def _layout(counts: tuple[int, ...], strokes: tuple[bool, ...]) -> _Layout:
    count, is_stroke = np.array(counts), np.array(strokes)
    tails = np.cumsum(count)
    heads, total = tails - count, int(tails[-1])
    owner = np.repeat(np.arange(len(count)), count)
    stroke = np.flatnonzero(is_stroke[owner])
    other_edge = np.zeros(total, np.intp)
    other_edge[stroke] = total + np.arange(len(stroke))
    sizes = count * (1 + is_stroke)
    ends = np.cumsum(sizes)
    place = np.arange(int(ends[-1])) - (ends - sizes).repeat(sizes)
    length, head = count.repeat(sizes), heads.repeat(sizes)
    back = place >= length  # on the way back, along the other edge
    given = head + np.where(back, 2 * length - 1 - place, place)
    stroke_owner = owner[stroke]
    return _Layout(
        count,
        sizes,
        stroke,
        stroke_owner,
        np.maximum(stroke - 1, heads[stroke_owner]),
        np.minimum(stroke + 1, tails[stroke_owner] - 1),
        np.where(back, other_edge[given], given),
        np.append(0, ends).astype(np.int32),
    )


def _with_strokes(line: Floats, width: Floats, layout: _Layout) -> tuple[Floats, Floats]:
    """Outlines of fills as they are, of strokes by their half width to either side."""
    along, up = line[:, layout.after] - line[:, layout.before]
    reach = width / np.sqrt(along * along + up * up + 1e-12)
    joined = []
    for values, offset in ((line[0], -up * reach), (line[1], along * reach)):
        middle = values[layout.stroke]
        values[layout.stroke] = middle + offset
        joined.append(np.concatenate([values, middle - offset])[layout.order])
    return joined[0], joined[1]


def _turned(
    x: Floats, y: Floats, z: Floats, follow: Floats, head: NDArray[np.float32], size: int
) -> NDArray[np.float32]:
    """Points on the surface of the head, turned with it, in pixels (n, 2)."""
    turn = _rotation(head)
    shift = _PIVOT + _shift(head) - turn @ _PIVOT
    across, up, forward = (
        value + follow * (row[0] * x + row[1] * y + row[2] * z + step)
        for value, row, step in zip((x, y, z), turn - np.eye(3), shift.tolist(), strict=True)
    )
    scale = size / _SPAN * _EYE_DISTANCE / (_EYE_DISTANCE - forward)
    pixels = np.empty((len(x), 2), np.float32)
    pixels[:, 0] = size / 2 + across * scale
    pixels[:, 1] = size / 2 - (up - _CENTRE_Y) * scale
    return pixels


def _depth(x: Floats, y: Floats) -> Floats:
    """Distance of the head's surface in front of its middle: half an ellipsoid."""
    across, up = x / 0.78, (y - 0.1) / 1.3
    depth: Floats = 0.62 * np.sqrt(np.maximum(0.0, 1.0 - across * across - up * up))
    return depth


def _shift(head: NDArray[np.float32]) -> Floats:
    """Where the head stands, in face units: to the character's left, up, forward."""
    forward, right, up = head[3:6].astype(np.float64)
    return np.array([-right, up, forward]) / UNIT_CM


def _rotation(head: NDArray[np.float32]) -> Floats:
    yaw, pitch, roll = (math.radians(angle) for angle in head[:3].tolist())
    cy, sy, cp, sp = math.cos(yaw), -math.sin(yaw), math.cos(pitch), math.sin(pitch)
    cr, sr = math.cos(roll), -math.sin(roll)
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
    """Half widths of a stroke that is thickest in its middle."""
    return np.sin(np.linspace(0.04, np.pi - 0.04, points))


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
