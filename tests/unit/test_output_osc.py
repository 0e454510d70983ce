"""Our wire format, byte for byte against python-osc's own builder."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from medtalk_live.errors import SinkError
from medtalk_live.output.osc import (
    FRAME_ADDRESS,
    FRAME_TYPES,
    FrameEncoder,
    decode_frame,
    encode_bye,
    encode_hello,
)
from medtalk_live.output.sink import StreamInfo
from medtalk_live.output.udp import MAX_DATAGRAM
from medtalk_live.rig.controls import TABLE_HASH
from medtalk_live.rig.frames import ControlFrame

INFO = StreamInfo(
    "Ada", 42, "0.1.0", Fraction(60), 78.5, 9871, "starter", "happy", "01:02:03:04", 9.5
)


def some_frame(index: int = 7) -> ControlFrame:
    rng = np.random.default_rng(index)
    controls, head = rng.normal(size=174), rng.normal(size=6)
    return ControlFrame(index, 1234.5678, controls.astype(np.float32), head.astype(np.float32))


def by_the_book(subject: str, frame: ControlFrame) -> bytes:
    builder = OscMessageBuilder(FRAME_ADDRESS)
    floats = [float(value) for value in (*frame.head, *frame.controls)]
    values = [subject, frame.index, TABLE_HASH, frame.time, *floats]
    for kind, value in zip(FRAME_TYPES, values, strict=True):
        builder.add_arg(value, kind)
    return bytes(builder.build().dgram)


@pytest.mark.parametrize("subject", ["MedTalk", "A", "Ada1", "阿达", "s" * 64])
def test_a_frame_is_what_python_osc_would_build(subject: str) -> None:
    frame = some_frame()
    assert bytes(FrameEncoder(subject).encode(frame)) == by_the_book(subject, frame)


def test_a_frame_for_medtalk_has_952_bytes() -> None:
    assert len(FrameEncoder("MedTalk").encode(some_frame())) == 952


def test_nothing_of_the_last_frame_is_left_in_the_reused_buffer() -> None:
    encoder = FrameEncoder("MedTalk")
    encoder.encode(some_frame(1))
    assert bytes(encoder.encode(some_frame(2))) == by_the_book("MedTalk", some_frame(2))


def test_the_sequence_wraps_at_two_to_the_31() -> None:
    encoder = FrameEncoder("MedTalk")
    sequences = [
        decode_frame(bytes(encoder.encode(some_frame(index)))).frame.index
        for index in (2**31 - 1, 2**31, 2**31 + 5)
    ]
    assert sequences == [2**31 - 1, 0, 5]


def test_a_frame_comes_back_from_its_datagram() -> None:
    frame = some_frame()
    wire = decode_frame(bytes(FrameEncoder("Ada").encode(frame)))
    assert (wire.subject, wire.table_hash) == ("Ada", TABLE_HASH)
    assert (wire.frame.index, wire.frame.time) == (frame.index, frame.time)
    np.testing.assert_array_equal(wire.frame.controls, frame.controls)
    np.testing.assert_array_equal(wire.frame.head, frame.head)


def test_hello_carries_the_types_of_the_contract() -> None:
    message = OscMessage(encode_hello(INFO))
    assert message.address == "/medtalk/1/hello"
    assert list(message) == [
        "Ada", 42, "0.1.0", TABLE_HASH, 60.0, 78.5, 9871, "starter", "happy", "01:02:03:04", 9.5,
    ]  # fmt: skip
    assert encode_hello(INFO)[20:36] == b",sisiffisssd\0\0\0\0"


def test_a_hello_with_endless_words_still_fits_a_datagram() -> None:
    words = "a face like the sea 🌊" * 1000
    data = encode_hello(replace(INFO, guidance=words, model=words, version=words, subject="s" * 64))
    assert len(data) <= MAX_DATAGRAM
    assert words.startswith(list(OscMessage(data))[8])


def test_words_with_a_nul_do_not_break_the_fields_behind_them() -> None:
    message = OscMessage(encode_hello(replace(INFO, guidance="hap\0py")))
    assert list(message)[8:10] == ["hap py", "01:02:03:04"]


@pytest.mark.parametrize("session", [2**31, 2**32 - 1, -1, 0])
def test_any_32_bit_session_fits(session: int) -> None:
    value = list(OscMessage(encode_hello(replace(INFO, session=session))))[1]
    assert value % 2**32 == session % 2**32


def test_bye_names_the_subject() -> None:
    message = OscMessage(encode_bye("Ada"))
    assert (message.address, list(message)) == ("/medtalk/1/bye", ["Ada"])


@pytest.mark.parametrize("subject", ["", "s" * 65, "阿" * 22, "a\0b"])
def test_an_impossible_subject_is_refused_in_words(subject: str) -> None:
    with pytest.raises(SinkError, match="expected 1 to 64"):
        FrameEncoder(subject)


@pytest.mark.parametrize("data", [b"", b"/medtalk", encode_bye("Ada"), b"#bundle\0" + bytes(8)])
def test_what_is_not_a_frame_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(SinkError, match="is not"):
        decode_frame(data)
