"""``audio.wav`` of a take: its first sample belongs to the first row, and it never slips.

Sound that was lost (a jump in position, a device unplugged, a write that
failed) becomes silence of the same length. A crystal that is off by 100 ppm
would part sound and rows by 6 ms a minute: a chunk is stretched or shortened
by one sample whenever they are a millisecond apart, which nobody hears.
Recorder's thread; blocks on the disk.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from medtalk_live.audio.source import AudioChunk
from medtalk_live.rig.controls import FloatArray
from medtalk_live.takes.files import WAV_HEADER_BYTES, AppendFile, pcm16, wav_header

_JUMP_SECONDS = 0.1
_MOST_SILENCE_SECONDS = 600
_FOLLOW_SECONDS = 10.0
"""Capture times jitter by milliseconds; the mean over so long tells the crystal."""

_APART_SECONDS = 0.001


class SoundTrack:
    """A wav file that chunks are appended to; the first chunk sets its rate.

    Args:
        path: Of the new file.
        origin: Steady time of the first sample.
        first: The chunk that it starts with.

    Raises:
        OSError: the file cannot be made.
    """

    def __init__(self, path: Path, origin: float, first: AudioChunk) -> None:
        self.sample_rate = first.sample_rate
        self._file = AppendFile(path)
        self._file.append(wav_header(self.sample_rate, 0))
        self._next_sample = first.start_sample
        self._next_time = first.capture_time
        offset = round((first.capture_time - origin) * self.sample_rate)
        self._owed_silence, self._to_skip = max(0, offset), max(0, -offset)
        self._origin = origin
        self._length = offset  # samples up to the next chunk
        self._apart = 0.0  # seconds by which the sound lies too early in the file

    def append(self, chunk: AudioChunk) -> None:
        """Append a chunk, after the silence that keeps it in place; raises ``OSError``."""
        if chunk.sample_rate != self.sample_rate:
            raise OSError(f"sound at {chunk.sample_rate} Hz in a take of {self.sample_rate} Hz")
        lost = self._lost(chunk)
        self._owed_silence += lost
        self._next_sample = chunk.start_sample + len(chunk.samples)
        self._next_time = chunk.capture_time + len(chunk.samples) / self.sample_rate
        sound = self._in_step(chunk, lost)
        samples = sound[self._to_skip :]
        self._to_skip -= len(sound) - len(samples)
        silence = min(self._owed_silence, _MOST_SILENCE_SECONDS * self.sample_rate)
        self._owed_silence += len(samples)
        self._file.append(bytes(2 * silence) + pcm16(samples))
        self._owed_silence = 0

    def sync(self) -> None:
        """Have it on disk."""
        self._file.sync()

    def close(self) -> None:
        """Mend the header and close; raises ``OSError``."""
        try:
            header = wav_header(self.sample_rate, self._file.size - WAV_HEADER_BYTES)
            self._file.rewrite_start(header)
        finally:
            self._file.close()

    def _lost(self, chunk: AudioChunk) -> int:
        """Samples that are missing before a chunk."""
        skipped = chunk.start_sample - self._next_sample
        jumped = round((chunk.capture_time - self._next_time) * self.sample_rate)
        return max(skipped, jumped if jumped > _JUMP_SECONDS * self.sample_rate else 0, 0)

    def _in_step(self, chunk: AudioChunk, lost: int) -> FloatArray:
        """The chunk, a sample longer or shorter where its device's clock has run away."""
        sound = chunk.samples
        count = len(sound)
        self._length += lost
        apart = chunk.capture_time - self._origin - self._length / self.sample_rate
        if abs(apart) < _JUMP_SECONDS:  # more is a clock that was set, not a crystal
            share = min(1.0, count / self.sample_rate / _FOLLOW_SECONDS)
            self._apart += share * (apart - self._apart)
        if abs(self._apart) > _APART_SECONDS and count > 1:
            more = 1 if self._apart > 0 else -1
            self._apart -= more / self.sample_rate
            places = np.linspace(0.0, count - 1.0, count + more)
            sound = np.interp(places, np.arange(count), sound).astype(np.float32)
        self._length += len(sound)
        return sound
