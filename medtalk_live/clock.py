"""Samples, frames and seconds, in exact integers and fractions.

16,000 / 60 is not whole, so no position is ever a float that grows: positions
are integers, rates are ``Fraction``. ``Clock`` is the edge to real time; the
live run uses ``SystemClock``, simulations and tests ``VirtualClock``.
Pure functions, any thread.
"""

from __future__ import annotations

import threading
import time
from fractions import Fraction
from typing import Protocol

from medtalk_live.errors import ConfigError

SAMPLE_RATE = 16_000
"""Sample rate in Hz at which every model listens."""

NETWORK_FPS = Fraction(60)
"""Frame rate at which every model runs (MEDTalk, section 3)."""

_NTSC = {
    "23.976": Fraction(24_000, 1001),
    "23.98": Fraction(24_000, 1001),
    "29.97": Fraction(30_000, 1001),
    "47.952": Fraction(48_000, 1001),
    "47.95": Fraction(48_000, 1001),
    "59.94": Fraction(60_000, 1001),
    "119.88": Fraction(120_000, 1001),
}
_WHOLE = (24, 25, 30, 48, 50, 60, 120)


def parse_frame_rate(text: str | int | float | Fraction) -> Fraction:
    """Read a frame rate: 24, 25, 30, 48, 50, 60, 120 or an NTSC one (29.97, 30000/1001).

    Raises:
        ConfigError: the rate is not one of these.
    """
    word = f"{text:g}" if isinstance(text, float) else str(text)
    rates = {str(rate): Fraction(rate) for rate in _WHOLE} | _NTSC
    rates |= {str(rate): rate for rate in _NTSC.values()}
    if word not in rates:
        raise ConfigError(
            f"frame rate '{text}' is not known: use one of "
            f"{', '.join(map(str, _WHOLE))}, 23.976, 29.97, 47.952, 59.94, 119.88"
        )
    return rates[word]


def frame_count(samples: int, sample_rate: int = SAMPLE_RATE, fps: Fraction = NETWORK_FPS) -> int:
    """Whole frames in a clip: ``samples * fps // sample_rate``, in integers."""
    return samples * fps.numerator // (sample_rate * fps.denominator)


def frame_to_sample(frame: int, sample_rate: int = SAMPLE_RATE, fps: Fraction = NETWORK_FPS) -> int:
    """First sample at or after the start of a frame (the start rounded up)."""
    return -(-frame * sample_rate * fps.denominator // fps.numerator)


def frame_seconds(frame: int, fps: Fraction = NETWORK_FPS) -> float:
    """Time of a frame in seconds from the start, from one exact division."""
    return float(Fraction(frame) / fps)


class Clock(Protocol):
    """A steady clock in seconds that can be waited on."""

    def now(self) -> float:
        """Seconds since an arbitrary start; never goes back."""
        ...

    def wait_until(self, deadline: float, cancel: threading.Event | None = None) -> bool:
        """Block until ``deadline`` or until ``cancel`` is set; True unless cancelled."""
        ...


class SystemClock:
    """The machine's monotonic clock (``time.perf_counter``: fine-grained on Windows too)."""

    def now(self) -> float:
        """Seconds on the machine's steady clock."""
        return time.perf_counter()

    def wait_until(self, deadline: float, cancel: threading.Event | None = None) -> bool:
        """Sleep to an absolute deadline, in short waits so that Ctrl-C is met on Windows."""
        while (left := deadline - self.now()) > 0:
            pause = min(left, 0.1)
            if cancel is None:
                time.sleep(pause)
            elif cancel.wait(pause):
                return False
        return not (cancel is not None and cancel.is_set())


class VirtualClock:
    """A clock that moves only when somebody waits on it or calls ``advance``."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> float:
        """The simulated time in seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the time on (or back, to simulate a clock jump)."""
        with self._lock:
            self._now += seconds

    def wait_until(self, deadline: float, cancel: threading.Event | None = None) -> bool:
        """Jump to the deadline at once."""
        if cancel is not None and cancel.is_set():
            return False
        with self._lock:
            self._now = max(self._now, deadline)
        return True
