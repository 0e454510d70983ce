"""VMC: ARKit shapes and the head bone, for VTuber programs, as OSC bundles.

A frame is two bundles below the datagram limit: status, clock and the head
bone first, then the shapes, ``Apply`` last. Both are templates; a frame
writes floats into their places. VMC has no bye, so the face is left at rest.
Pacing thread; nothing blocks. Source: the VMC protocol (Performer to Marionette).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from medtalk_live.output.osc import osc_string
from medtalk_live.output.sink import StreamInfo
from medtalk_live.output.udp import MAX_DATAGRAM, UdpSink
from medtalk_live.rig.arkit import SHAPE_NAMES, from_controls
from medtalk_live.rig.controls import FloatArray
from medtalk_live.rig.frames import ControlFrame

DEFAULT_PORT = 39539
_BUNDLE_HEAD = osc_string(b"#bundle") + b"\0\0\0\0\0\0\0\1"
_LOADED = b"\0\0\0\1"


def _message(address: str, types: str, *arguments: bytes) -> bytes:
    return osc_string(address.encode()) + osc_string(f",{types}".encode()) + b"".join(arguments)


def _messages() -> list[tuple[bytes, int]]:
    """Every message of a frame, and how many floats at its end change."""
    head = _message("/VMC/Ext/Bone/Pos", "sfffffff", osc_string(b"Head"), bytes(28))
    return [
        (_message("/VMC/Ext/OK", "i", _LOADED), 0),
        (_message("/VMC/Ext/T", "f", bytes(4)), 1),
        (head, 7),
        *(
            (_message("/VMC/Ext/Blend/Val", "sf", osc_string(name.encode()), bytes(4)), 1)
            for name in SHAPE_NAMES
        ),
        (_message("/VMC/Ext/Blend/Apply", ""), 0),
    ]


class BundleEncoder:
    """Encodes VMC frames into reused buffers."""

    def __init__(self) -> None:
        self._buffers: list[bytearray] = []
        places: list[list[int]] = []
        for message, floats in _messages():
            element = len(message).to_bytes(4, "big") + message
            if not self._buffers or len(self._buffers[-1]) + len(element) > MAX_DATAGRAM:
                self._buffers.append(bytearray(_BUNDLE_HEAD))
                places.append([])
            self._buffers[-1] += element
            end = len(self._buffers[-1]) // 4
            places[-1] += range(end - floats, end)
        self._values = np.zeros(sum(map(len, places)), np.float32)
        splits = np.split(self._values, np.cumsum([len(place) for place in places])[:-1])
        self._slots = [
            (np.frombuffer(buffer, ">f4"), np.asarray(place, np.intp), part)
            for buffer, place, part in zip(self._buffers, places, splits, strict=True)
        ]

    def encode(
        self, shapes: FloatArray, head: FloatArray, seconds: float
    ) -> Sequence[bytes | bytearray]:
        """The datagrams of a frame, in order; valid until the next call."""
        self._values[0] = seconds
        self._values[1:8] = head_bone(head)
        self._values[8:] = shapes
        for view, place, part in self._slots:
            view[place] = part
        return self._buffers


def head_bone(head: FloatArray) -> tuple[float, ...]:
    """Position in metres and quaternion (x, y, z, w) of a head (6,), in Unity's axes.

    Ours turns right, up and to the right ear; Unity's x is right, y up, z forward,
    left-handed, so that pitch and roll change sign. Turned by yaw, then pitch, then roll.
    """
    yaw, pitch, roll = (math.radians(angle) / 2 for angle in head[:3].tolist())
    (sy, cy), (sx, cx), (sz, cz) = ((math.sin(a), math.cos(a)) for a in (yaw, -pitch, -roll))
    forward, right, up = (value / 100 for value in head[3:].tolist())
    return (
        right,
        up,
        forward,
        cy * sx * cz + sy * cx * sz,
        sy * cx * cz - cy * sx * sz,
        cy * cx * sz - sy * sx * cz,
        cy * cx * cz + sy * sx * sz,
    )


class VmcSink(UdpSink):
    """Frames as ARKit shapes (PascalCase names) and a head bone to one VMC receiver."""

    kind = "vmc"

    def __init__(self, host: str, port: int = DEFAULT_PORT) -> None:
        super().__init__(host, port)
        self._encoder = BundleEncoder()
        self._start: float | None = None
        self._last_time = 0.0

    def send(self, frame: ControlFrame) -> None:
        """Send one frame."""
        if self._start is None:
            self._start = frame.time
        self._last_time = frame.time
        shapes = from_controls(frame.controls)
        datagrams = self._encoder.encode(shapes, frame.head, frame.time - self._start)
        self._count(self._transmit(*datagrams))

    def hello(self, info: StreamInfo) -> None:
        """The protocol has no such message; its status goes with every frame."""

    def bye(self) -> None:
        """Leave the face at rest."""
        self.send(ControlFrame.neutral(time=self._last_time))
