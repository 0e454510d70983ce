"""One hour of live running on a virtual clock: real network, real sockets, a real take on disk.

The steps are those of the live threads (``runtime.simulation``), so only the
waiting is simulated. The microphone's crystal is off, sound is lost now and
then, the device is away for a while, and the guidance changes every minute.
"""

import gc
import socket
import struct
import time
from fractions import Fraction

import numpy as np
import psutil
import pytest
import soundfile
from command_line import needs_starter
from fakes import speechlike
from live_fakes import stream_info

from medtalk_live.audio.scripted import Event, ScriptedSource
from medtalk_live.clock import VirtualClock
from medtalk_live.engine.animator import Animator
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.checkpoint import load_model
from medtalk_live.model.streaming import LABELS
from medtalk_live.output.livelink_face import LiveLinkFaceSink
from medtalk_live.output.osc import OscSink
from medtalk_live.output.vmc import VmcSink
from medtalk_live.runtime.desk import TakeDesk
from medtalk_live.runtime.session import Session
from medtalk_live.runtime.simulation import simulate
from medtalk_live.takes.take import ROW, read_info

SECONDS = 3600
WARM_UP_FRAMES = 2 * 60 * 60
DRIFT_PPM = 80.0
GROWTH_MB = 5.0
EVENTS = [
    *(Event("drop", minute * 60.0 + 7.0, 0.03) for minute in range(1, 60, 5)),
    *(Event("delay", minute * 60.0 + 31.0, 0.08) for minute in range(2, 60, 7)),
    Event("unplug", 20 * 60.0, 20.0),
]


class Listener:
    """A loopback port that is emptied after every frame; keeps the numbers' continuity only."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.frames, self.gaps, self.last = 0, 0, -1

    def drain(self):
        while True:
            try:
                data = self.socket.recv(2048)
            except BlockingIOError:
                return
            if data.startswith(b"/medtalk/1/frame\0"):
                (number,) = struct.unpack_from(">i", data, len(data) - 4 * 180 - 16)
                self.gaps += number != self.last + 1
                self.frames, self.last = self.frames + 1, number


class Watch:
    """Looks at the run after every frame: memory, lateness, guidance, the disk's pace."""

    def __init__(self, session, clock, listener, desk):
        self.session, self.clock, self.listener, self.desk = session, clock, listener, desk
        self.process = psutil.Process()
        self.warm_mb = self.most_mb = 0.0
        self.late, self.count = [], 0

    def frame(self, frame):
        if self.count % 60 == 0:
            self.late.append(self.clock.now() - frame.time)

    def __call__(self):
        self.listener.drain()
        self.count += 1
        if self.count % 3600 == 0:
            label = LABELS[self.count // 3600 % len(LABELS)]
            self.session.guide(Guidance.label(label), 0.4)
            self.desk.mark(label)
            self._weigh()
        while self.count - self.desk.recorder.current.health.rows > 2000:
            time.sleep(0.01)  # the simulation is faster than the recorder's thread

    def _weigh(self):
        gc.collect()
        used = self.process.memory_info().rss / 1e6
        if self.count <= WARM_UP_FRAMES:
            self.warm_mb = used
        self.most_mb = max(self.most_mb, used)


@needs_starter
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_an_hour_leaks_nothing_drifts_nowhere_and_loses_no_row(tmp_path):
    clock, listener = VirtualClock(1000.0), Listener()
    model = load_model("starter", look_ahead_ms=40)
    source = ScriptedSource(
        np.tile(speechlike(60.0), SECONDS // 60), events=EVENTS, clock=clock, drift_ppm=DRIFT_PPM
    )
    sinks = [
        OscSink("127.0.0.1", listener.port),
        LiveLinkFaceSink("127.0.0.1", 9),
        VmcSink("127.0.0.1", 9),
    ]
    session = Session(source, lambda: Animator(model), sinks, stream_info(), clock=clock)
    desk = TakeDesk(tmp_path, session.stream_info, clock)
    watch = Watch(session, clock, listener, desk)
    session.listeners.append(desk.recorder.audio)
    session.taps += [desk.recorder.frame, watch.frame]
    session.open()
    desk.start("hour")
    begun = time.perf_counter()
    simulate(session, clock, watch)
    desk.close()
    session.close()
    spent = time.perf_counter() - begun

    expected = SECONDS * 60
    print(
        f"{watch.count} frames in {spent:.0f} s; memory {watch.warm_mb:.1f} MB after two minutes, "
        f"{watch.most_mb:.1f} MB at most; {session.pacer.health}"
    )
    # the crystal's 80 ppm are worth 17 frames an hour
    assert watch.count == pytest.approx(expected, abs=30)
    assert listener.frames == watch.count
    assert listener.gaps == 0
    assert watch.most_mb - watch.warm_mb < GROWTH_MB
    # lateness stays where it settled: the sound's clock is followed all the hour long
    # (80 ppm that were not followed would be 288 ms)
    late = np.array(watch.late[10:])
    first, last = np.median(late[:600]), np.median(late[-600:])
    print(
        f"lateness {first * 1e3:.2f} ms in the first ten minutes, {last * 1e3:.2f} ms in the last"
    )
    assert abs(first - last) < 0.002
    assert np.quantile(late, 0.99) - np.quantile(late, 0.01) < 0.025
    assert session.pacer.health.stalls == 1
    assert session.meter.faults == 0

    (path,) = tmp_path.glob("hour_001.take")
    info, _ = read_info(path)
    rows = np.fromfile(path / "curves.bin", ROW)
    index, times = rows["index"].astype(np.int64), rows["time"]
    assert info.closed
    assert info.fps == Fraction(60)
    assert len(index) == watch.count
    assert (np.diff(index) == 1).all()
    heard = soundfile.info(path / "audio.wav").frames / 16_000
    seen = times[-1] - times[0] + 1 / 60
    print(f"sound {heard:.4f} s, rows {seen:.4f} s")
    assert heard == pytest.approx(seen, abs=0.05)
