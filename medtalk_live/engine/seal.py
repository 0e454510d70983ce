"""The lip seal: on p, b and m the lips touch, whatever the face feels.

Follows the network's probability of a bilabial through hysteresis, a ramp of
two to three frames and a minimum hold, so that a seal is seen and never
chatters. Where a network does not tell, a closing that its own curves almost
reach is completed. Frames without a seal are left alone. Engine thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from medtalk_live.engine.lips import Closing, aperture_of, close, measure
from medtalk_live.engine.work import FaceWork
from medtalk_live.guidance.mixer import smoothstep


@dataclass(frozen=True, slots=True)
class SealSettings:
    """When and how the lips are sealed; the starter's tuning is the default.

    Attributes:
        on: Probability at which a seal begins.
        off: Probability at which it ends.
        near: Own aperture that counts as a seal where the network gives no probability.
        parting: Own aperture at which such a seal ends.
        clear: Own aperture after which the next may come.
        attack_frames: From open to sealed.
        hold_frames: Sealed at least.
        release_frames: From sealed to open.
        closing: What gives way.
    """

    on: float = 0.5
    off: float = 0.4
    near: float = 0.05
    parting: float = 0.06
    clear: float = 0.2
    attack_frames: int = 2
    hold_frames: int = 2
    release_frames: int = 2
    closing: Closing = field(default_factory=Closing)


class LipSeal:
    """The seal of one stream.

    Args:
        settings: Thresholds, ramps and what gives way.
    """

    def __init__(self, settings: SealSettings | None = None) -> None:
        self._settings = settings or SealSettings()
        self._wanted = False
        self._closing = False
        self._held = 0
        self._phase = 0.0
        self._armed = False

    def apply(self, work: FaceWork) -> None:
        """Close the lips as far as this frame asks for."""
        means = None
        if math.isnan(work.seal):
            means = measure(work.controls)
            self._follow_aperture(aperture_of(means))
        else:
            self._wanted = work.seal >= (self._settings.off if self._wanted else self._settings.on)
        self._advance()
        if self._phase > 0.0:
            means = means or measure(work.controls)
            close(work.controls, means, smoothstep(self._phase), self._settings.closing)

    def _follow_aperture(self, aperture: float) -> None:
        """Lips that come from open to almost closed mean to close."""
        settings = self._settings
        if aperture <= settings.near and self._armed:
            self._wanted, self._armed = True, False
        elif aperture > settings.parting:
            self._wanted = False
            self._armed = self._armed or aperture >= settings.clear

    def _advance(self) -> None:
        self._closing = self._closing or self._wanted
        if not self._closing:
            self._phase = max(0.0, self._phase - 1.0 / self._settings.release_frames)
            return
        self._phase = min(1.0, self._phase + 1.0 / self._settings.attack_frames)
        self._held += self._phase == 1.0
        if not self._wanted and self._held >= self._settings.hold_frames:
            self._closing, self._held = False, 0
