"""Files that stay whole: append all or nothing, replace all or nothing, and a wav header.

A full disk cuts writes in the middle; a crash cuts files anywhere. Blocks on
the disk; raises ``OSError``, which the callers count or, by ``writing``, turn into words.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from medtalk_live.errors import MedTalkError
from medtalk_live.rig.controls import FloatArray

WAV_HEADER_BYTES = 44
_MOST_WAV_BYTES = 0xFFFF_FFFF - 36


class AppendFile:
    """A new file that only grows, and never by a part of what was asked."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)
        self.size = 0

    def append(self, data: bytes) -> None:
        """Write all of ``data``, or nothing and raise ``OSError``."""
        view, written = memoryview(data), 0
        try:
            while written < len(data):
                written += self._file.write(view[written:])
        except OSError:
            self._file.truncate(self.size)
            self._file.seek(self.size)
            raise
        self.size += written

    def rewrite_start(self, data: bytes) -> None:
        """Replace the first bytes in place."""
        self._file.seek(0)
        self._file.write(data)
        self._file.seek(self.size)

    def sync(self) -> None:
        """Ask the system to have it on disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def check_place(path: Path) -> None:
    """Raise ``OSError`` where a file could not be made, before work is spent on its content."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, f"there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(errno.EACCES, f"the folder {path.parent} is read-only")


@contextmanager
def writing(
    path: Path, kind: type[MedTalkError], remedy: str = "name another file"
) -> Iterator[None]:
    """Turn the ``OSError`` of a write, or of ``check_place``, into one sentence of ``kind``."""
    try:
        yield
    except OSError as error:
        raise kind(f"{path} cannot be written ({error.strerror or error}): {remedy}") from None


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def wav_header(sample_rate: int, data_bytes: int) -> bytes:
    """The 44 bytes before mono 16-bit PCM."""
    size = min(data_bytes, _MOST_WAV_BYTES)
    form = struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE")
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sample_rate, 2 * sample_rate, 2, 16)
    return form + fmt + struct.pack("<4sI", b"data", size)


def pcm16(samples: FloatArray) -> bytes:
    """Float samples in [-1, 1] as little-endian 16-bit integers."""
    scaled = np.clip(np.nan_to_num(samples) * 32767.0, -32768, 32767)
    return bytes(np.rint(scaled).astype("<i2").tobytes())
