"""VMC bundles: valid OSC, below the datagram limit, Apply last, a true head quaternion."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from medtalk_live.output.udp import MAX_DATAGRAM
from medtalk_live.output.vmc import BundleEncoder, head_bone
from medtalk_live.rig.arkit import SHAPE_NAMES
from medtalk_live.rig.controls import FloatArray

SHAPES = np.linspace(0, 1, 52).astype(np.float32)
HEAD = np.asarray([20, -10, 5, 1, 2, 3], np.float32)


def messages(*datagrams: bytes | bytearray) -> list[OscMessage]:
    return [message for data in datagrams for message in OscBundle(bytes(data))]


def test_each_bundle_is_what_python_osc_would_build() -> None:
    for data in BundleEncoder().encode(SHAPES, HEAD, 1.5):
        bundle = OscBundleBuilder(IMMEDIATELY)
        for message in OscBundle(bytes(data)):
            builder = OscMessageBuilder(message.address)
            for value in message.params:
                builder.add_arg(value)
            bundle.add_content(builder.build())
        assert bundle.build().dgram == bytes(data)


def test_a_frame_says_what_vmc_programs_expect_and_ends_with_apply() -> None:
    sent = messages(*BundleEncoder().encode(SHAPES, HEAD, 1.5))
    assert [m.address for m in sent[:3]] == ["/VMC/Ext/OK", "/VMC/Ext/T", "/VMC/Ext/Bone/Pos"]
    assert sent[0].params == [1]
    assert sent[1].params == [1.5]
    assert sent[2].params[0] == "Head"
    values = dict(m.params for m in sent if m.address == "/VMC/Ext/Blend/Val")
    assert list(values) == list(SHAPE_NAMES)
    assert list(values.values()) == pytest.approx(SHAPES.tolist())
    assert [m.address for m in sent].index("/VMC/Ext/Blend/Apply") == len(sent) - 1


def test_every_datagram_fits() -> None:
    assert all(len(data) <= MAX_DATAGRAM for data in BundleEncoder().encode(SHAPES, HEAD, 0.0))


def rotate(quaternion: tuple[float, ...], vector: FloatArray) -> FloatArray:
    x, y, z, w = quaternion
    axis = np.asarray([x, y, z])
    return vector + 2 * np.cross(axis, np.cross(axis, vector) + w * vector)


RIGHT, UP, FORWARD = np.eye(3)


@pytest.mark.parametrize(
    ("angles", "before", "towards"),
    [
        ((30, 0, 0), FORWARD, RIGHT),  # yaw turns the nose to the character's right
        ((0, 30, 0), FORWARD, UP),  # pitch lifts it
        ((0, 0, 30), UP, RIGHT),  # roll tips the crown to the right ear
    ],
)
def test_the_head_turns_the_way_our_angles_say(
    angles: tuple[float, float, float], before: FloatArray, towards: FloatArray
) -> None:
    """Unity is left-handed; the rotation formula's cross product is the same in both hands."""
    bone = head_bone(np.asarray([*angles, 0, 0, 0], np.float32))
    turned = rotate(bone[3:], before)
    assert turned @ towards == pytest.approx(math.sin(math.radians(30)), abs=1e-6)
    assert turned @ before == pytest.approx(math.cos(math.radians(30)), abs=1e-6)


def test_quaternions_have_length_one_and_positions_are_metres() -> None:
    bone = head_bone(HEAD)
    assert math.hypot(*bone[3:]) == pytest.approx(1.0)
    assert bone[:3] == pytest.approx((0.02, 0.03, 0.01))
    assert head_bone(np.zeros(6, np.float32)) == (0, 0, 0, 0, 0, 0, 1)
