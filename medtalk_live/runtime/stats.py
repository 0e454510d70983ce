"""What a live run measured in the last second, for the status line, JSON and bench.

The three threads add single numbers; once a second the pacing thread takes a
``Snapshot``. Adding is one append to a bounded deque, which needs no lock.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from medtalk_live.rig.controls import FloatArray

WINDOW = 600
SILENCE_DB = -100.0
_RATE_FRAMES = 120


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 99th percentile, in milliseconds (or whatever was added)."""

    p50: float
    p99: float

    @classmethod
    def of(cls, values: Iterable[float], scale: float = 1000.0) -> Spread:
        """Of values in seconds; zeros where there are none."""
        array = np.asarray(list(values)) * scale
        if array.size == 0:
            return cls(0.0, 0.0)
        return cls(*(round(float(np.quantile(array, q)), 3) for q in (0.5, 0.99)))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One second of a live run; ``as_json`` is what ``--json-stats`` prints.

    Attributes:
        seconds: Since the start.
        fps: Frames sent a second, over the last two.
        frames: Sent since the start.
        latency_ms: Sample in to datagram out.
        ready_ms: Sample in to frame computed.
        hear_ms: End of a chunk's sound to its arrival.
        compute_ms: One chunk's way through the engine.
        interval_ms: From one sending to the next.
        delay_ms: The fixed delay that frames wait for.
        input: Name, level in dB, whether connected, and what was lost.
        held: Ticks without a new frame.
        skipped: Frames that came too late.
        stalls: Times that the face eased to neutral.
        faults: Errors of the engine or of a sink that were survived.
        last_fault: The last of them in words.
        guidance: In words.
        sinks: Name, sent and failed of each.
        take: Name of the running take, or empty.
        control: Commands taken and datagrams refused.
        monitor_ms: How late the monitor plays the voice; None without a monitor.
        memory_mb: Resident memory.
    """

    seconds: float
    fps: float
    frames: int
    latency_ms: Spread
    ready_ms: Spread
    hear_ms: Spread
    compute_ms: Spread
    interval_ms: Spread
    delay_ms: float
    input: dict[str, Any]
    held: int
    skipped: int
    stalls: int
    faults: int
    last_fault: str
    guidance: str
    sinks: list[dict[str, Any]]
    take: str
    control: dict[str, int]
    monitor_ms: int | None
    memory_mb: float

    def as_json(self) -> dict[str, Any]:
        """Plain values for ``json.dumps``."""
        return asdict(self)


@dataclass(slots=True)
class Meter:
    """Rolling measurements of one live run."""

    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    ready: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    heard: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    compute: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    intervals: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    level_db: float = SILENCE_DB
    frames: int = 0
    faults: int = 0
    last_fault: str = ""
    _last_sent: float | None = None

    def sound(self, samples: FloatArray) -> None:
        """Follow the input level: up at once, down by about 20 dB a second."""
        power = float(np.mean(np.square(samples, dtype=np.float32))) if samples.size else 0.0
        level = 10.0 * math.log10(max(power, 1e-10))
        self.level_db = max(level, self.level_db - 0.2)

    def sent(self, now: float, sound_time: float) -> None:
        """One frame left for the sinks."""
        self.frames += 1
        self.latencies.append(now - sound_time)
        if self._last_sent is not None:
            self.intervals.append(now - self._last_sent)
        self._last_sent = now

    def fault(self, words: str) -> None:
        """Something went wrong that the run survived."""
        self.faults += 1
        self.last_fault = words

    @property
    def frame_rate(self) -> float:
        """Frames a second over the last two seconds or so; 0 before there were two."""
        recent = list(self.intervals)[-_RATE_FRAMES:]
        return len(recent) / sum(recent) if recent and sum(recent) > 0 else 0.0


def resident_mb() -> float:
    """Resident memory of this process in MB."""
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e6
