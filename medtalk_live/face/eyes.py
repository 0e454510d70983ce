"""Eyes and brows from the controls.

Each lid is a height over one axis from the inner corner (-1) to the outer (1),
so that the iris can be cut to the opening exactly. Drawn for the picture's
right half and mirrored. Pure, any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtalk_live.face import palette
from medtalk_live.face.pose import Pose
from medtalk_live.face.sketch import (
    Colour,
    Floats,
    Sketch,
    curve,
    ellipse,
    polyline,
    segment,
    taper,
)

_EYE = (0.305, 0.10)
_HALF_WIDTH = 0.152
_OPEN_UPPER = 0.084
_OPEN_LOWER = 0.046
_IRIS = 0.070
_SOCKET = (0.295, 0.13)
_T = np.sin(np.linspace(-1, 1, 21) * np.pi / 2)
_X = _EYE[0] + _HALF_WIDTH * _T
_SLANT = _EYE[1] + 0.012 * _T
_UPPER_ARCH = (1 - _T**2) ** 0.66 * (1 + 0.06 * _T)
_LOWER_ARCH = (1 - _T**2) ** 0.8 * (1 + 0.12 * _T)
_LASH_WIDTH = np.append(0.006 + 0.010 * np.linspace(0, 1, 21) ** 0.8, 0.001)
_S = np.linspace(0, 1, 11)  # along a brow, from its inner end
_BROW = curve(
    np.array([[0.125, 0.305], [0.22, 0.338], [0.345, 0.358], [0.445, 0.338], [0.52, 0.285]]), 11
)
_BROW_WIDTH = np.array(
    [0.010, 0.019, 0.024, 0.026, 0.026, 0.025, 0.022, 0.019, 0.014, 0.009, 0.002]
)
_HAIR_TIPS = np.array([[0.012 + 0.005 * n, 0.042 - 0.002 * n] for n in range(11)])
_FOREHEAD_X = np.linspace(0.0, 0.42, 9)
_HALVES = ((0, -1), (1, 1))  # place in a pair, side of the picture


@dataclass(frozen=True, slots=True)
class _Lids:
    """The two lid lines of one eye (21, 2), drawn for the picture's right half."""

    side: int
    opening: float
    is_open: bool
    upper: Floats
    lower: Floats

    def inside(self, outline: Floats) -> Floats:
        """An outline cut to the opening."""
        x = outline[:, 0].clip(_X[0], _X[-1])
        floor = np.interp(x, _X, self.lower[:, 1])
        ceiling = np.interp(x, _X, self.upper[:, 1])
        cut = np.empty_like(outline)
        cut[:, 0] = x
        cut[:, 1] = np.minimum(np.maximum(outline[:, 1], floor), ceiling)
        return cut


def _gaze(pose: Pose) -> tuple[Floats, Floats]:
    """Where the eyes look, (right, left), -1..1 each way; both-eyes and one-eye controls add."""
    across = (pose.both("eye.tx") + pose.one("C_eye.tx")).clip(-1, 1)
    up = (pose.both("eye.ty") + pose.one("C_eye.ty")).clip(-1, 1)
    return across, up


def _openings(pose: Pose, up: Floats) -> tuple[Floats, Floats]:
    """Heights of the upper and lower lid (right, left) above the line of the corners."""
    blink, lid = pose.both("eye_blink"), pose.both("eye_eyelidU")
    squint = pose.both("eye_squintInner")
    cheek = pose.both("eye_cheekRaise")
    press = pose.both("eye_faceScrunch") + 0.6 * pose.both("eye_lidPress")
    widen = (-blink).clip(0)
    shut = blink.clip(0) + 0.28 * squint + 0.45 * press + 0.3 * lid.clip(0) + 0.08 * cheek
    shut = (shut + 0.22 * (-up).clip(0)).clip(0, 1)
    wide = 0.05 * widen + 0.04 * (-lid).clip(0) + 0.014 * up.clip(0)
    lift = 0.026 * squint + 0.034 * cheek + 0.03 * press + 0.025 * pose.both("eye_eyelidD")
    lower = np.minimum(lift + 0.008 * up - 0.012 * widen - _OPEN_LOWER, 0.0)
    upper = (_OPEN_UPPER + wide) * (1 - shut) + lower * shut
    return np.maximum(upper, lower), lower


