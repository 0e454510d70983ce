"""Reads the frames of a live run with python-osc: where a receiver of your own begins.

Run  python examples/read_frames.py [--port 9870] [--seconds 10]  beside a
``medtalk-live``. Prints what the mouth does ten times a second, and what the
run says about itself. Only the names of the controls come from medtalk_live;
they also stand in medtalk_live/rig/controls.csv, in the order of the wire.
"""

from __future__ import annotations

import argparse
import threading
from typing import Any

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer

from medtalk_live.rig.controls import NAMES, TABLE_HASH

JAW = NAMES.index("CTRL_C_jaw-translateY")
SMILE = NAMES.index("CTRL_L_mouth_cornerPull-translateY")


def on_frame(
    address: str, subject: str, sequence: int, table: int, time: float, *values: float
) -> None:
    if table != TABLE_HASH:
        print(f"{subject} sends other controls: install the same version on both sides")
        return
    head, controls = values[:6], values[6:]
    if sequence % 6 == 0:
        words = f"jaw {controls[JAW]:.2f}  smile {controls[SMILE]:.2f}  yaw {head[0]:+.1f} deg"
        print(f"{subject} {sequence:6d}  {time:9.3f} s  {words}", flush=True)


def on_hello(address: str, subject: str, *about: Any) -> None:
    _session, version, _table, rate, latency_ms, _port, model, guidance, *_timecode = about
    words = f"{model} {version}, {rate:g} fps, {latency_ms:.0f} ms, {guidance}"
    print(f"{subject}: {words}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9870)
    parser.add_argument("--seconds", type=float, help="end by itself")
    chosen = parser.parse_args()

    dispatcher = Dispatcher()
    dispatcher.map("/medtalk/1/frame", on_frame)
    dispatcher.map("/medtalk/1/hello", on_hello)
    dispatcher.map("/medtalk/1/bye", lambda address, subject: print(f"{subject} has ended"))
    server = BlockingOSCUDPServer(("127.0.0.1", chosen.port), dispatcher)
    if chosen.seconds is not None:
        threading.Timer(chosen.seconds, server.shutdown).start()
    print(f"listening on port {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
