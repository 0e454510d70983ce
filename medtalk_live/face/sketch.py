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
_AS_IT_IS = np.eye(3)
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


_Outline = tuple[str, Colour, float, int, float, float, float]
"""Name, colour, opacity, kind, lift, share of the head's movement, and side.

The kind is the number of points of a fill, that of a stroke below zero, 0 for a disc.
"""


@dataclass(slots=True)
class Sketch:
    """Collects outlines; later ones cover earlier ones.

    What can be worked out for all outlines in one go (strokes, ellipses,
    mirroring, the turn of the head) waits for ``project``: a frame has about a
    hundred outlines and a budget of a few milliseconds.
    """

    _outlines: list[_Outline] = field(default_factory=list)
    _lines: list[Floats] = field(default_factory=list)  # of fills and strokes
    _widths: list[tuple[Floats, float]] = field(default_factory=list)  # of strokes, and a factor
    _discs: list[float] = field(default_factory=list)  # centre x, y and radii of each

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
            self._outlines.append((name, colour, opacity, len(points), lift, follow, side))
            self._lines.append(points)

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
            self._outlines.append((name, colour, opacity, -len(line), lift, follow, side))
            self._lines.append(line)
            if isinstance(width, float):
                self._widths.append((_swell(len(line)), width))
            else:
                self._widths.append((width, 1.0))

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
            self._outlines.append((name, colour, opacity, 0, lift, 1.0, side))
            self._discs += (*centre, *radii)

    def soft(
        self,
        name: str,
        centre: tuple[float, float],
        radii: tuple[float, float],
        colour: Colour,
        opacity: float,
        lift: float = 0.0,
        side: int = 1,
        ground: Colour | None = None,
    ) -> None:
        """Fill an ellipse whose edge fades: the same ellipse, and again smaller.

        ``ground`` is what it lies on where that is one colour: it is painted with
        the colours that would come of it, as letting a large one shine through
        costs three times as much.
        """
        share = min(opacity, 1.0) / len(_SOFT_SIZES)
        if share > _INVISIBLE:
            colours = (colour, colour) if ground is None else _over(ground, colour, share)
            opacity = share if ground is None else 1.0
            for size, shade in zip(_SOFT_SIZES, colours, strict=True):
                self._outlines.append((name, shade, opacity, 0, lift, 1.0, side))
                self._discs += (*centre, radii[0] * size, radii[1] * size)

    def project(self, head: NDArray[np.float32], size: int) -> Polygons:
        """Turn everything with the head and bring it to pixels of a square picture.

        Args:
            head: (6,) as in ``rig.frames``: yaw (to the character's right), pitch
                (up), roll (to the right ear) in degrees; x (forward), y (right),
                z (up) in cm.
            size: Pixels on a side.
        """
        names, colours, opacities, kinds, *placing = zip(*self._outlines, strict=True)
        layout = _layout(kinds)
        lift, follow, side = np.array(placing, np.float32).repeat(layout.sizes, axis=1)
        flat = self._flat(layout)
        x, y, z, _ = points = np.ones((4, len(flat)), np.float32)
        np.multiply(flat.real, side, out=x)
        y[:] = flat.imag
        np.add(_depth(x, y), lift, out=z)
        rgba = _rgb(colours).copy()
        rgba[:, 3] = np.minimum(255 * np.array(opacities), 255)
        return Polygons(_turned(points, follow, head, size), layout.starts, rgba, names)

    def _flat(self, layout: _Layout) -> NDArray[np.complex128]:
        """All points to paint, x + iy, before the mirroring; strokes have two edges."""
        line = np.concatenate(self._lines).view(np.complex128).ravel()
        profiles, factors = zip(*self._widths, strict=True)
        along = line[layout.after] - line[layout.before]
        length = np.sqrt(along.real**2 + along.imag**2 + 1e-12)
        width = np.concatenate(profiles) * np.array(factors)[layout.stroke_owner]
        along *= 1j * (width / length)
        middle = line[layout.stroke]
        line[layout.stroke] = middle + along
        places = np.array(self._discs).reshape(-1, 4, 1)
        discs = np.empty((len(places), len(_DISC)), np.complex128)
        discs.real = places[:, 0] + places[:, 2] * _DISC.real
        discs.imag = places[:, 1] + places[:, 3] * _DISC.imag
        joined = [line, middle - along, discs.ravel()]
        flat: NDArray[np.complex128] = np.concatenate(joined)[layout.order]
        return flat


@lru_cache(maxsize=64)
def _over(ground: Colour, colour: Colour, opacity: float) -> tuple[Colour, Colour]:
    """A ground under one layer of a colour, and under two."""
    one, two = (
        tuple(round(b + (a - b) * share) for a, b in zip(colour, ground, strict=True))
        for share in (opacity, 1 - (1 - opacity) ** 2)
    )
    return one, two  # type: ignore[return-value]  # tuples of three


