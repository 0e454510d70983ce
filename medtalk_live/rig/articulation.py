"""What the controls do to the mouth: lip aperture, rounding and labiodental contact.

The one place that knows which controls open, round or bite the lips; the lip
seal, the training losses, the speech measures and the drawing rest on it.
Works on numpy arrays and torch tensors of shape (..., 174) alike. Pure.
Source: weights measured on the lip vertices of a scanned head where they can
be (jaw, lip depress and raise, funnel, chin raise, press, roll), else judged.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from medtalk_live.rig.controls import COUNT, NAMES, FloatArray, index

SEALED_APERTURE = 0.03
"""At or below this aperture the lips touch along their whole length."""

DEPRESS, RAISE = 0.20, 0.23
"""How far lowerLipDepress and upperLipRaise part the lips, whatever lipsTogether does."""

_STICKY = {"mouth_sticky": 0.5, "mouth_stickyInner": 0.3, "mouth_stickyOuter": 0.2}
_ROUNDING = {
    "mouth_purse": 1.0,
    "mouth_towards": 0.5,
    "mouth_funnel": 0.6,
    "mouth_cornerPull": -0.7,
    "mouth_stretch": -0.5,
    "mouth_dimple": -0.3,
    "mouth_corner.tx": -0.5,
}
_LABIODENTAL = {"mouth_lipBiteD": 1.0, "mouth_lipsRollD": 0.4, "mouth_lipsTowardsTeethD": 0.2}


def members(channel: str) -> list[int]:
    """Positions of every control of a channel, its sides and halves together.

    ``"mouth_purse"`` is four controls (left, right, upper, lower),
    ``"mouth_lipsRollD"`` two, ``"jaw"`` one; an axis may be named
    (``"mouth_corner.tx"``), else it is the vertical one.

    Raises:
        RigError: no control belongs to the channel.
    """
    part, _, axis = channel.partition(".")
    tail = f"-translate{axis[-1:].upper() or 'Y'}"
    stems = {f"CTRL_{side}_{part}{half}{tail}" for side in "CLR" for half in ("", "U", "D")}
    found = [i for i, name in enumerate(NAMES) if name in stems]
    return found or [index(channel)]


def channel_mean(controls: Any, channel: str) -> Any:
    """Mean of a channel's controls; (..., 174) array or tensor -> (...)."""
    return controls[..., _positions(channel)].mean(-1)


@cache
def _positions(channel: str) -> list[int]:
    return members(channel)


class LipMeans(NamedTuple):
    """What the aperture is made of: means over left and right, upper and lower.

    All are linear in the controls, so one matrix gives them; entries are
    floats, or arrays or tensors of shape (...,).
    """

    jaw: Any
    jaw_extreme: Any
    together: Any
    sticky: Any
    lip_sticky: Any
    purse: Any
    towards: Any
    bite_lower: Any
    depress: Any
    raised: Any
    funnel: Any
    chin_raise_upper: Any
    chin_raise_lower: Any
    press: Any
    press_upper: Any
    roll_lower: Any
    roll_upper: Any
    tighten: Any
    stretch_close: Any


_CHANNELS: dict[str, dict[str, float]] = {
    "jaw": {"jaw": 1.0},
    "jaw_extreme": {"jaw_openExtreme": 1.0},
    "together": {"mouth_lipsTogether": 1.0},
    "sticky": _STICKY,
    "lip_sticky": {"mouth_lipSticky": 1.0},
    "purse": {"mouth_purse": 1.0},
    "towards": {"mouth_towards": 1.0},
    "bite_lower": {"mouth_lipBiteD": 1.0},
    "depress": {"mouth_lowerLipDepress": 1.0},
    "raised": {"mouth_upperLipRaise": 1.0},
    "funnel": {"mouth_funnel": 1.0},
    "chin_raise_upper": {"jaw_ChinRaiseU": 1.0},
    "chin_raise_lower": {"jaw_ChinRaiseD": 1.0},
    "press": {"mouth_press": 1.0},
    "press_upper": {"mouth_lipsPressU": 1.0},
    "roll_lower": {"mouth_lipsRollD": 1.0},
    "roll_upper": {"mouth_lipsRollU": 1.0},
    "tighten": {"mouth_tighten": 1.0},
    "stretch_close": {"mouth_stretchLipsClose": 1.0},
}


