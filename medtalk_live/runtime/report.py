"""One-second statistics of a live run, as JSON and as one status line.

Reads what the threads have counted; the main thread calls it, so that neither
quantiles nor a slow terminal can hold a frame up.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict
from typing import TextIO

from medtalk_live.runtime.control import ControlHealth
from medtalk_live.runtime.session import Session
from medtalk_live.runtime.stats import SILENCE_DB, Snapshot, Spread, resident_mb

_BARS = 10
_FLOOR_DB = -60.0


class Reporter:
    """Takes snapshots of a session.

    Args:
        session: The run.
        control: Counters of the control channel, None where there is none.
        take: Gives the running take's name, or nothing.
        monitor_delay_ms: Gives the delay of the monitor's sound, None without a monitor.
    """

    def __init__(
        self,
        session: Session,
        control: ControlHealth | None = None,
        take: Callable[[], str] = str,
        monitor_delay_ms: Callable[[], float] | None = None,
    ) -> None:
        self._session = session
        self._control = control
        self._take = take
        self._monitor_delay_ms = monitor_delay_ms
        self._started = session.clock.now()

    def snapshot(self) -> Snapshot:
        """The state now."""
        session, meter, pacer = self._session, self._session.meter, self._session.pacer
        now = session.clock.now()
        health = session.source.health
        return Snapshot(
            seconds=round(now - self._started, 3),
            fps=round(meter.frame_rate, 2),
            frames=meter.frames,
            latency_ms=Spread.of(list(meter.latencies)),
            ready_ms=Spread.of(list(meter.ready)),
            hear_ms=Spread.of(list(meter.heard)),
            compute_ms=Spread.of(list(meter.compute)),
            interval_ms=Spread.of(list(meter.intervals)),
            delay_ms=round(pacer.delay * 1000.0, 3),
            input={
                "name": session.source.name,
                "level_db": round(meter.level_db, 1),
                "dropped_ms": round(session.queue.dropped_seconds * 1000.0, 1),
                **asdict(health),
            },
            held=pacer.health.held,
            skipped=pacer.health.skipped,
            stalls=pacer.health.stalls,
            faults=meter.faults,
            last_fault=meter.last_fault,
            guidance=session.guidance_words,
            sinks=[{"name": sink.name, **asdict(sink.health)} for sink in session.sinks],
            take=self._take(),
            control={} if self._control is None else asdict(self._control),
            monitor_ms=None if self._monitor_delay_ms is None else round(self._monitor_delay_ms()),
            memory_mb=round(resident_mb(), 1),
        )


def status_text(now: Snapshot) -> str:
    """The status line: input level, latency, frame rate, guidance, sinks, take, drops."""
    parts = [
        f"{level_bar(now.input['level_db'])} {now.input['level_db']:4.0f} dB"
        if now.input["connected"]
        else "no sound coming in",
        f"{now.latency_ms.p50:3.0f} ms",
        f"{now.fps:4.1f} fps",
        now.guidance,
        " ".join(_sink_text(sink) for sink in now.sinks) or "no receiver",
    ]
    if now.monitor_ms is not None:
        parts.append(f"monitor +{now.monitor_ms} ms")
    if now.take:
        parts.append(f"REC {now.take}")
    if holes := now.input["overflows"] + now.input["underflows"]:
        parts.append(f"{holes} holes in the sound")
    lost = now.input["dropped_ms"]
    if lost:
        parts.append(f"too slow: {lost:.0f} ms of sound dropped")
    if now.held + now.skipped:
        parts.append(f"{now.held} held {now.skipped} skipped")
    if now.faults:
        parts.append(f"{now.faults} faults")
    return " | ".join(parts)


def level_bar(level_db: float) -> str:
    """A bar of ten steps from -60 dB to 0 dB."""
    share = (max(level_db, SILENCE_DB) - _FLOOR_DB) / -_FLOOR_DB
    filled = max(0, min(_BARS, round(share * _BARS)))
    return "#" * filled + "." * (_BARS - filled)


class StatusLine:
    """One line at the bottom of a terminal; silent in a pipe."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        self._length = 0

    def show(self, text: str) -> None:
        """Write over the line before."""
        if self._shown:
            text = text[: shutil.get_terminal_size().columns - 1]
            self._stream.write("\r" + text.ljust(self._length))
            self._stream.flush()
            self._length = len(text)

    def end(self) -> None:
        """Leave the last line standing."""
        if self._shown:
            self._stream.write("\n")
            self._stream.flush()


def _sink_text(sink: dict[str, object]) -> str:
    failed = sink["failed"]
    return f"{sink['name']}" + (f" ({failed} failed)" if failed else "")
