"""Cheeks, chin, nose and the folds of the face from the controls.

What lies on the skin around eyes and mouth and tells a smile from a sneer.
Pure, any thread.
"""

from __future__ import annotations

import numpy as np

from medtalk_live.face import palette
from medtalk_live.face.lips import POINTS, Lips
from medtalk_live.face.pose import Half, Pose
from medtalk_live.face.sketch import Sketch, curve, segment

_CHIN_PITS = (
    (-0.07, 0.06),
    (0.06, 0.065),
    (-0.02, 0.02),
    (0.03, 0.03),
    (-0.09, 0.0),
    (0.085, 0.005),
)
_NOSE_SIDE = curve(np.array([(0.085, 0.16), (0.07, 0.02), (0.085, -0.1)]), 9)
_NOSE_BASE = curve(np.array([(-0.06, -0.268), (0, -0.285), (0.06, -0.268)]), 9)
_PHILTRUM = segment((0, -0.31), (0, -0.39), 6)
_WING = curve(np.array([(-0.01, -0.15), (0.024, -0.195), (0.012, -0.24), (-0.03, -0.25)]), 11)
_WRINKLES = tuple(  # across the bridge, then down its side
    curve(np.array(knots), 7)
    for knots in (
        [(0.0, 0.10), (0.035, 0.115), (0.07, 0.10)],
        [(0.025, 0.07), (0.065, 0.06), (0.10, 0.02)],
        [(0.04, 0.02), (0.08, 0.005), (0.115, -0.045)],
    )
)
_UNDER_FOLD = np.array([0.02, 0.012])


def draw_cheeks(sketch: Sketch, pose: Pose) -> None:
    """Blush, and the light on cheeks that are raised, puffed or sucked in."""
    for half in pose.halves:
        side, puff = half.side, half("mouth_suckBlow")
        smile = half("mouth_cornerPull") + 0.6 * half("mouth_sharpCornerPull")
        raised = half("eye_cheekRaise") + 0.5 * smile
        lift = 0.06 * raised
        blush = 0.19 + 0.14 * smile
        sketch.soft("blush", (0.43, -0.17 + lift), (0.21, 0.15), palette.BLUSH, blush, side=side)
        light = min(0.35 + 0.45 * raised + 0.3 * max(0.0, puff), 0.9)
        sketch.soft(
            "cheek", (0.40, -0.07 + lift), (0.15, 0.075), palette.SKIN_LIT, light, side=side
        )
        hollow = 0.45 * (max(0.0, -puff) + 0.25 * half("jaw_clench"))
        centre = (0.45, -0.42)
        sketch.soft("cheek_hollow", centre, (0.09, 0.16), palette.SKIN_DEEP, hollow, side=side)
        full = 0.48 * max(0.0, puff)
        sketch.soft("cheek_puff", (0.44, -0.42), (0.15, 0.17), palette.SKIN_LIT, full, side=side)


