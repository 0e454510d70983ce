"""Which moment on the sender's steady clock a second of the stream belongs to.

Capture times jitter (a late callback) and an audio device's crystal is off by
up to 100 ppm, so the offset between samples and clock is followed slowly and
never jumps: frame times stay smooth and in order. Exact capture times give
exact frame times, whatever the chunk sizes. Engine thread; pure.
"""

from __future__ import annotations

from dataclasses import dataclass

FOLLOW_SECONDS = 2.0
"""Time constant; 100 ppm of drift then cost 0.2 ms."""

SLEW = 0.05
"""Frame times run at most this much faster or slower than the sound."""

JUMP_SECONDS = 0.25
PATIENCE_SECONDS = 0.3
"""An offset that is off by more for longer has really changed (replug, stall, clock jump)."""


@dataclass(slots=True)
class CaptureTime:
    """The running map from stream seconds to steady seconds.

    Attributes:
        offset: Steady time of stream second 0; 0 where no capture time was ever given.
    """

    offset: float = 0.0
    _first: float | None = None
    _last: float = 0.0
    _off_since: float | None = None

    def observe(self, second: float, capture_time: float) -> None:
        """Take note of when the sound of a stream second was captured."""
        seen = capture_time - second
        if self._first is None:
            self._first, self._last, self.offset = second, second, seen
            return
        passed, self._last = max(0.0, second - self._last), max(second, self._last)
        error = seen - self.offset
        if self._has_jumped(error, second):
            self.offset = seen
            return
        memory = min(FOLLOW_SECONDS, max(passed, second - self._first))
        step = error * min(1.0, passed / memory) if memory > 0 else 0.0
        self.offset += max(-SLEW * passed, min(SLEW * passed, step))

    def at(self, second: float) -> float:
        """Steady time of a stream second."""
        return self.offset + second

    def _has_jumped(self, error: float, second: float) -> bool:
        if abs(error) <= JUMP_SECONDS:
            self._off_since = None
            return False
        if self._off_since is None:
            self._off_since = second
        if second - self._off_since < PATIENCE_SECONDS:
            return False
        self._off_since = None
        return True
