"""The silence gate: a mouth that rests while nobody speaks.

In silence jaw, lips and tongue take the expression's own resting shape with
the lips closed, which follows the network only slowly, so noise does not move
them. The gate opens within two frames of the first voiced one and closes after
a hang time that outlasts stops and word ends. Engine thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtalk_live.engine.lips import Closing, close, measure
from medtalk_live.engine.work import FaceWork
from medtalk_live.guidance.mixer import smoothstep
from medtalk_live.rig.controls import FloatArray, pair, region

MOUTH = np.union1d(region("lips", "jaw", "tongue", "teeth"), pair("mouth_suckBlow"))


_AT_REST = Closing(target=0.02, jaw=0.0, funnel=0.5, stretch=0.2, corner_pull=0.0, full_change=0.1)


@dataclass(frozen=True, slots=True)
class SilenceSettings:
    """When the mouth rests.

    Attributes:
        on: Voice from which somebody speaks.
        off: Voice below which nobody does.
        open_frames: From rest to moving.
        hang_frames: The gate stays open so long after the last voice.
        close_frames: From moving to rest.
        follow_frames: Time constant of the resting shape.
        closing: How the resting lips are closed.
    """

    on: float = 0.5
    off: float = 0.3
    open_frames: int = 2
    hang_frames: int = 12
    close_frames: int = 12
    follow_frames: int = 60
    closing: Closing = _AT_REST


class SilenceGate:
    """The gate of one stream; it starts at rest.

    Args:
        settings: Thresholds and times.
    """

    def __init__(self, settings: SilenceSettings | None = None) -> None:
        self._settings = settings or SilenceSettings()
        self._hang = 0
        self._phase = 0.0
        self._shape: FloatArray | None = None

    def apply(self, work: FaceWork) -> None:
        """Lead the mouth towards rest as far as the silence asks for."""
        self._advance(work.voice)
        if self._phase >= 1.0:
            self._shape = None  # the next rest starts from the mouth as it then is
            return
        moving = work.controls[MOUTH]
        work.controls[MOUTH] = self._follow(moving)
        close(work.controls, measure(work.controls), 1.0, self._settings.closing)
        awake = np.float32(smoothstep(self._phase))
        still = work.controls[MOUTH]
        work.controls[MOUTH] = still + awake * (moving - still)

    def _advance(self, voice: float) -> None:
        settings = self._settings
        if voice >= (settings.off if self._hang else settings.on):
            self._hang = settings.hang_frames + 1
        self._hang = max(0, self._hang - 1)
        step = 1.0 / settings.open_frames if self._hang else -1.0 / settings.close_frames
        self._phase = max(0.0, min(1.0, self._phase + step))

    def _follow(self, mouth: FloatArray) -> FloatArray:
        """The expression's resting shape, before its lips are closed."""
        if self._shape is None:
            self._shape = mouth
        share = np.float32(1.0 / self._settings.follow_frames)
        self._shape = self._shape + share * (mouth - self._shape)
        return self._shape