def _lids(side: int, upper: float, lower: float, tilt: float) -> _Lids:
    arch = _UPPER_ARCH if upper > 0 else _LOWER_ARCH
    slope = 1 - tilt * _T if upper > 0 else 1.0
    high = polyline(_X, _SLANT + upper * arch * slope)
    low = polyline(_X, _SLANT + lower * _LOWER_ARCH)
    return _Lids(side, upper, upper - lower > 0.006, high, low)


def draw_eyes(sketch: Sketch, pose: Pose) -> None:
    """Sockets, eyeballs, irises and lids of both eyes."""
    across, up = _gaze(pose)
    upper, lower = _openings(pose, up)
    pupil = pose.both("eye_pupil")
    worry = 0.3 * pose.both("brow_raiseIn") - 0.25 * pose.both("brow_down")
    fold = pose.both("eye_cheekRaise") + 0.7 * pose.both("eye_squintInner")
    fold = fold + 0.6 * pose.both("eye_faceScrunch")
    for half, side in _HALVES:
        lids = _lids(side, float(upper[half]), float(lower[half]), float(worry[half]))
        sketch.soft("socket", _SOCKET, (0.215, 0.135), palette.SKIN_SHADE, 0.42, side=side)
        if lids.is_open:
            out = float(across[half]) * side
            _draw_ball(sketch, lids, out, float(up[half]), float(pupil[half]))
        _draw_lids(sketch, lids, float(fold[half]))


def _draw_ball(sketch: Sketch, lids: _Lids, out: float, up: float, pupil: float) -> None:
    def put(name: str, outline: Floats, colour: Colour, opacity: float = 1.0) -> None:
        sketch.fill(name, lids.inside(outline), colour, opacity, side=lids.side)

    white = np.concatenate([lids.upper, lids.lower[::-1]])
    sketch.fill("eye_white", white, palette.EYE_WHITE, side=lids.side)
    x, y = _EYE[0] + 0.066 * out, _EYE[1] + 0.014 + 0.055 * up
    put("iris", ellipse(x, y, _IRIS, _IRIS, 24), palette.IRIS_RIM)
    put("iris_colour", ellipse(x, y, 0.86 * _IRIS, 0.86 * _IRIS, 24), palette.IRIS)
    put("iris_light", ellipse(x, y - 0.024, 0.6 * _IRIS, 0.42 * _IRIS, 16), palette.IRIS_LIT, 0.8)
    black = _IRIS * 0.44 * (1 + 0.35 * pupil)
    put("pupil", ellipse(x, y, black, black, 16), palette.PUPIL)
    shadow = np.concatenate([lids.upper, (lids.upper - (0, 0.03))[::-1]])
    put("eye_shadow", shadow, palette.EYE_SHADE, 0.4)
    spark = ellipse(x - 0.024 * lids.side, y + 0.027, 0.016, 0.018, 12)
    put("catchlight", spark, (255, 255, 255), 0.95)


def _draw_lids(sketch: Sketch, lids: _Lids, fold: float) -> None:
    side = lids.side
    tail = (0.03, 0.014 if lids.is_open else -0.006)
    lash = np.concatenate([lids.upper, lids.upper[-1:] + tail])
    sketch.stroke("lash", lash, _LASH_WIDTH, palette.LASH, side=side)
    sketch.stroke("lower_lid", lids.lower, taper(21, 0.005), palette.LINE, 0.6, side=side)
    lift = min(max(0.042 + 0.35 * (_OPEN_UPPER - lids.opening), 0.012), 0.12)
    crease = lids.upper[2:-1].copy()
    crease[:, 1] += lift * _UPPER_ARCH[2:-1] + 0.006
    sketch.stroke("lid_crease", crease, taper(18, 0.006), palette.LINE, 0.7, side=side)
    bag = lids.lower[3:-2].copy()
    bag[:, 1] -= 0.05 * _LOWER_ARCH[3:-2] + 0.012
    opacity = 0.12 + 0.55 * min(fold, 1.2)
    sketch.stroke("lid_fold", bag, taper(16, 0.006), palette.LINE, opacity, side=side)
    if fold > 0.3:
        for foot in _CROWS_FEET:
            opacity = 0.5 * (fold - 0.3)
            sketch.stroke("crows_foot", foot, taper(5, 0.005), palette.LINE, opacity, side=side)


