"""The four lines of the lips from the controls.

They run over one axis u from the right corner of the mouth (-1) to the left
(1), so that they can meet exactly: the gap is the aperture of
``rig.articulation`` less what counts as sealed. Pure, any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtalk_live.face.pose import Mix, Pose
from medtalk_live.face.sketch import Floats, polyline
from medtalk_live.rig.articulation import RAISE, SEALED_APERTURE

GAP = 0.40
"""Face units between the lips at aperture 1."""

JAW_DROP = 0.36
"""Face units that the chin falls at a fully open jaw."""

REST_Y = -0.475
"""Height of the closed lips at rest."""

POINTS = 29
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
_SIDES = np.column_stack([1 - _LEFT_SHARE, _LEFT_SHARE])
_CORNER_SIDE = (U > 0).astype(int)

_WIDER = Mix.of(
    {
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
)
_HIGHER = Mix.of(
    {
        "mouth_cornerPull": 0.125,
        "mouth_sharpCornerPull": 0.12,
        "mouth_dimple": 0.015,
        "mouth_stretch": -0.04,
        "mouth_cornerDepress": -0.135,
        "mouth_corner.ty": 0.09,
    }
)
_THICKER_UPPER = Mix.of(
    {
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
)
_THICKER_LOWER = Mix.of(
    {
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
)
_STICKY = Mix.of({"mouth_stickyOuterU": 0.4, "mouth_stickyOuterD": 0.4})
_LIFTED = Mix.of({"mouth_upperLipRaise": RAISE, "mouth_funnelU": 0.14})


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


def along(sides: Floats) -> Floats:
    """A pair (right, left) spread over the axis (POINTS,)."""
    return _SIDES @ sides


def upward(height: Floats) -> Floats:
    """Heights (n,) as offsets (n, 2)."""
    return polyline(np.zeros_like(height), height)


def shape_lips(pose: Pose) -> Lips:
    """Where the four lip lines run."""
    drop = JAW_DROP * pose.jaw_opening()
    shift = -0.11 * pose.one("C_jaw.tx")
    gap = _gap(pose)
    upper_y = _upper_line(pose, drop, float(gap[POINTS // 2]))
    width = np.maximum(_HALF_WIDTH + pose.mix(_WIDER) - 0.08 * drop, 0.09)
    x = 0.12 * pose.one("C_mouth.tx") + 0.3 * shift + U * width[_CORNER_SIDE]
    upper_x = x + 0.05 * pose.one("C_mouth_lipShiftU.ty") * _MIDDLE
    lower_x = x + (0.05 * pose.one("C_mouth_lipShiftD.ty") + 0.6 * shift) * _MIDDLE
    upper = polyline(upper_x, upper_y)
    lower = polyline(lower_x, upper_y - gap)
    thick_upper = 0.062 * along(_thickness(pose, _THICKER_UPPER)) * _BOW
    thick_lower = 0.08 * along(_thickness(pose, _THICKER_LOWER)) * FULL
    return Lips(
        upper + upward(thick_upper + 0.004),
        upper,
        lower,
        lower - upward(thick_lower + 0.004),
        drop,
        shift,
    )


def _thickness(pose: Pose, mix: Mix) -> Floats:
    """How thick the lips are on each side (2,), 1 at rest."""
    return np.minimum(np.maximum(1 + pose.mix(mix), 0.14), 2.0)


def _gap(pose: Pose) -> Floats:
    """Height of the opening along the axis (POINTS,); 0 where the lips touch."""
    openness = np.maximum(along(pose.aperture()) - SEALED_APERTURE, 0.0)
    purse = pose.mean("mouth_purseU", "mouth_purseD", "mouth_funnelU", "mouth_funnelD")
    sticky = along(pose.mix(_STICKY))
    profile = _MIDDLE ** (0.8 - 0.3 * min(1.0, 2 * purse)) * (1 - sticky * _AWAY_15)
    gap: Floats = GAP * openness * profile
    return gap


def _upper_line(pose: Pose, drop: float, gap: float) -> Floats:
    """Height of the upper lip's inner edge (POINTS,).

    The lips meet part of the way down an open jaw; the corners ride about
    a third of the way down an opening mouth.
    """
    chin = pose.mean("jaw_ChinRaiseU", "jaw_ChinRaiseD")
    together = pose.mean("mouth_lipsTogetherU", "mouth_lipsTogetherD")
    middle = REST_Y + 0.09 * pose.one("C_mouth.ty") + 0.035 * chin - 0.4 * drop * together
    corner = (middle + 0.006 - 0.35 * gap + pose.mix(_HIGHER))[_CORNER_SIDE]
    line = middle + (corner - middle) * _AWAY_17
    sneer = np.maximum(pose.both("nose.ty"), 0.0)
    height: Floats = line + along(GAP * pose.mix(_LIFTED) + 0.02 * sneer) * _RAISED
    return height
