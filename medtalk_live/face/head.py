"""Outline of the face, hair, ears, neck and shoulders from the controls.

Outlines are smooth curves through a few knots; the jaw and the cheeks move the
lower part of the face's. Pure, any thread.
"""

from __future__ import annotations

import numpy as np

from medtalk_live.face import palette
from medtalk_live.face.folds import draw_cheeks, draw_chin
from medtalk_live.face.lips import Lips
from medtalk_live.face.pose import Pose
from medtalk_live.face.sketch import Floats, Sketch, curve, polyline, taper


def _both_sides(knots: list[tuple[float, float]]) -> Floats:
    """Knots of the picture's right half, from the top down, closed by their mirror image."""
    right = np.array(knots)
    left = right[::-1] * (-1, 1)
    middle = np.isclose(left[:, 0], 0)
    return np.concatenate([right, left[~middle]])


_HAIR_BACK = _both_sides(
    [(0, 1.17), (0.42, 1.10), (0.72, 0.84), (0.80, 0.45), (0.79, 0.05), (0.72, -0.30), (0.5, -0.42)]
)
_HAIR_OUTER = [
    (-0.66, 0.05),
    (-0.72, 0.36),
    (-0.74, 0.62),
    (-0.62, 0.92),
    (-0.36, 1.10),
    (0.0, 1.17),
    (0.36, 1.11),
    (0.62, 0.93),
    (0.745, 0.62),
    (0.72, 0.36),
    (0.66, 0.05),
]
_STRANDS = tuple(
    curve(np.array(knots), 17)
    for knots in (
        [(-0.28, 0.86), (0.05, 0.95), (0.40, 0.90), (0.64, 0.62)],
        [(-0.24, 0.92), (0.10, 1.04), (0.46, 0.97), (0.68, 0.66)],
        [(-0.34, 0.86), (-0.50, 0.84), (-0.60, 0.68), (-0.63, 0.52)],
    )
)
_HAIR_LINE = [
    (-0.61, 0.42),
    (-0.54, 0.56),
    (-0.42, 0.70),
    (-0.30, 0.80),
    (-0.16, 0.82),
    (0.08, 0.78),
    (0.36, 0.72),
    (0.53, 0.60),
    (0.61, 0.44),
]
_JAW = [(0.665, 0.15), (0.65, -0.18), (0.595, -0.44), (0.49, -0.67), (0.33, -0.86), (0.15, -0.955)]
_FACE = np.array([*_HAIR_LINE, *_JAW, (0, -0.97), *((-x, y) for x, y in reversed(_JAW))])
_SHOULDERS = np.array(
    [
        (-1.6, -1.8),
        (-1.35, -1.42),
        (-0.8, -1.27),
        (-0.38, -1.20),
        (0, -1.33),
        (0.38, -1.20),
        (0.8, -1.27),
        (1.35, -1.42),
        (1.6, -1.8),
    ]
)


