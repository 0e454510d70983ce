"""Frames, hello and bye as OSC 1.0 messages, one a datagram: our own wire format.

The frame message is a template with fixed places, so that encoding one costs
a few microseconds; the rest goes through python-osc. The address table and
byte samples live in ``protocol/``. Pacing thread; nothing blocks.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

import numpy as np
from pythonosc.osc_message_builder import OscMessageBuilder

from medtalk_live.errors import SinkError
from medtalk_live.output.sink import StreamInfo
from medtalk_live.output.udp import UdpSink, checked_subject
from medtalk_live.rig.controls import COUNT, TABLE_HASH
from medtalk_live.rig.frames import ControlFrame

DEFAULT_PORT = 9870
FRAME_ADDRESS = "/medtalk/1/frame"
HELLO_ADDRESS = "/medtalk/1/hello"
BYE_ADDRESS = "/medtalk/1/bye"
FRAME_TYPES = "siid" + "f" * (6 + COUNT)
HELLO_TYPES = "sisiffisssd"
SEQUENCE_MASK = 0x7FFF_FFFF
_LONGEST_WORDS = 512


def osc_string(text: bytes) -> bytes:
    """An OSC string: NUL-terminated and padded to a multiple of four bytes."""
    return text + b"\0" * (4 - len(text) % 4)


_FRAME_HEAD = osc_string(FRAME_ADDRESS.encode()) + osc_string(f",{FRAME_TYPES}".encode())
_NUMBERS = struct.Struct(">iid")


class FrameEncoder:
    """Encodes frames of one subject into one reused buffer."""

    def __init__(self, subject: str) -> None:
        head = _FRAME_HEAD + osc_string(checked_subject(subject))
        self._buffer = bytearray(head + bytes(_NUMBERS.size + 4 * (6 + COUNT)))
        self._fields = len(head)
        floats = np.frombuffer(self._buffer, ">f4", offset=self._fields + _NUMBERS.size)
        self._head, self._controls = floats[:6], floats[6:]

    def encode(self, frame: ControlFrame) -> bytearray:
        """The frame's datagram; valid until the next call."""
        sequence = frame.index & SEQUENCE_MASK
        _NUMBERS.pack_into(self._buffer, self._fields, sequence, TABLE_HASH, frame.time)
        self._head[:] = frame.head
        self._controls[:] = frame.controls
        return self._buffer


def encode_hello(info: StreamInfo) -> bytes:
    """The hello's datagram; long words are cut so that it stays below the datagram limit."""
    session = (info.session + 2**31) % 2**32 - 2**31
    values = (
        checked_subject(info.subject).decode(),
        session,
        _cut(info.version, 64),
        TABLE_HASH,
        float(info.fps),
        info.latency_ms,
        info.control_port,
        _cut(info.model, 128),
        _cut(info.guidance, _LONGEST_WORDS),
        info.timecode,
        info.timecode_time,
    )
    return _message(HELLO_ADDRESS, HELLO_TYPES, values)


def encode_bye(subject: str) -> bytes:
    """The bye's datagram."""
    return _message(BYE_ADDRESS, "s", (checked_subject(subject).decode(),))


def _message(address: str, types: str, values: tuple[str | int | float, ...]) -> bytes:
    builder = OscMessageBuilder(address)
    for kind, value in zip(types, values, strict=True):
        builder.add_arg(value, kind)
    return bytes(builder.build().dgram)


def _cut(text: str, most_bytes: int) -> str:
    return text.replace("\0", " ").encode()[:most_bytes].decode(errors="ignore")


class OscSink(UdpSink):
    """Our frames to one receiver, say the MedTalkLive plugin; ``frame.index`` is the sequence."""

    kind = "osc"

    def __init__(self, host: str, port: int = DEFAULT_PORT, subject: str = "MedTalk") -> None:
        super().__init__(host, port)
        self._subject = subject
        self._encoder = FrameEncoder(subject)

    def send(self, frame: ControlFrame) -> None:
        """Send one frame."""
        self._count(self._transmit(self._encoder.encode(frame)))

    def hello(self, info: StreamInfo) -> None:
        """Tell about the stream, under the sink's own subject."""
        self._transmit(encode_hello(replace(info, subject=self._subject)))

    def bye(self) -> None:
        """The subject ends."""
        self._transmit(encode_bye(self._subject))


@dataclass(frozen=True, slots=True)
class WireFrame:
    """A frame as it came over the wire.

    Attributes:
        subject: Whose face it is.
        table_hash: The sender's control table.
        frame: Index (the sequence number), time, controls and head.
    """

    subject: str
    table_hash: int
    frame: ControlFrame


def decode_frame(datagram: bytes) -> WireFrame:
    """Read a frame message, as a receiver would.

    Raises:
        SinkError: the datagram is not a frame message.
    """
    if not datagram.startswith(_FRAME_HEAD):
        raise SinkError(f"a datagram of {len(datagram)} bytes is not a frame message")
    end = datagram.find(0, len(_FRAME_HEAD))
    encoded = datagram[len(_FRAME_HEAD) : end]
    fields = len(_FRAME_HEAD) + len(osc_string(encoded))
    if end < 0 or len(datagram) != fields + _NUMBERS.size + 4 * (6 + COUNT):
        raise SinkError(f"a frame message of {len(datagram)} bytes is not whole")
    try:
        subject = encoded.decode()
    except UnicodeDecodeError:
        raise SinkError("the subject of a frame message is not UTF-8") from None
    sequence, table_hash, time = _NUMBERS.unpack_from(datagram, fields)
    floats = np.frombuffer(datagram, ">f4", offset=fields + _NUMBERS.size).astype(np.float32)
    return WireFrame(subject, table_hash, ControlFrame(sequence, time, floats[6:], floats[:6]))
