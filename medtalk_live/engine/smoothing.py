"""Two filters over time: a cap on the speed of every control, and a one-euro filter.

The cap keeps a change of guidance, or anything else, from moving a control
faster than a face does. The one-euro filter is optional; its delay is counted
in the declared latency. Engine thread.
Source: Casiez, Roussel, Vogel, "1 Euro Filter", CHI 2012; the speeds are the
fastest of two ARKit captures and a rig's capture of speech, rounded.
"""

from __future__ import annotations

import math

import numpy as np

from medtalk_live.engine.work import FaceWork
from medtalk_live.rig.controls import COUNT, FloatArray, region

_FRAME = 1.0 / 60.0
_TURN = 2 * math.pi * _FRAME  # of one hertz in one frame
_SPEED_HZ = 6.0  # the speed is smoothed less than published (1 Hz): syllables must not cancel out
_SPEED_SHARE = np.float32(_TURN * _SPEED_HZ / (_TURN * _SPEED_HZ + 1))
_FACE_STEP = 0.15  # a brow rises in 110 ms at the fastest
_FAST_STEP = 0.5  # eyes dart, lids blink and lips meet in 30 ms


def _steps() -> FloatArray:
    step = np.full(COUNT, _FAST_STEP, np.float32)
    step[region("brows", "nose", "cheeks", "ears")] = _FACE_STEP
    step.setflags(write=False)
    return step


FASTEST_STEP: FloatArray = _steps()
"""The fastest natural movement of each control (174,), units in a sixtieth of a second."""


def within_reach(last: FloatArray, wanted: FloatArray, sixtieths: float = 1.0) -> FloatArray:
    """As far from ``last`` (174,) towards ``wanted`` as a face can move in that time."""
    step = FASTEST_STEP * np.float32(sixtieths)
    near: FloatArray = np.clip(wanted, last - step, last + step)
    return near


class SpeedLimit:
    """No control moves faster than a face can."""

    def __init__(self) -> None:
        self._last: FloatArray | None = None

    def apply(self, work: FaceWork) -> None:
        """Limit the step from the last frame."""
        if self._last is not None:
            work.controls[:] = within_reach(self._last, work.controls)
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
