"""Lips, teeth, tongue and mouth corners, filled from the inside out.

Teeth and tongue are cut to the gap between the lips along the axis of
``lips``. Pure, any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from medtalk_live.face import palette
from medtalk_live.face.lips import AWAY, FULL, POINTS, REST_Y, Lips, U, along
from medtalk_live.face.pose import Mixes, Pose
from medtalk_live.face.sketch import Floats, Sketch, curve, polyline, segment

_MID = POINTS // 2
_LIT = slice(_MID - 7, _MID + 8)
_CREASES = (_MID - 5, _MID - 3, _MID + 3, _MID + 5)
_TOOTH_GAPS = np.array((-0.105, -0.052, 0.0, 0.052, 0.105))
_GAPS = len(_TOOTH_GAPS)
_COMB = np.concatenate(  # down and up at each gap (its top, its bottom), and back along the tops
    [*((gap, gap + _GAPS, gap + _GAPS, gap) for gap in range(_GAPS)), range(_GAPS)[::-1]]
)
_COMB_ASIDE = 0.0025 * np.array((-1, -1, 1, 1) * _GAPS + (-1,) * _GAPS)
_ROW = 0.245  # half the width of a row of teeth
_ARCS = 0.022 * np.array([[-1], [1]])  # the rows curve back into the mouth
_ACROSS = np.sin(np.linspace(-1, 1, 15) * np.pi / 2)
_TOP = len(_ACROSS)  # points of a tongue's outline that are its upper edge
_DOME = 1 - (1 - _ACROSS**2) ** 0.35
_BITE = (1 - (U / 0.611) ** 2).clip(0) ** 0.4
_BITTEN = AWAY < 0.66
_BELOW = polyline(np.zeros(POINTS), 0.03 * FULL)[::2]
_BITING = Mixes.of({"mouth_lipBiteD": 1.0, "mouth_lipsRollD": 0.4})


def _between(upper: Floats, lower: Floats) -> Floats:
    return np.concatenate([upper, lower[::-1]])


def draw_mouth(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    """Fill the mouth from the inside out."""
    if float((lips.upper_inner[:, 1] - lips.lower_inner[:, 1]).max()) > 1e-4:
        _draw_inside(sketch, pose, lips)
    _draw_lips(sketch, pose, lips)
    _draw_bite(sketch, pose, lips)
    _draw_tongue_out(sketch, pose, lips)
    _draw_corners(sketch, pose, lips)


def _draw_inside(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    """Cavity, teeth and tongue, each cut to the gap."""
    upper, lower = lips.upper_inner, lips.lower_inner
    sketch.fill("mouth", _between(upper, lower), palette.MOUTH, lift=0.01)
    tongue = _Tongue.of(pose, lips)
    sketch.fill("tongue", _cut(tongue.body(), lips), palette.TONGUE, lift=0.01)
    lower_row, upper_row = _teeth(pose, lips)
    _draw_teeth(sketch, "teeth_lower", lower_row)
    if tongue.tip_rise > 0.05:
        _draw_tip(sketch, "tongue_tip", tongue.blade(), lips)
    _draw_teeth(sketch, "teeth_upper", upper_row)
    if tongue.between > 0.02:
        _draw_tip(sketch, "tongue_between", tongue.wedge(lips), lips)
    upper, lower = upper[::2], lower[::2]
    dim = upper.copy()
    dim[:, 1] -= np.minimum(0.25 * (upper[:, 1] - lower[:, 1]), 0.022)
    sketch.fill("mouth_shadow", _between(upper, dim), palette.MOUTH, 0.28, lift=0.01)


def _draw_tip(sketch: Sketch, name: str, outline: Floats, lips: Lips) -> None:
    cut = _cut(outline, lips)
    sketch.fill(name, cut, palette.TONGUE_LIT, lift=0.01)
    sketch.stroke(f"{name}_edge", cut[:_TOP], 0.005, palette.LIP_LINE, 0.55, lift=0.01)


class _Row(NamedTuple):
    """Teeth between two heights along the mouth, each of x, top and bottom (POINTS,)."""

    x: Floats
    top: Floats
    bottom: Floats
    shift: float


def _teeth(pose: Pose, lips: Lips) -> list[_Row]:
    """The lower and the upper row, narrower than the mouth, cut to the gap."""
    low = REST_Y - 0.034 - 0.92 * lips.jaw_drop + 0.04 * pose.one("C_teethD.ty")
    low -= 0.01 * pose.one("C_teeth_fwdBackD.ty")
    high = REST_Y - 0.030 + 0.04 * pose.one("C_teethU.ty") + 0.09 * pose.one("C_mouth.ty")
    high -= 0.01 * pose.one("C_teeth_fwdBackU.ty")
    shifts = (
        0.9 * lips.jaw_shift + 0.03 * pose.one("C_teethD.tx"),
        0.03 * pose.one("C_teethU.tx"),
    )
    lip_x, upper, lower = lips.upper_inner[:, 0], lips.upper_inner[:, 1], lips.lower_inner[:, 1]
    aside = np.array(shifts)[:, None]
    across = np.minimum(np.maximum(lip_x - aside, -_ROW), _ROW)
    square = (across * (1 / _ROW)) ** 2
    x, arc = across + aside, _ARCS * square
    upper, lower = np.interp(x, lip_x, upper), np.interp(x, lip_x, lower)
    top = np.maximum(np.minimum(upper, np.array(((low,), (high + 0.16,))) + arc), lower)
    bottom = np.maximum(lower, np.array(((low - 0.1,), (high,))) + arc)
    height = top - np.minimum(bottom, top)
    bottom = top - height * np.sqrt(np.maximum(0.0, 1 - square * square))  # smaller to the sides
    return list(map(_Row, x, top, bottom, shifts))


def _draw_teeth(sketch: Sketch, name: str, row: _Row) -> None:
    x, top, bottom, shift = row
    if float((top - bottom).max()) < 0.002:
        return
    outline = np.empty((2 * POINTS, 2))
    outline[:POINTS, 0], outline[:POINTS, 1] = x, top
    outline[POINTS:, 0], outline[POINTS:, 1] = x[::-1], bottom[::-1]
    sketch.fill(name, outline, palette.TEETH, lift=0.01)
    places = _TOOTH_GAPS + shift
    gaps = _tooth_gaps(places, np.interp(places, x, top), np.interp(places, x, bottom))
    sketch.fill(f"{name}_gap", gaps, palette.TEETH_SHADE, 0.8, 0.01)


def _tooth_gaps(x: Floats, high: Floats, low: Floats) -> Floats:
    """Lines between teeth as one comb, drawn where the teeth are long enough to show them."""
    low = np.where(high - low > 0.012, low, high)
    comb = np.empty((len(_COMB), 2))
    comb[:, 0] = x[_COMB % _GAPS] + _COMB_ASIDE
    comb[:, 1] = np.concatenate([high, low])[_COMB]
    return comb


@dataclass(frozen=True, slots=True)
class _Tongue:
    """The tongue behind the lips: its back, its tip where that is lifted or between the teeth."""

    x: float
    top: float
    floor: float
    half_width: float
    tip_x: float
    tip_rise: float
    tip_half_width: float
    between: float

    @classmethod
    def of(cls, pose: Pose, lips: Lips) -> _Tongue:
        inward = pose.one("C_tongue_inOut.ty")
        lift = pose.one("C_tongue.ty") + 0.5 * pose.one("C_tongue_press.ty")
        tip = pose.one("C_tongue_tip.ty") + 0.5 * pose.one("C_tongue_roll.ty")
        x = 0.6 * lips.jaw_shift + 0.09 * pose.one("C_tongue.tx")
        floor = REST_Y - 0.065 - 0.55 * lips.jaw_drop
        aside = 0.07 * pose.one("C_tongue_tip.tx") + 0.04 * pose.one("C_tongue_roll.tx")
        half_width = 0.15 * (1 + 0.3 * pose.one("C_tongue_narrowWide.ty"))
        out = max(0.0, -inward)
        return cls(
            x,
            floor + 0.09 * lift - 0.05 * inward,
            floor,
            half_width,
            x + aside,
            max(0.0, tip) + 0.8 * out,
            half_width * (0.66 + 0.6 * min(out, 0.5)),
            min(max(0.0, out + 0.25 * min(max(tip, 0.0), 0.4) - 0.12) / 0.2, 1.0)
            if out > 0.05
            else 0.0,
        )

    def body(self) -> Floats:
        return _dome(self.x, self.top, self.half_width, self.floor - 0.2)

    def blade(self) -> Floats:
        """The tip: it rises to the edge of the upper teeth at most."""
        peak = min(self.top + 0.17 * self.tip_rise, REST_Y - 0.02)
        return _dome(self.tip_x, peak, self.tip_half_width, peak - 0.08)

    def wedge(self, lips: Lips) -> Floats:
        """The tip between the teeth, over the edge of the upper row."""
        upper, lower = lips.upper_inner[_MID, 1], lips.lower_inner[_MID, 1]
        peak = float(lower + (0.45 + 0.4 * self.between) * (upper - lower))
        return _dome(self.tip_x, peak, self.tip_half_width, peak - 0.06)


def _dome(x: float, top: float, half_width: float, bottom: float) -> Floats:
    outline = np.empty((2 * _TOP, 2))
    outline[:_TOP, 0] = x + half_width * _ACROSS
    outline[:_TOP, 1] = top - (top - bottom) * _DOME
    outline[_TOP:, 0] = outline[_TOP - 1 :: -1, 0]
    outline[_TOP:, 1] = bottom
    return outline


def _cut(outline: Floats, lips: Lips) -> Floats:
    """An outline kept inside the gap between the lips."""
    upper, lower = lips.upper_inner, lips.lower_inner
    x = np.minimum(np.maximum(outline[:, 0], upper[1, 0]), upper[-2, 0])
    ceiling = np.interp(x, upper[:, 0], upper[:, 1])
    floor = np.minimum(np.interp(x, lower[:, 0], lower[:, 1]), ceiling)
    return polyline(x, np.minimum(np.maximum(outline[:, 1], floor), ceiling))


def _draw_lips(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    upper = _between(lips.upper_outer, lips.upper_inner)
    lower = _between(lips.lower_inner, lips.lower_outer)
    chin = lips.lower_outer[::2]
    sketch.fill("lip_shadow", _between(chin, chin - _BELOW), palette.SKIN_SHADE, 0.5)
    sketch.fill("lip_lower", lower, palette.LIP_LOWER, lift=0.03)
    thick = float(lips.lower_inner[_MID, 1] - lips.lower_outer[_MID, 1])
    light = lips.lower_inner[_LIT] * 0.55 + lips.lower_outer[_LIT] * 0.45
    sketch.stroke("lip_light", light, 0.16 * thick, palette.LIP_LIT, 0.55, lift=0.03)
    sketch.fill("lip_upper", upper, palette.LIP_UPPER, lift=0.03)
    inner = lips.upper_inner[::2]
    shade = inner * 0.6 + lips.upper_outer[::2] * 0.4
    sketch.fill("lip_shade", _between(shade, inner), palette.LIP_LINE, 0.22, lift=0.03)
    tight = pose.mean("mouth_pressU", "mouth_pressD", "mouth_tightenU")
    seam = 0.007 + 0.003 * min(1.0, tight)
    sketch.stroke("lip_seam", lips.upper_inner, seam, palette.LIP_LINE, lift=0.03)
    pucker = pose.mean("mouth_purseU", "mouth_purseD")
    if pucker > 0.05:
        _draw_pucker(sketch, lips, 0.35 * pucker)


def _draw_pucker(sketch: Sketch, lips: Lips, opacity: float) -> None:
    """The creases of pursed lips."""
    halves = ((lips.upper_outer, lips.upper_inner), (lips.lower_outer, lips.lower_inner))
    for outer, inner in halves:
        for place in _CREASES:
            start = inner[place] * 0.8 + outer[place] * 0.2
            crease = segment(tuple(start), tuple(0.25 * inner[place] + 0.75 * outer[place]))
            sketch.stroke("lip_crease", crease, 0.004, palette.LIP_LINE, opacity, 0.03)


def _draw_bite(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    """Upper teeth resting on a lower lip that is bitten or rolled under them."""
    if pose.mean("mouth_lipBiteD") < 0.1:
        return
    (bite,) = pose.mix(_BITING)
    height = (0.036 * ((along(*bite) - 0.15) / 0.4).clip(0, 1) * _BITE)[_BITTEN]
    if float(height.max()) < 0.004:
        return
    under_lip = lips.upper_inner[_BITTEN] - (0.0, 0.02)
    top = np.maximum(lips.lower_inner[_BITTEN], under_lip)
    edge = top.copy()
    edge[:, 1] -= height
    sketch.fill("teeth_bite", _between(top, edge), palette.TEETH, lift=0.03)
    high, low = (np.interp(_TOOTH_GAPS, top[:, 0], line[:, 1]) for line in (top, edge))
    gaps = _tooth_gaps(_TOOTH_GAPS, high, low)
    sketch.fill("teeth_bite_gap", gaps, palette.TEETH_SHADE, 0.8, lift=0.03)
    sketch.stroke("teeth_bite_edge", edge, 0.005, palette.LIP_LINE, 0.4, lift=0.03)


def _draw_tongue_out(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    """The tongue over the lower lip, once it is far out and the mouth lets it through."""
    out = -pose.one("C_tongue_inOut.ty") - 0.35
    gap = float((lips.upper_inner - lips.lower_inner)[_MID, 1])
    if out <= 0 or gap < 0.015:
        return
    top = lips.upper_inner[_MID] * 0.15 + lips.lower_inner[_MID] * 0.85
    wide = 0.13 * (1 + 0.3 * pose.one("C_tongue_narrowWide.ty"))
    down = 0.30 * out * (1 - 0.5 * pose.one("C_tongue_tip.ty"))
    side = 0.1 * (pose.one("C_tongue.tx") + pose.one("C_tongue_tip.tx")) * out
    x, y = float(top[0]) + 0.05 * pose.one("C_tongue.tx"), float(top[1])
    knots = np.array(
        [
            [x - wide, y],
            [x + wide, y],
            [x + side + wide * 0.95, y - down * 0.6],
            [x + side + wide * 0.5, y - down * 0.95],
            [x + side, y - down],
            [x + side - wide * 0.5, y - down * 0.95],
            [x + side - wide * 0.95, y - down * 0.6],
        ]
    )
    sketch.fill("tongue_out", curve(knots, 32, closed=True), palette.TONGUE, lift=0.06)
    groove = segment((x, y), (x + side, y - 0.7 * down), 6)
    sketch.stroke("tongue_groove", groove, np.full(6, 0.006), palette.LIP_LINE, 0.35, lift=0.06)


def _draw_corners(sketch: Sketch, pose: Pose, lips: Lips) -> None:
    """Dents at the corners and dimples beside them."""
    for half, place in zip(pose.halves, (0, -1), strict=True):
        side, (x, y) = half.side, lips.upper_inner[place].tolist()
        dent = (
            0.35
            + 0.4 * half("mouth_cornerPull")
            + 0.5 * half("mouth_dimple")
            + 0.4 * half("mouth_cornerDepress")
            + 0.3 * half.mean("mouth_cornerSharpnessU", "mouth_cornerSharpnessD")
        )
        opacity = 0.55 * min(max(dent, 0.05), 1.0)
        centre = (x + side * 0.012, y)
        sketch.soft("corner_dent", centre, (0.022, 0.026), palette.SKIN_DEEP, opacity)
        dimple = half("mouth_dimple") + 0.35 * half("mouth_sharpCornerPull")
        if dimple > 0.01:
            arc = _DIMPLE * (side, 1) + (x, y)
            sketch.stroke("dimple", arc, 0.01, palette.SKIN_DEEP, 0.8 * dimple)


_DIMPLE = curve(np.array([(0.055, 0.05), (0.075, 0.0), (0.055, -0.05)]), 9)
