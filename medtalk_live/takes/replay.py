"""Plays a take to sinks at its own pace, as if the performance were live.

Deadlines are absolute; times in the frames are those of this clock, so a
receiver cannot tell a replay from a live run. Blocks the calling thread.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from medtalk_live.clock import Clock, SystemClock
from medtalk_live.errors import TakeError
from medtalk_live.output.sink import FrameSink, StreamInfo
from medtalk_live.output.timecode import label, parse_label
from medtalk_live.rig.frames import ControlFrame
from medtalk_live.takes.take import Take

_LEAD_SECONDS = 0.05


def replay(
    take: Take,
    sinks: Sequence[FrameSink],
    speed: float = 1.0,
    clock: Clock | None = None,
    cancel: threading.Event | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Send every row of a take to opened sinks, hello every second, bye at the end.

    Args:
        take: What to play.
        sinks: Opened; they stay open.
        speed: 2 plays twice as fast.
        clock: Whose time the frames carry.
        cancel: Ends the replay when set.
        progress: Called with rows sent and rows in all, after each row.

    Returns:
        Rows sent.

    Raises:
        TakeError: the take is empty, or the speed is not above zero.
    """
    if not len(take):
        raise TakeError(f"{take.path} holds no rows: there is nothing to replay")
    if not 0 < speed < float("inf"):
        raise TakeError(f"a speed of {speed} cannot be played: give one above 0")
    clock = clock or SystemClock()
    session = random.getrandbits(31)
    sent = 0
    next_hello = 0.0
    start = clock.now() + _LEAD_SECONDS
    for frame, seconds in _timed(take, start, speed):
        if not clock.wait_until(frame.time, cancel):
            break
        if seconds / speed >= next_hello:
            info = _info(take, session, speed, seconds, frame.time)
            for sink in sinks:
                sink.hello(info)
            next_hello += 1.0
        for sink in sinks:
            sink.send(frame)
        sent += 1
        if progress is not None:
            progress(sent, len(take))
    for sink in sinks:
        sink.bye()
    return sent


def _timed(take: Take, start: float, speed: float) -> Iterator[tuple[ControlFrame, float]]:
    """Frames numbered without gaps, in this clock's time, with their time in the take."""
    for number, frame in enumerate(take.frames()):
        yield replace(frame, index=number, time=start + frame.time / speed), frame.time


def _info(take: Take, session: int, speed: float, seconds: float, now: float) -> StreamInfo:
    info = take.info
    words = [mark.words for mark in info.guidance if mark.time - take.start_time <= seconds]
    timecode = info.start_timecode
    if timecode:
        frame = parse_label(timecode, info.fps) + round(seconds * info.fps)
        timecode = label(frame, info.fps, ";" in timecode)
    return StreamInfo(
        subject=info.subject,
        session=session,
        version=info.software,
        fps=info.fps * Fraction(speed),
        latency_ms=0.0,
        control_port=0,
        model=info.model,
        guidance=words[-1] if words else "",
        timecode=timecode,
        timecode_time=now,
    )
