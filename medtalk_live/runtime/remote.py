"""The other end of the control channel: say a command, wait for the answer.

Used by ``medtalk-live send``; a script may use it as well. A ping is sent
first, again and again for a few seconds (the run may just be starting), so
that nobody there is told from somebody who is still reading a photo; the
command itself is sent once. Blocks the caller.
"""

from __future__ import annotations

import secrets
import socket
import time
from typing import Any

from medtalk_live.errors import ControlError
from medtalk_live.runtime.commands import PREFIX
from medtalk_live.runtime.control import ERROR, OK, PING, message, parse

ANSWER_SECONDS = 4.0
AGAIN_SECONDS = 0.5
WORK_SECONDS = 150.0  # the first photo waits for its worker to start


class Remote:
    """A live run that can be told things.

    Args:
        host: Where it runs.
        port: Its control port.
        token: The word that every command ends with, where it wants one.
        patience_seconds: How long a run may take to answer at all.
    """

    def __init__(
        self,
        host: str,
        port: int,
        token: str | None = None,
        patience_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._patience = patience_seconds
        self._where = f"{host}:{port}"
        self._token = () if token is None else (token,)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except OSError as error:
            raise ControlError(
                f"the host '{host}' cannot be found ({error}): check its name, or give its address"
            ) from None
        family, kind, protocol, _, address = found[0]
        self._address: Any = address
        self._socket = socket.socket(family, kind, protocol)

    def __enter__(self) -> Remote:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def say(self, name: str, *arguments: str | float | int) -> str:
        """Say a command such as ``emotion``; returns the answer's words.

        Raises:
            ControlError: nobody is there, or the command was refused.
        """
        pong = self._ask(PING, (secrets.randbits(30),), self._patience, AGAIN_SECONDS)
        return pong if name == "ping" else self._ask(PREFIX + name, arguments, WORK_SECONDS)

    def _ask(
        self,
        address: str,
        arguments: tuple[str | float | int, ...],
        wait: float,
        again: float = WORK_SECONDS,
    ) -> str:
        """Send, every ``again`` seconds, until an answer comes or ``wait`` seconds are over."""
        deadline = time.monotonic() + wait
        while (now := time.monotonic()) < deadline:
            try:
                self._socket.sendto(message(address, *arguments, *self._token), self._address)
            except OSError as error:
                raise ControlError(f"{self._where} cannot be reached ({error})") from None
            until = min(deadline, now + again)
            while (left := until - time.monotonic()) > 0:
                words = self._answer(address, left)
                if words is not None:
                    return words
        raise ControlError(
            f"nobody answers on {self._where} within {wait:g} s: start medtalk-live, "
            "or give its --control HOST:PORT"
        )

    def _answer(self, about: str, timeout: float) -> str | None:
        """The answer to a command, None where something else came (or a reset, on Windows)."""
        self._socket.settimeout(timeout)
        try:
            address, arguments = parse(self._socket.recv(4096))
        except (TimeoutError, ConnectionResetError, ConnectionRefusedError):
            time.sleep(min(timeout, 0.02))
            return None
        except (ControlError, OSError):
            return None
        words = " ".join(str(word) for word in arguments[1:])
        if address == OK and arguments[:1] == (about,):
            return words
        if address == ERROR and arguments[:1] == (about,):
            raise ControlError(words)
        return None
