"""SMPTE timecode: labels, frame numbers, and sources that know the time of day.

A source gives the seconds since 00:00:00:00 for a moment on the steady clock;
``frame_at`` and ``label`` turn them into the frame count and ``HH:MM:SS:FF``
of any rate. 29.97, 59.94 and 119.88 use drop-frame labels (a semicolon), as
SMPTE ST 12-1 counts them. Pure functions, any thread.
"""

from __future__ import annotations

import math
import re
import time
from fractions import Fraction
from typing import Protocol

from medtalk_live.clock import Clock, SystemClock
from medtalk_live.errors import ConfigError

DAY_SECONDS = 86_400
_ROUNDING = 1e-4
_LABEL = re.compile(r"(\d\d):(\d\d):(\d\d)([:;])(\d\d\d?)")


class TimecodeSource(Protocol):
    """Knows which time of day a moment on the steady clock is.

    Attributes:
        drop_frame: Whether labels are drop-frame; None leaves it to the frame rate.
    """

    drop_frame: bool | None

    def seconds_at(self, steady_time: float) -> float:
        """Seconds since 00:00:00:00, in 0..86400."""
        ...


class SystemTimecode:
    """The machine's local time of day, tied to the steady clock once, at the start."""

    drop_frame: bool | None = None

    def __init__(self, clock: Clock | None = None) -> None:
        steady, wall = (clock or SystemClock()).now(), time.time()
        local = time.localtime(wall)
        seconds = local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec + wall % 1
        self._midnight = steady - seconds

    def seconds_at(self, steady_time: float) -> float:
        """Seconds since local midnight."""
        return (steady_time - self._midnight) % DAY_SECONDS


def drops(fps: Fraction) -> bool:
    """Whether a rate counts drop-frame: 29.97, 59.94 and 119.88."""
    return fps.denominator == 1001 and round(fps) % 30 == 0


def frame_at(seconds: float, fps: Fraction) -> tuple[int, float]:
    """Frames since midnight at a time of day, and the fraction of the next one."""
    position = seconds * float(fps)
    number = math.floor(position + _ROUNDING)
    return number, max(0.0, position - number)


def label(frame: int, fps: Fraction, drop: bool | None = None) -> str:
    """``HH:MM:SS:FF`` of a frame since midnight, ``HH:MM:SS;FF`` where frames are dropped.

    Args:
        frame: Count since midnight; a second day starts at 0 again.
        fps: Frame rate; FF counts to its next whole number.
        drop: False for non-drop labels at a rate that has drop-frame ones.
    """
    base = round(fps)
    drop = drops(fps) and drop is not False
    if drop:
        frame = _with_dropped(frame % _drop_day(base), base)
    seconds, frames = divmod(frame, base)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours % 24:02}:{minutes:02}:{seconds:02}{';' if drop else ':'}{frames:02}"


def parse_label(text: str, fps: Fraction) -> int:
    """Frames since midnight of ``HH:MM:SS:FF``; a semicolon means drop-frame.

    Raises:
        ConfigError: not a timecode, or one that this rate does not have.
    """
    match = _LABEL.fullmatch(text)
    if match is None:
        raise ConfigError(f"'{text}' is not a timecode: write HH:MM:SS:FF (or ;FF, drop-frame)")
    hours, minutes, seconds, frames = (int(match[i]) for i in (1, 2, 3, 5))
    base, drop = round(fps), match[4] == ";"
    skipped = drop and minutes % 10 and seconds == 0 and frames < base // 15
    if drop and base % 30:
        raise ConfigError(f"{float(fps):g} frames a second have no drop-frame timecode {text}")
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= base or skipped:
        raise ConfigError(f"the timecode {text} does not exist at {float(fps):g} frames a second")
    total_minutes = 60 * hours + minutes
    count = (60 * total_minutes + seconds) * base + frames
    return count - (base // 15) * (total_minutes - total_minutes // 10) if drop else count


def at(source: TimecodeSource, steady_time: float, fps: Fraction) -> str:
    """The label of a moment, for the hello."""
    return label(frame_at(source.seconds_at(steady_time), fps)[0], fps, source.drop_frame)


def _drop_day(base: int) -> int:
    return base * DAY_SECONDS - (base // 15) * (1440 - 144)


def _with_dropped(frame: int, base: int) -> int:
    """Add the labels that drop-frame leaves out: base/15 a minute, but not each tenth."""
    missing = base // 15
    per_minute = 60 * base - missing
    tens, rest = divmod(frame, 10 * per_minute + missing)
    minutes = max(0, (rest - missing) // per_minute)
    return frame + missing * (9 * tens + minutes)
