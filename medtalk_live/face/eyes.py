"""Eyes and brows from the controls.

Each lid is a height over one axis from the inner corner (-1) to the outer (1),
so that the iris can be cut to the opening exactly. Drawn for the picture's
right half and mirrored. Pure, any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtalk_live.face import palette
from medtalk_live.face.pose import Half, Pose
from medtalk_live.face.sketch import Floats, Sketch, curve, ellipse, polyline, segment

_EYE = (0.305, 0.10)
_HALF_WIDTH = 0.152
_OPEN_UPPER = 0.088
_OPEN_LOWER = 0.046
_IRIS = 0.070
_SOCKET = (0.295, 0.13)
_POINTS = 17  # of a lid
_T = np.sin(np.linspace(-1, 1, _POINTS) * np.pi / 2)
_X = _EYE[0] + _HALF_WIDTH * _T
_SLANT = _EYE[1] + 0.012 * _T
_UPPER_ARCH = (1 - _T**2) ** 0.66 * (1 + 0.06 * _T)
_LOWER_ARCH = (1 - _T**2) ** 0.8 * (1 + 0.12 * _T)
_LASH_WIDTH = np.append(0.006 + 0.010 * np.linspace(0, 1, _POINTS) ** 0.8, 0.001)
_PARTS = (  # of the eyeball: name, height of its middle, radii, points, colour, opacity
    ("iris", 0.0, (1.0, 1.0), 22, palette.IRIS_RIM, 1.0),
    ("iris_colour", 0.0, (0.86, 0.86), 20, palette.IRIS, 1.0),
    ("iris_light", -0.34, (0.6, 0.42), 14, palette.IRIS_LIT, 0.8),
    ("pupil", 0.0, (0.44, 0.44), 14, palette.PUPIL, 1.0),
    ("catchlight", 0.39, (0.23, 0.26), 10, palette.SPARK, 0.95),
)
_BALL = _IRIS * np.concatenate(
    [ellipse(0, height, *radii, points) for _, height, radii, points, _, _ in _PARTS]
)
_ENDS = np.cumsum([0] + [points for _, _, _, points, _, _ in _PARTS]).tolist()
_PUPIL, _SPARK = slice(*_ENDS[3:5]), slice(*_ENDS[4:])
_SHADOW = np.array([0.0, 0.03])
_TAILS = (np.array([0.03, -0.006]), np.array([0.03, 0.014]))  # of a closed and an open eye
_CREASE = _UPPER_ARCH[2:]
_BAG = polyline(np.zeros(7), -0.05 * _LOWER_ARCH[3:-1:2] - 0.012)
_FEET = tuple(
    segment((0.507, 0.11 + 0.05 * slope), (0.577, 0.11 + 0.11 * slope)) for slope in (-0.5, 0, 0.5)
)
_S = np.linspace(0, 1, 11)  # along a brow, from its inner end
_BROW = curve(
    np.array([[0.125, 0.298], [0.22, 0.326], [0.345, 0.342], [0.445, 0.325], [0.52, 0.275]]), 11
)
_BROW_WIDTH = np.array(
    [0.012, 0.022, 0.027, 0.029, 0.029, 0.028, 0.025, 0.021, 0.016, 0.010, 0.002]
)
_RAISE_INNER = 0.185 * (1 - _S) ** 1.3 - 0.03 * _S**2 + 0.008
_RAISE_OUTER = 0.115 * np.sin(np.pi * (0.08 + 0.72 * _S)) ** 1.5
_LOWER_BROW = 0.105 - 0.075 * _S
_SQUEEZE = 1 - 0.7 * _S
_FOREHEAD_X = np.linspace(-0.42, 0.42, 15)
_OUTWARD = (_FOREHEAD_X / 0.42) ** 2
_WAVE = 0.022 * np.cos(_FOREHEAD_X * 6)
_SIDES = np.column_stack([_FOREHEAD_X < 0, _FOREHEAD_X >= 0]).astype(float)
_SIDES[7] = 0.5  # the middle belongs to both
_FOREHEAD_RISE = np.column_stack(  # of the inner brows, right and left, and of the outer ones
    [0.05 * (1 - _OUTWARD)[:, None] * _SIDES, 0.04 * _OUTWARD[:, None] * _SIDES]
)
_FOREHEAD_WIDTH = 0.008 * np.sin(np.linspace(0.04, np.pi - 0.04, 15))[:, None] * _SIDES


@dataclass(frozen=True, slots=True)
class _Lids:
    """The two lid lines of one eye (_POINTS, 2), drawn for the picture's right half."""

    side: int
    opening: float
    is_open: bool
    upper: Floats
    lower: Floats

    def cut(self, outline: Floats) -> None:
        """Bring points (n, 2) between the corners of the eye into its opening."""
        x, y = outline[:, 0], outline[:, 1]
        np.maximum(y, np.interp(x, _X, self.lower[:, 1]), out=y)
        np.minimum(y, np.interp(x, _X, self.upper[:, 1]), out=y)


