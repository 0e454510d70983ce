"""What travels between engine, page process and browser, as bytes.

Engine to page process (its standard input): messages of a length, a kind and a
body. Back (its standard output): one JSON object a line. Page process to
browser (websocket): JSON texts, and two kinds of binary messages read by
``face.js`` and ``plots.js``. Pure, any thread.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from medtalk_live.face.sketch import Polygons
from medtalk_live.rig.controls import COUNT
from medtalk_live.rig.frames import ControlFrame

PICTURE = 4096
"""Units on a side of the picture that the browser gets; points are 16-bit integers."""

PEAKS_PER_SECOND = 200
"""Lowest and highest sample pairs of the waveform a second."""

_HEADER = struct.Struct("<IB")
_FRAME = struct.Struct("<qd")
_SOUND = struct.Struct("<dI")
_FACE = struct.Struct("<BxHId")
_WAVE = struct.Struct("<BxHId")
_FACE_KIND, _WAVE_KIND = 1, 2


class Kind(IntEnum):
    """What a message to the page process holds."""

    FRAME = 1
    SOUND = 2
    STATUS = 3
    REPLY = 4


def write_message(stream: BinaryIO, kind: Kind, body: bytes) -> None:
    """Send one message to the page process; blocks while its pipe is full."""
    stream.write(_HEADER.pack(len(body), kind) + body)
    stream.flush()


def read_message(stream: BinaryIO) -> tuple[Kind, bytes] | None:
    """Next message from the engine, None once it has gone."""
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    length, kind = _HEADER.unpack(header)
    body = stream.read(length)
    return (Kind(kind), body) if len(body) == length else None


def pack_frame(frame: ControlFrame) -> bytes:
    """A frame for the page process."""
    values = np.concatenate([frame.controls, frame.head]).astype("<f4")
    return _FRAME.pack(frame.index, frame.time) + values.tobytes()


def unpack_frame(body: bytes) -> ControlFrame:
    """The frame that ``pack_frame`` packed."""
    index, time = _FRAME.unpack_from(body)
    values = np.frombuffer(body, "<f4", offset=_FRAME.size)
    return ControlFrame(index, time, values[:COUNT], values[COUNT:])


def pack_sound(samples: NDArray[np.float32], sample_rate: int, time: float) -> bytes:
    """A stretch of sound for the page process, as 16-bit samples."""
    whole = np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2")
    return _SOUND.pack(time, sample_rate) + whole.tobytes()


def unpack_sound(body: bytes) -> tuple[NDArray[np.int16], int, float]:
    """Samples, their rate and the time of the first, as ``pack_sound`` packed them."""
    time, sample_rate = _SOUND.unpack_from(body)
    return np.frombuffer(body, "<i2", offset=_SOUND.size), sample_rate, time


def pack_json(value: Mapping[str, Any]) -> bytes:
    """An object as one line of UTF-8 JSON; what JSON does not know becomes words."""
    return json.dumps(value, default=str, allow_nan=False).encode()


def face_message(polygons: Polygons, frame: ControlFrame) -> bytes:
    """The drawn face and the values it was drawn from, for ``face.js``.

    Kind (1 byte), pad, number of outlines (uint16), frame index (uint32), time
    (float64); 174 controls and 6 head values (float32); colours (4 bytes each);
    points of each outline (uint16); x, y of all points (int16).
    """
    counts = np.diff(polygons.starts).astype("<u2")
    points = np.clip(np.rint(polygons.points), -32768, 32767).astype("<i2")
    values = np.concatenate([frame.controls, frame.head]).astype("<f4")
    head = _FACE.pack(_FACE_KIND, len(counts), frame.index & 0xFFFFFFFF, frame.time)
    parts = (values, polygons.colours, counts, points)
    return head + b"".join(part.tobytes() for part in parts)


def wave_message(peaks: NDArray[np.int8], time: float) -> bytes:
    """Lowest and highest samples (n, 2) from a time on, for ``plots.js``."""
    return _WAVE.pack(_WAVE_KIND, len(peaks), PEAKS_PER_SECOND, time) + peaks.tobytes()


def peaks_of(samples: NDArray[np.int16], sample_rate: int) -> NDArray[np.int8]:
    """Lowest and highest sample of each 5 ms, (n, 2), scaled to -127..127."""
    stretch = max(1, sample_rate // PEAKS_PER_SECOND)
    whole = len(samples) // stretch * stretch
    blocks = samples[:whole].reshape(-1, stretch)
    pairs = np.column_stack([blocks.min(axis=1, initial=0), blocks.max(axis=1, initial=0)])
    return np.rint(pairs / 32767 * 127).astype(np.int8)
