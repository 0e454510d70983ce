"""Skull, hair, ears, neck, nose, cheeks and chin from the controls.

Everything that lies around eyes and mouth. Outlines are smooth curves through
a few knots; jaw and cheeks move the knots. Pure, any thread.
"""

from __future__ import annotations

import numpy as np

from medtalk_live.face import palette
from medtalk_live.face.lips import Lips
from medtalk_live.face.pose import Pose
from medtalk_live.face.sketch import Floats, Sketch, curve, ellipse, segment, taper


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
_STRANDS = (
    [(-0.28, 0.86), (0.05, 0.95), (0.40, 0.90), (0.64, 0.62)],
    [(-0.24, 0.92), (0.10, 1.04), (0.46, 0.97), (0.68, 0.66)],
    [(-0.34, 0.86), (-0.50, 0.84), (-0.60, 0.68), (-0.63, 0.52)],
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


def _outline(pose: Pose, lips: Lips) -> Floats:
    """Outline of the face, the jaw where it is."""
    outline = curve(_FACE, 72, closed=True)
    x, y = outline[:, 0], outline[:, 1]
    jaw = _step(y, 0.0, -0.72)
    cheek = np.exp(-(((y + 0.36) / 0.24) ** 2))
    half = (x > 0).astype(int)
    puff = 0.075 * pose.both("mouth_suckBlow") + 0.02 * pose.both("mouth_cornerPull")
    clench = 0.03 * pose.both("jaw_clench") + 0.02 * pose.both("mouth_stretch")
    wide = puff[half] * cheek + clench[half] * np.exp(-(((y + 0.55) / 0.16) ** 2))
    raise_chin = 0.03 * float(pose.mean("jaw_ChinRaiseU", "jaw_ChinRaiseD").mean())
    forward = -pose.one("C_jaw_fwdBack.ty")
    narrow = 1 - 0.06 * jaw * lips.jaw_drop / 0.36
    moved_x = x * narrow + np.sign(x) * wide + lips.jaw_shift * jaw
    moved_y = y - (lips.jaw_drop - raise_chin + 0.035 * forward) * jaw
    return np.column_stack([moved_x, moved_y])


def draw_behind(sketch: Sketch, pose: Pose) -> None:
    """Hair at the back, neck, shoulders and ears."""
    sketch.fill("hair_back", curve(_HAIR_BACK, 56, closed=True), palette.HAIR_BACK, lift=-0.35)
    swallow = float(np.interp(pose.one("C_neck_swallow.ty"), [0, 0.4, 0.8, 1], [0, 1, 0.2, 0]))
    cords = pose.both("neck_stretch") + 0.6 * pose.both("neck_mastoidContract")
    breath = 0.01 * pose.one("neck_throatExhaleInhale.ty")
    right, left = 0.36 + 0.05 * cords + breath
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
        ellipse(0, -1.16 + throat, 0.05, 0.06),
        palette.SKIN_DEEP,
        0.15 + 0.3 * swallow,
        lift=-0.4,
    )
    for half, side in ((0, -1), (1, 1)):
        cord = np.array([(0.27, -0.85), (0.2, -1.05), (0.1, -1.24)])
        sketch.stroke(
            "neck_cord",
            curve(cord, 9),
            taper(9, 0.014),
            palette.SKIN_DEEP,
            0.5 * float(cords[half]),
            lift=-0.4,
            follow=0.35,
            side=side,
        )
    sketch.fill("shirt", curve(_SHOULDERS, 60), palette.SHIRT, follow=0.05)
    collar = curve(_SHOULDERS[3:6], 15)
    sketch.stroke("collar", collar, np.full(15, 0.035), palette.SHIRT_SHADE, follow=0.05)
    ears = 0.04 * pose.both("ear_up")
    for half, side in ((0, -1), (1, 1)):
        ear = ellipse(0.70, 0.02 + float(ears[half]), 0.085, 0.17)
        sketch.fill("ear", ear, palette.SKIN_SHADE, lift=-0.12, side=side)
        inner = ellipse(0.705, 0.03 + float(ears[half]), 0.045, 0.11)
        sketch.fill("ear_inner", inner, palette.SKIN_DEEP, 0.55, lift=-0.12, side=side)


