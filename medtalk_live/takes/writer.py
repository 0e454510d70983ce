"""The files of a take that is being written, kept whole on a disk that fills or fails.

Every failed write is counted and said once. Used by the recorder's thread,
or by ``write_take`` for a clip that is already computed. Blocks on the disk.
"""

from __future__ import annotations

import logging
import os
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from medtalk_live.audio.source import AudioChunk
from medtalk_live.errors import TakeError
from medtalk_live.output.timecode import label, parse_label
from medtalk_live.rig.controls import FloatArray
from medtalk_live.rig.frames import ControlFrame, Curves
from medtalk_live.takes.files import AppendFile
from medtalk_live.takes.rows import encode_row
from medtalk_live.takes.sound import SoundTrack
from medtalk_live.takes.take import AUDIO_FILE, CURVES_FILE, SUFFIX, Mark, TakeInfo, write_info

log = logging.getLogger(__name__)

_MOST_WAITING_CHUNKS = 1000
_LONGEST_SLATE = 64
_HIGHEST_NUMBER = 999_999_999


@dataclass(slots=True)
class WriterHealth:
    """Counters of one take.

    Attributes:
        rows: Frames that are on disk.
        dropped: Frames that are not, because the disk was full or too slow.
        errors: Failed writes.
        last_error: The latest failure, in words.
    """

    rows: int = 0
    dropped: int = 0
    errors: int = 0
    last_error: str = ""
    said: set[str] = field(default_factory=set)

    def fail(self, words: str) -> None:
        """Count a failure; log it the first time."""
        self.errors += 1
        self.last_error = words
        if words not in self.said:
            self.said.add(words)
            log.warning("%s: what was written stays readable, the rest is being lost", words)


class TakeWriter:
    """Writes one take; only the constructor raises (``OSError``, ``ConfigError``).

    Args:
        path: The new folder.
        info: Its ``take.json``; filled in while writing.
        timecode: A timecode and the time of the rows' clock that it belongs to.
    """

    def __init__(self, path: Path, info: TakeInfo, timecode: tuple[str, float] = ("", 0.0)) -> None:
        self.path, self.info, self.health = path, info, WriterHealth()
        words, self._label_time = timecode
        self._drop = ";" in words
        self._label_frame = parse_label(words, info.fps) if words else None
        self._origin: float | None = None
        self._sound: SoundTrack | None = None
        self._waiting: deque[AudioChunk] = deque(maxlen=_MOST_WAITING_CHUNKS)
        path.mkdir(parents=True)
        self._curves = AppendFile(path / CURVES_FILE)
        write_info(path, info)

    def row(self, time: float, encoded: bytes) -> None:
        """Append a frame; the first one sets where the sound and the timecode start."""
        if self._try(lambda: self._curves.append(encoded)):
            self.health.rows += 1
        else:
            self.health.dropped += 1
        if self._origin is None:
            self._begin(time)

    def audio(self, chunk: AudioChunk) -> None:
        """Append sound; what comes before the first row waits for it."""
        if self._origin is None:
            self._waiting.append(chunk)
        elif chunk.capture_time + len(chunk.samples) / chunk.sample_rate > self._origin:
            self._try(lambda: self._append(chunk))

    def mark(self, time: float, words: str) -> None:
        """Note a change of guidance."""
        self.info.guidance.append(Mark(time, words))
        self._save()

    def sync(self) -> None:
        """Have what was written on disk."""
        self._try(self._curves.sync)
        if self._sound is not None:
            self._try(self._sound.sync)

    def close(self) -> None:
        """Mend the header of the sound, mark the take as closed, close the files."""
        if self._origin is None and self._waiting:
            self._begin(self._waiting[0].capture_time)
        if self._sound is not None:
            self._try(self._sound.close)
        self._try(self._curves.close)
        self.info.closed = True
        self._save()

    def _begin(self, origin: float) -> None:
        self._origin = origin
        info = self.info
        if self._label_frame is not None:
            frame = self._label_frame + round((origin - self._label_time) * info.fps)
            info.start_timecode = label(frame, info.fps, self._drop)
        info.guidance = [replace(mark, time=max(mark.time, origin)) for mark in info.guidance]
        self._save()
        for chunk in self._waiting:
            self.audio(chunk)
        self._waiting.clear()

    def _append(self, chunk: AudioChunk) -> None:
        assert self._origin is not None
        if self._sound is None:
            self._sound = SoundTrack(self.path / AUDIO_FILE, self._origin, chunk)
            self.info.audio_rate = chunk.sample_rate
            self._save()
        self._sound.append(chunk)

    def _save(self) -> None:
        self._try(lambda: write_info(self.path, self.info))

    def _try(self, write: Callable[[], object]) -> bool:
        try:
            write()
        except OSError as error:
            self.health.fail(f"take {self.info.name}: {error.strerror or error}")
            return False
        return True


