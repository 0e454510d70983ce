"""Chunks of any rate and length in, one gapless 16 kHz stream out.

Positions decide, not arrival: lost sound is filled with silence, sound that
comes twice is dropped, so audio and frames never drift apart. What is not a
number becomes silence. Engine thread; does not block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtalk_live.audio.resample import StreamResampler, checked_rate, finite, to_mono
from medtalk_live.audio.source import AudioChunk
from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.engine.capture_time import CaptureTime
from medtalk_live.errors import AudioError
from medtalk_live.rig.controls import FloatArray

LONGEST_FILL_SECONDS = 1


@dataclass(slots=True)
class EngineStats:
    """What went wrong so far; every count only grows.

    Attributes:
        bad_samples: Samples that were not numbers, or far out of range.
        bad_frames: Network frames that were not numbers.
        gaps: Times that sound was missing.
        lost_samples: Missing samples, at the source's rate.
        repeated_samples: Samples that came twice and were dropped.
        frames: Network frames computed.
    """

    bad_samples: int = 0
    bad_frames: int = 0
    gaps: int = 0
    lost_samples: int = 0
    repeated_samples: int = 0
    frames: int = 0


class Intake:
    """The sound that waits for its hop.

    Args:
        sample_rate: Of the source in Hz.
        whole_seconds: Long gaps are skipped in multiples of this.
        stats: Where faults are counted.
    """

    def __init__(self, sample_rate: int, whole_seconds: int, stats: EngineStats) -> None:
        self.sample_rate = sample_rate = checked_rate(sample_rate)
        self.capture_time = CaptureTime()
        self._resampler = StreamResampler(sample_rate)
        self._whole = whole_seconds * sample_rate
        self._stats = stats
        self._origin: int | None = None  # the source's position of our sample 0
        self._pending: list[FloatArray] = []
        self.heard = 0
        self.available = 0

    @property
    def latency_ms(self) -> float:
        """Held back by the resampler."""
        return self._resampler.latency_ms

    def push(self, chunk: AudioChunk | np.ndarray) -> int:
        """Take sound in; gives the whole seconds that a long gap made the stream skip.

        Raises:
            AudioError: the chunk has another rate, or is no sound.
        """
        if not isinstance(chunk, AudioChunk):
            self._append(self._sound(chunk))
            return 0
        if chunk.sample_rate != self.sample_rate:
            raise AudioError(
                f"a chunk of {chunk.sample_rate} Hz came into a stream of {self.sample_rate} Hz: "
                "start a new Animator for the new rate"
            )
        samples = self._sound(chunk.samples)
        start, skipped = self._place(chunk.start_sample)
        repeated = min(self.heard - start, len(samples))
        self._stats.repeated_samples += repeated
        self.capture_time.observe(start / self.sample_rate, chunk.capture_time)
        self._append(samples[repeated:])
        return skipped

    def take(self, count: int) -> FloatArray:
        """The next ``count`` samples at 16 kHz; ``available`` says how many there are."""
        joined = self._pending[0] if len(self._pending) == 1 else np.concatenate(self._pending)
        self._pending = [joined[count:]]
        self.available -= count
        return joined[:count]

    def silence(self, samples: int) -> None:
        """Append silence that counts as heard, at the source's rate."""
        self._append(np.zeros(samples, np.float32))

    def _place(self, position: int) -> tuple[int, int]:
        """Position in our stream of a chunk, after filling what is missing before it."""
        if self._origin is None:
            self._origin = position - self.heard
        missing = position - self._origin - self.heard
        if missing < -LONGEST_FILL_SECONDS * self.sample_rate:
            self._origin = position - self.heard  # the source has started over
            missing = 0
        if missing <= 0:
            return self.heard + missing, 0
        self._stats.gaps += 1
        self._stats.lost_samples += missing
        room = missing - LONGEST_FILL_SECONDS * self.sample_rate
        wholes = max(0, room // self._whole)
        self.heard += wholes * self._whole
        self.silence(missing - wholes * self._whole)
        return self.heard, wholes * self._whole // self.sample_rate

    def _sound(self, samples: np.ndarray) -> FloatArray:
        sound, bad = finite(to_mono(samples))
        self._stats.bad_samples += bad
        return sound

    def _append(self, samples: FloatArray) -> None:
        self.heard += len(samples)
        converted = self._resampler.push(samples)
        if len(converted):
            self._pending.append(converted)
            self.available += len(converted)


def source_samples(count_16k: int, sample_rate: int) -> int:
    """Source samples that last at least as long as ``count_16k`` samples at 16 kHz."""
    return -(-count_16k * sample_rate // SAMPLE_RATE)
