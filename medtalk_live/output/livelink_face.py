"""Live Link Face over UDP: 61 ARKit values, understood by stock Unreal and many programs.

The packet is that of the phone app (version 6, big-endian): device, subject,
timecode as frames since midnight with a fraction, frame rate, then the values
in the engine's order. There is no bye in it, so the face is left at rest.
Pacing thread; nothing blocks. Source: the app's packets as decoded by PyLiveLinkFace.
"""

from __future__ import annotations

import struct
import uuid
from fractions import Fraction

import numpy as np

from medtalk_live.clock import NETWORK_FPS
from medtalk_live.output.sink import StreamInfo
from medtalk_live.output.timecode import SystemTimecode, TimecodeSource, frame_at
from medtalk_live.output.udp import UdpSink, checked_subject
from medtalk_live.rig.arkit import DEFAULT_AXES, LIVE_LINK_NAMES, HeadAxes, to_live_link
from medtalk_live.rig.controls import FloatArray
from medtalk_live.rig.frames import ControlFrame

DEFAULT_PORT = 11111
_VERSION = 6
_VALUES = len(LIVE_LINK_NAMES)


class PacketEncoder:
    """Encodes Live Link Face packets of one subject into one reused buffer."""

    def __init__(self, subject: str, device: str, fps: Fraction) -> None:
        name, device_id = checked_subject(subject), device.encode()
        head = struct.pack(">Bi", _VERSION, len(device_id)) + device_id
        head += struct.pack(">i", len(name)) + name
        self._moment = struct.Struct(">if")
        self._offset = len(head)
        tail = struct.pack(">iiB", fps.numerator, fps.denominator, _VALUES)
        self._buffer = bytearray(head + bytes(self._moment.size) + tail + bytes(4 * _VALUES))
        self._values = np.frombuffer(self._buffer, ">f4", offset=len(self._buffer) - 4 * _VALUES)

    def encode(self, values: FloatArray, frame: int, subframe: float) -> bytearray:
        """A packet of 61 values at a timecode; valid until the next call."""
        self._moment.pack_into(self._buffer, self._offset, frame, subframe)
        self._values[:] = values
        return self._buffer


class LiveLinkFaceSink(UdpSink):
    """Frames as ARKit values to one receiver.

    Args:
        host: Name or address.
        port: 11111 in Unreal.
        subject: Name of the subject there.
        fps: Rate of the frames, which is also the timecode's.
        timecode: Time of day of a frame; the system clock's by default.
        axes: Scale, signs and order of the head angles.
        device: Identity of the sender, 36 characters; random by default.
    """

    kind = "livelink"

    def __init__(
        self,
        host: str,
        port: int = DEFAULT_PORT,
        subject: str = "MedTalk",
        fps: Fraction = NETWORK_FPS,
        timecode: TimecodeSource | None = None,
        axes: HeadAxes = DEFAULT_AXES,
        device: str = "",
    ) -> None:
        super().__init__(host, port)
        self._fps, self._axes = fps, axes
        self._timecode = timecode or SystemTimecode()
        self._encoder = PacketEncoder(subject, device or str(uuid.uuid4()), fps)
        self._last_time = 0.0

    def send(self, frame: ControlFrame) -> None:
        """Send one frame."""
        self._last_time = frame.time
        number, subframe = frame_at(self._timecode.seconds_at(frame.time), self._fps)
        values = to_live_link(frame.controls, frame.head, self._axes)
        self._count(self._transmit(self._encoder.encode(values, number, subframe)))

    def hello(self, info: StreamInfo) -> None:
        """The protocol has no such message."""

    def bye(self) -> None:
        """Leave the face at rest."""
        self.send(ControlFrame.neutral(time=self._last_time))
