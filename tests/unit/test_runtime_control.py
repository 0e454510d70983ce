import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage

from medtalk_live.errors import ControlError
from medtalk_live.runtime.control import (
    ERROR,
    OK,
    ControlChannel,
    bound_socket,
    is_loopback,
    message,
    parse,
    parse_all,
)


def executor(calls):
    def execute(address, arguments):
        if address.endswith("refuse"):
            raise ControlError("not now")
        if address.endswith("break"):
            raise RuntimeError("a bug")
        calls.append((address, tuple(arguments)))
        return "done"

    return execute


@pytest.fixture
def channel():
    calls: list = []
    made = ControlChannel("127.0.0.1", 0, executor(calls))
    made.open()
    yield made, calls
    made.close()


def ask(port: int, datagram: bytes) -> tuple[str, tuple]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(3.0)
        client.sendto(datagram, ("127.0.0.1", port))
        return parse(client.recv(4096))


def test_a_command_is_executed_and_answered_to_its_sender(channel):
    made, calls = channel
    assert ask(made.port, message("/medtalk/1/emotion", "happy", 1.5)) == (
        OK,
        ("/medtalk/1/emotion", "done"),
    )
    assert calls == [("/medtalk/1/emotion", ("happy", 1.5))]


def test_a_refusal_and_a_bug_are_both_answered_as_an_error(channel):
    made, _ = channel
    assert ask(made.port, message("/medtalk/1/refuse")) == (
        ERROR,
        ("/medtalk/1/refuse", "not now"),
    )
    address, (about, words) = ask(made.port, message("/medtalk/1/break"))
    assert (address, about) == (ERROR, "/medtalk/1/break")
    assert "a bug" in words
    assert made.health.refused == 2


@pytest.mark.parametrize("moment", [IMMEDIATELY, 2_000_000_000.0, 1.0])
def test_the_messages_of_a_bundle_are_executed_whatever_its_time(channel, moment):
    made, calls = channel
    inner, bundle = OscBundleBuilder(moment), OscBundleBuilder(moment)
    inner.add_content(OscMessage(message("/medtalk/1/intensity", 0.5)))
    bundle.add_content(OscMessage(message("/medtalk/1/emotion", "happy")))
    bundle.add_content(inner.build())
    bundle.add_content(OscMessage(message("/medtalk/1/neutral")))
    ask(made.port, bundle.build().dgram)
    ask(made.port, message("/medtalk/1/mute", 1))
    assert sorted(calls[:3]) == [
        ("/medtalk/1/emotion", ("happy",)),
        ("/medtalk/1/intensity", (0.5,)),
        ("/medtalk/1/neutral", ()),
    ]


def test_malformed_datagrams_are_counted_and_the_next_command_still_works(channel):
    made, calls = channel
    for junk in (b"", b"/", b"#bundle\0", b"/medtalk/1/emotion", b"\xff" * 60, b"/a\0\0\0,f\0\0"):
        made.handle(junk, ("127.0.0.1", 9))
    ask(made.port, message("/medtalk/1/neutral"))
    assert calls == [("/medtalk/1/neutral", ())]
    assert made.health.malformed >= 4


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_raise_anything_but_a_control_error(junk):
    starts = (b"", b"/medtalk/1/emotion\0\0", b"/x\0\0,", b"#bundle\0", b"#bundle\0" + bytes(8))
    for start in starts:
        try:
            said = parse_all(start + junk)
        except ControlError:
            continue
        for address, arguments in said:
            assert address.startswith("/")
            assert isinstance(arguments, tuple)


def test_beyond_loopback_a_token_is_required_and_checked():
    with pytest.raises(ControlError, match="token"):
        ControlChannel("0.0.0.0", 0, executor([]))
    calls: list = []
    made = ControlChannel("0.0.0.0", 0, executor(calls), token="s3cret")
    made.open()
    try:
        assert ask(made.port, message("/medtalk/1/mute", 1))[0] == ERROR
        assert ask(made.port, message("/medtalk/1/mute", 1, "wrong"))[0] == ERROR
        assert ask(made.port, message("/medtalk/1/mute", 1, "s3cret"))[0] == OK
    finally:
        made.close()
    assert calls == [("/medtalk/1/mute", (1,))]


def test_a_taken_port_is_one_sentence_with_a_remedy():
    holder = bound_socket("127.0.0.1", 0)
    port = holder.getsockname()[1]
    with pytest.raises(ControlError, match=rf"{port} cannot be bound .* --control"):
        ControlChannel("127.0.0.1", port, executor([])).open()
    holder.close()


def test_loopback_is_told_from_the_network():
    assert is_loopback("127.0.0.1")
    assert is_loopback("localhost")
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("192.0.2.7")
    assert not is_loopback("")
