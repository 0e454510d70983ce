"""The control channel: OSC commands in over UDP, an answer to each sender.

One thread reads datagrams, a second executes them one after another, so that a
photo that takes a second to read holds up neither frames nor a ping. What
cannot be read is counted and dropped; nothing that arrives can stop the run.
Source: OSC 1.0; the address table in ``protocol/``.
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import queue
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from medtalk_live.errors import ControlError, MedTalkError
from medtalk_live.runtime.commands import PREFIX

log = logging.getLogger(__name__)

OK = PREFIX + "ok"
ERROR = PREFIX + "error"
PING = PREFIX + "ping"
_LONGEST = 65_535
_PATIENCE = 0.2
_PENDING = 64
_WORDS = 1_000


@dataclass(slots=True)
class ControlHealth:
    """Counters: datagrams received, commands done, commands refused, datagrams unreadable."""

    received: int = 0
    done: int = 0
    refused: int = 0
    malformed: int = 0
    overrun: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One command and who gets the answer."""

    address: str
    arguments: tuple[object, ...]
    sender: tuple[str, int]


class ControlChannel:
    """Listens on one UDP port.

    Args:
        host: Interface; elsewhere than on loopback a token is required.
        port: 0 lets the system choose.
        execute: ``Commands.execute``.
        token: Must come as the last argument of every command, where set.

    Raises:
        ControlError: bound beyond this machine without a token.
    """

    def __init__(
        self,
        host: str,
        port: int,
        execute: Callable[[str, Sequence[object]], str],
        token: str | None = None,
    ) -> None:
        if token is None and not is_loopback(host):
            raise ControlError(
                f"the control channel on {host} can be reached from other machines: "
                "give --control-token, or bind it to 127.0.0.1"
            )
        self.host, self.port = host, port
        self.health = ControlHealth()
        self._execute = execute
        self._token = token
        self._socket: socket.socket | None = None
        self._requests: queue.Queue[Request] = queue.Queue(_PENDING)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def open(self) -> None:
        """Bind the port and start listening.

        Raises:
            ControlError: the port is taken or not ours to bind.
        """
        self._socket = bound_socket(self.host, self.port)
        self.port = self._socket.getsockname()[1]
        for loop in (self._listen, self._work):
            thread = threading.Thread(target=loop, name=f"control-{loop.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """Stop listening; safe to call twice."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=1.0)
        self._threads.clear()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def handle(self, datagram: bytes, sender: tuple[str, int]) -> None:
        """Take one datagram: answer a ping at once, queue the rest, count what is unreadable."""
        self.health.received += 1
        try:
            said = parse_all(datagram)
        except ControlError:
            self.health.malformed += 1
            return
        for address, arguments in said:
            self._take(Request(address, arguments, sender))

    def _take(self, request: Request) -> None:
        if request.address == PING:
            self._answer(request)
            return
        try:
            self._requests.put_nowait(request)
        except queue.Full:
            self.health.overrun += 1

    def _listen(self) -> None:
        assert self._socket is not None
        while not self._stop.is_set():
            try:
                datagram, sender = self._socket.recvfrom(_LONGEST)
                self.handle(datagram, sender)
            except (TimeoutError, ConnectionResetError):
                continue  # Windows reports an earlier answer to a closed port as a reset here
            except OSError as error:
                log.debug("control channel: %s", error)
                self._stop.wait(_PATIENCE)
            except Exception:
                self.health.malformed += 1
                log.debug("control channel: a datagram failed", exc_info=True)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self._answer(self._requests.get(timeout=_PATIENCE))
            except queue.Empty:
                continue

    def _answer(self, request: Request) -> None:
        address, words = self._outcome(request)
        try:
            if self._socket is not None:
                reply = message(address, request.address, words[:_WORDS])
                self._socket.sendto(reply, request.sender)
        except (OSError, ValueError) as error:
            log.debug("no answer to %s: %s", request.sender, error)

    def _outcome(self, request: Request) -> tuple[str, str]:
        try:
            words = self._execute(request.address, self._authorised(request.arguments))
        except MedTalkError as problem:
            self.health.refused += 1
            return ERROR, str(problem)
        except Exception as error:
            self.health.refused += 1
            log.warning("%s failed: %s; the run goes on", request.address, error)
            return ERROR, f"{request.address} failed: {error}"
        self.health.done += 1
        return OK, words

    def _authorised(self, arguments: tuple[object, ...]) -> tuple[object, ...]:
        if self._token is None:
            return arguments
        given = arguments[-1] if arguments else ""
        if not (
            isinstance(given, str) and hmac.compare_digest(given.encode(), self._token.encode())
        ):
            raise ControlError("the token is missing or wrong: send it as the last argument")
        return arguments[:-1]


def parse(datagram: bytes) -> tuple[str, tuple[object, ...]]:
    """Address and arguments of an OSC message.

    Raises:
        ControlError: it is not one.
    """
    from pythonosc.osc_message import OscMessage

    if not datagram.startswith(b"/"):
        raise ControlError("this is not an OSC message: it does not begin with '/'")
    try:
        decoded = OscMessage(datagram)
        return decoded.address, tuple(decoded.params)
    except Exception as error:  # python-osc lets many kinds through on hostile input
        raise ControlError(f"this is not an OSC message: {error}") from None


def parse_all(datagram: bytes) -> list[tuple[str, tuple[object, ...]]]:
    """The messages of a datagram: one, or those of a bundle, whose time tags mean now.

    Raises:
        ControlError: it is neither.
    """
    if not datagram.startswith(b"#bundle\0"):
        return [parse(datagram)]
    from pythonosc.osc_packet import OscPacket

    try:
        said = [timed.message for timed in OscPacket(datagram).messages]
        return [(one.address, tuple(one.params)) for one in said]
    except Exception as error:  # as in ``parse``
        raise ControlError(f"this is not an OSC bundle: {error}") from None


def message(address: str, *arguments: str | float | int) -> bytes:
    """An OSC message; whole numbers go as ``i``, others as ``f``, text as ``s``."""
    from pythonosc.osc_message_builder import OscMessageBuilder

    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return bytes(builder.build().dgram)


def is_loopback(host: str) -> bool:
    """Whether an interface is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bound_socket(host: str, port: int) -> socket.socket:
    """A UDP socket that no second program can share, with a short time-out.

    Raises:
        ControlError: the port is taken, or the address is not of this machine.
    """
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ControlError(f"the control address {host}:{port} is unusable ({error})") from None
    if sys.platform == "win32":
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    try:
        bound.bind(where)
    except OSError as error:
        bound.close()
        raise ControlError(
            f"the control port {host}:{port} cannot be bound ({error.strerror or error}): "
            "another run may hold it; end that one or give --control HOST:PORT"
        ) from None
    bound.settimeout(_PATIENCE)
    return bound
