"""Two filters over time: a cap on the speed of the upper face, and a one-euro filter.

The cap keeps a change of guidance from moving brows, cheeks or lids faster
than muscles do; the lips are exempt, speech is faster. The one-euro filter is
optional; its delay is counted in the declared latency. Engine thread.
Source: Casiez, Roussel, Vogel, "1 Euro Filter", CHI 2012.
"""

from __future__ import annotations

import math

import numpy as np

from medtalk_live.engine.work import FaceWork
from medtalk_live.rig.controls import COUNT, FloatArray, pair, region

_FRAME = 1.0 / 60.0
_TURN = 2 * math.pi * _FRAME  # of one hertz in one frame
_SPEED_HZ = 6.0  # the speed is smoothed less than published (1 Hz): syllables must not cancel out
_SPEED_SHARE = np.float32(_TURN * _SPEED_HZ / (_TURN * _SPEED_HZ + 1))
_FACE_STEP = 0.15  # a brow rises in 110 ms at the fastest
_LID_STEP = 0.25  # a lid falls in 70 ms
_EYE_STEP = 0.5  # an eye darts in 30 ms


def _steps() -> FloatArray:
    step = np.full(COUNT, np.inf, np.float32)
    step[region("brows", "nose", "cheeks", "ears")] = _FACE_STEP
    step[region("eyes")] = _EYE_STEP
    step[[*pair("eye_blink"), *pair("eye_eyelidU"), *pair("eye_eyelidD")]] = _LID_STEP
    return step


class SpeedLimit:
    """No control of the upper face moves faster than a face can."""

    def __init__(self) -> None:
        self._last: FloatArray | None = None
        self._step = _steps()

    def apply(self, work: FaceWork) -> None:
        """Limit the step from the last frame."""
        if self._last is not None:
            np.clip(
                work.controls, self._last - self._step, self._last + self._step, out=work.controls
            )
        self._last = work.controls.copy()


class OneEuro:
    """Calms slow movement, lets fast movement through.

    Args:
        slow_hz: Cut-off at rest.
        gain: Hertz of cut-off gained with each unit a second of speed.
    """

    SPEECH_SPEED = 3.0
    """Units a second of a lip in speech, at which the delay is declared."""

    def __init__(self, slow_hz: float = 4.0, gain: float = 3.0) -> None:
        self._slow_hz, self._gain = slow_hz, gain
        self._last: FloatArray | None = None
        self._speed = np.zeros(COUNT, np.float32)
        self.delay_ms = 1000.0 / (2 * math.pi * (slow_hz + gain * self.SPEECH_SPEED))

    def apply(self, work: FaceWork) -> None:
        """Replace the controls by the filtered ones."""
        if self._last is None:
            self._last = work.controls.copy()
        speed = (work.controls - self._last) / np.float32(_FRAME)
        self._speed += _SPEED_SHARE * (speed - self._speed)
        cutoff = np.float32(self._slow_hz) + np.float32(self._gain) * np.abs(self._speed)
        turn = np.float32(_TURN) * cutoff  # first-order low-pass with each control's own cut-off
        share = turn / (turn + 1)
        self._last += share * (work.controls - self._last)
        work.controls[:] = self._last
