"""The rows of ``curves.bin``: 736 bytes a frame, each with its own CRC.

The layout is part of the contract (``docs/takes.md``, samples in ``protocol/``). Pure, any thread.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from medtalk_live.rig.controls import COUNT
from medtalk_live.rig.frames import HEAD_NAMES, ControlFrame

ROW = np.dtype(
    [
        ("index", "<u4"),
        ("time", "<f8"),
        ("head", "<f4", len(HEAD_NAMES)),
        ("controls", "<f4", COUNT),
        ("crc", "<u4"),
    ]
)
"""One frame in ``curves.bin``: 736 bytes; the CRC-32 covers what stands before it."""

ROW_BYTES = ROW.itemsize
_CHECKED_BYTES = ROW_BYTES - 4


def encode_row(frame: ControlFrame) -> bytes:
    """A frame as the 736 bytes of a row."""
    row = np.zeros((), ROW)
    row["index"] = frame.index & 0xFFFF_FFFF
    row["time"] = frame.time
    row["head"] = frame.head
    row["controls"] = frame.controls
    body = row.tobytes()[:_CHECKED_BYTES]
    return body + zlib.crc32(body).to_bytes(4, "little")


def good_rows(data: bytes) -> NDArray[np.bool_]:
    """For every whole row in ``data``, whether its CRC holds."""
    view = memoryview(data)
    starts = range(0, len(data) - ROW_BYTES + 1, ROW_BYTES)
    return np.asarray(
        [
            zlib.crc32(view[at : at + _CHECKED_BYTES])
            == int.from_bytes(view[at + _CHECKED_BYTES : at + ROW_BYTES], "little")
            for at in starts
        ],
        bool,
    )
