"""What the controls do to the mouth: lip aperture, rounding and labiodental contact.

The one place that knows which controls open, round or bite the lips; the lip
seal, the training losses, the speech measures and the drawing rest on it.
Works on numpy arrays and torch tensors of shape (..., 174) alike. Pure.
Source: weights measured on the lip vertices of a scanned head where they can
be (jaw, lip depress and raise, funnel, chin raise, press, roll), else judged.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from medtalk_live.rig.controls import index, pair

SEALED_APERTURE = 0.03
"""At or below this aperture the lips touch along their whole length."""

DEPRESS, RAISE = 0.20, 0.23
"""How far lowerLipDepress and upperLipRaise part the lips, whatever lipsTogether does."""


def _mean(controls: Any, *parts: str) -> Any:
    """Mean of left and right (and of several parts, such as upper and lower)."""
    columns = [column for part in parts for column in pair(part)]
    return sum(controls[..., column] for column in columns) / len(columns)


def jaw_opening(controls: Any) -> Any:
    """Opening of the jaw, 0..1.5, shape (...,)."""
    extreme = controls[..., index("C_jaw_openExtreme.ty")].clip(0.0, 1.0)
    return controls[..., index("C_jaw.ty")].clip(0.0, 1.0) + 0.5 * extreme


def lips_together(controls: Any) -> Any:
    """How far lipsTogether closes the lips over an open jaw, 0..1, shape (...,)."""
    return _mean(controls, "mouth_lipsTogetherD", "mouth_lipsTogetherU").clip(0.0, 1.0)


def _stickiness(controls: Any) -> Any:
    centre = (
        controls[..., index("C_mouth_stickyD.ty")] + controls[..., index("C_mouth_stickyU.ty")]
    ) / 2
    inner = _mean(controls, "mouth_stickyInnerD", "mouth_stickyInnerU")
    outer = _mean(controls, "mouth_stickyOuterD", "mouth_stickyOuterU")
    return 0.5 * centre + 0.3 * inner + 0.2 * outer


class LipMeans(NamedTuple):
    """What the aperture is made of: means over left and right, upper and lower.

    All are linear in the controls as long as these are in range, so one matrix
    gives them; entries are floats, or arrays or tensors of shape (...,).
    """

    jaw: Any
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


def lip_means(controls: Any) -> LipMeans:
    """The parts of the aperture; entries of shape (...,)."""
    return LipMeans(
        jaw=jaw_opening(controls),
        together=lips_together(controls),
        sticky=_stickiness(controls),
        lip_sticky=_mean(controls, "mouth_lipSticky"),
        purse=_mean(controls, "mouth_purseD", "mouth_purseU"),
        towards=_mean(controls, "mouth_towardsD", "mouth_towardsU"),
        bite_lower=_mean(controls, "mouth_lipBiteD"),
        depress=_mean(controls, "mouth_lowerLipDepress"),
        raised=_mean(controls, "mouth_upperLipRaise"),
        funnel=_mean(controls, "mouth_funnelD", "mouth_funnelU"),
        chin_raise_upper=_mean(controls, "jaw_ChinRaiseU"),
        chin_raise_lower=_mean(controls, "jaw_ChinRaiseD"),
        press=_mean(controls, "mouth_pressD", "mouth_pressU"),
        press_upper=_mean(controls, "mouth_lipsPressU"),
        roll_lower=_mean(controls, "mouth_lipsRollD"),
        roll_upper=_mean(controls, "mouth_lipsRollU"),
        tighten=_mean(controls, "mouth_tightenD", "mouth_tightenU"),
        stretch_close=_mean(controls, "mouth_stretchLipsClose"),
    )


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


def aperture(controls: Any) -> Any:
    """Visible gap between the lips, about 0 closed to 1 wide open, shape (...,)."""
    means = lip_means(controls)
    parted, rest = aperture_parts(means)
    return parted * (1 - means.together) + rest


def rounding(controls: Any) -> Any:
    """Lip rounding, positive rounded and negative spread, shape (...,)."""
    corner = controls[..., index("L_mouth_corner.tx")] + controls[..., index("R_mouth_corner.tx")]
    return (
        _mean(controls, "mouth_purseD", "mouth_purseU")
        + 0.5 * _mean(controls, "mouth_towardsD", "mouth_towardsU")
        + 0.6 * _mean(controls, "mouth_funnelD", "mouth_funnelU")
        - 0.7 * _mean(controls, "mouth_cornerPull")
        - 0.5 * _mean(controls, "mouth_stretch")
        - 0.3 * _mean(controls, "mouth_dimple")
        - 0.25 * corner
    )


def labiodental(controls: Any) -> Any:
    """Contact of the lower lip with the upper teeth, shape (...,)."""
    return (
        _mean(controls, "mouth_lipBiteD")
        + 0.4 * _mean(controls, "mouth_lipsRollD")
        + 0.2 * _mean(controls, "mouth_lipsTowardsTeethD")
    )