def _gaze(pose: Pose, half: Half) -> tuple[float, float]:
    """Where an eye looks, -1..1 each way; both-eyes and one-eye controls add."""
    across = half("eye.tx") + pose.one("C_eye.tx")
    up = half("eye.ty") + pose.one("C_eye.ty")
    return min(max(across, -1.0), 1.0), min(max(up, -1.0), 1.0)


def _openings(half: Half, up: float) -> tuple[float, float]:
    """Heights of the upper and lower lid above the line of the corners."""
    blink, lid = half("eye_blink"), half("eye_eyelidU")
    squint, cheek = half("eye_squintInner"), half("eye_cheekRaise")
    press = half("eye_faceScrunch") + 0.6 * half("eye_lidPress")
    widen = max(0.0, -blink)
    shut = max(0.0, blink) + 0.28 * squint + 0.45 * press + 0.36 * max(0.0, lid) + 0.08 * cheek
    shut = min(max(shut + 0.22 * max(0.0, -up), 0.0), 1.0)
    wide = 0.075 * widen + 0.05 * max(0.0, -lid) + 0.014 * max(0.0, up)
    lift = 0.034 * squint + 0.034 * cheek + 0.03 * press + 0.025 * half("eye_eyelidD")
    lower = min(lift + 0.008 * up - 0.018 * widen - _OPEN_LOWER, 0.0)
    upper = (_OPEN_UPPER + wide) * (1 - shut) + lower * shut
    return max(upper, lower), lower


def _lids(half: Half, up: float) -> _Lids:
    upper, lower = _openings(half, up)
    tilt = 0.5 * half("brow_raiseIn") - 0.4 * half("brow_down") - 0.3 * half("brow_raiseOut")
    arch = _UPPER_ARCH if upper > 0 else _LOWER_ARCH
    high = _SLANT + upper * arch * (1 - tilt * _T if upper > 0 else 1.0)
    low = _SLANT + lower * _LOWER_ARCH
    return _Lids(half.side, upper, upper - lower > 0.006, polyline(_X, high), polyline(_X, low))


def draw_sockets(sketch: Sketch, pose: Pose) -> None:
    """Shade around both eyes, straight on the skin."""
    for half in pose.halves:
        radii, shade = (0.215, 0.135), palette.SKIN_SHADE
        sketch.soft("socket", _SOCKET, radii, shade, 0.38, side=half.side, ground=palette.SKIN)


def draw_eyes(sketch: Sketch, pose: Pose) -> None:
    """Eyeballs, irises and lids of both eyes."""
    for half in pose.halves:
        across, up = _gaze(pose, half)
        lids = _lids(half, up)
        if lids.is_open:
            _draw_ball(sketch, lids, across * half.side, up, half("eye_pupil"))
        fold = half("eye_cheekRaise") + 0.7 * half("eye_squintInner")
        _draw_lids(sketch, lids, fold + 0.6 * half("eye_faceScrunch"))


