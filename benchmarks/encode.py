"""What one frame costs on its way out: encoders alone, and python-osc's builder beside them.

Run  python benchmarks/encode.py . Figures are medians of many rounds, in
processor time of one core; on a busy machine trust the ratio. With ``--send`` the datagrams also
go to closed ports of this machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
from pythonosc.osc_message_builder import OscMessageBuilder

from medtalk_live.output.livelink_face import LiveLinkFaceSink, PacketEncoder
from medtalk_live.output.osc import FRAME_ADDRESS, FRAME_TYPES, FrameEncoder, OscSink
from medtalk_live.output.vmc import BundleEncoder, VmcSink
from medtalk_live.rig.arkit import from_controls, to_live_link
from medtalk_live.rig.controls import COUNT, TABLE_HASH, clamp
from medtalk_live.rig.frames import ControlFrame

LIMIT_MS = 0.3
FRAMES = 100


def speech_like() -> list[ControlFrame]:
    rng = np.random.default_rng(0)
    controls = clamp(rng.normal(0, 0.3, (FRAMES, COUNT)).astype(np.float32))
    head = rng.normal(0, 3, (FRAMES, 6)).astype(np.float32)
    return [ControlFrame(k, 100 + k / 60, controls[k], head[k]) for k in range(FRAMES)]


def by_python_osc(frame: ControlFrame) -> bytes:
    builder = OscMessageBuilder(FRAME_ADDRESS)
    values = ["MedTalk", frame.index, TABLE_HASH, frame.time, *frame.head, *frame.controls]
    for kind, value in zip(FRAME_TYPES, values, strict=True):
        builder.add_arg(float(value) if kind in "fd" else value, kind)
    return bytes(builder.build().dgram)


def median_ms(work: Callable[[ControlFrame], object], frames: Sequence[ControlFrame]) -> float:
    """Median over rounds of this thread's own processor time per frame."""
    times = []
    for _ in range(30):
        start = time.thread_time()
        for frame in frames:
            work(frame)
        times.append((time.thread_time() - start) / len(frames) * 1000)
    return statistics.median(times)


def encoders() -> dict[str, Callable[[ControlFrame], object]]:
    osc, vmc = FrameEncoder("MedTalk"), BundleEncoder()
    face = PacketEncoder("MedTalk", "0" * 36, Fraction(60))

    def livelink(frame: ControlFrame) -> object:
        return face.encode(to_live_link(frame.controls, frame.head), frame.index, 0.0)

    def bundles(frame: ControlFrame) -> object:
        return vmc.encode(from_controls(frame.controls), frame.head, frame.time)

    return {"OSC": osc.encode, "Live Link Face": livelink, "VMC": bundles}


def senders() -> dict[str, Callable[[ControlFrame], object]]:
    sinks = (OscSink("127.0.0.1", 9), LiveLinkFaceSink("127.0.0.1", 9), VmcSink("127.0.0.1", 9))
    for sink in sinks:
        sink.open()
    return {f"send {sink.name}": sink.send for sink in sinks}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--send", action="store_true", help="time the sockets as well")
    args = parser.parse_args()
    frames = speech_like()
    costs = {name: median_ms(work, frames) for name, work in encoders().items()}
    total, theirs = sum(costs.values()), median_ms(by_python_osc, frames)
    for name, cost in costs.items():
        print(f"{name:<24}{cost:8.4f} ms a frame")
    print(f"{'all three':<24}{total:8.4f} ms a frame (limit {LIMIT_MS} ms)")
    print(f"{'python-osc, OSC alone':<24}{theirs:8.4f} ms a frame")
    print(f"OSC: {theirs / costs['OSC']:.0f} times faster; all three: {theirs / total:.1f} times")
    if args.send:
        for name, work in senders().items():
            print(f"{name:<24}{median_ms(work, frames):8.4f} ms a frame")


if __name__ == "__main__":
    main()
