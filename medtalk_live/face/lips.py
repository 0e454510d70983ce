"""The four lines of the lips from the controls.

They run over one axis u from the right corner of the mouth (-1) to the left
(1), so that they can meet exactly: the gap is the aperture of
``rig.articulation`` less what counts as sealed. Pure, any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtalk_live.face.pose import Mixes, Pose
from medtalk_live.face.sketch import Floats
from medtalk_live.rig.articulation import RAISE, SEALED_APERTURE

GAP = 0.40
"""Face units between the lips at aperture 1."""

JAW_DROP = 0.36
"""Face units that the chin falls at a fully open jaw."""

REST_Y = -0.475
"""Height of the closed lips at rest."""

POINTS = 25
"""Points of each line; the middle one is ``POINTS // 2``."""

U = np.sin(np.linspace(-1, 1, POINTS) * np.pi / 2)
"""The axis (POINTS,), denser at the corners."""

AWAY = np.abs(U)
"""Distance from the middle of the mouth (POINTS,)."""

FULL = (1 - U**2) ** 0.72
"""Height of the lower lip along the axis (POINTS,)."""

_HALF_WIDTH = 0.285
_MIDDLE = 1 - U**2
_BOW = (1 - U**2) ** 0.62 * (1 - 0.24 * np.exp(-((U / 0.15) ** 2)))
_RAISED = 1 - AWAY**2.5
_AWAY_15, _AWAY_17 = AWAY**1.5, AWAY**1.7
_LEFT_SHARE = (lambda t: t * t * (3 - 2 * t))(np.clip(0.5 + 0.8 * U, 0, 1))
_ONES = np.ones(POINTS)
_RIGHT, _LEFT = (U <= 0).astype(float), (U > 0).astype(float)


def _blended(values: Floats) -> tuple[Floats, Floats]:
    """What the right and the left side add where the one passes into the other."""
    return values * (1 - _LEFT_SHARE), values * _LEFT_SHARE


# the lines are sums of these columns: ones, then what a coefficient moves
_ACROSS = np.column_stack([_ONES, U * _RIGHT, U * _LEFT, _MIDDLE])
_HEIGHT = np.column_stack([_ONES, _AWAY_17 * _RIGHT, _AWAY_17 * _LEFT, *_blended(_RAISED)])
_UPPER_LIP = np.column_stack([_ONES, *_blended(0.062 * _BOW)])
_LOWER_LIP = np.column_stack([_ONES, *_blended(0.08 * FULL)])
_WIDER = {
    "mouth_cornerPull": 0.085,
    "mouth_stretch": 0.125,
    "mouth_dimple": 0.045,
    "mouth_sharpCornerPull": 0.05,
    "mouth_corner.tx": 0.06,
    "mouth_cornerDepress": 0.02,
    "mouth_purseU": -0.07,
    "mouth_purseD": -0.07,
    "mouth_funnelU": -0.05,
    "mouth_funnelD": -0.05,
    "mouth_towardsU": -0.025,
    "mouth_towardsD": -0.025,
    "mouth_tightenU": -0.018,
    "mouth_tightenD": -0.018,
}
_HIGHER = {
    "mouth_cornerPull": 0.125,
    "mouth_sharpCornerPull": 0.12,
    "mouth_dimple": 0.015,
    "mouth_stretch": -0.04,
    "mouth_cornerDepress": -0.135,
    "mouth_corner.ty": 0.09,
}
_THICKER_UPPER = {
    "mouth_thicknessU": -0.4,
    "mouth_lipsRollU": -0.7,
    "mouth_pressU": -0.5,
    "mouth_lipsPressU": -0.35,
    "mouth_tightenU": -0.4,
    "mouth_lipBiteU": -0.5,
    "mouth_lipsTowardsTeethU": -0.3,
    "mouth_stretch": -0.3,
    "mouth_stretchLipsClose": -0.3,
    "mouth_cornerPull": -0.25,
    "mouth_pushPullU": 0.3,
    "mouth_funnelU": 0.35,
    "mouth_purseU": 0.3,
    "mouth_towardsU": 0.25,
    "mouth_lipsBlow": 0.15,
}
_THICKER_LOWER = {
    "mouth_thicknessD": -0.4,
    "mouth_lipsRollD": -0.7,
    "mouth_pressD": -0.5,
    "mouth_lipsPressU": -0.2,
    "mouth_tightenD": -0.4,
    "mouth_lipBiteD": -0.25,
    "mouth_lipsTowardsTeethD": -0.3,
    "mouth_stretch": -0.25,
    "mouth_stretchLipsClose": -0.3,
    "mouth_cornerPull": -0.2,
    "mouth_pushPullD": 0.3,
    "mouth_funnelD": 0.35,
    "mouth_purseD": 0.3,
    "mouth_towardsD": 0.25,
    "mouth_lipsBlow": 0.15,
}
_STICKY = {"mouth_stickyOuterU": 0.4, "mouth_stickyOuterD": 0.4}
_LIFTED = {"mouth_upperLipRaise": RAISE, "mouth_funnelU": 0.14}
_MIXES = Mixes.of(_WIDER, _HIGHER, _THICKER_UPPER, _THICKER_LOWER, _STICKY, _LIFTED)