def _weights(channels: dict[str, float]) -> FloatArray:
    """Column (174,) that sums the means of channels."""
    column = np.zeros(COUNT, np.float32)
    for channel, weight in channels.items():
        positions = members(channel)
        column[positions] += weight / len(positions)
    return column


_MATRIX = np.stack([_weights(_CHANNELS[name]) for name in LipMeans._fields], axis=1)
_SHAPES = np.stack([_weights(_ROUNDING), _weights(_LABIODENTAL)], axis=1)


def _project(controls: Any, matrix: FloatArray) -> Any:
    """``controls @ matrix`` with the last axis first; one product serves arrays and tensors."""
    if isinstance(controls, np.ndarray):
        return np.moveaxis(controls @ matrix, -1, 0)
    return (controls @ controls.new_tensor(matrix)).unbind(-1)


def lip_means(controls: Any) -> LipMeans:
    """The parts of the aperture; entries of shape (...,)."""
    return _limited(LipMeans(*_project(controls, _MATRIX)))


def lip_means_each(frames: FloatArray) -> list[LipMeans]:
    """``lip_means`` of each frame (n, 174) as plain numbers: the quicker way for very few."""
    return [_limited(LipMeans(*means)) for means in (frames @ _MATRIX).tolist()]


def _limited(means: LipMeans) -> LipMeans:
    return means._replace(
        jaw=_unit(means.jaw) + 0.5 * _unit(means.jaw_extreme),
        together=_unit(means.together),
    )


def _unit(value: Any) -> Any:
    """Kept within 0..1: a float, an array or a tensor."""
    return min(max(value, 0.0), 1.0) if isinstance(value, float) else value.clip(0.0, 1.0)


def aperture_parts(means: LipMeans) -> tuple[Any, Any]:
    """Aperture as ``parted * (1 - together) + rest``: what lipsTogether closes, and what not."""
    narrowing = (
        (1 - 0.8 * means.sticky)
        * (1 - 0.3 * means.lip_sticky)
        * (1 - 0.25 * means.purse)
        * (1 - 0.3 * means.towards)
        * (1 - 0.5 * means.bite_lower)
    )
    chin = 0.225 * means.chin_raise_lower
    room = 0.6 * means.jaw + 0.03
    chin_lift = (chin + room - abs(chin - room)) / 2  # the smaller of the two
    pressed = (
        0.10 * means.press
        + 0.05 * means.press_upper
        + 0.06 * means.roll_lower
        + 0.04 * means.roll_upper
        + 0.05 * means.tighten
        + 0.05 * means.stretch_close
    )
    parted = means.jaw * narrowing + 0.33 * means.funnel + 0.10 * means.chin_raise_upper
    return parted, DEPRESS * means.depress + RAISE * means.raised - chin_lift - pressed


def lip_aperture(controls: Any) -> Any:
    """Visible gap between the lips, about 0 closed to 1 wide open, shape (...,)."""
    return aperture_of(lip_means(controls))


def aperture_of(means: LipMeans) -> Any:
    """``lip_aperture`` of means that are already known, of their shape."""
    parted, rest = aperture_parts(means)
    return parted * (1 - means.together) + rest


def lip_rounding(controls: Any) -> Any:
    """Lip rounding, positive rounded and negative spread, shape (...,)."""
    return _project(controls, _SHAPES[:, :1])[0]


def labiodental_contact(controls: Any) -> Any:
    """Contact of the lower lip with the upper teeth, shape (...,)."""
    return _project(controls, _SHAPES[:, 1:])[0]