def draw_skin(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    """The face itself with its light and shade, cheeks and chin."""
    outline = _outline(pose, lips)
    below = outline * (0.92, 1.0) - (0, 0.09)
    sketch.fill("chin_shadow", below[outline[:, 1] < 0.2], palette.SKIN_DEEP, 0.4, lift=-0.3)
    sketch.fill("face", outline, palette.SKIN_SHADE)
    lit = outline * (0.955, 0.985) + (-0.012, 0.012)
    sketch.fill("face_lit", lit, palette.SKIN)
    sketch.soft("forehead", ellipse(-0.05, 0.52, 0.46, 0.28), palette.SKIN_LIT, 0.6)
    _draw_cheeks(sketch, pose)
    _draw_chin(sketch, pose, lips)


def _draw_cheeks(sketch: Sketch, pose: Pose) -> None:
    smile = pose.both("mouth_cornerPull") + 0.6 * pose.both("mouth_sharpCornerPull")
    raised = pose.both("eye_cheekRaise") + 0.5 * smile
    puff = pose.both("mouth_suckBlow")
    for half, side in ((0, -1), (1, 1)):
        lift = 0.06 * float(raised[half])
        blush = ellipse(0.43, -0.17 + lift, 0.21, 0.15)
        sketch.soft("blush", blush, palette.BLUSH, 0.22 + 0.14 * float(smile[half]), side=side)
        light = ellipse(0.40, -0.07 + lift, 0.15, 0.075)
        strength = 0.35 + 0.45 * float(raised[half]) + 0.3 * max(0.0, float(puff[half]))
        sketch.soft("cheek", light, palette.SKIN_LIT, min(strength, 0.9), side=side)
        hollow = ellipse(0.45, -0.42, 0.09, 0.16)
        strength = max(0.0, -float(puff[half])) + 0.25 * float(pose.both("jaw_clench")[half])
        sketch.soft("cheek_hollow", hollow, palette.SKIN_DEEP, 0.45 * strength, side=side)
        round_ = ellipse(0.44, -0.42, 0.15, 0.17)
        strength = 0.55 * max(0.0, float(puff[half]))
        sketch.soft("cheek_puff", round_, palette.SKIN_LIT, strength, side=side)


def _draw_chin(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    raise_ = float(pose.mean("jaw_ChinRaiseU", "jaw_ChinRaiseD", "jaw_chinCompress").mean())
    forward = -pose.one("C_jaw_fwdBack.ty")
    x, y = 0.9 * lips.jaw_shift, -0.83 - 0.95 * lips.jaw_drop + 0.03 * raise_
    light = ellipse(x, y, 0.14 + 0.03 * forward, 0.075 + 0.02 * forward)
    sketch.soft("chin", light, palette.SKIN_LIT, 0.6 + 0.3 * forward)
    lip = lips.lower_outer[len(lips.lower_outer) // 2]
    crease_y = 0.55 * float(lip[1]) + 0.45 * y + 0.02
    bend = 0.018 + 0.03 * raise_
    knots = np.array(
        [(x - 0.15, crease_y - bend), (x, crease_y + 0.4 * bend), (x + 0.15, crease_y - bend)]
    )
    sketch.stroke(
        "chin_crease",
        curve(knots, 13),
        taper(13, 0.010 + 0.008 * raise_),
        palette.SKIN_DEEP,
        0.30 + 0.5 * raise_,
        lift=0.02,
    )
    for dx, dy in (
        (-0.07, 0.03),
        (0.06, 0.035),
        (-0.02, -0.01),
        (0.03, 0.0),
        (-0.09, -0.03),
        (0.085, -0.025),
    ):
        pit = ellipse(x + dx, y + 0.03 + dy, 0.012, 0.009, 8)
        sketch.fill("chin_pit", pit, palette.SKIN_DEEP, 0.5 * max(0.0, raise_ - 0.15), lift=0.02)


def draw_folds(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    """The folds from the nose to the corners of the mouth, and beside them."""
    smile = pose.both("mouth_cornerPull") + 0.7 * pose.both("mouth_sharpCornerPull")
    sneer = pose.both("nose.ty").clip(0)
    deep = (
        0.10
        + 0.6 * pose.both("nose_nasolabialDeepen")
        + 0.45 * smile
        + 0.5 * sneer
        + 0.3 * pose.both("mouth_upperLipRaise")
        + 0.2 * pose.both("mouth_cornerDepress")
        + 0.15 * pose.both("eye_cheekRaise")
        - 0.3 * pose.both("mouth_suckBlow").clip(0)
    ).clip(0, 1)
    sag = pose.both("mouth_cornerDepress") + 0.3 * pose.both("mouth_stretch")
    for half, side, corner in ((0, -1, lips.upper_inner[0]), (1, 1, lips.upper_inner[-1])):
        wing = np.array([0.165, -0.17 + 0.04 * float(sneer[half])])
        end = np.array([abs(float(corner[0])) + 0.075, float(corner[1]) + 0.01])
        middle = (wing + end) / 2 + (0.035 + 0.045 * float(smile[half]), 0.02)
        fold = curve(np.array([wing, middle, end]), 13)
        shade = fold - (0.02, 0.012)
        strength = float(deep[half])
        sketch.stroke(
            "fold_shade", shade, taper(13, 0.024), palette.SKIN_SHADE, 0.5 * strength, side=side
        )
        sketch.stroke(
            "nasolabial_fold",
            fold,
            taper(13, 0.006 + 0.006 * strength),
            palette.SKIN_DEEP,
            0.9 * strength,
            side=side,
        )
        under = np.array(
            [
                (abs(float(corner[0])) + 0.02, float(corner[1]) - 0.03),
                (abs(float(corner[0])) + 0.045, float(corner[1]) - 0.13),
            ]
        )
        sketch.stroke(
            "marionette",
            curve(under, 9),
            taper(9, 0.009),
            palette.SKIN_DEEP,
            0.75 * float(sag[half]),
            side=side,
        )


def draw_nose(sketch: Sketch, pose: Pose) -> None:
    """Bridge, tip, wings and nostrils, and the wrinkles of a sneer."""
    sneer, flare = pose.both("nose.ty"), pose.both("nose.tx")
    upper = pose.both("nose_wrinkleUpper")
    tip = 0.018 * float(sneer.clip(0).mean())
    sketch.soft("nose_bridge", ellipse(-0.012, 0.06, 0.045, 0.24), palette.SKIN_LIT, 0.75, lift=0.1)
    side_line = np.array([(0.085, 0.16), (0.07, 0.02), (0.085, -0.1)])
    for half, side in ((0, -1), (1, 1)):
        line = curve(side_line, 9)
        opacity = 0.5 if side > 0 else 0.3  # the light comes from the picture's left
        sketch.stroke(
            "nose_side", line, taper(9, 0.02), palette.SKIN_SHADE, opacity, lift=0.06, side=side
        )
        _draw_wing(sketch, float(sneer[half]), float(flare[half]), side)
        _draw_wrinkles(sketch, max(0.0, float(sneer[half])), float(upper[half]), side)
    sketch.soft(
        "nose_tip", ellipse(-0.01, -0.175 + tip, 0.075, 0.065), palette.SKIN_LIT, 0.8, lift=0.2
    )
    base = np.array([(-0.06, -0.268 + tip), (0, -0.285 + tip), (0.06, -0.268 + tip)])
    sketch.stroke("nose_base", curve(base, 9), taper(9, 0.009), palette.SKIN_DEEP, 0.8, lift=0.14)
    groove = segment((0, -0.31 + tip), (0, -0.39 + tip), 6)
    sketch.stroke("philtrum", groove, taper(6, 0.02), palette.SKIN_SHADE, 0.45, lift=0.02)


def _draw_wing(sketch: Sketch, sneer: float, flare: float, side: int) -> None:
    up = 0.045 * max(0.0, sneer) - 0.015 * max(0.0, -sneer)
    x = 0.115 + 0.024 * flare + 0.008 * max(0.0, sneer)
    knots = np.array(
        [
            (x - 0.01, -0.15 + up),
            (x + 0.024, -0.195 + up),
            (x + 0.012, -0.24 + up),
            (x - 0.03, -0.25 + up),
        ]
    )
    wing = ellipse(x - 0.012, -0.205 + up, 0.042, 0.048)
    sketch.soft("nose_wing_shade", wing, palette.SKIN_SHADE, 0.5, lift=0.08, side=side)
    outline = curve(knots, 13)
    sketch.stroke(
        "nose_wing", outline, taper(13, 0.009), palette.SKIN_DEEP, 0.8, lift=0.08, side=side
    )
    hole = ellipse(
        x - 0.055, -0.255 + 0.8 * up, 0.034 * (1 + 0.35 * flare), 0.014 * (1 + 0.45 * flare), 14
    )
    sketch.fill("nostril", hole, palette.MOUTH, 0.8, lift=0.12, side=side)


def _draw_wrinkles(sketch: Sketch, sneer: float, upper: float, side: int) -> None:
    for level, height in enumerate((0.10, 0.045, -0.01)):
        share = upper if level == 0 else 1.0
        line = np.array([(0.012, height + 0.005), (0.05, height + 0.022), (0.09, height - 0.012)])
        sketch.stroke(
            "nose_wrinkle",
            curve(line, 7),
            taper(7, 0.007),
            palette.SKIN_DEEP,
            0.75 * sneer * share,
            lift=0.08,
            side=side,
        )


def draw_hair(sketch: Sketch) -> None:
    """The hair on top of the head; the face lies over it up to the hairline."""
    sketch.fill("hair", curve(np.array(_HAIR_OUTER), 64), palette.HAIR)
    for knots in _STRANDS:
        strand = curve(np.array(knots), 17)
        sketch.stroke("hair_strand", strand, taper(17, 0.018), palette.HAIR_LIT, 0.75, lift=0.02)
