"""Live Link Face packets, read field by field and by PyLiveLinkFace."""

from __future__ import annotations

import socket
import struct
from fractions import Fraction

import numpy as np
import pytest

from medtalk_live.output.livelink_face import LiveLinkFaceSink, PacketEncoder
from medtalk_live.rig.arkit import LIVE_LINK_NAMES
from medtalk_live.rig.controls import NEUTRAL, index
from medtalk_live.rig.frames import ControlFrame

DEVICE = "12345678-1234-4234-8234-123456789012"
VALUES = np.linspace(-1, 1, 61).astype(np.float32)


class Noon:
    """Twelve o'clock at steady time 100."""

    drop_frame = None

    def seconds_at(self, steady_time: float) -> float:
        return 43_200 + steady_time - 100


def test_every_field_stands_where_the_app_puts_it() -> None:
    packet = bytes(PacketEncoder("Zoë", DEVICE, Fraction(60_000, 1001)).encode(VALUES, 777, 0.25))
    assert len(packet) == 306 + 4
    assert packet[0] == 6
    assert struct.unpack_from(">i36s", packet, 1) == (36, DEVICE.encode())
    assert struct.unpack_from(">i4s", packet, 41) == (4, "Zoë".encode())
    assert struct.unpack_from(">ifiiB", packet, 49) == (777, 0.25, 60_000, 1001, 61)
    np.testing.assert_array_equal(np.frombuffer(packet, ">f4", 61, 66), VALUES)


def test_pylivelinkface_reads_the_packet() -> None:
    reader = pytest.importorskip("pylivelinkface", reason="PyLiveLinkFace is not installed")
    packet = bytes(PacketEncoder("Ada", DEVICE, Fraction(60)).encode(VALUES, 1234, 0.5))
    there, face = reader.PyLiveLinkFace.decode(packet)
    assert there
    assert (face.name, face.fps, face._denominator) == ("Ada", 60, 1)
    assert (face._frames, face._sub_frame) == (1234, 0.5)
    for shape in reader.FaceBlendShape:
        assert LIVE_LINK_NAMES[shape.value] == shape.name
        assert face.get_blendshape(shape) == VALUES[shape.value]


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 60, 120, Fraction(30_000, 1001)], ids=str)
@pytest.mark.parametrize("frames", [0, 1, 1000])
def test_the_timecode_is_the_time_of_day_of_the_frames_sound(fps: Fraction, frames: int) -> None:
    fps = Fraction(fps)
    noon = -(-43_200 * fps.numerator // fps.denominator)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sink = LiveLinkFaceSink(*receiver.getsockname(), "Ada", fps, Noon())
        sink.open()
        sink.send(ControlFrame.neutral(0, 100 + float((noon + frames) / fps) - 43_200))
        packet = receiver.recv(1000)
        sink.close()
    number, subframe, numerator, denominator = struct.unpack_from(">ifii", packet, 45 + 3)
    assert (numerator, denominator) == (fps.numerator, fps.denominator)
    assert number == noon + frames
    assert subframe == pytest.approx(0, abs=1e-4)  # steady times are doubles: far below a frame


def test_bye_leaves_the_face_at_rest() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sink = LiveLinkFaceSink(*receiver.getsockname(), "Ada")
        sink.open()
        controls = NEUTRAL.copy()
        controls[index("C_jaw.ty")] = 1
        sink.send(ControlFrame(0, 0.0, controls, np.ones(6, np.float32)))
        moving = np.frombuffer(receiver.recv(1000), ">f4", 61, 65)
        sink.bye()
        resting = np.frombuffer(receiver.recv(1000), ">f4", 61, 65)
        sink.close()
    assert moving[LIVE_LINK_NAMES.index("JawOpen")] == 1
    assert not resting.any()
