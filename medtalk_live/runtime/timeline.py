"""Which moment on the steady clock a sample of the stream belongs to.

The engine counts samples; the receivers want the machine's steady clock. The
two run at slightly different speeds (an audio device is off by up to 100 ppm)
and sound can be lost, so the offset between them is followed slowly, and set
anew at a gap or a jump. Engine thread only; pure but for its own state.
"""

from __future__ import annotations

from dataclasses import dataclass

from medtalk_live.audio.source import AudioChunk

FOLLOW_SECONDS = 5.0
JUMP_SECONDS = 0.1


@dataclass(slots=True)
class Timeline:
    """The running map from stream seconds (samples pushed / rate) to steady seconds.

    Attributes:
        pushed: Samples given to the engine so far.
        offset: Steady time of stream second 0, None before the first chunk.
        lost_samples: Samples that never arrived.
        breaks: How often the map was set anew.
    """

    pushed: int = 0
    offset: float | None = None
    lost_samples: int = 0
    breaks: int = 0
    _expected: int | None = None

    def gap_seconds(self, chunk: AudioChunk) -> float:
        """Seconds of sound that are missing before a chunk (negative: it starts over)."""
        if self._expected is None:
            return 0.0
        return (chunk.start_sample - self._expected) / chunk.sample_rate

    def skip(self, samples: int) -> None:
        """The engine was given samples that nobody heard."""
        self.pushed += samples

    def feed(self, chunk: AudioChunk) -> None:
        """Take note of the chunk that is pushed next."""
        observed = chunk.capture_time - self.pushed / chunk.sample_rate
        gap = 0 if self._expected is None else chunk.start_sample - self._expected
        if self.offset is None:
            self.offset = observed
        elif gap != 0 or abs(observed - self.offset) > JUMP_SECONDS:
            self.offset = observed
            self.breaks += 1
        else:
            share = min(len(chunk.samples) / chunk.sample_rate / FOLLOW_SECONDS, 1.0)
            self.offset += share * (observed - self.offset)
        self.lost_samples += max(gap, 0)
        self.pushed += len(chunk.samples)
        self._expected = chunk.start_sample + len(chunk.samples)

    def steady(self, stream_seconds: float) -> float:
        """Steady time of a moment of the stream."""
        assert self.offset is not None, "no chunk was fed"
        return self.offset + stream_seconds
