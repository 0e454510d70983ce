"""Eyes and brows from the controls.

Each lid is a height over one axis from the inner corner (-1) to the outer (1),
so that the iris can be cut to the opening exactly. Drawn for the picture's
right half and mirrored. Pure, any thread.
"""

from __future__ import annotations

import numpy as np

from medtalk_live.face import palette
from medtalk_live.face.pose import Pose
from medtalk_live.face.sketch import Floats, Sketch, curve, ellipse, mirror, segment, taper

_EYE = np.array([0.305, 0.10])
_HALF_WIDTH = 0.152
_OPEN_UPPER = 0.084
_OPEN_LOWER = 0.046
_IRIS = 0.070
_T = np.sin(np.linspace(-1, 1, 21) * np.pi / 2)
_UPPER_ARCH = (1 - _T**2) ** 0.66 * (1 + 0.06 * _T)
_LOWER_ARCH = (1 - _T**2) ** 0.8 * (1 + 0.12 * _T)
_SLANT = 0.012 * _T
_LASH_WIDTH = np.append(0.006 + 0.010 * np.linspace(0, 1, 21) ** 0.8, 0.001)
_S = np.linspace(0, 1, 11)  # along a brow, from its inner end
_BROW = curve(
    np.array([[0.125, 0.305], [0.22, 0.338], [0.345, 0.358], [0.445, 0.338], [0.52, 0.285]]), 11
)
_BROW_WIDTH = np.array(
    [0.010, 0.019, 0.024, 0.026, 0.026, 0.025, 0.022, 0.019, 0.014, 0.009, 0.002]
)
_FOREHEAD_X = np.linspace(0.0, 0.42, 9)


def _gaze(pose: Pose) -> tuple[Floats, Floats]:
    """Where the eyes look, (right, left), -1..1 each way; both-eyes and one-eye controls add."""
    across = np.clip(pose.both("eye.tx") + pose.one("C_eye.tx"), -1, 1)
    up = np.clip(pose.both("eye.ty") + pose.one("C_eye.ty"), -1, 1)
    return across, up


def _openings(pose: Pose, up: Floats) -> tuple[Floats, Floats]:
    """Heights of the upper and lower lid (right, left) above the line of the corners."""
    blink = pose.both("eye_blink")
    squint = pose.both("eye_squintInner")
    press = pose.both("eye_faceScrunch") + 0.6 * pose.both("eye_lidPress")
    lid = pose.both("eye_eyelidU")
    shut = np.clip(
        blink.clip(0) + 0.28 * squint + 0.45 * press + 0.3 * lid.clip(0)
        + 0.22 * (-up).clip(0) + 0.08 * pose.both("eye_cheekRaise"), 0, 1,
    )
    wide = 0.05 * (-blink).clip(0) + 0.04 * (-lid).clip(0) + 0.014 * up.clip(0)
    lower = (
        -_OPEN_LOWER
        + 0.026 * squint
        + 0.034 * pose.both("eye_cheekRaise")
        + 0.03 * press
        + 0.025 * pose.both("eye_eyelidD")
        - 0.012 * (-blink).clip(0)
        + 0.008 * up
    )
    lower = np.minimum(lower, 0.0)
    upper = (_OPEN_UPPER + wide) * (1 - shut) + lower * shut
    return np.maximum(upper, lower), lower


def draw_eyes(sketch: Sketch, pose: Pose) -> None:
    """Sockets, eyeballs, irises and lids of both eyes."""
    across, up = _gaze(pose)
    upper, lower = _openings(pose, up)
    pupil = pose.both("eye_pupil")
    fold = pose.both("eye_cheekRaise") + 0.7 * pose.both("eye_squintInner")
    fold = fold + 0.6 * pose.both("eye_faceScrunch")
    for half, side in ((0, -1), (1, 1)):
        lids = _Lids(side, float(upper[half]), float(lower[half]))
        _draw_socket(sketch, lids)
        if lids.is_open:
            _draw_ball(sketch, lids, float(across[half]) * side, float(up[half]), float(pupil[half]))
        _draw_lids(sketch, lids, float(fold[half]))


