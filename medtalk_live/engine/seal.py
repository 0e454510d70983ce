"""The lip seal: on p, b and m the lips touch, whatever the face feels.

Two things speak for a seal: the network's probability of a bilabial, and how
near its own curves bring the lips; together they find more seals with fewer
false ones than either alone. Hysteresis, a ramp of two frames and a minimum
hold make it seen and keep it from chattering. Lips touch lightly where the
network is in doubt and press where it is certain. Where a network gives no
probability, a closing that it almost reaches is completed. Frames without a
seal are left alone. Engine thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from medtalk_live.engine.lips import Closing, close, measure
from medtalk_live.engine.work import FaceWork
from medtalk_live.guidance.mixer import smoothstep
from medtalk_live.rig.articulation import aperture_of


@dataclass(frozen=True, slots=True)
class SealSettings:
    """When and how the lips are sealed.

    A seal begins at a probability of ``sure``, or where the lips come so near
    each other that ``aperture - pull * probability`` falls to ``on``.

    Attributes:
        sure: See above.
        pull: Aperture that a sure bilabial makes up for.
        on: See above.
        off: That sum has to rise above this for the seal to end.
        fall: Share of ``sure``, or of the highest probability of this seal,
            below which the probability has to fall for it to end; the next
            one needs as clear a rise.
        near: Aperture at which a seal begins where there is no probability.
        clear: Aperture from which the next such seal can come: lips that rest
            or linger near each other are not sealed over and over.
        attack_frames: From open to sealed.
        hold_frames: Sealed at least.
        release_frames: From sealed to open.
        light: Aperture of lips that touch in doubt: they just meet.
        firm: Aperture of lips that are pressed together in certainty.
        doubt: Probability up to which a touch is light.
        certain: Probability from which on the lips are pressed.
        closing: What gives way; its target counts where there is no probability.
    """

    sure: float = 0.14
    pull: float = 0.3
    on: float = 0.025
    off: float = 0.045
    fall: float = 0.75
    near: float = 0.05
    clear: float = 0.1
    attack_frames: int = 2
    hold_frames: int = 2
    release_frames: int = 2
    light: float = 0.028
    firm: float = -0.06
    doubt: float = 0.12
    certain: float = 0.5
    closing: Closing = field(default_factory=Closing)


FAR_LOOK_AHEAD_MS = 80.0
"""At this look-ahead ``SealSettings`` holds as it stands."""

_HEARS_NOTHING_AHEAD = {"sure": 0.25, "on": 0.0, "off": 0.02, "firm": 0.01}


def seal_settings(look_ahead_ms: float) -> SealSettings:
    """Settings for a network that hears so much of the future.

    The less it hears, the surer it has to be, and the less firmly the lips
    press: a keen seal would chatter, and a late one would come too hard.
    """
    far = min(1.0, look_ahead_ms / FAR_LOOK_AHEAD_MS)
    settings = SealSettings()
    return replace(
        settings,
        **{
            name: (1.0 - far) * near + far * getattr(settings, name)
            for name, near in _HEARS_NOTHING_AHEAD.items()
        },
    )


_CERTAIN = 0.7
"""A probability that falls from above to this has not fallen: a long m may waver."""


class LipSeal:
    """The seal of one stream.

    Args:
        settings: Thresholds, ramps and what gives way.
    """

    def __init__(self, settings: SealSettings | None = None) -> None:
        self._settings = settings or SealSettings()
        self._wanted = False
        self._turn = 0.0  # highest probability of this seal, or lowest since the last
        self._closing = False
        self._surest = 0.0  # highest probability since the lips began to close
        self._held = 0
        self._phase = 0.0
        self._armed = False

    def apply(self, work: FaceWork) -> None:
        """Close the lips as far as this frame asks for."""
        means = measure(work.controls)
        self._judge(aperture_of(means), work.seal)
        self._advance()
        if self._phase > 0.0:
            close(work.controls, means, smoothstep(self._phase), self._how(work.seal))
        else:
            self._surest = 0.0

    def _how(self, probability: float) -> Closing:
        settings = self._settings
        if math.isnan(probability):
            return settings.closing
        self._surest = max(self._surest, probability)
        share = (self._surest - settings.doubt) / (settings.certain - settings.doubt)
        target = settings.light + min(1.0, max(0.0, share)) * (settings.firm - settings.light)
        return replace(settings.closing, target=target)

    def _judge(self, aperture: float, probability: float) -> None:
        settings = self._settings
        on, off = settings.on, settings.off
        if math.isnan(probability):
            probability, on, off = 0.0, settings.near, settings.near + off - on
        self._armed = self._armed or aperture >= settings.clear
        evidence = aperture - settings.pull * probability
        unsure = evidence > off and probability < settings.fall * settings.sure
        if self._wanted:
            self._turn = max(self._turn, min(probability, _CERTAIN))
            self._wanted = not unsure and probability >= settings.fall * self._turn
            return
        self._turn = min(self._turn, probability)
        rises = probability >= settings.sure and settings.fall * probability >= self._turn
        if rises or (evidence <= on and self._armed):
            self._wanted, self._armed = True, False
            self._turn = min(probability, _CERTAIN)

    def _advance(self) -> None:
        self._closing = self._closing or self._wanted
        if not self._closing:
            self._phase = max(0.0, self._phase - 1.0 / self._settings.release_frames)
            return
        self._phase = min(1.0, self._phase + 1.0 / self._settings.attack_frames)
        self._held += self._phase == 1.0
        if not self._wanted and self._held >= self._settings.hold_frames:
            self._closing, self._held = False, 0