@lru_cache(maxsize=512)
def _rgb(colours: tuple[Colour, ...]) -> NDArray[np.uint8]:
    """Colours (P, 4), the opacity still to come."""
    return np.array([(*colour, 0) for colour in colours], np.uint8)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Index arrays that join many outlines into one array; the same for many frames."""

    sizes: NDArray[np.intp]  # points of each outline as it is painted
    stroke: NDArray[np.intp]  # the given points that belong to strokes,
    before: NDArray[np.intp]  # their neighbours within their own line,
    after: NDArray[np.intp]
    stroke_owner: NDArray[np.intp]  # and which stroke they belong to
    order: NDArray[np.intp]  # points to paint out of [given or one edge, other edge, discs]
    starts: NDArray[np.int32]


@lru_cache(maxsize=512)
def _layout(kinds: tuple[int, ...]) -> _Layout:
    kind = np.array(kinds)
    count, is_stroke, is_disc = np.abs(kind), kind < 0, kind == 0
    tails = np.cumsum(count)
    heads, total = tails - count, int(tails[-1])
    owner = np.repeat(np.arange(len(count)), count)
    stroke = np.flatnonzero(is_stroke[owner])
    other_edge = np.zeros(total, np.intp)
    other_edge[stroke] = total + np.arange(len(stroke))
    sizes = np.where(is_disc, len(_DISC), count * (1 + is_stroke))
    ends = np.cumsum(sizes)
    place = np.arange(int(ends[-1])) - (ends - sizes).repeat(sizes)
    length, head = count.repeat(sizes), heads.repeat(sizes)
    back = place >= length  # on the way back, along the other edge
    given = np.minimum(head + np.where(back, 2 * length - 1 - place, place), total - 1)
    order = np.where(back, other_edge[given], given)
    order[is_disc.repeat(sizes)] = total + len(stroke) + np.arange(len(_DISC) * is_disc.sum())
    stroke_owner = owner[stroke]
    return _Layout(
        sizes,
        stroke,
        np.maximum(stroke - 1, heads[stroke_owner]),
        np.minimum(stroke + 1, tails[stroke_owner] - 1),
        np.cumsum(is_stroke)[stroke_owner] - 1,
        order,
        np.append(0, ends).astype(np.int32),
    )


def _turned(
    points: NDArray[np.float32], follow: NDArray[np.float32], head: NDArray[np.float32], size: int
) -> NDArray[np.float32]:
    """Points x, y, z, 1 (4, n) on the surface of the head, turned with it, in pixels (n, 2)."""
    move = np.empty((3, 4), np.float32)
    turn = _rotation(head)
    move[:, :3] = turn - _AS_IT_IS
    move[:, 3] = _PIVOT + _shift(head) - turn @ _PIVOT
    moved = move @ points
    moved *= follow
    moved += points[:3]
    across, up, forward = moved
    scale = size / _SPAN * _EYE_DISTANCE / (_EYE_DISTANCE - forward)
    pixels = np.empty((len(scale), 2), np.float32)
    pixels[:, 0] = size / 2 + across * scale
    pixels[:, 1] = size / 2 - (up - _CENTRE_Y) * scale
    return pixels


def _depth(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance of the head's surface in front of its middle: half an ellipsoid."""
    across, up = x * (1 / 0.78), (y - 0.1) * (1 / 1.3)
    depth = 0.62 * np.sqrt(np.maximum(0.0, 1.0 - across * across - up * up))
    return depth.astype(np.float32, copy=False)


def _shift(head: NDArray[np.float32]) -> Floats:
    """Where the head stands, in face units: to the character's left, up, forward."""
    forward, right, up = head[3:6].astype(np.float64)
    return np.array([-right, up, forward]) / UNIT_CM


def _rotation(head: NDArray[np.float32]) -> Floats:
    yaw, pitch, roll = (math.radians(angle) for angle in head[:3].tolist())
    cy, sy, cp, sp = math.cos(yaw), -math.sin(yaw), math.cos(pitch), math.sin(pitch)
    cr, sr = math.cos(roll), -math.sin(roll)
    nod_of_turn = np.array([(cy, 0, sy), (-sp * sy, cp, sp * cy), (-cp * sy, -sp, cp * cy)])
    tilt = np.array([(cr, sr, 0), (-sr, cr, 0), (0, 0, 1)])
    rotation: Floats = tilt @ nod_of_turn
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


_DISC = np.exp(2j * np.pi * np.arange(24) / 24)
_SOFT_SIZES = (0.96, 0.60)
