"""Cheeks, chin, nose and the folds of the face from the controls.

What lies on the skin around eyes and mouth and tells a smile from a sneer.
Pure, any thread.
"""

from __future__ import annotations

import numpy as np

from medtalk_live.face import palette
from medtalk_live.face.lips import Lips
from medtalk_live.face.pose import Pose
from medtalk_live.face.sketch import Sketch, curve, segment, taper


def draw_cheeks(sketch: Sketch, pose: Pose) -> None:
    """Blush, and the light on cheeks that are raised, puffed or sucked in."""
    smile = pose.both("mouth_cornerPull") + 0.6 * pose.both("mouth_sharpCornerPull")
    raised = pose.both("eye_cheekRaise") + 0.5 * smile
    puff = pose.both("mouth_suckBlow")
    for half, side in ((0, -1), (1, 1)):
        lift = 0.06 * float(raised[half])
        sketch.soft(
            "blush",
            (0.43, -0.17 + lift),
            (0.21, 0.15),
            palette.BLUSH,
            0.22 + 0.14 * float(smile[half]),
            side=side,
        )
        strength = 0.35 + 0.45 * float(raised[half]) + 0.3 * max(0.0, float(puff[half]))
        sketch.soft(
            "cheek",
            (0.40, -0.07 + lift),
            (0.15, 0.075),
            palette.SKIN_LIT,
            min(strength, 0.9),
            side=side,
        )
        strength = max(0.0, -float(puff[half])) + 0.25 * float(pose.both("jaw_clench")[half])
        sketch.soft(
            "cheek_hollow",
            (0.45, -0.42),
            (0.09, 0.16),
            palette.SKIN_DEEP,
            0.45 * strength,
            side=side,
        )
        strength = 0.55 * max(0.0, float(puff[half]))
        sketch.soft(
            "cheek_puff", (0.44, -0.42), (0.15, 0.17), palette.SKIN_LIT, strength, side=side
        )


def draw_chin(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    """The ball of the chin, the crease above it and its dimpling when it is raised."""
    raise_ = float(pose.mean("jaw_ChinRaiseU", "jaw_ChinRaiseD", "jaw_chinCompress").mean())
    forward = -pose.one("C_jaw_fwdBack.ty")
    x, y = 0.9 * lips.jaw_shift, -0.83 - 0.95 * lips.jaw_drop + 0.03 * raise_
    sketch.soft(
        "chin",
        (x, y),
        (0.14 + 0.03 * forward, 0.075 + 0.02 * forward),
        palette.SKIN_LIT,
        0.6 + 0.3 * forward,
    )
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
        sketch.disc(
            "chin_pit",
            (x + dx, y + 0.03 + dy),
            (0.012, 0.009),
            palette.SKIN_DEEP,
            0.5 * max(0.0, raise_ - 0.15),
            lift=0.02,
        )


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
    sketch.soft("nose_bridge", (-0.012, 0.06), (0.045, 0.24), palette.SKIN_LIT, 0.75, lift=0.1)
    side_line = np.array([(0.085, 0.16), (0.07, 0.02), (0.085, -0.1)])
    for half, side in ((0, -1), (1, 1)):
        line = curve(side_line, 9)
        opacity = 0.5 if side > 0 else 0.3  # the light comes from the picture's left
        sketch.stroke(
            "nose_side", line, taper(9, 0.02), palette.SKIN_SHADE, opacity, lift=0.06, side=side
        )
        _draw_wing(sketch, float(sneer[half]), float(flare[half]), side)
        _draw_wrinkles(sketch, max(0.0, float(sneer[half])), float(upper[half]), side)
    sketch.soft("nose_tip", (-0.01, -0.175 + tip), (0.075, 0.065), palette.SKIN_LIT, 0.8, lift=0.2)
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
    sketch.soft(
        "nose_wing_shade",
        (x - 0.012, -0.205 + up),
        (0.042, 0.048),
        palette.SKIN_SHADE,
        0.5,
        lift=0.08,
        side=side,
    )
    outline = curve(knots, 13)
    sketch.stroke(
        "nose_wing", outline, taper(13, 0.009), palette.SKIN_DEEP, 0.8, lift=0.08, side=side
    )
    centre, radii = (
        (x - 0.055, -0.255 + 0.8 * up),
        (0.034 * (1 + 0.35 * flare), 0.014 * (1 + 0.45 * flare)),
    )
    sketch.disc("nostril", centre, radii, palette.MOUTH, 0.8, lift=0.12, side=side)


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