class _Lids:
    """The two lid lines of one eye, drawn for the picture's right half."""

    def __init__(self, side: int, upper: float, lower: float) -> None:
        self.side = side
        self.is_open = upper - lower > 0.006
        x = _EYE[0] + _HALF_WIDTH * _T
        arch = _UPPER_ARCH if upper > 0 else _LOWER_ARCH
        self.upper = np.column_stack([x, _EYE[1] + _SLANT + upper * arch])
        self.lower = np.column_stack([x, _EYE[1] + _SLANT + lower * _LOWER_ARCH])
        self.opening = upper

    def inside(self, outline: Floats) -> Floats:
        """An outline cut to the opening."""
        x = np.clip(outline[:, 0], self.upper[0, 0], self.upper[-1, 0])
        floor = np.interp(x, self.lower[:, 0], self.lower[:, 1])
        ceiling = np.maximum(np.interp(x, self.upper[:, 0], self.upper[:, 1]), floor)
        return np.column_stack([x, np.clip(outline[:, 1], floor, ceiling)])


def _draw_socket(sketch: Sketch, lids: _Lids) -> None:
    shade = ellipse(_EYE[0] - 0.01, _EYE[1] + 0.03, 0.215, 0.135)
    sketch.soft("socket", mirror(shade, lids.side), palette.SKIN_SHADE, 0.42)


def _draw_ball(sketch: Sketch, lids: _Lids, out: float, up: float, pupil: float) -> None:
    def put(name: str, outline: Floats, colour: tuple[int, int, int], opacity: float = 1.0) -> None:
        sketch.fill(name, mirror(lids.inside(outline), lids.side), colour, opacity)

    white = np.concatenate([lids.upper, lids.lower[::-1]])
    sketch.fill("eye_white", mirror(white, lids.side), palette.EYE_WHITE)
    x, y = _EYE[0] + 0.066 * out, _EYE[1] + 0.014 + 0.055 * up
    put("iris", ellipse(x, y, _IRIS, _IRIS, 28), palette.IRIS_RIM)
    put("iris_colour", ellipse(x, y, 0.86 * _IRIS, 0.86 * _IRIS, 28), palette.IRIS)
    put("iris_light", ellipse(x, y - 0.024, 0.6 * _IRIS, 0.42 * _IRIS, 20), palette.IRIS_LIT, 0.8)
    black = _IRIS * 0.44 * (1 + 0.35 * pupil)
    put("pupil", ellipse(x, y, black, black), palette.PUPIL)
    shadow = np.concatenate([lids.upper, (lids.upper - (0, 0.03))[::-1]])
    put("eye_shadow", shadow, palette.EYE_SHADE, 0.4)
    spark = ellipse(x + 0.024 * lids.side, y + 0.027, 0.016, 0.018, 14)
    put("catchlight", spark, (255, 255, 255), 0.95)


def _draw_lids(sketch: Sketch, lids: _Lids, fold: float) -> None:
    side = lids.side
    tail = (0.03, 0.014 if lids.is_open else -0.006)
    lash = np.concatenate([lids.upper, lids.upper[-1:] + tail])
    sketch.stroke("lash", mirror(lash, side), _LASH_WIDTH, palette.LASH)
    sketch.stroke("lower_lid", mirror(lids.lower, side), taper(21, 0.005), palette.LINE, 0.6)
    lift = min(max(0.042 + 0.35 * (_OPEN_UPPER - lids.opening), 0.012), 0.12)
    crease = lids.upper[2:-1].copy()
    crease[:, 1] += lift * _UPPER_ARCH[2:-1] + 0.006
    sketch.stroke("lid_crease", mirror(crease, side), taper(18, 0.006), palette.LINE, 0.7)
    bag = lids.lower[3:-2].copy()
    bag[:, 1] -= 0.05 * _LOWER_ARCH[3:-2] + 0.012
    opacity = 0.12 + 0.55 * min(fold, 1.2)
    sketch.stroke("lid_fold", mirror(bag, side), taper(16, 0.006), palette.LINE, opacity)
    if fold > 0.3:
        _draw_crows_feet(sketch, 0.5 * (fold - 0.3), side)


