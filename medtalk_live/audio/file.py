"""A recording as a source: at its own speed, as a microphone would, or as fast as it is read.

Chunks carry exact capture times: those of the file's samples played from the
moment of ``open``. wav, flac, ogg and whatever else libsndfile reads. Capture
thread; ``read`` waits on the clock in real time, never otherwise.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np

from medtalk_live.audio.resample import checked_rate, finite, to_mono
from medtalk_live.audio.source import AudioChunk, SourceHealth
from medtalk_live.clock import Clock, SystemClock
from medtalk_live.errors import AudioError
from medtalk_live.rig.controls import FloatArray

log = logging.getLogger(__name__)

CHUNK_SECONDS = 0.01
_ENDLESS_SAMPLES = 1 << 40
"""A flac that was written as a stream counts its samples as more than this."""


class FileSource:
    """Plays a file; implements ``AudioSource``.

    Args:
        path: The recording.
        realtime: Deliver each chunk when it would have been heard.
        clock: What real time is measured on.
        loop: Begin again at the end, for ever.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        realtime: bool = True,
        clock: Clock | None = None,
        loop: bool = False,
    ):
        self._loop = loop
        self.path = Path(path)
        self.name = self.path.name
        self.realtime = realtime
        self.sample_rate = 0
        self.ended = False
        self.health = SourceHealth()
        self._clock = clock or SystemClock()
        self._file: Any = None
        self._position = 0
        self._started = 0.0

    def open(self) -> None:
        """Open the file and start its clock.

        Raises:
            AudioError: missing, not sound, empty, or of an unusable rate.
        """
        self._file = open_sound(self.path)
        self.sample_rate = self._file.samplerate
        self._position, self.ended = 0, False
        self._started = self._clock.now()
        self.health.connected = True

    def read(self, timeout: float) -> AudioChunk | None:
        """The next 10 ms, waiting at most ``timeout`` seconds for them to have been heard."""
        if self._file is None or self.ended:
            return None
        if self._loop and self._file.tell() == self._file.frames:
            self._file.seek(0)
        count = max(1, round(CHUNK_SECONDS * self.sample_rate))
        count = min(count, self._file.frames - self._file.tell())
        if self.realtime and not self._wait_heard(self._position + count, timeout):
            return None
        try:
            samples = to_mono(read_block(self._file, count, self.path))
        except AudioError:
            self._end()
            raise
        if not len(samples):
            self._end()
            return None
        start = self._position
        self._position += len(samples)
        heard = self._started + start / self.sample_rate
        return AudioChunk(samples, start, self.sample_rate, heard)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self.health.connected = False

    def _wait_heard(self, position: int, timeout: float) -> bool:
        deadline = self._started + position / self.sample_rate
        latest = self._clock.now() + timeout
        self._clock.wait_until(min(deadline, latest))
        return deadline <= latest

    def _end(self) -> None:
        self.ended = True
        self.close()


def read_sound(path: str | Path) -> tuple[FloatArray, int]:
    """A whole recording: mono float32 (n,) and its sample rate in Hz.

    Raises:
        AudioError: missing, not sound, empty, cut short, or of an unusable rate.
    """
    with open_sound(Path(path)) as file:
        samples, bad = finite(to_mono(read_block(file, -1, Path(path))))
        if bad:
            log.warning("%s: %d samples that are no sound were taken as silence", path, bad)
        return samples, int(file.samplerate)


def open_sound(path: Path) -> Any:
    """Open a recording as a ``soundfile.SoundFile``.

    Raises:
        AudioError: missing, not sound, empty, or of an unusable rate.
    """
    import soundfile

    if not (path.is_file() and os.access(path, os.R_OK)):
        what = "may not be read by this user" if path.is_file() else "does not exist"
        what = "is a folder" if path.is_dir() else what
        raise AudioError(f"the recording {path} {what}: give the path of a wav, flac or ogg file")
    # soundfile would refuse the odd bytes that a file's name may hold
    name = str(path) if os.name == "nt" else os.fsencode(path)
    try:
        file = soundfile.SoundFile(name)
    except (soundfile.LibsndfileError, OSError, TypeError) as error:
        raise AudioError(
            f"{path} cannot be read as sound ({_reason(error)}): give a wav, flac or ogg file"
        ) from None
    if not 0 < file.frames < _ENDLESS_SAMPLES:
        file.close()
        found = "does not say how long it is" if file.frames else "holds no samples or is cut short"
        raise AudioError(f"the recording {path} {found}: record or export it again")
    try:
        checked_rate(file.samplerate)
    except AudioError as error:
        file.close()
        raise AudioError(f"{path}: {error}") from None
    return file


def read_block(file: Any, count: int, path: Path) -> np.ndarray:
    """Read up to ``count`` sample frames (all where -1), shape (n, channels).

    Raises:
        AudioError: the data is damaged.
    """
    import soundfile

    try:
        block: np.ndarray = file.read(count, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"the recording {path} is damaged ({_reason(error)}): export it again"
        ) from None
    return block


def _reason(error: Exception) -> str:
    text = getattr(error, "error_string", None) or str(error)
    return str(text).strip().rstrip(".").lower()