def checked_slate(slate: str) -> str:
    """A slate as a file name: letters, digits, ``-`` and ``_``; the rest becomes ``_``.

    Raises:
        TakeError: nothing is left, or it is longer than 64 characters.
    """
    word = re.sub(r"[^\w-]+", "_", slate.strip()).strip("_")
    if not 1 <= len(word) <= _LONGEST_SLATE:
        raise TakeError(f"the slate {slate[:80]!r} is no name: use 1 to 64 letters, digits, - or _")
    return word


def free_number(folder: Path, slate: str) -> int:
    """One more than the highest take of this slate in a folder."""
    pattern = re.compile(rf"{re.escape(slate)}_(\d{{1,9}}){re.escape(SUFFIX)}", re.IGNORECASE)
    found = (pattern.fullmatch(entry.name) for entry in folder.glob(f"*{SUFFIX}"))
    return 1 + max((int(match[1]) for match in found if match), default=0)


def open_take(folder: Path, info: TakeInfo, timecode: tuple[str, float] = ("", 0.0)) -> TakeWriter:
    """Begin ``SLATE_003.take``; an ``info.take`` of 0 becomes the next free number.

    Raises:
        TakeError: that take exists, or the folder cannot be written.
    """
    info.slate = checked_slate(info.slate)
    if not 0 <= info.take <= _HIGHEST_NUMBER:
        raise TakeError(f"take number {info.take}: expected 1 to {_HIGHEST_NUMBER}")
    asked = info.take
    try:
        while True:
            info.take = asked or free_number(folder, info.slate)
            try:
                return TakeWriter(folder / f"{info.name}{SUFFIX}", info, timecode)
            except FileExistsError:
                if asked or not (folder / f"{info.name}{SUFFIX}").exists():
                    raise
    except FileExistsError:
        raise TakeError(
            f"{folder / info.name}{SUFFIX} exists: leave the number out, or take a free one"
        ) from None
    except OSError as error:
        raise TakeError(
            f"no take can be written to {folder} ({error.strerror}): name another folder"
        ) from None


def write_take(
    path: Path, curves: Curves, samples: FloatArray, sample_rate: int, info: TakeInfo
) -> None:
    """Write a clip that is already computed as the take ``path``.

    Args:
        path: Folder to make; its slate and number are read from ``SLATE_003.take``.
        curves: The clip, its times from 0.
        samples: Mono sound, float32, from time 0.
        sample_rate: Of the sound, in Hz.
        info: Model, subject, guidance and the like; slate and number are filled in.

    Raises:
        TakeError: it exists already, or cannot be written whole.
    """
    info.slate, info.take = slate_of(path)
    check_new(path)
    try:
        writer = TakeWriter(path, info)
    except OSError as error:
        raise TakeError(f"{path} cannot be written ({error.strerror})") from None
    for index, row in enumerate(zip(curves.times, curves.controls, curves.head, strict=True)):
        frame = ControlFrame(index, float(row[0]), row[1], row[2])
        writer.row(frame.time, encode_row(frame))
    if len(samples):
        writer.audio(AudioChunk(samples, 0, sample_rate, 0.0))
    writer.close()
    if writer.health.errors:
        raise TakeError(f"{path} is not whole: {writer.health.last_error}")


def check_new(path: Path) -> None:
    """Refuse to write a take over something else, or where nothing can be written.

    Raises:
        TakeError: there is a file or folder of that name, or its folder is read-only.
    """
    if path.exists():
        raise TakeError(f"{path} exists: remove it or choose another name")
    there = next((folder for folder in path.absolute().parents if folder.exists()), path)
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise TakeError(f"{path} cannot be written (in {there}): name another folder")


def slate_of(path: Path) -> tuple[str, int]:
    """Slate and number from a folder's name; number 1 where it has none."""
    stem = path.name.removesuffix(SUFFIX)
    match = re.fullmatch(r"(.+)_(\d{1,9})", stem)
    return (match[1], int(match[2])) if match else (stem, 1)