def _draw_crows_feet(sketch: Sketch, opacity: float, side: int) -> None:
    x, y = _EYE[0] + _HALF_WIDTH + 0.05, _EYE[1] + 0.01
    for angle in (-0.5, 0.0, 0.5):
        start = (x, y + 0.05 * angle)
        foot = mirror(segment(start, (x + 0.07, y + 0.11 * angle)), side)
        sketch.stroke("crows_foot", foot, taper(5, 0.005), palette.LINE, opacity)


def draw_brows(sketch: Sketch, pose: Pose) -> None:
    """Brows, the furrow between them and the lines of the forehead."""
    down, squeeze = pose.both("brow_down"), pose.both("brow_lateral")
    inner, outer = pose.both("brow_raiseIn"), pose.both("brow_raiseOut")
    scrunch = pose.both("eye_faceScrunch")
    for half, side in ((0, -1), (1, 1)):
        rise = (
            0.115 * inner[half] * (1 - _S) ** 1.1
            + 0.10 * outer[half] * np.sin(np.pi * (0.08 + 0.72 * _S)) ** 1.5
            - down[half] * (0.10 - 0.062 * _S)
            - 0.03 * squeeze[half] * (1 - _S)
            - 0.05 * scrunch[half]
        )
        pull = (0.035 * down[half] + 0.05 * squeeze[half]) * (1 - 0.7 * _S)
        line = _BROW + np.column_stack([-pull, rise])
        _draw_brow(sketch, line, side)
        _draw_forehead(sketch, float(inner[half]), float(outer[half]), side)
        _draw_furrow(sketch, float(down[half] + squeeze[half]), line, side)


def _draw_brow(sketch: Sketch, line: Floats, side: int) -> None:
    under = mirror(line - (0, 0.03), side)
    sketch.stroke("brow_shade", under, _BROW_WIDTH, palette.SKIN_SHADE, 0.18)
    sketch.stroke("brow", mirror(line, side), _BROW_WIDTH, palette.BROW, 0.93, lift=0.02)
    for place in (0, 1, 2, 4, 6):  # hairs that stand out of the outline
        x, y = line[place]
        root = (x, y - 0.3 * _BROW_WIDTH[place])
        tip = (x + 0.012 + 0.005 * place, y + 0.042 - 0.002 * place)
        hair = mirror(segment(root, tip, 4), side)
        sketch.stroke("brow_hair", hair, taper(4, 0.006), palette.BROW, 0.85, lift=0.02)


def _draw_forehead(sketch: Sketch, inner: float, outer: float, side: int) -> None:
    strength = min(1.0, 0.75 * (inner + outer))
    if strength < 0.05:
        return
    outward = _FOREHEAD_X / _FOREHEAD_X[-1]
    rise = 0.05 * inner * (1 - outward) + 0.04 * outer * outward
    for level, height in enumerate((0.50, 0.58, 0.655)):
        y = height + 0.022 * np.cos(_FOREHEAD_X * 6) + rise
        line = mirror(np.column_stack([_FOREHEAD_X, y]), side)
        opacity = (0.55 - 0.1 * level) * strength
        sketch.stroke("forehead_line", line, taper(17, 0.007)[8:], palette.SKIN_DEEP, opacity)


def _draw_furrow(sketch: Sketch, strength: float, line: Floats, side: int) -> None:
    foot = line[0] - (0.07, 0.045)
    crease = curve(np.array([foot, foot + (-0.008, 0.06), foot + (0.006, 0.12)]), 9)
    sketch.stroke("furrow", mirror(crease, side), taper(9, 0.009), palette.SKIN_DEEP,
        0.7 * min(1.2, strength),
    )
