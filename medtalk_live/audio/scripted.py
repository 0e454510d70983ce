"""A source that does what a script says: for tests, simulations and drills.

It obeys ``AudioSource`` as the real ones do, on any clock, and can lose sound,
be late, be unplugged, come back, or fail to open, all at chosen moments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from medtalk_live.audio.source import AudioChunk, SourceHealth
from medtalk_live.clock import Clock, VirtualClock
from medtalk_live.errors import AudioError, DeviceError
from medtalk_live.rig.controls import FloatArray

CHUNK_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to the sound.

    Attributes:
        kind: ``drop`` (the sound is lost), ``delay`` (it comes late, in one
            burst), ``unplug`` (nothing comes, the source says that it is
            disconnected), ``fail`` (``read`` raises while it lasts).
        start_seconds: When, in the sound's own time.
        seconds: How long.
    """

    kind: Literal["drop", "delay", "unplug", "fail"]
    start_seconds: float
    seconds: float

    def covers(self, position: int, sample_rate: int) -> bool:
        """Whether the event lasts at this sample."""
        end = round((self.start_seconds + self.seconds) * sample_rate)
        return round(self.start_seconds * sample_rate) <= position < end


class ScriptedSource:
    """Plays an array, with faults; implements ``AudioSource``.

    Args:
        samples: Mono, float32, shape (n,).
        sample_rate: In Hz.
        events: What goes wrong, and when.
        clock: A virtual clock of its own by default.
        drift_ppm: How much faster the device's crystal runs than the clock.
        fails_to_open: The first so many calls of ``open`` raise.
    """

    realtime = True

    def __init__(
        self,
        samples: FloatArray,
        sample_rate: int = 16_000,
        events: Iterable[Event] = (),
        *,
        clock: Clock | None = None,
        drift_ppm: float = 0.0,
        fails_to_open: int = 0,
    ) -> None:
        self.name = "script"
        self.sample_rate = sample_rate
        self.ended = False
        self.health = SourceHealth()
        self._samples = samples
        self._events = tuple(events)
        self._clock = clock or VirtualClock()
        self._pace = 1.0 / (1.0 + drift_ppm * 1e-6)
        self._failures = fails_to_open
        self._count = max(1, round(CHUNK_SECONDS * sample_rate))
        self._position = 0
        self._started = 0.0

    def open(self) -> None:
        """Start the clock of the sound.

        Raises:
            DeviceError: as often as the script says.
        """
        if self._failures > 0:
            self._failures -= 1
            raise DeviceError("the scripted device is not there: plug it in")
        self._started = self._clock.now()
        self._position, self.ended = 0, False
        self.health.connected = True

    def read(self, timeout: float) -> AudioChunk | None:
        """The next 10 ms once they have been heard, as far as the script lets them through.

        Raises:
            AudioError: while an event ``fail`` lasts.
        """
        latest = self._clock.now() + timeout
        while self._position < len(self._samples):
            start = self._position
            end = min(start + self._count, len(self._samples))
            event = self._event_at(start)
            deadline = self._heard(end) if event is None else self._delivered(event, end)
            self._clock.wait_until(min(deadline, latest))
            if deadline > latest:
                return None
            self._position = end
            if event is not None and event.kind == "fail":
                raise AudioError("the scripted device failed: try again")
            self._connect(event is None or event.kind != "unplug")
            if event is None or event.kind == "delay":
                sound = self._samples[start:end]
                return AudioChunk(sound, start, self.sample_rate, self._heard(start))
        self.ended = True
        return None

    def close(self) -> None:
        """Stop; safe to call twice."""
        self.health.connected = False

    def _event_at(self, position: int) -> Event | None:
        lasting = (event for event in self._events if event.covers(position, self.sample_rate))
        return next(lasting, None)

    def _heard(self, position: int) -> float:
        return self._started + self._pace * position / self.sample_rate

    def _delivered(self, event: Event, end: int) -> float:
        if event.kind != "delay":
            return self._heard(end)
        over = event.start_seconds + event.seconds
        return max(self._heard(end), self._started + self._pace * over)

    def _connect(self, connected: bool) -> None:
        if connected and not self.health.connected:
            self.health.reconnects += 1
        self.health.connected = connected
