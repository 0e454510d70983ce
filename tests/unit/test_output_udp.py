"""Sockets of the sinks: names resolved once, absent receivers cost nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from medtalk_live.errors import SinkError
from medtalk_live.output.livelink_face import LiveLinkFaceSink
from medtalk_live.output.osc import OscSink, decode_frame
from medtalk_live.output.sink import FrameSink
from medtalk_live.output.udp import UdpSink
from medtalk_live.output.vmc import VmcSink
from medtalk_live.rig.frames import ControlFrame


def all_kinds(host: str, port: int) -> list[FrameSink]:
    return [OscSink(host, port), LiveLinkFaceSink(host, port), VmcSink(host, port)]


@pytest.fixture(params=[(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")], ids=["v4", "v6"])
def receiver(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    family, host = request.param
    try:
        receiver = socket.socket(family, socket.SOCK_DGRAM)
        receiver.bind((host, 0))
    except OSError as error:
        pytest.skip(f"this machine has no {host} ({error})")
    receiver.settimeout(5)
    with receiver:
        yield receiver


def test_a_frame_arrives_over_both_kinds_of_address(receiver: socket.socket) -> None:
    host, port = receiver.getsockname()[:2]
    sink = OscSink(host, port, "Ada")
    sink.open()
    sink.send(ControlFrame.neutral(5, 2.0))
    sink.bye()
    assert decode_frame(receiver.recv(2000)).frame.index == 5
    assert b"/medtalk/1/bye" in receiver.recv(2000)
    sink.close()
    assert (sink.health.sent, sink.health.failed) == (1, 0)


def test_localhost_means_the_address_where_receivers_listen() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sink = OscSink("localhost", receiver.getsockname()[1])
        sink.open()
        sink.send(ControlFrame.neutral())
        assert len(receiver.recv(2000)) == 952
        sink.close()


def test_a_closed_port_is_no_failure_and_the_stream_goes_on() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    for sink in all_kinds("127.0.0.1", port):
        sink.open()
        for number in range(50):
            sink.send(ControlFrame.neutral(number))
        assert (sink.health.sent, sink.health.failed) == (50, 0)
        sink.close()


class _Sulking(socket.socket):
    """Answers every send as Windows does after a port was found closed."""

    def sendto(self, *_: object) -> int:
        raise ConnectionResetError(10054, "An existing connection was forcibly closed")


@pytest.mark.parametrize("kind", [0, 1, 2], ids=["osc", "livelink", "vmc"])
def test_a_send_that_fails_is_counted_named_and_never_raised(kind: int) -> None:
    sink = all_kinds("127.0.0.1", 9)[kind]
    assert isinstance(sink, UdpSink)
    sink.open()
    sink.close()
    sink._socket = _Sulking(socket.AF_INET, socket.SOCK_DGRAM)
    sink.send(ControlFrame.neutral())
    sink.bye()
    sink.close()
    assert sink.health.sent == 0
    assert sink.health.failed >= 1
    assert "forcibly closed" in sink.health.last_error
    assert "127.0.0.1:9" in sink.health.last_error


def test_a_sink_that_was_not_opened_or_closed_twice_only_counts() -> None:
    sink = OscSink("127.0.0.1", 9)
    sink.send(ControlFrame.neutral())
    sink.close()
    sink.close()
    assert (sink.health.failed, sink.health.last_error) == (1, "osc 127.0.0.1:9: not open")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "256.1.1.1", "a" * 300, "a..b"])
def test_an_unknown_host_is_said_when_the_sink_opens(host: str) -> None:
    with pytest.raises(SinkError, match="cannot be found"):
        OscSink(host, 9870).open()


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_an_impossible_port_is_refused(port: int) -> None:
    with pytest.raises(SinkError, match=r"1\.\.65535"):
        VmcSink("127.0.0.1", port)
