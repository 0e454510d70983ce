"""Where raw sound comes from: standard input or a TCP port, read on a thread of its own.

Blocking reads cannot be interrupted on every system, so a daemon thread does
them and fills a bounded buffer; when it is full the thread stops reading and
the sender is held back by the pipe or by TCP. ``take`` never blocks.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import Protocol

from medtalk_live.errors import AudioError

BUFFER_BYTES = 1 << 20
_BLOCK = 4096
_PATIENCE = 0.2


class ByteFeed(Protocol):
    """A stream of bytes.

    Attributes:
        name: For the status line.
        connected: Whether somebody sends.
        finished: Whether nothing will ever follow what is waiting.
        waiting: Whole samples' bytes that can be taken.
    """

    name: str

    @property
    def connected(self) -> bool:
        """Whether somebody sends."""
        ...

    @property
    def finished(self) -> bool:
        """Whether nothing will ever follow what is waiting."""
        ...

    @property
    def waiting(self) -> int:
        """Bytes of whole samples that can be taken."""
        ...

    def open(self) -> None:
        """Start reading; raises ``AudioError`` where that is impossible."""
        ...

    def take(self, size: int) -> bytes:
        """At most ``size`` bytes, an even number; empty where none wait."""
        ...

    def close(self) -> None:
        """Stop; safe to call twice."""
        ...


class _Buffer:
    """Bytes between the reader thread and the capture thread; always cut at whole samples."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._room = threading.Condition()
        self._closed = False

    @property
    def waiting(self) -> int:
        return len(self._bytes) & ~1

    def put(self, data: bytes) -> None:
        """Append; waits while the buffer is full."""
        with self._room:
            while len(self._bytes) >= BUFFER_BYTES and not self._closed:
                self._room.wait(_PATIENCE)
            self._bytes += data

    def take(self, size: int) -> bytes:
        with self._room:
            size = min(size, self.waiting)
            data = bytes(self._bytes[:size])
            del self._bytes[:size]
            self._room.notify()
        return data

    def drop_half_sample(self) -> None:
        """Forget the first byte of a sample whose second one never came."""
        with self._room:
            if len(self._bytes) & 1:
                del self._bytes[-1]

    def close(self) -> None:
        with self._room:
            self._closed = True
            self._room.notify()


class StandardInput:
    """Bytes from a pipe; the end of the pipe is the end of the sound.

    Args:
        descriptor: File descriptor; standard input by default.
    """

    name = "standard input"

    def __init__(self, descriptor: int | None = None) -> None:
        self._descriptor = descriptor
        self._buffer = _Buffer()
        self._ended = False

    @property
    def connected(self) -> bool:
        """Whether the pipe is open."""
        return not self._ended

    @property
    def finished(self) -> bool:
        """Whether the pipe has ended and all of it was taken."""
        return self._ended and self._buffer.waiting == 0

    @property
    def waiting(self) -> int:
        """Bytes of whole samples that can be taken."""
        return self._buffer.waiting

    def open(self) -> None:
        """Start reading.

        Raises:
            AudioError: standard input is closed.
        """
        descriptor = self._descriptor
        if descriptor is None:
            if sys.stdin is None:
                raise AudioError("standard input is closed: pipe raw sound into it, or give a file")
            descriptor = sys.stdin.fileno()
        threading.Thread(
            target=self._pump, args=(descriptor,), name="stdin-reader", daemon=True
        ).start()

    def take(self, size: int) -> bytes:
        """At most ``size`` bytes."""
        return self._buffer.take(size)

    def close(self) -> None:
        """Let the reader go; it ends with its pipe or with the program."""
        self._buffer.close()
        self._ended = True

    def _pump(self, descriptor: int) -> None:
        # os.read, not sys.stdin: a daemon thread must not hold that object's lock at exit
        try:
            while not self._ended and (data := os.read(descriptor, _BLOCK)):
                self._buffer.put(data)
        except OSError:
            pass  # the pipe is gone: the same as its end
        self._ended = True


class TcpListener:
    """Bytes from whoever connects; one sender at a time, the next may follow.

    Args:
        host: Address to listen on.
        port: 0 chooses a free one; ``name`` tells it after ``open``.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host, self.port = host, port
        self.name = f"tcp:{port}"
        self.connected = False
        self.finished = False
        self._buffer = _Buffer()
        self._socket: socket.socket | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """Bytes of whole samples that can be taken."""
        return self._buffer.waiting

    def open(self) -> None:
        """Listen.

        Raises:
            AudioError: the port is taken or the address is not this machine's.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        # Windows would let two programs share a port with SO_REUSEADDR
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        listener.setsockopt(socket.SOL_SOCKET, exclusive or socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self._host, self.port))
            listener.listen(1)
        except OSError as error:
            listener.close()
            raise AudioError(
                f"cannot listen for sound on {self._host}:{self.port} "
                f"({error.strerror or error}): choose another port or address"
            ) from None
        listener.settimeout(_PATIENCE)
        self._socket = listener
        self.port = listener.getsockname()[1]
        self.name = f"tcp:{self.port}"
        self._thread = threading.Thread(target=self._serve, name="tcp-reader", daemon=True)
        self._thread.start()

    def take(self, size: int) -> bytes:
        """At most ``size`` bytes."""
        return self._buffer.take(size)

    def close(self) -> None:
        """Stop listening."""
        self._stop.set()
        self._buffer.close()
        if self._thread is not None:
            self._thread.join(timeout=2.0)
            self._thread = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self.finished = True

    def _serve(self) -> None:
        assert self._socket is not None
        while not self._stop.is_set():
            try:
                sender, _ = self._socket.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            with sender:
                sender.settimeout(_PATIENCE)
                self.connected = True
                self._receive(sender)
                self.connected = False
                self._buffer.drop_half_sample()

    def _receive(self, sender: socket.socket) -> None:
        while not self._stop.is_set():
            try:
                data = sender.recv(_BLOCK)
            except TimeoutError:
                continue
            except OSError:
                return  # reset by the sender: the next may follow
            if not data:
                return
            self._buffer.put(data)
