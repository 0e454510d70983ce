"""One UDP receiver: name resolved once, sends that never block and never raise.

What the three network sinks share. A receiver that is away, a full send
buffer or a network that went down is a counter in ``health``; Windows reports
a closed port on a later call (``ConnectionResetError``), which lands there as
well. Pacing thread only, ``open`` and ``close`` before and after.
"""

from __future__ import annotations

import socket
from typing import Any

from medtalk_live.errors import SinkError
from medtalk_live.output.sink import SinkHealth

MAX_DATAGRAM = 1472
"""Largest UDP payload that crosses an Ethernet link in one piece (1500 less headers)."""

MAX_SUBJECT_BYTES = 64


class UdpSink:
    """Base of the network sinks.

    Attributes:
        name: Kind and address, for the status line.
        health: Frames sent and failed, and the last error.
    """

    kind = "udp"

    def __init__(self, host: str, port: int) -> None:
        if not 1 <= port <= 65535:
            raise SinkError(f"{self.kind} port {port} cannot be sent to: give one in 1..65535")
        self.name = f"{self.kind} {host}:{port}"
        self.health = SinkHealth()
        self._host, self._port = host, port
        self._socket: socket.socket | None = None
        self._target: tuple[Any, ...] = ()

    def open(self) -> None:
        """Resolve the host, once, and make the socket.

        Raises:
            SinkError: the host is not known.
        """
        self.close()
        family, self._target = _resolve(self._host, self._port)
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)

    def close(self) -> None:
        """Free the socket; safe to call twice."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _transmit(self, *datagrams: bytes | bytearray) -> bool:
        """Hand datagrams to the network; False, and an error noted, where one would not go."""
        try:
            if self._socket is None:
                raise OSError("not open")
            for datagram in datagrams:
                self._socket.sendto(datagram, self._target)
        except OSError as error:
            self.health.last_error = f"{self.name}: {error.strerror or error}"
            return False
        return True

    def _count(self, sent: bool) -> None:
        if sent:
            self.health.sent += 1
        else:
            self.health.failed += 1


def checked_subject(subject: str) -> bytes:
    """A subject's name in UTF-8.

    Raises:
        SinkError: it is empty, longer than 64 bytes, or holds a NUL.
    """
    encoded = subject.encode()
    if not 1 <= len(encoded) <= MAX_SUBJECT_BYTES or b"\0" in encoded:
        raise SinkError(
            f"the subject {subject!r} has {len(encoded)} bytes; "
            f"expected 1 to {MAX_SUBJECT_BYTES} and no NUL"
        )
    return encoded


def _resolve(host: str, port: int) -> tuple[int, tuple[Any, ...]]:
    """Family and address of a host; IPv4 first, since that is where receivers listen."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise SinkError(
            f"the receiver '{host}' cannot be found ({error}): "
            "check the name, or give its IP address"
        ) from None
    family, *_, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, address
