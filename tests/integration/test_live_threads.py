"""A session on its real threads and clock, with parts that break under it."""

import time

import numpy as np
import pytest
from command_line import until
from fakes import BROW, JAW, SMILE, TinyModel
from live_fakes import ListSink, live_session

from medtalk_live.audio.scripted import ScriptedSource
from medtalk_live.clock import SystemClock
from medtalk_live.guidance.request import Guidance
from medtalk_live.rig.controls import NEUTRAL

LEVEL = 0.2


class Breakable(TinyModel):
    """A network that raises as long as it is told to."""

    broken = False

    def step(self, samples, state, guidance):
        if self.broken:
            raise RuntimeError("the network broke")
        return super().step(samples, state, guidance)


@pytest.fixture
def live():
    clock, model = SystemClock(), Breakable()
    sink = ListSink(clock)
    sound = np.full(16_000 * 60, LEVEL, np.float32)
    session = live_session(ScriptedSource(sound, clock=clock), [sink], clock, model)
    session.open()
    session.start()
    yield session, sink, model
    session.close()
    assert sink.byes == 1


def face(sink):
    return sink.frames[-1].controls


def moving(sink):
    return sink.frames and face(sink)[JAW] == pytest.approx(2 * LEVEL, abs=0.01)


def test_a_network_that_raises_rests_the_face_and_wakes_it_as_it_was_asked_to_be(live):
    session, sink, model = live
    until(lambda: moving(sink))
    session.guide(Guidance.label("happy"), 0.0)
    session.set_gain("brows", 0.5)
    until(lambda: face(sink)[SMILE[0]] == pytest.approx(1.0, abs=0.01))
    model.broken = True
    until(lambda: np.array_equal(face(sink), NEUTRAL))
    count = len(sink.frames)
    until(lambda: len(sink.frames) > count + 30)  # a resting face is still sent
    session.guide(Guidance.label("surprised"), 0.0)  # heard although nothing moves
    model.broken = False
    until(lambda: moving(sink))
    until(lambda: face(sink)[SMILE[0]] == pytest.approx(0.0, abs=0.01))
    assert face(sink)[BROW[0]] == pytest.approx(0.5, abs=0.01)  # the gain was kept
    assert session.meter.faults > 0
    assert "the network broke" in session.meter.last_fault
    assert [frame.index for frame in sink.frames] == list(range(len(sink.frames)))
    assert all(np.isfinite(frame.controls).all() for frame in sink.frames)
    assert not session.finished.is_set()


def test_listeners_taps_and_sinks_that_raise_cost_the_run_nothing(live):
    session, sink, _ = live

    def breaks(_):
        raise OSError("gone")

    until(lambda: moving(sink))
    session.listeners.append(breaks)
    session.taps.append(breaks)
    sink.failing = OSError("the network is down")
    before = session.meter.frames
    until(lambda: session.meter.frames > before + 60)
    sink.failing = None
    count = len(sink.frames)
    until(lambda: len(sink.frames) > count + 30)
    assert moving(sink)
    assert session.meter.faults > 60


def test_closing_in_the_middle_of_a_run_stops_every_thread_within_a_moment(live):
    session, sink, _ = live
    until(lambda: moving(sink))
    begun = time.monotonic()
    session.close()
    assert time.monotonic() - begun < 5.0
    count = len(sink.frames)
    time.sleep(0.1)
    assert len(sink.frames) == count