def _draw_ball(sketch: Sketch, lids: _Lids, out: float, up: float, pupil: float) -> None:
    ball = _BALL.copy()
    ball[_PUPIL] *= 1 + 0.35 * pupil
    ball += (_EYE[0] + 0.066 * out, _EYE[1] + 0.014 + 0.055 * up)
    ball[_SPARK, 0] -= 0.024 * lids.side
    lids.cut(ball)
    under = np.maximum(lids.upper - _SHADOW, lids.lower)[::-1]
    white = np.concatenate([lids.upper, lids.lower[::-1]])
    sketch.fill("eye_white", white, palette.EYE_WHITE, side=lids.side)
    for (name, *_, colour, opacity), start, end in zip(_PARTS, _ENDS[:-1], _ENDS[1:], strict=True):
        sketch.fill(name, ball[start:end], colour, opacity, side=lids.side)
    shadow = np.concatenate([lids.upper, under])
    sketch.fill("eye_shadow", shadow, palette.EYE_SHADE, 0.4, side=lids.side)


def _draw_lids(sketch: Sketch, lids: _Lids, fold: float) -> None:
    side = lids.side
    lash = np.concatenate([lids.upper, lids.upper[-1:] + _TAILS[lids.is_open]])
    sketch.stroke("lash", lash, _LASH_WIDTH, palette.LASH, side=side)
    sketch.stroke("lower_lid", lids.lower[::2], 0.005, palette.LINE, 0.6, side=side)
    lift = min(max(0.042 + 0.35 * (_OPEN_UPPER - lids.opening), 0.012), 0.12)
    crease = lids.upper[2:].copy()
    crease[:, 1] += lift * _CREASE + 0.006
    sketch.stroke("lid_crease", crease, 0.006, palette.LINE, 0.7, side=side)
    opacity = 0.12 + 0.55 * min(fold, 1.2)
    sketch.stroke("lid_fold", lids.lower[3:-1:2] + _BAG, 0.006, palette.LINE, opacity, side=side)
    if fold > 0.3:
        for foot in _FEET:
            sketch.stroke("crows_foot", foot, 0.005, palette.LINE, 0.5 * (fold - 0.3), side=side)


def draw_brows(sketch: Sketch, pose: Pose) -> None:
    """Brows, the furrow between them and the lines of the forehead."""
    for half in pose.halves:
        down, squeeze = half("brow_down"), half("brow_lateral")
        inner, outer = half("brow_raiseIn"), half("brow_raiseOut")
        line = _BROW.copy()
        line[:, 0] -= (0.035 * down + 0.055 * squeeze) * _SQUEEZE
        line[:, 1] += inner * _RAISE_INNER + outer * _RAISE_OUTER - down * _LOWER_BROW
        line[:, 1] -= 0.02 * squeeze * (1 - _S) + 0.05 * half("eye_faceScrunch")
        _draw_brow(sketch, line, half.side)
        _draw_furrow(sketch, down + squeeze, float(line[0, 1]), half.side)
    _draw_forehead(sketch, pose)


def _draw_brow(sketch: Sketch, line: Floats, side: int) -> None:
    sketch.stroke("brow", line, _BROW_WIDTH, palette.BROW, 0.93, lift=0.02, side=side)


def _draw_forehead(sketch: Sketch, pose: Pose) -> None:
    """Lines across the forehead, on each side as strong as its brow is raised."""
    inner, outer = pose.both("brow_raiseIn"), pose.both("brow_raiseOut")
    strengths = [min(1.0, 0.75 * (i + o)) for i, o in zip(inner, outer, strict=True)]
    strongest = max(strengths)
    if strongest < 0.05:
        return
    rise = _WAVE + _FOREHEAD_RISE @ (*inner, *outer)
    width = _FOREHEAD_WIDTH @ [strength / strongest for strength in strengths]
    for height, share in ((0.50, 0.5), (0.58, 0.4), (0.655, 0.3)):
        line = polyline(_FOREHEAD_X, rise + height)
        sketch.stroke("forehead_line", line, width, palette.SKIN_DEEP, share * strongest)


def _draw_furrow(sketch: Sketch, strength: float, brow: float, side: int) -> None:
    if strength < 0.02:
        return
    x = 0.042 - 0.008 * min(strength, 1.5)
    knots = np.array(
        ((x + 0.004, brow - 0.095), (x - 0.008, brow - 0.02), (x + 0.008, brow + 0.07))
    )
    opacity = 0.65 * min(1.2, strength)
    sketch.stroke("furrow", curve(knots, 9), 0.009, palette.SKIN_DEEP, opacity, side=side)
