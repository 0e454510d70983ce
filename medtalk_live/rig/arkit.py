"""ARKit's 52 shapes (and Live Link Face's 61 values) <-> our 174 controls.

Forward: a control is the sum of its shapes' values, clamped; ``MouthClose``
brings the lips together in proportion to the open jaw. Back: each shape is
read from the controls marked ``read`` in ``arkit_to_metahuman.csv``, the ones
that only it moves; what it explains is taken off the controls it shares with
another (funnel with pucker, inner with outer brow, upper with lower roll).
Where a brow is raised as far as it goes, only ``brow_lateral`` still tells
how much of it was the inner brow.
One frame or many; pure, any thread. The table is Epic's own mapping pose,
less its authoring artefacts.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from medtalk_live.rig.controls import COUNT, NEUTRAL, FloatArray, clamp, index, pair


def _rows(file: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


_NAMES = _rows("live_link_61.csv")

LIVE_LINK_NAMES: tuple[str, ...] = tuple(row["name"] for row in _NAMES)
"""All 61 values of a Live Link Face packet, in order: 52 shapes, head, left eye, right eye."""

APP_NAMES: tuple[str, ...] = tuple(
    row["name"] for row in sorted(_NAMES, key=lambda row: int(row["csv_column"]))
)
"""The same names in the order of the phone app's CSV, which differs (jaw and mouth right first)."""

SHAPE_NAMES = LIVE_LINK_NAMES[:52]
"""The 52 shapes in the order of the packet."""

EYE_RADIANS = 0.6
"""Eye rotation at full look, measured on two Live Link Face takes (0.43 to 0.71 by direction)."""

_JAW_OPEN = SHAPE_NAMES.index("JawOpen")
_CLOSE = SHAPE_NAMES.index("MouthClose")
_JAW = index("C_jaw.ty")
_TOGETHER = np.asarray([*pair("mouth_lipsTogetherU"), *pair("mouth_lipsTogetherD")], np.intp)
_EYES = np.asarray([index(f"{side}_eye.{axis}") for side in "LR" for axis in ("tx", "ty")], np.intp)
_INNER = SHAPE_NAMES.index("BrowInnerUp")
_RAISE_IN = np.asarray(pair("brow_raiseIn"), np.intp)
_LATERAL = np.asarray(pair("brow_lateral"), np.intp)
_QUARTERS = np.full(4, 0.25, np.float32)
_EYE_ANGLES = np.asarray(
    [LIVE_LINK_NAMES.index(f"{side}Eye{a}") for side in ("Left", "Right") for a in ("Yaw", "Pitch")]
)
_BOTH_EYES = np.asarray([index("C_eye.tx"), index("C_eye.ty")] * 2, np.intp)


@dataclass(frozen=True, slots=True)
class HeadAxes:
    """How our head angles become Live Link Face's head values.

    Receivers disagree on the scale (about 14 to 57 degrees a unit have been
    seen; stock Unreal's blueprint multiplies by 50) and on the signs; the
    default signs follow the eye angles of real takes, where right and down
    are positive.

    Attributes:
        degrees_per_unit: Degrees that the receiver makes of the value 1.
        signs: Of yaw, pitch and roll.
        order: Which of our angles (0 yaw, 1 pitch, 2 roll) goes to HeadYaw, HeadPitch, HeadRoll.
    """

    degrees_per_unit: float = 50.0
    signs: tuple[float, float, float] = (1.0, -1.0, 1.0)
    order: tuple[int, int, int] = (0, 1, 2)


def _read_tables() -> tuple[FloatArray, NDArray[np.intp], FloatArray, FloatArray, FloatArray]:
    """Forward weights (52, 174); control, sign of what is read; weights back; what is shared."""
    rows = [(SHAPE_NAMES.index(row["arkit"]), row) for row in _rows("arkit_to_metahuman.csv")]
    forward = np.zeros((len(SHAPE_NAMES), COUNT), np.float32)
    for shape, row in rows:
        forward[shape, index(row["control"])] += float(row["value"])
    read = [
        (shape, index(r["control"]), float(r["value"])) for shape, r in rows if r["read"] == "1"
    ]
    control = np.asarray([c for _, c, _ in read], np.intp)
    sign = np.sign(np.asarray([v for _, _, v in read], np.float32))
    back = np.zeros((len(read), len(SHAPE_NAMES)), np.float32)
    for position, (shape, _, value) in enumerate(read):
        back[position, shape] = 1 / abs(value)
    back /= np.maximum(np.count_nonzero(back, axis=0), 1)
    explained = np.maximum(forward[:, control] * sign, 0) @ back
    np.fill_diagonal(explained, 0)
    return forward, control, sign, back, explained


_FORWARD, _READ, _SIGN, _BACK, _SHARED = _read_tables()


def to_controls(values: FloatArray) -> FloatArray:
    """Shapes (..., 52) or Live Link Face values (..., 61) as controls (..., 174)."""
    shapes = np.clip(np.nan_to_num(values[..., : len(SHAPE_NAMES)]), 0.0, 1.0)
    controls = clamp(NEUTRAL + shapes @ _FORWARD)
    jaw, close = shapes[..., _JAW_OPEN, None], shapes[..., _CLOSE, None]
    ratio = np.divide(close, jaw, out=np.zeros_like(close), where=jaw > 0)
    controls[..., _TOGETHER] = np.minimum(ratio, 1.0)
    return controls


def from_controls(controls: FloatArray) -> FloatArray:
    """Controls (..., 174) as shapes (..., 52) in 0..1, in the order of ``SHAPE_NAMES``."""
    return _shapes(_gaze_folded(controls))


DEFAULT_AXES = HeadAxes()


def to_live_link(
    controls: FloatArray, head: FloatArray, axes: HeadAxes = DEFAULT_AXES
) -> FloatArray:
    """Controls (..., 174) and head (..., 6) as Live Link Face's values (..., 61).

    Eye rotations are in radians: yaw positive to the character's right, pitch down, no roll.
    """
    folded = _gaze_folded(controls)
    values = np.zeros((*controls.shape[:-1], len(LIVE_LINK_NAMES)), np.float32)
    values[..., : len(SHAPE_NAMES)] = _shapes(folded)
    scale = np.asarray(axes.signs, np.float32) / axes.degrees_per_unit
    values[..., 52:55] = head[..., list(axes.order)] * scale
    values[..., _EYE_ANGLES] = folded[..., _EYES] * -EYE_RADIANS
    return values


def _gaze_folded(controls: FloatArray) -> FloatArray:
    """A copy in range in which both eyes carry the common gaze."""
    folded = clamp(controls)
    folded[..., _EYES] = np.clip(folded[..., _EYES] + folded[..., _BOTH_EYES], -1.0, 1.0)
    return folded


def _shapes(folded: FloatArray) -> FloatArray:
    direct = np.maximum(folded[..., _READ] * _SIGN, 0.0) @ _BACK
    shapes: FloatArray = np.clip(direct - np.minimum(direct, 1.0) @ _SHARED, 0.0, 1.0)
    lateral = folded[..., _LATERAL].min(axis=-1)
    full = np.clip(folded[..., _RAISE_IN].min(axis=-1) * 10 - 9, 0.0, 1.0)
    shapes[..., _INNER] = np.maximum(shapes[..., _INNER], lateral * full)
    shapes[..., _CLOSE] = folded[..., _TOGETHER] @ _QUARTERS * folded[..., _JAW]
    return shapes
