"""Other people's receivers, each in a process of its own, that note when a frame came.

``python receivers.py KIND PORT`` listens until its standard input is closed and
prints one line a frame: arrival on the steady clock, a tab, and the frame's
number or time in the receiver's own reading. Kinds: ``raw`` (our decoder, with
latency), ``livelink`` (PyLiveLinkFace), ``vmc`` (vmcp). oscdump and tshark are
programs and are started by ``live_run.py`` itself.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator


def main() -> None:
    kind, port = sys.argv[1], int(sys.argv[2])
    threading.Thread(target=_end_with_input, daemon=True).start()
    {"raw": raw, "livelink": live_link, "vmc": vmc}[kind](port)


def raw(port: int) -> None:
    """Number and sound time of our own frames: time.perf_counter is one clock for all processes."""
    from medtalk_live.errors import SinkError
    from medtalk_live.output.osc import decode_frame

    for data in _datagrams(port):
        now = time.perf_counter()
        try:
            frame = decode_frame(data).frame
        except SinkError:
            continue  # hello and bye
        _note(now, f"{frame.index}\t{frame.time}")


def live_link(port: int) -> None:
    from pylivelinkface import FaceBlendShape, PyLiveLinkFace

    for data in _datagrams(port):
        now = time.perf_counter()
        valid, face = PyLiveLinkFace.decode(data)
        if valid:
            _note(now, f"{face.name} jaw {face.get_blendshape(FaceBlendShape.JawOpen):.3f}")


def vmc(port: int) -> None:
    from vmcp.events import BlendShapeApplyEvent, Event
    from vmcp.facades import on_receive
    from vmcp.osc import OSC
    from vmcp.osc.backend.osc4py3 import as_comthreads

    def received(event: Event) -> None:
        _note(time.perf_counter(), "apply")

    system = OSC(as_comthreads)
    with system.open():
        receiver = system.create_receiver("127.0.0.1", port, "receiver").open()
        on_receive(receiver, BlendShapeApplyEvent, received)
        while True:
            system.run()
            time.sleep(0.0005)


def _datagrams(port: int) -> Iterator[bytes]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    listener.bind(("127.0.0.1", port))
    while True:
        yield listener.recv(65535)


def _note(now: float, words: str) -> None:
    sys.stdout.write(f"{now!r}\t{words}\n")
    sys.stdout.flush()


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
