"""The border where sound comes in: ``AudioChunk`` and the ``AudioSource`` protocol.

A source delivers mono chunks at its own rate with integer positions and the
steady-clock time at which the chunk's first sample was heard. Sources belong
to the capture thread; ``read`` is the only call that blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A stretch of sound.

    Attributes:
        samples: Mono, float32 in [-1, 1], shape (n,).
        start_sample: Position of the first sample since the source opened, at
            ``sample_rate``; a jump means that sound was lost.
        sample_rate: In Hz.
        capture_time: Steady-clock seconds at which the first sample was heard.
    """

    samples: NDArray[np.float32]
    start_sample: int
    sample_rate: int
    capture_time: float


@dataclass(slots=True)
class SourceHealth:
    """Counters that a source keeps for the status line and the statistics."""

    overflows: int = 0
    underflows: int = 0
    reconnects: int = 0
    connected: bool = False


class AudioSource(Protocol):
    """Anything that can be listened to.

    Attributes:
        name: For the status line.
        sample_rate: Rate of the chunks in Hz, known after ``open``.
        realtime: False where chunks may be taken as fast as they can be read.
        ended: True once ``read`` will never give a chunk again.
        health: Counters.
    """

    name: str
    sample_rate: int
    realtime: bool
    ended: bool
    health: SourceHealth

    def open(self) -> None:
        """Start capturing; raises ``AudioError`` with a remedy where it cannot."""
        ...

    def read(self, timeout: float) -> AudioChunk | None:
        """Next chunk, or None where none came within ``timeout`` seconds or the end is reached."""
        ...

    def close(self) -> None:
        """Stop and free the device; safe to call twice."""
        ...
