"""``audio.wav`` of a take: its first sample belongs to the first row, and it never slips.

Sound that was lost (a jump in position, a device unplugged, a write that
failed) becomes silence of the same length. Recorder's thread; blocks on the disk.
"""

from __future__ import annotations

from pathlib import Path

from medtalk_live.audio.source import AudioChunk
from medtalk_live.takes.files import WAV_HEADER_BYTES, AppendFile, pcm16, wav_header

_JUMP_SECONDS = 0.1
_MOST_SILENCE_SECONDS = 600


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

    def append(self, chunk: AudioChunk) -> None:
        """Append a chunk, after the silence that keeps it in place; raises ``OSError``."""
        if chunk.sample_rate != self.sample_rate:
            raise OSError(f"sound at {chunk.sample_rate} Hz in a take of {self.sample_rate} Hz")
        self._owed_silence += self._lost(chunk)
        self._next_sample = chunk.start_sample + len(chunk.samples)
        self._next_time = chunk.capture_time + len(chunk.samples) / self.sample_rate
        samples = chunk.samples[self._to_skip :]
        self._to_skip -= len(chunk.samples) - len(samples)
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
