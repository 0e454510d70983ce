"""Raw s16le mono from standard input or a TCP port: speech synthesisers, another machine.

The sender may be faster than real time (a synthesiser hands over a sentence
at once) or silent for minutes: chunks come out at the speed of sound all the
same, and silence where nothing was sent, so the face keeps living. A sender
that is far ahead is held back by the full buffer. A reader thread fills the
buffer; ``read`` belongs to the capture thread.
"""

from __future__ import annotations

import numpy as np

from medtalk_live.audio.byte_feed import ByteFeed, StandardInput, TcpListener
from medtalk_live.audio.resample import checked_rate
from medtalk_live.audio.source import AudioChunk, SourceHealth
from medtalk_live.clock import Clock, SystemClock
from medtalk_live.errors import AudioError

CHUNK_SECONDS = 0.01
PATIENCE_SECONDS = 0.05
"""A sender in the middle of a word may be this late before silence takes its place."""

HOLE_SECONDS = 0.25
"""A shorter silence between two stretches of sound is a fault of the sender."""

CATCH_UP = 1.0002
"""Waiting sound is played this much faster: a sender's crystal may be off by 100 ppm."""

JITTER_SECONDS, JITTER_CATCH_UP = 0.1, 1.02
"""So little waiting sound is what a late packet left behind; it is made up for sooner."""


def open_stream(word: str, sample_rate: int, *, clock: Clock | None = None) -> RawStream:
    """The source that ``-`` (standard input), ``tcp:PORT`` or ``tcp:HOST:PORT`` means.

    Raises:
        AudioError: the word means none of these, or the rate is not in 8 to 96 kHz.
    """
    if word == "-":
        return RawStream(StandardInput(), sample_rate, clock=clock)
    host, _, port = word.removeprefix("tcp:").rpartition(":")
    if not word.startswith("tcp:") or not (port.isdigit() and int(port) <= 65535):
        raise AudioError(f"'{word}' names no stream: expected -, tcp:PORT or tcp:HOST:PORT")
    listener = TcpListener(host.strip("[]") or "127.0.0.1", int(port))
    return RawStream(listener, sample_rate, clock=clock)


class RawStream:
    """A stream of 16-bit little-endian mono samples; implements ``AudioSource``.

    Args:
        feed: Where the bytes come from.
        sample_rate: In Hz.
        clock: What real time is measured on.
    """

    realtime = True

    def __init__(self, feed: ByteFeed, sample_rate: int, *, clock: Clock | None = None) -> None:
        self.sample_rate = checked_rate(sample_rate)
        self.name = feed.name
        self.ended = False
        self.health = SourceHealth()
        self._feed = feed
        self._clock = clock or SystemClock()
        self._count = max(1, round(CHUNK_SECONDS * sample_rate))
        self._seconds = self._count / sample_rate
        self._position = 0
        self._due = 0.0  # when the next chunk's first sample is heard
        self._talking = False
        self._late = False
        self._silent_since: float | None = None

    def open(self) -> None:
        """Start to listen.

        Raises:
            AudioError: the port is taken or the address is not this machine's.
        """
        self._feed.open()
        self.name = self._feed.name
        self.ended, self._talking, self._position = False, False, 0
        self._due = self._clock.now()

    def read(self, timeout: float) -> AudioChunk | None:
        """The next 10 ms, as soon as they would have been heard."""
        if self.ended:
            return None
        heard = self._due + self._seconds
        latest = self._clock.now() + timeout
        if latest < heard:
            self._clock.wait_until(latest)
            return None
        self._clock.wait_until(heard)
        self.health.connected = self._feed.connected
        data = self._sound(latest, heard + PATIENCE_SECONDS)
        if data is None:
            return None
        return self._chunk(data)

    def close(self) -> None:
        """Stop listening; safe to call twice."""
        self._feed.close()
        self.health.connected = False
        self.ended = True

    def _sound(self, latest: float, give_up: float) -> bytes | None:
        """Bytes of one chunk: what was sent, else silence; None to come back later."""
        size = 2 * self._count
        self._late = False
        if self._talking:
            self._await(size, min(latest, give_up))
        waiting = self._feed.waiting
        if self._feed.finished and not waiting:
            self.ended = True
            return None
        hold = waiting < size and self._feed.connected  # more of this chunk may come
        if hold and self._talking and self._clock.now() < give_up:
            return None
        data = b"" if hold and not self._talking else self._feed.take(size)
        self._turn(talking=len(data) == size)
        return data

    def _turn(self, talking: bool) -> None:
        """A pause so short that it must be a hole in a word counts as an underflow."""
        if talking and self._silent_since is not None:
            self.health.underflows += self._due - self._silent_since < HOLE_SECONDS
            self._silent_since = None
        elif self._talking and not talking:
            self._silent_since = self._due
        self._talking = talking

    def _await(self, size: int, latest: float) -> None:
        """Give a sender in the middle of a word the time to go on."""
        while self._feed.waiting < size and self._feed.connected and self._clock.now() < latest:
            self._late = True
            self._clock.wait_until(min(latest, self._clock.now() + 0.002))

    def _chunk(self, data: bytes) -> AudioChunk:
        sent = np.frombuffer(data, "<i2").astype(np.float32) / 32768.0
        samples = np.zeros(self._count, np.float32)
        samples[: len(sent)] = sent
        if self._late and self._talking:  # what a late sender sends is heard later
            self._due = max(self._due, self._clock.now() - self._seconds)
        start, heard = self._position, self._due
        self._position += self._count
        self._due += self._seconds / self._pace()
        return AudioChunk(samples, start, self.sample_rate, heard)

    def _pace(self) -> float:
        waiting_seconds = self._feed.waiting / (2 * self.sample_rate)
        if not waiting_seconds:
            return 1.0
        return JITTER_CATCH_UP if waiting_seconds < JITTER_SECONDS else CATCH_UP
