"""The bounded queue between capture and engine: when the engine is slow, the oldest sound goes.

A live face must show what is said now; what could not be computed in time is
dropped and counted, and the engine sees the gap in ``start_sample``.
Capture thread puts, engine thread gets.
"""

from __future__ import annotations

import threading
from collections import deque

from medtalk_live.audio.source import AudioChunk

CAPACITY_SECONDS = 0.25


class AudioQueue:
    """Chunks in order, at most ``capacity_seconds`` of them (but always the newest one)."""

    def __init__(self, capacity_seconds: float = CAPACITY_SECONDS) -> None:
        self._capacity = capacity_seconds
        self._chunks: deque[AudioChunk] = deque()
        self._seconds = 0.0
        self._ready = threading.Condition()
        self._closed = False
        self.dropped_seconds = 0.0

    @property
    def closed(self) -> bool:
        """Whether no chunk will come any more (those inside can still be taken)."""
        return self._closed

    @property
    def waiting(self) -> int:
        """Chunks inside."""
        return len(self._chunks)

    def put(self, chunk: AudioChunk) -> None:
        """Append a chunk; drops from the front what exceeds the capacity."""
        with self._ready:
            self._chunks.append(chunk)
            self._seconds += _seconds(chunk)
            while self._seconds > self._capacity and len(self._chunks) > 1:
                lost = _seconds(self._chunks.popleft())
                self._seconds -= lost
                self.dropped_seconds += lost
            self._ready.notify()

    def get(self, timeout: float) -> tuple[AudioChunk, float] | None:
        """The oldest chunk and all seconds dropped before it; None where none came in time."""
        with self._ready:
            if not self._chunks and not self._closed and timeout > 0:
                self._ready.wait(timeout)
            if not self._chunks:
                return None
            chunk = self._chunks.popleft()
            self._seconds = max(0.0, self._seconds - _seconds(chunk)) if self._chunks else 0.0
            return chunk, self.dropped_seconds

    def close(self) -> None:
        """Nothing more will come; wakes a waiting ``get``."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()


def _seconds(chunk: AudioChunk) -> float:
    return len(chunk.samples) / chunk.sample_rate
