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
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from medtalk_live.errors import ConfigError
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
_INNER = SHAPE_NAMES.index("BrowInnerUp")
_TOGETHER = np.asarray([*pair("mouth_lipsTogetherU"), *pair("mouth_lipsTogetherD")], np.intp)
_COMMON_GAZE = {
    index(f"{side}_eye.{axis}"): index(f"C_eye.{axis}") for side in "LR" for axis in ("tx", "ty")
}


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

    @classmethod
    def parse(cls, text: str) -> HeadAxes:
        """Read a scale, perhaps with our angles in the receiver's order; ``none`` keeps it still.

        Args:
            text: Such as ``50``, ``57.3:yaw,-pitch,roll`` or ``none``.

        Raises:
            ConfigError: it is none of these.
        """
        scale, _, angles = text.partition(":")
        try:
            degrees = math.inf if text == "none" else float(scale)
            words = [word.strip() for word in angles.split(",")] if angles else []
            signs = [-1.0 if word.startswith("-") else 1.0 for word in words]
            order = [_ANGLES.index(word.lstrip("-")) for word in words]
            if not degrees > 0 or sorted(order) != list(range(len(words) and 3)):
                raise ValueError
        except ValueError:
            raise ConfigError(
                f"the head's axes '{text}' are not understood: give the degrees that the receiver "
                "makes of the value 1, such as 50 or 50:yaw,-pitch,roll, or none"
            ) from None
        if not words:
            return cls(degrees)
        return cls(degrees, (signs[0], signs[1], signs[2]), (order[0], order[1], order[2]))


_ANGLES = ("yaw", "pitch", "roll")
DEFAULT_AXES = HeadAxes()

_TABLE = [
    (
        SHAPE_NAMES.index(row["arkit"]),
        index(row["control"]),
        float(row["value"]),
        row["read"] == "1",
    )
    for row in _rows("arkit_to_metahuman.csv")
]


def _forward() -> FloatArray:
    """What each shape adds to each control, (52, 174)."""
    weights = np.zeros((len(SHAPE_NAMES), COUNT), np.float32)
    for shape, control, value, _ in _TABLE:
        weights[shape, control] += value
    return weights


_FORWARD = _forward()

# The way back looks at one half (sign) of each control below, in this order:
# eyes, the other controls that a shape is read from, joined lips, brows.
_READ = sorted((row for row in _TABLE if row[3]), key=lambda row: row[1] not in _COMMON_GAZE)
_EYE_HALVES = sum(row[1] in _COMMON_GAZE for row in _READ)
_BROWS = (*pair("brow_lateral"), *pair("brow_raiseIn"))
_CONTROL = np.asarray([*(row[1] for row in _READ), *_TOGETHER, *_BROWS], np.intp)
_SIGN = np.asarray([*(np.sign(row[2]) for row in _READ), *[1] * 8], np.float32)
_GAZE = np.asarray([_COMMON_GAZE[control] for control in _CONTROL[:_EYE_HALVES]], np.intp)

# min(lateral, 10 * raised - 9): the inner part of a brow that is raised to its end
_BROW_SLOPE = np.asarray([1, 1, 10, 10], np.float32)
_BROW_OFFSET = np.asarray([0, 0, -9, -9], np.float32)


def _backward() -> FloatArray:
    """What each half tells about each shape, (halves, 52), less what another shape explains."""
    back = np.zeros((len(_CONTROL), len(SHAPE_NAMES)), np.float32)
    for position, (shape, _, value, _) in enumerate(_READ):
        back[position, shape] = 1 / abs(value)
    back[len(_READ) : len(_READ) + len(_TOGETHER), _CLOSE] = 1
    back /= np.maximum(np.count_nonzero(back, axis=0), 1)
    explained = np.maximum(_FORWARD[:, _CONTROL] * _SIGN, 0) @ back
    np.fill_diagonal(explained, 0)
    told: FloatArray = back - back @ explained
    return told


_BACKWARD = _backward()


def _head_and_eyes(axes: HeadAxes) -> tuple[FloatArray, FloatArray]:
    """What head (6,) and shapes (52,) add to the nine rotations."""
    head, eyes = np.zeros((6, 9), np.float32), np.zeros((len(SHAPE_NAMES), 9), np.float32)
    for column, (source, sign) in enumerate(zip(axes.order, axes.signs, strict=True)):
        head[source, column] = sign / axes.degrees_per_unit
    for side, right, left in (("Left", "In", "Out"), ("Right", "Out", "In")):
        for angle, plus, minus in (("Yaw", right, left), ("Pitch", "Down", "Up")):
            place = LIVE_LINK_NAMES.index(f"{side}Eye{angle}") - len(SHAPE_NAMES)
            eyes[SHAPE_NAMES.index(f"EyeLook{plus}{side}"), place] = EYE_RADIANS
            eyes[SHAPE_NAMES.index(f"EyeLook{minus}{side}"), place] = -EYE_RADIANS
    return head, eyes


_rotations = cache(_head_and_eyes)


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
    halves = controls.take(_CONTROL, axis=-1)
    halves[..., :_EYE_HALVES] += controls.take(_GAZE, axis=-1)
    halves *= _SIGN
    np.fmax(halves, 0.0, out=halves)  # fmax and fmin answer a NaN with the limit
    np.fmin(halves, 1.0, out=halves)
    shapes: FloatArray = halves @ _BACKWARD
    np.maximum(shapes, 0.0, out=shapes)
    np.minimum(shapes, 1.0, out=shapes)
    inner = (halves[..., -4:] * _BROW_SLOPE + _BROW_OFFSET).min(axis=-1)
    shapes[..., _INNER] = np.maximum(shapes[..., _INNER], inner)
    shapes[..., _CLOSE] *= shapes[..., _JAW_OPEN]
    return shapes


def to_live_link(
    controls: FloatArray, head: FloatArray, axes: HeadAxes = DEFAULT_AXES
) -> FloatArray:
    """Controls (..., 174) and head (..., 6) as Live Link Face's values (..., 61).

    Eye rotations are in radians: yaw positive to the character's right, pitch down, no roll.
    """
    shapes = from_controls(controls)
    of_head, of_eyes = _rotations(axes)
    return np.concatenate([shapes, head @ of_head + shapes @ of_eyes], axis=-1)
