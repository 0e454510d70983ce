"""What the tests of the live run share: a session on the tiny model and sinks that listen."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from fakes import TinyModel

from medtalk_live.audio.source import AudioSource
from medtalk_live.clock import Clock
from medtalk_live.engine.animator import Animator
from medtalk_live.output.sink import FrameSink, SinkHealth, StreamInfo
from medtalk_live.rig.frames import ControlFrame
from medtalk_live.runtime.session import Session


class ListSink:
    """A ``FrameSink`` that keeps what it is sent, and may fail when told to."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.name = "list"
        self.health = SinkHealth()
        self.frames: list[ControlFrame] = []
        self.sent_at: list[float] = []
        self.hellos: list[StreamInfo] = []
        self.byes = 0
        self.closed = 0
        self.failing: Exception | None = None
        self._clock = clock

    def open(self) -> None:
        self.closed = 0

    def send(self, frame: ControlFrame) -> None:
        if self.failing is not None:
            raise self.failing
        self.frames.append(frame)
        self.health.sent += 1
        if self._clock is not None:
            self.sent_at.append(self._clock.now())

    def hello(self, info: StreamInfo) -> None:
        self.hellos.append(info)

    def bye(self) -> None:
        self.byes += 1

    def close(self) -> None:
        self.closed += 1


class Receiver:
    """A UDP port that keeps every datagram with the time it came at."""

    def __init__(self, clock: Clock) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.datagrams: list[tuple[float, bytes]] = []
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                data = self.socket.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            self.datagrams.append((self._clock.now(), data))

    def of(self, address: str) -> list[tuple[float, bytes]]:
        """Datagrams of one OSC address."""
        start = address.encode() + b"\0"
        return [item for item in self.datagrams if item[1].startswith(start)]

    def close(self) -> None:
        self._stop.set()
        self._thread.join(2.0)
        self.socket.close()


def free_port() -> int:
    """A UDP port that nobody holds at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def bound(port: int) -> bool:
    """Whether some program already listens on a UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return True
    return False


def stream_info(fps: int | Fraction = 60, **changes: Any) -> StreamInfo:
    values: dict[str, Any] = {
        "subject": "MedTalk",
        "session": 1,
        "version": "test",
        "fps": Fraction(fps),
        "latency_ms": 0.0,
        "control_port": 0,
        "model": "tiny",
        "guidance": "neutral",
    }
    return StreamInfo(**(values | changes))


def live_session(
    source: AudioSource,
    sinks: Sequence[FrameSink],
    clock: Clock,
    model: TinyModel | None = None,
    fps: int | Fraction = 60,
    finish: str = "none",
) -> Session:
    network = model or TinyModel()
    return Session(
        source,
        lambda: Animator(network, fps=fps, finish=finish),
        sinks,
        stream_info(fps),
        clock=clock,
    )
