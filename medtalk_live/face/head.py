"""Outline of the face, hair, ears, neck and shoulders from the controls.

Outlines are smooth curves through a few knots; the jaw and the cheeks move the
lower part of the face's. Pure, any thread.
"""

from __future__ import annotations

import numpy as np

from medtalk_live.face import palette
from medtalk_live.face.eyes import draw_sockets
from medtalk_live.face.folds import draw_cheeks, draw_chin
from medtalk_live.face.lips import Lips
from medtalk_live.face.pose import Mixes, Pose
from medtalk_live.face.sketch import Floats, Sketch, curve

_HAIR_BEHIND = np.array(  # at the picture's right, where it is seen beside the face
    [
        (0.46, 1.02),
        (0.70, 0.86),
        (0.80, 0.45),
        (0.79, 0.05),
        (0.72, -0.30),
        (0.52, -0.42),
        (0.5, 0.3),
    ]
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
    curve(np.array(knots), 12)
    for knots in (
        [(-0.27, 0.89), (0.07, 0.99), (0.42, 0.93), (0.66, 0.64)],
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


_OUTLINE = curve(_FACE, 4 * len(_FACE), closed=True)
_X, _Y = _OUTLINE.T
_JAW_SHARE = _step(_Y, 0.0, -0.72)
_CHEEK_SHARE = np.exp(-(((_Y + 0.36) / 0.24) ** 2))
_ANGLE_SHARE = np.exp(-(((_Y + 0.55) / 0.16) ** 2))  # the corners of the jaw
_UNDER_CHIN = np.flatnonzero(_Y < -0.6)
_FROM_CROWN = np.roll(np.arange(len(_Y)), -18)  # clockwise, from the middle of the hairline
_RIM = _FROM_CROWN[(np.where(_X > 0, 0.62, 0.1) > _Y)[_FROM_CROWN]]
_RIM_SHARE = (  # light comes from the picture's left: there the shade fades up the jaw
    1 - np.where(_X > 0, _step(_Y, 0.3, 0.62), _step(_Y, -0.7, 0.1))[_RIM[::-2], None]
)
# the shadow below the chin, then the rim, as points of the outline, their size and their shift
_EDGES = np.concatenate([_UNDER_CHIN, _UNDER_CHIN[::-1], _RIM, _RIM[::-2]])
_SHADOW_POINTS = 2 * len(_UNDER_CHIN)
_EDGE_SIZE, _EDGE_SHIFT = np.ones((len(_EDGES), 2)), np.zeros((len(_EDGES), 2))
_EDGE_SIZE[len(_UNDER_CHIN) : _SHADOW_POINTS, 0] = 0.92
_EDGE_SHIFT[len(_UNDER_CHIN) : _SHADOW_POINTS, 1] = -0.09
_EDGE_SIZE[_SHADOW_POINTS + len(_RIM) :] -= _RIM_SHARE * (0.045, 0.015)
_EDGE_SHIFT[_SHADOW_POINTS + len(_RIM) :] += _RIM_SHARE * (-0.012, 0.012)
_HAIR = np.concatenate(  # down to a little below the hairline, where the face lies over it
    [curve(np.array(_HAIR_OUTER), 71), curve(np.array(_HAIR_LINE[::-1]) * (0.9, 0.92), 16)]
)
_HAIR_AT_BACK = curve(_HAIR_BEHIND, 42, closed=True)
_SHIRT = curve(_SHOULDERS, 33)
_COLLAR = curve(_SHOULDERS[3:6], 11)
_COLLAR_WIDTH = np.full(11, 0.035)
_CORD = curve(np.array([(0.27, -0.85), (0.2, -1.05), (0.1, -1.24)]), 9)

_PUFF = {"mouth_suckBlow": 0.075, "mouth_cornerPull": 0.02}
_CLENCH = {"jaw_clench": 0.03, "mouth_stretch": 0.02}
_WIDER = Mixes.of(_PUFF, _CLENCH)
_ACROSS = np.column_stack(  # what puff, then clench, adds on the right and the left, and the jaw
    [
        *(
            sign * share * (np.sign(_X) == sign)
            for share in (_CHEEK_SHARE, _ANGLE_SHARE)
            for sign in (-1, 1)
        ),
        _JAW_SHARE,
        -0.17 * _X * _JAW_SHARE,  # a long face is a narrow one
    ]
)


def _outline(pose: Pose, lips: Lips) -> Floats:
    """Outline of the face, the jaw where it is."""
    puff, clench = pose.mix(_WIDER)
    raised = 0.03 * pose.mean("jaw_ChinRaiseU", "jaw_ChinRaiseD")
    drop = lips.jaw_drop - raised - 0.035 * pose.one("C_jaw_fwdBack.ty")
    outline = _OUTLINE.copy()
    outline[:, 0] += _ACROSS @ (*puff, *clench, lips.jaw_shift, lips.jaw_drop)
    outline[:, 1] -= drop * _JAW_SHARE
    return outline


def draw_behind(sketch: Sketch, pose: Pose) -> None:
    """Hair at the back, neck, shoulders and ears."""
    for half in pose.halves:
        sketch.fill("hair_back", _HAIR_AT_BACK, palette.HAIR_BACK, lift=-0.35, side=half.side)
    _draw_neck(sketch, pose)
    sketch.fill("shirt", _SHIRT, palette.SHIRT, follow=0.05)
    sketch.stroke("collar", _COLLAR, _COLLAR_WIDTH, palette.SHIRT_SHADE, follow=0.05)
    for half in pose.halves:
        y, side = 0.02 + 0.04 * half("ear_up"), half.side
        sketch.disc("ear", (0.70, y), (0.085, 0.17), palette.SKIN_SHADE, 1.0, -0.12, side)
        inner = (0.705, y + 0.01)
        sketch.disc("ear_inner", inner, (0.045, 0.11), palette.SKIN_DEEP, 0.55, -0.12, side)


def _draw_neck(sketch: Sketch, pose: Pose) -> None:
    breath = 0.36 + 0.01 * pose.one("neck_throatExhaleInhale.ty")
    cords = [half("neck_stretch") + 0.6 * half("neck_mastoidContract") for half in pose.halves]
    right, left = (breath + 0.05 * cord for cord in cords)
    neck = np.array(
        (
            (-right, -0.55),
            (left, -0.55),
            (left, -0.95),
            (left + 0.08, -1.3),
            (0.3, -1.5),
            (-0.3, -1.5),
            (-right - 0.08, -1.3),
            (-right, -0.95),
        )
    )
    sketch.fill("neck", curve(neck, 32, closed=True), palette.NECK, lift=-0.45, follow=0.35)
    swallow = float(np.interp(pose.one("C_neck_swallow.ty"), [0, 0.4, 0.8, 1], [0, 1, 0.2, 0]))
    throat = 0.05 * swallow + 0.03 * pose.one("neck_throatUpDown.ty")
    throat += 0.02 * pose.one("neck_digastricUpDown.ty")
    opacity = 0.15 + 0.3 * swallow
    radii = (0.04, 0.045)
    sketch.disc("throat", (0, -1.16 + throat), radii, palette.SKIN_DEEP, 0.7 * opacity, -0.4)
    for half, cord in zip(pose.halves, cords, strict=True):
        deep, side = palette.SKIN_DEEP, half.side
        sketch.stroke("neck_cord", _CORD, 0.014, deep, 0.6 * cord, -0.4, 0.35, side)


def draw_skin(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    """The face itself with its light and shade, cheeks and chin."""
    outline = _outline(pose, lips)
    edges = outline[_EDGES] * _EDGE_SIZE + _EDGE_SHIFT
    sketch.fill("chin_shadow", edges[:_SHADOW_POINTS], palette.SKIN_DEEP, 0.4, lift=-0.3)
    sketch.fill("face", outline, palette.SKIN)
    sketch.fill("face_rim", edges[_SHADOW_POINTS:], palette.SKIN_SHADE)
    sketch.soft(
        "forehead", (-0.05, 0.52), (0.40, 0.22), palette.SKIN_LIT, 0.48, ground=palette.SKIN
    )
    draw_sockets(sketch, pose)
    draw_cheeks(sketch, pose)
    draw_chin(sketch, pose, lips)


def draw_hair(sketch: Sketch) -> None:
    """The hair on top of the head; the face lies over it up to the hairline."""
    sketch.fill("hair", _HAIR, palette.HAIR)
    for strand in _STRANDS:
        sketch.stroke("hair_strand", strand, 0.018, palette.HAIR_LIT, lift=0.02)