def draw_chin(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    """The ball of the chin, the crease above it and its dimpling when it is raised."""
    raise_ = pose.mean("jaw_ChinRaiseU", "jaw_ChinRaiseD", "jaw_chinCompress")
    forward = -pose.one("C_jaw_fwdBack.ty")
    x, y = 0.9 * lips.jaw_shift, -0.83 - 0.95 * lips.jaw_drop + 0.03 * raise_
    radii = (0.14 + 0.03 * forward, 0.075 + 0.02 * forward)
    sketch.soft("chin", (x, y), radii, palette.SKIN_LIT, 0.5 + 0.3 * forward)
    crease = 0.55 * float(lips.lower_outer[POINTS // 2, 1]) + 0.45 * y + 0.02
    bend = 0.018 + 0.03 * raise_
    knots = np.array(
        ((x - 0.15, crease - bend), (x, crease + 0.4 * bend), (x + 0.15, crease - bend))
    )
    width, opacity = 0.010 + 0.008 * raise_, 0.30 + 0.5 * raise_
    sketch.stroke("chin_crease", curve(knots, 10), width, palette.SKIN_DEEP, opacity, lift=0.02)
    if raise_ > 0.15:
        pits, radii = 0.5 * (raise_ - 0.15), (0.012, 0.009)
        for dx, dy in _CHIN_PITS:
            sketch.disc("chin_pit", (x + dx, y + dy), radii, palette.SKIN_DEEP, pits, 0.02)


def draw_folds(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    """The folds from the nose to the corners of the mouth, and beside them."""
    for half, place in zip(pose.halves, (0, -1), strict=True):
        x, y = lips.upper_inner[place].tolist()
        x = abs(x)
        smile = half("mouth_cornerPull") + 0.7 * half("mouth_sharpCornerPull")
        sneer = max(0.0, half("nose.ty"))
        deep = (
            0.10
            + 0.6 * half("nose_nasolabialDeepen")
            + 0.45 * smile
            + 0.5 * sneer
            + 0.3 * half("mouth_upperLipRaise")
            + 0.2 * half("mouth_cornerDepress")
            + 0.15 * half("eye_cheekRaise")
            - 0.3 * max(0.0, half("mouth_suckBlow"))
        )
        strength = min(max(deep, 0.0), 1.0)
        wing, end = (0.165, -0.17 + 0.04 * sneer), (x + 0.075, y + 0.01)
        middle = (0.5 * (wing[0] + end[0]) + 0.035 + 0.045 * smile, 0.5 * (wing[1] + end[1]) + 0.02)
        fold = curve(np.array((wing, middle, end)), 10)
        sketch.stroke(
            "fold_shade",
            fold - _UNDER_FOLD,
            0.024,
            palette.SKIN_SHADE,
            0.5 * strength,
            side=half.side,
        )
        sketch.stroke(
            "nasolabial_fold",
            fold,
            0.006 + 0.006 * strength,
            palette.SKIN_DEEP,
            0.9 * strength,
            side=half.side,
        )
        sag = half("mouth_cornerDepress") + 0.3 * half("mouth_stretch")
        if sag > 0.01:
            under = curve(np.array(((x + 0.015, y - 0.02), (x + 0.05, y - 0.16))), 9)
            sketch.stroke("marionette", under, 0.008, palette.SKIN_DEEP, 0.5 * sag, side=half.side)


def draw_nose(sketch: Sketch, pose: Pose) -> None:
    """Bridge, tip, wings and nostrils, and the wrinkles of a sneer."""
    right, left = pose.halves
    tip = 0.009 * (max(0.0, right("nose.ty")) + max(0.0, left("nose.ty")))
    rise = np.array((0.0, tip))
    sketch.soft("nose_bridge", (-0.012, 0.06), (0.045, 0.24), palette.SKIN_LIT, 0.75, lift=0.1)
    for half in pose.halves:
        opacity = 0.5 if half.side > 0 else 0.3  # the light comes from the picture's left
        sketch.stroke(
            "nose_side", _NOSE_SIDE, 0.02, palette.SKIN_SHADE, opacity, lift=0.06, side=half.side
        )
        _draw_wing(sketch, half)
        _draw_wrinkles(sketch, half)
    sketch.soft("nose_tip", (-0.01, -0.175 + tip), (0.075, 0.065), palette.SKIN_LIT, 0.8, lift=0.2)
    sketch.stroke("nose_base", _NOSE_BASE + rise, 0.009, palette.SKIN_DEEP, 0.8, lift=0.14)
    sketch.stroke("philtrum", _PHILTRUM + rise, 0.02, palette.SKIN_SHADE, 0.45, lift=0.02)


def _draw_wrinkles(sketch: Sketch, half: Half) -> None:
    sneer, upper = half("nose.ty"), half("nose_wrinkleUpper")
    if sneer > 0:
        for wrinkle, share in zip(_WRINKLES, (upper, 1.0, 1.0), strict=True):
            deep, opacity = palette.SKIN_DEEP, 0.75 * sneer * share
            sketch.stroke("nose_wrinkle", wrinkle, 0.008, deep, opacity, 0.08, side=half.side)


def _draw_wing(sketch: Sketch, half: Half) -> None:
    sneer, flare, side = half("nose.ty"), half("nose.tx"), half.side
    up = 0.045 * max(0.0, sneer) - 0.015 * max(0.0, -sneer)
    x = 0.115 + 0.024 * flare + 0.008 * max(0.0, sneer)
    middle, radii = (x - 0.012, -0.205 + up), (0.036, 0.042)
    sketch.disc("nose_wing_shade", middle, radii, palette.SKIN_SHADE, 0.36, 0.08, side)
    wing = _WING + np.array((x, up))
    sketch.stroke("nose_wing", wing, 0.009, palette.SKIN_DEEP, 0.8, lift=0.08, side=side)
    centre = (x - 0.055, -0.255 + 0.8 * up)
    radii = (0.034 * (1 + 0.35 * flare), 0.014 * (1 + 0.45 * flare))
    sketch.disc("nostril", centre, radii, palette.MOUTH, 0.8, lift=0.12, side=side)
