"""What ``bench`` measures on this machine: compute, encoding, latency and its parts, memory.

Compute is the engine alone, fed as fast as it goes; latency is a real live run
in this process, from a scripted microphone to a UDP socket on loopback.
Main thread; takes as long as it is told.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from medtalk_live import __version__
from medtalk_live.audio.scripted import ScriptedSource
from medtalk_live.clock import SAMPLE_RATE, SystemClock
from medtalk_live.engine.animator import Animator
from medtalk_live.errors import SinkError
from medtalk_live.guidance.encode import encode
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.streaming import FaceModel, hop_slice
from medtalk_live.output.osc import OscSink, decode_frame
from medtalk_live.output.sink import FrameSink, StreamInfo
from medtalk_live.rig.controls import FloatArray
from medtalk_live.rig.frames import ControlFrame
from medtalk_live.runtime.pacer import CAPACITY_SECONDS
from medtalk_live.runtime.session import Session
from medtalk_live.runtime.stats import Spread

_CHUNK = SAMPLE_RATE // 100
_SETTLE_SECONDS = 3.0
_ENCODINGS = 500
_NETWORK_SECONDS = 5.0  # of sound: 300 frames, where a heavy model takes a while


@dataclass(frozen=True, slots=True)
class Compute:
    """The engine alone.

    Attributes:
        network_ms: One frame's way through the model: features, encoder and decoder.
        frame_ms: One frame's way through network and finish.
        real_time_factor: Computing time over sound time.
    """

    network_ms: Spread
    frame_ms: Spread
    real_time_factor: float


@dataclass(frozen=True, slots=True)
class Latency:
    """A live run on loopback, its first seconds left out.

    Attributes:
        total_ms: Sample in to datagram received.
        declared_ms: Look-ahead, hop and filters, as the engine declares them.
        hear_ms: End of a chunk's sound to its arrival.
        compute_ms: A chunk's way through the engine.
        wait_ms: Ready to sent: what evenness costs.
        rate_hz: Frames a second.
        interval_ms: From arrival to arrival.
        held: Ticks without a new frame.
    """

    total_ms: Spread
    declared_ms: float
    hear_ms: Spread
    compute_ms: Spread
    wait_ms: float
    rate_hz: float
    interval_ms: Spread
    held: int


def speech_like(seconds: float) -> FloatArray:
    """Speech-like sound: a buzzing voice in syllables and pauses, the same every time."""
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = 120.0 + 20.0 * np.sin(2 * np.pi * 0.7 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    voice = sum(np.sin(k * phase) / k for k in range(1, 20))
    envelope = np.clip(np.sin(2 * np.pi * 4.0 * t), 0.0, 1.0) * (np.sin(2 * np.pi * 0.3 * t) > -0.5)
    return (0.1 * envelope * voice).astype(np.float32)


def measure_compute(make_animator: Callable[[], Animator], seconds: float) -> Compute:
    """Time the engine on ``seconds`` of sound, frame by frame."""
    animator = make_animator()
    sound = speech_like(seconds)
    for start in range(0, SAMPLE_RATE, _CHUNK):
        animator.push(sound[start : start + _CHUNK])
    animator = make_animator()
    spent, pending = 0.0, 0.0
    per_frame: list[float] = []
    for start in range(0, len(sound), _CHUNK):
        begun = time.perf_counter()
        frames = animator.push(sound[start : start + _CHUNK])
        passed = time.perf_counter() - begun
        spent, pending = spent + passed, pending + passed
        if frames:
            per_frame += [pending / len(frames)] * len(frames)
            pending = 0.0
    network = _network_times(animator.model, sound[: round(_NETWORK_SECONDS * SAMPLE_RATE)])
    return Compute(Spread.of(network), Spread.of(per_frame), round(spent / seconds, 4))


def _network_times(model: FaceModel, sound: FloatArray) -> list[float]:
    """Seconds that the model's own steps take a frame."""
    codes = (encode(Guidance.neutral(), model),) * model.hop_frames
    state = model.init_state()
    times: list[float] = []
    while (hop := hop_slice(len(times), model)).stop <= len(sound):
        begun = time.perf_counter()
        _, state = model.step(sound[hop], state, codes)
        times.append((time.perf_counter() - begun) / model.hop_frames)
    return times


def measure_encoding(sinks: list[FrameSink]) -> Spread:
    """Time one frame into every sink, in ms; the sinks are opened and closed here."""
    frame = ControlFrame.neutral()
    times = []
    for sink in sinks:
        sink.open()
    for _ in range(_ENCODINGS):
        begun = time.perf_counter()
        for sink in sinks:
            sink.send(frame)
        times.append(time.perf_counter() - begun)
    for sink in sinks:
        sink.close()
    return Spread.of(times)


class _Arrivals:
    """A loopback receiver: when each frame came, and when its sound was heard."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(CAPACITY_SECONDS)
        self.port = int(self._socket.getsockname()[1])
        self.rows: list[tuple[float, float]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                data = self._socket.recv(2048)
                now = time.perf_counter()
                self.rows.append((now, decode_frame(data).frame.time))
            except (TimeoutError, SinkError):
                continue

    def close(self) -> None:
        self._stop.set()
        self._thread.join(2.0)
        self._socket.close()


def measure_latency(
    model: FaceModel, make_animator: Callable[[], Animator], seconds: float
) -> Latency:
    """Run live for ``seconds`` (at least 5) on a scripted microphone and loopback UDP."""
    clock = SystemClock()
    arrivals = _Arrivals()
    info = StreamInfo("bench", 0, __version__, Fraction(60), 0.0, 0, model.name, "neutral")
    session = Session(
        ScriptedSource(speech_like(seconds), clock=clock),
        make_animator,
        [OscSink("127.0.0.1", arrivals.port, "bench")],
        info,
        clock=clock,
    )
    session.open()
    session.start()
    session.finished.wait(seconds + 5.0)
    session.close()
    arrivals.close()
    rows = np.array(arrivals.rows)
    settled = rows[rows[:, 0] > rows[0, 0] + _SETTLE_SECONDS]
    gaps = np.diff(settled[:, 0])
    total = Spread.of(settled[:, 0] - settled[:, 1])
    ready = Spread.of(list(session.meter.ready))
    return Latency(
        total_ms=total,
        declared_ms=round(session.animator.latency_ms, 1),
        hear_ms=Spread.of(list(session.meter.heard)),
        compute_ms=Spread.of(list(session.meter.compute)),
        wait_ms=round(total.p50 - ready.p50, 1),
        rate_hz=round(float(1.0 / gaps.mean()), 3),
        interval_ms=Spread.of(gaps),
        held=session.pacer.health.held,
    )