def _step(value: Floats, start: float, end: float) -> Floats:
    t = np.clip((value - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)


_OUTLINE = curve(_FACE, 72, closed=True)
_X, _Y = _OUTLINE.T
_SIDE = (_X > 0).astype(int)
_JAW_SHARE = _step(_Y, 0.0, -0.72)
_CHEEK_SHARE = np.exp(-(((_Y + 0.36) / 0.24) ** 2))
_ANGLE_SHARE = np.exp(-(((_Y + 0.55) / 0.16) ** 2))  # the corners of the jaw
_BELOW_EARS = _Y < -0.3
_HAIR = curve(np.array(_HAIR_OUTER), 64)
_HAIR_AT_BACK = curve(_HAIR_BACK, 56, closed=True)
_SHIRT = curve(_SHOULDERS, 60)
_COLLAR = curve(_SHOULDERS[3:6], 15)
_CORD = curve(np.array([(0.27, -0.85), (0.2, -1.05), (0.1, -1.24)]), 9)


def _outline(pose: Pose, lips: Lips) -> Floats:
    """Outline of the face, the jaw where it is."""
    puff = 0.075 * pose.both("mouth_suckBlow") + 0.02 * pose.both("mouth_cornerPull")
    clench = 0.03 * pose.both("jaw_clench") + 0.02 * pose.both("mouth_stretch")
    wide = puff[_SIDE] * _CHEEK_SHARE + clench[_SIDE] * _ANGLE_SHARE
    raised = 0.03 * float(pose.mean("jaw_ChinRaiseU", "jaw_ChinRaiseD").sum()) / 2
    drop = lips.jaw_drop - raised - 0.035 * pose.one("C_jaw_fwdBack.ty")
    narrow = 1 - 0.17 * lips.jaw_drop * _JAW_SHARE
    x = _X * narrow + np.sign(_X) * wide + lips.jaw_shift * _JAW_SHARE
    return polyline(x, _Y - drop * _JAW_SHARE)


def draw_behind(sketch: Sketch, pose: Pose) -> None:
    """Hair at the back, neck, shoulders and ears."""
    sketch.fill("hair_back", _HAIR_AT_BACK, palette.HAIR_BACK, lift=-0.35)
    swallow = float(np.interp(pose.one("C_neck_swallow.ty"), [0, 0.4, 0.8, 1], [0, 1, 0.2, 0]))
    cords = pose.both("neck_stretch") + 0.6 * pose.both("neck_mastoidContract")
    breath = 0.01 * pose.one("neck_throatExhaleInhale.ty")
    right, left = (0.36 + 0.05 * cords + breath).tolist()
    neck = np.array(
        [
            (-right, -0.4),
            (left, -0.4),
            (left, -0.95),
            (left + 0.08, -1.3),
            (0.3, -1.6),
            (-0.3, -1.6),
            (-right - 0.08, -1.3),
            (-right, -0.95),
        ]
    )
    sketch.fill("neck", curve(neck, 40, closed=True), palette.NECK, lift=-0.45, follow=0.35)
    throat = 0.05 * swallow + 0.03 * pose.one("neck_throatUpDown.ty")
    throat += 0.02 * pose.one("neck_digastricUpDown.ty")
    sketch.soft(
        "throat",
        (0, -1.16 + throat),
        (0.05, 0.06),
        palette.SKIN_DEEP,
        0.15 + 0.3 * swallow,
        lift=-0.4,
    )
    for half, side in ((0, -1), (1, 1)):
        sketch.stroke(
            "neck_cord",
            _CORD,
            taper(9, 0.014),
            palette.SKIN_DEEP,
            0.5 * float(cords[half]),
            lift=-0.4,
            follow=0.35,
            side=side,
        )
    sketch.fill("shirt", _SHIRT, palette.SHIRT, follow=0.05)
    sketch.stroke("collar", _COLLAR, np.full(15, 0.035), palette.SHIRT_SHADE, follow=0.05)
    ears = 0.04 * pose.both("ear_up")
    for half, side in ((0, -1), (1, 1)):
        sketch.disc(
            "ear",
            (0.70, 0.02 + float(ears[half])),
            (0.085, 0.17),
            palette.SKIN_SHADE,
            lift=-0.12,
            side=side,
        )
        sketch.disc(
            "ear_inner",
            (0.705, 0.03 + float(ears[half])),
            (0.045, 0.11),
            palette.SKIN_DEEP,
            0.55,
            lift=-0.12,
            side=side,
        )


def draw_skin(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    """The face itself with its light and shade, cheeks and chin."""
    outline = _outline(pose, lips)
    below = outline[_BELOW_EARS] * (0.92, 1.0) - (0, 0.09)
    sketch.fill("chin_shadow", below, palette.SKIN_DEEP, 0.4, lift=-0.3)
    sketch.fill("face", outline, palette.SKIN_SHADE)
    lit = outline * (0.955, 0.985) + (-0.012, 0.012)
    sketch.fill("face_lit", lit, palette.SKIN)
    sketch.soft("forehead", (-0.05, 0.52), (0.46, 0.28), palette.SKIN_LIT, 0.6)
    draw_cheeks(sketch, pose)
    draw_chin(sketch, pose, lips)


def draw_hair(sketch: Sketch) -> None:
    """The hair on top of the head; the face lies over it up to the hairline."""
    sketch.fill("hair", _HAIR, palette.HAIR)
    for strand in _STRANDS:
        sketch.stroke("hair_strand", strand, taper(17, 0.018), palette.HAIR_LIT, 0.75, lift=0.02)
