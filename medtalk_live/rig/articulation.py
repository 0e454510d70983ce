"""What the controls do to the mouth: lip aperture, rounding and labiodental contact.

The one place that knows which controls open, round or bite the lips; the lip
seal, the training losses, the speech measures and the drawing rest on it.
Works on numpy arrays and torch tensors of shape (..., 174) alike. Pure.
Source: weights measured on the lip vertices of a scanned head where they can
be (jaw, lip depress and raise, funnel, chin raise, press, roll), else judged.
"""

from __future__ import annotations

from typing import Any

from medtalk_live.rig.controls import index, pair

SEALED_APERTURE = 0.03
"""At or below this aperture the lips touch along their whole length."""


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


def _narrowing(controls: Any) -> Any:
    """Share of the jaw's opening that shows between the lips."""
    return (
        (1 - 0.8 * _stickiness(controls))
        * (1 - 0.3 * _mean(controls, "mouth_lipSticky"))
        * (1 - 0.25 * _mean(controls, "mouth_purseD", "mouth_purseU"))
        * (1 - 0.3 * _mean(controls, "mouth_towardsD", "mouth_towardsU"))
        * (1 - 0.5 * _mean(controls, "mouth_lipBiteD"))
    )


def aperture(controls: Any) -> Any:
    """Visible gap between the lips, about 0 closed to 1 wide open, shape (...,)."""
    jaw = jaw_opening(controls)
    apart = 1 - lips_together(controls)
    funnel = _mean(controls, "mouth_funnelD", "mouth_funnelU")
    parted = (
        0.20 * _mean(controls, "mouth_lowerLipDepress")
        + 0.23 * _mean(controls, "mouth_upperLipRaise")
        + (0.33 * funnel + 0.10 * _mean(controls, "jaw_ChinRaiseU")) * apart
    )
    chin = 0.225 * _mean(controls, "jaw_ChinRaiseD")
    room = 0.6 * jaw + 0.03
    chin_lift = (chin + room - abs(chin - room)) / 2  # the smaller of the two
    pressed = (
        0.10 * _mean(controls, "mouth_pressD", "mouth_pressU")
        + 0.05 * _mean(controls, "mouth_lipsPressU")
        + 0.06 * _mean(controls, "mouth_lipsRollD")
        + 0.04 * _mean(controls, "mouth_lipsRollU")
        + 0.05 * _mean(controls, "mouth_tightenD", "mouth_tightenU")
        + 0.05 * _mean(controls, "mouth_stretchLipsClose")
    )
    return jaw * apart * _narrowing(controls) + parted - chin_lift - pressed


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
