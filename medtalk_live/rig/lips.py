"""What the lips do, read from the controls: aperture, rounding, labiodental contact.

The one place that turns control values into lip measures: the animator solves
for the aperture, the losses train on it, the finish layer and the evaluation
read it. Written with operators and methods that numpy arrays and torch tensors
share, so all of them use the same numbers. Pure, any thread.
Source: lip-aperture weights measured on a scanned head's lip vertices, the
others judged; left and right, upper and lower are averaged.
"""

from __future__ import annotations

from typing import Any

from medtalk_live.rig.controls import NAMES, index

SEALED_APERTURE = 0.03
"""At or below this aperture the lips touch."""


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
    found = [i for i, name in enumerate(NAMES) if name in stems | {f"CTRL_{part}{tail}"}]
    return found or [index(channel)]


_MEMBERS: dict[str, list[int]] = {}


def channel_mean(controls: Any, channel: str) -> Any:
    """Mean of a channel's controls; (..., 174) array or tensor -> (...)."""
    if channel not in _MEMBERS:
        _MEMBERS[channel] = members(channel)
    return controls[..., _MEMBERS[channel]].mean(-1)


def lip_aperture(controls: Any) -> Any:
    """Lip aperture A; about 0 closed, below 0 pressed, 0.03 and less sealed.

    Args:
        controls: (..., 174), numpy array or torch tensor.

    Returns:
        (...), of the same kind, in units of the jaw control.
    """

    def mean(part: str) -> Any:
        return channel_mean(controls, part)

    jaw = mean("jaw").clip(0, 1) + 0.5 * mean("jaw_openExtreme").clip(0, 1)
    apart = 1 - mean("mouth_lipsTogether")
    sticky = 0.5 * mean("mouth_sticky")
    sticky = sticky + 0.3 * mean("mouth_stickyInner") + 0.2 * mean("mouth_stickyOuter")
    drawn = (1 - 0.8 * sticky) * (1 - 0.3 * mean("mouth_lipSticky"))
    drawn = drawn * (1 - 0.25 * mean("mouth_purse")) * (1 - 0.3 * mean("mouth_towards"))
    drawn = drawn * (1 - 0.5 * mean("mouth_lipBiteD"))
    chin, most = 0.225 * mean("jaw_ChinRaiseD"), 0.6 * jaw + 0.03
    lifted = chin - (chin - most).clip(min=0)  # the smaller of the two
    parted = 0.20 * mean("mouth_lowerLipDepress") + 0.23 * mean("mouth_upperLipRaise")
    parted = parted + (0.33 * mean("mouth_funnel") + 0.10 * mean("jaw_ChinRaiseU")) * apart
    pressed = 0.10 * mean("mouth_press") + 0.05 * mean("mouth_lipsPressU")
    pressed = pressed + 0.06 * mean("mouth_lipsRollD") + 0.04 * mean("mouth_lipsRollU")
    pressed = pressed + 0.05 * mean("mouth_tighten") + 0.05 * mean("mouth_stretchLipsClose")
    return jaw * apart * drawn + parted - lifted - pressed


def lip_rounding(controls: Any) -> Any:
    """Rounding R: above 0 rounded, below 0 spread; (..., 174) -> (...)."""

    def mean(part: str) -> Any:
        return channel_mean(controls, part)

    rounded = mean("mouth_purse") + 0.5 * mean("mouth_towards") + 0.6 * mean("mouth_funnel")
    spread = 0.7 * mean("mouth_cornerPull") + 0.5 * mean("mouth_stretch")
    spread = spread + 0.3 * mean("mouth_dimple") + 0.5 * mean("mouth_corner.tx")
    return rounded - spread


def labiodental_contact(controls: Any) -> Any:
    """Contact F of the lower lip with the upper teeth; (..., 174) -> (...)."""
    bite, roll = channel_mean(controls, "mouth_lipBiteD"), channel_mean(controls, "mouth_lipsRollD")
    return bite + 0.4 * roll + 0.2 * channel_mean(controls, "mouth_lipsTowardsTeethD")