@dataclass(frozen=True, slots=True)
class Lips:
    """The lines of the mouth, each (POINTS, 2) from right to left, in face units.

    Attributes:
        upper_outer: Upper edge of the upper lip.
        upper_inner: Where the upper lip meets the gap.
        lower_inner: Where the lower lip meets the gap; the same line when closed.
        lower_outer: Lower edge of the lower lip.
        jaw_drop: How far the chin is below its place at rest.
        jaw_shift: How far the chin is moved to the picture's right.
    """

    upper_outer: Floats
    upper_inner: Floats
    lower_inner: Floats
    lower_outer: Floats
    jaw_drop: float
    jaw_shift: float


def along(right: float, left: float) -> Floats:
    """Values of the two sides spread over the axis (POINTS,)."""
    return right + (left - right) * _LEFT_SHARE


def shape_lips(pose: Pose) -> Lips:
    """Where the four lip lines run."""
    opening, aperture = pose.mouth()
    wider, higher, *thicker, sticky, lifted = pose.mix(_MIXES)
    drop = JAW_DROP * opening
    shift = -0.11 * pose.one("C_jaw.tx")
    gap = _gap(pose, aperture, sticky)
    lines = np.empty((4, POINTS, 2))  # as in Lips, from above
    x, y = lines[..., 0], lines[..., 1]
    x[:2], x[2:] = _across(pose, wider, drop, shift)
    y[1] = _upper_line(pose, drop, float(gap[POINTS // 2]), higher, lifted)
    y[2] = y[1] - gap
    upper, lower = ([min(max(1 + part, 0.14), 2.0) for part in sides] for sides in thicker)
    y[0] = y[1] + _UPPER_LIP @ (0.004, *upper)
    y[3] = y[2] - _LOWER_LIP @ (0.004, *lower)
    return Lips(lines[0], lines[1], lines[2], lines[3], drop, shift)


def _across(pose: Pose, wider: list[float], drop: float, shift: float) -> list[Floats]:
    """Where the upper and the lower lip lie from side to side, each (POINTS,)."""
    middle = 0.12 * pose.one("C_mouth.tx") + 0.3 * shift
    widths = [max(_HALF_WIDTH + part - 0.08 * drop, 0.09) for part in wider]
    shifts = (
        0.05 * pose.one("C_mouth_lipShiftU.ty"),
        0.05 * pose.one("C_mouth_lipShiftD.ty") + 0.6 * shift,
    )
    return [_ACROSS @ (middle, *widths, aside) for aside in shifts]


def _gap(pose: Pose, aperture: tuple[float, float], sticky: list[float]) -> Floats:
    """Height of the opening along the axis (POINTS,); 0 where the lips touch."""
    openness = np.maximum(along(*aperture) - SEALED_APERTURE, 0.0)
    purse = pose.mean("mouth_purseU", "mouth_purseD", "mouth_funnelU", "mouth_funnelD")
    profile = _MIDDLE ** (0.8 - 0.3 * min(1.0, 2 * purse)) * (1 - along(*sticky) * _AWAY_15)
    gap: Floats = GAP * openness * profile
    return gap


def _upper_line(
    pose: Pose, drop: float, gap: float, higher: list[float], lifted: list[float]
) -> Floats:
    """Height of the upper lip's inner edge (POINTS,).

    The lips meet part of the way down an open jaw; the corners ride about
    a third of the way down an opening mouth.
    """
    chin = pose.mean("jaw_ChinRaiseU", "jaw_ChinRaiseD")
    together = pose.mean("mouth_lipsTogetherU", "mouth_lipsTogetherD")
    middle = REST_Y + 0.09 * pose.one("C_mouth.ty") + 0.035 * chin - 0.4 * drop * together
    corners = [part + 0.006 - 0.35 * gap for part in higher]
    sneers = pose.both("nose.ty")
    lifts = [
        GAP * lift + 0.02 * max(sneer, 0.0) for lift, sneer in zip(lifted, sneers, strict=True)
    ]
    line: Floats = _HEIGHT @ (middle, *corners, *lifts)
    return line