_CROWS_FEET = tuple(
    segment((0.507, 0.11 + 0.05 * slope), (0.577, 0.11 + 0.11 * slope)) for slope in (-0.5, 0, 0.5)
)


def draw_brows(sketch: Sketch, pose: Pose) -> None:
    """Brows, the furrow between them and the lines of the forehead."""
    down, squeeze = pose.both("brow_down"), pose.both("brow_lateral")
    inner, outer = pose.both("brow_raiseIn"), pose.both("brow_raiseOut")
    scrunch = 0.05 * pose.both("eye_faceScrunch")
    for half, side in _HALVES:
        rise = (
            inner[half] * _RAISE_INNER
            + outer[half] * _RAISE_OUTER
            - down[half] * _LOWER_BROW
            - 0.02 * squeeze[half] * (1 - _S)
            - scrunch[half]
        )
        line = _BROW.copy()
        line[:, 0] -= (0.035 * down[half] + 0.05 * squeeze[half]) * (1 - 0.7 * _S)
        line[:, 1] += rise
        _draw_brow(sketch, line, side)
        _draw_forehead(sketch, float(inner[half]), float(outer[half]), side)
        _draw_furrow(sketch, float(down[half] + squeeze[half]), float(line[0, 1]), side)


_RAISE_INNER = 0.155 * (1 - _S) ** 1.25 + 0.008
_RAISE_OUTER = 0.10 * np.sin(np.pi * (0.08 + 0.72 * _S)) ** 1.5
_LOWER_BROW = 0.10 - 0.062 * _S


def _draw_brow(sketch: Sketch, line: Floats, side: int) -> None:
    under = line - (0, 0.03)
    sketch.stroke("brow_shade", under, _BROW_WIDTH, palette.SKIN_SHADE, 0.18, side=side)
    sketch.stroke("brow", line, _BROW_WIDTH, palette.BROW, 0.93, lift=0.02, side=side)
    for place in (0, 1, 2, 4, 6):  # hairs that stand out of the outline
        root = line[place] - (0, 0.3 * _BROW_WIDTH[place])
        hair = np.array([root, root + 0.6 * _HAIR_TIPS[place], root + _HAIR_TIPS[place]])
        sketch.stroke("brow_hair", hair, _HAIR_WIDTH, palette.BROW, 0.85, lift=0.02, side=side)


_HAIR_WIDTH = np.array([0.006, 0.004, 0.001])


def _draw_forehead(sketch: Sketch, inner: float, outer: float, side: int) -> None:
    strength = min(1.0, 0.75 * (inner + outer))
    if strength < 0.05:
        return
    outward = _FOREHEAD_X / _FOREHEAD_X[-1]
    rise = 0.05 * inner * (1 - outward) + 0.04 * outer * outward
    for level, height in enumerate((0.50, 0.58, 0.655)):
        y = height + 0.022 * np.cos(_FOREHEAD_X * 6) + rise
        line = polyline(_FOREHEAD_X, y)
        opacity = (0.5 - 0.1 * level) * strength
        sketch.stroke(
            "forehead_line", line, taper(17, 0.007)[8:], palette.SKIN_DEEP, opacity, side=side
        )


def _draw_furrow(sketch: Sketch, strength: float, brow: float, side: int) -> None:
    if strength < 0.02:
        return
    x = 0.042 - 0.008 * min(strength, 1.5)
    knots = np.array([(x, brow - 0.075), (x - 0.008, brow - 0.015), (x + 0.006, brow + 0.055)])
    opacity = 0.7 * min(1.2, strength)
    sketch.stroke("furrow", curve(knots, 9), taper(9, 0.009), palette.SKIN_DEEP, opacity, side=side)
