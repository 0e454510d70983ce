"""The live run's own steps on a virtual clock: real engine, real pacing, no waiting."""

import numpy as np
import pytest
from fakes import JAW, TinyModel, speechlike
from live_fakes import ListSink, live_session

from medtalk_live.audio.scripted import Event, ScriptedSource
from medtalk_live.clock import VirtualClock
from medtalk_live.engine.animator import animate
from medtalk_live.errors import AudioError
from medtalk_live.rig.controls import NEUTRAL
from medtalk_live.runtime.monitor import Monitor
from medtalk_live.runtime.simulation import simulate


def run(samples, events=(), rate=16_000, model=None, before=None, each=None, **options):
    clock = VirtualClock(100.0)
    source = ScriptedSource(samples, rate, events, clock=clock, **options)
    sink = ListSink(clock)
    session = live_session(source, [sink], clock, model)
    session.open()
    if before is not None:
        before(session, clock)
    simulate(session, clock, each or (lambda: None))
    session.close()
    return session, sink


def times(sink):
    return np.array([frame.time for frame in sink.frames])


def test_live_frames_are_the_frames_of_the_file_run():
    sound = speechlike(4.0)
    _, sink = run(sound)
    expected = animate(sound, 16_000, model=TinyModel(), finish="none")
    assert len(sink.frames) == len(expected) == 240
    live = np.stack([frame.controls for frame in sink.frames])
    np.testing.assert_allclose(live, expected.controls, atol=1e-5)
    # capture times start at the clock's 100 s
    np.testing.assert_allclose(times(sink), 100.0 + expected.times, atol=1e-5)


def test_every_frame_leaves_a_fixed_time_after_its_sound_and_at_an_even_rate():
    session, sink = run(speechlike(10.0))
    late = np.array(sink.sent_at) - times(sink)
    # 40 ms look-ahead + 16.7 hop + 10 chunk + 8 margin, less what settling took off
    assert late.max() <= 0.0747 + 1e-6
    assert np.ptp(late) < 0.010
    gaps = np.diff(sink.sent_at)
    assert gaps.max() < 0.0175
    assert gaps.min() > 0.0158
    assert [frame.index for frame in sink.frames] == list(range(600))
    assert session.pacer.health.held == 0
    assert session.pacer.health.skipped == 0


def test_hello_is_said_once_a_second_and_bye_once():
    _, sink = run(speechlike(5.0))
    assert 5 <= len(sink.hellos) <= 6
    assert sink.hellos[-1].latency_ms == pytest.approx(65.0, abs=12.0)
    assert sink.byes == 1
    assert sink.closed >= 1


def test_an_unplugged_microphone_rests_the_face_and_a_replug_wakes_it():
    sound = np.full(16_000 * 9, 0.2, np.float32)
    session, sink = run(sound, [Event("unplug", 3.0, 3.0)])
    at = times(sink) - 100.0
    jaw = np.array([frame.controls[JAW] for frame in sink.frames])
    assert np.abs(jaw[(at > 1.0) & (at < 2.9)] - jaw[100]).max() < 1e-3
    rest = np.stack([f.controls for f in sink.frames])[(at > 3.7) & (at < 5.9)]
    np.testing.assert_array_equal(rest, np.tile(NEUTRAL, (len(rest), 1)))
    np.testing.assert_allclose(jaw[(at > 7.0) & (at < 8.9)], jaw[100], atol=1e-3)
    assert session.pacer.health.stalls == 1
    # frames went on all the while (the first missing one was waited for), and no step was a jump
    assert np.diff(sink.sent_at).max() < 1.5 / 60 + 0.0009
    assert np.abs(np.diff(jaw)).max() < 0.2


def test_a_device_that_raises_for_a_second_does_not_end_the_run():
    session, sink = run(speechlike(6.0), [Event("fail", 2.0, 1.0)])
    assert times(sink)[-1] > 100.0 + 5.9
    assert session.meter.faults > 0
    assert "scripted device failed" in session.meter.last_fault


def test_a_burst_after_a_delay_is_shown_in_time_again():
    session, sink = run(speechlike(6.0), [Event("delay", 2.0, 0.4)])
    late = np.array(sink.sent_at) - times(sink)
    assert late[-60:].max() < 0.12
    assert session.pacer.health.held > 0


def test_lost_sound_does_not_shift_what_follows():
    _, sink = run(speechlike(6.0), [Event("drop", 2.0, 0.3)])
    late = np.array(sink.sent_at) - times(sink)
    assert late[-1] == pytest.approx(late[60], abs=0.012)


@pytest.mark.parametrize("jump", [-5.0, 5.0, 3600.0])
def test_a_clock_jump_costs_a_moment_and_not_the_run(jump):
    count = iter(range(10_000))
    parts = []

    def leap():
        if next(count) == 120:
            session, clock = parts[0]
            clock.advance(jump)
            session.source._started += jump  # the device itself has not noticed

    session, sink = run(speechlike(8.0), before=lambda *given: parts.append(given), each=leap)
    assert all(np.isfinite(frame.controls).all() for frame in sink.frames)
    assert [frame.index for frame in sink.frames] == list(range(len(sink.frames)))
    assert len(sink.frames) == pytest.approx(480, abs=40)
    late = np.array(sink.sent_at) - times(sink)
    assert late[-1] < 0.12
    assert session.pacer.health.resyncs >= 1


def test_a_drifting_crystal_costs_no_frame():
    session, sink = run(speechlike(60.0), drift_ppm=100.0)
    assert session.pacer.health.held == 0
    assert session.pacer.health.skipped == 0
    settled = sink.sent_at[600:]
    rate = (len(settled) - 1) / (settled[-1] - settled[0])
    assert rate == pytest.approx(60.0 * 1.0001, abs=0.001)


def test_samples_that_are_no_numbers_reach_neither_meter_nor_listeners_nor_the_face():
    sound = speechlike(3.0)
    sound[16_000:16_400] = np.nan
    sound[20_000:20_400] = np.inf
    sound[24_000] = 3e38
    heard = []
    session, sink = run(sound, before=lambda session, clock: session.listeners.append(heard.append))
    assert all(np.isfinite(chunk.samples).all() for chunk in heard)
    assert np.isfinite(session.meter.level_db)
    assert all(np.isfinite(frame.controls).all() for frame in sink.frames)
    assert "taken as silence" in session.meter.last_fault
    assert len(sink.frames) == 180


class Broken(TinyModel):
    """Raises, or gives no numbers, for a while."""

    def __init__(self, kind):
        super().__init__()
        self.kind, self.calls = kind, 0

    def step(self, samples, state, guidance):
        self.calls += 1
        frames, after = super().step(samples, state, guidance)
        if 150 < self.calls < 170:
            if self.kind == "raise":
                raise RuntimeError("the network broke")
            frames[0].controls[:] = np.nan
        return frames, after


@pytest.mark.parametrize("kind", ["raise", "nan"])
def test_a_network_that_breaks_for_a_while_is_survived(kind):
    session, sink = run(speechlike(6.0), model=Broken(kind))
    assert all(np.isfinite(frame.controls).all() for frame in sink.frames)
    assert times(sink)[-1] > 105.9
    if kind == "raise":
        assert session.meter.faults > 0


def test_a_sink_that_fails_costs_the_other_sinks_nothing():
    clock = VirtualClock()
    bad, good = ListSink(clock), ListSink(clock)
    bad.failing = OSError("the network is down")
    session = live_session(ScriptedSource(speechlike(2.0), clock=clock), [bad, good], clock)
    session.open()
    simulate(session, clock)
    session.close()
    assert len(good.frames) == 120
    assert session.meter.faults == 120
    assert good.byes == 1


def test_sound_that_the_engine_could_not_keep_up_with_is_dropped_for_the_newest():
    clock = VirtualClock()
    sink = ListSink(clock)
    session = live_session(ScriptedSource(speechlike(10.0), clock=clock), [sink], clock)
    session.open()
    for _ in range(300):  # three seconds are heard while the engine does nothing
        session.capture_step(0.1)
    assert session.queue.dropped_seconds == pytest.approx(2.75, abs=0.011)
    simulate(session, clock)
    session.close()
    late = np.array(sink.sent_at) - times(sink)
    assert late[-1] < 0.12
    # the last frame begins within two frames of the end of the sound
    assert times(sink)[-1] == pytest.approx(10.0, abs=0.034)
    first_after = times(sink)[0]
    assert first_after >= 2.7


class Output:
    """A scripted output device: what would be heard at a moment can be asked for."""

    def __init__(self):
        self.fill = None

    def start(self, fill, sample_rate):
        self.fill = fill
        return sample_rate

    def alive(self):
        return True

    def stop(self):
        self.fill = None


def test_the_monitor_plays_the_sound_of_the_frame_that_is_being_sent():
    clock, sound, output = VirtualClock(50.0), speechlike(6.0), Output()
    sink = ListSink(clock)
    session = live_session(ScriptedSource(sound, clock=clock), [sink], clock)
    monitor = Monitor(output, lambda: session.pacer.delay)
    session.listeners.append(monitor.audio)
    session.open()
    monitor.open(16_000)
    apart = []

    def compare():
        frame = sink.frames[-1]
        if 200 <= frame.index < 340:  # the delay has settled
            heard = output.fill(160, clock.now())
            at = (frame.time - 50.0) * 16_000
            places = range(round(at) - 400, round(at) + 401)
            errors = [np.abs(sound[k : k + 160] - heard).sum() for k in places]
            if np.abs(heard).sum() > 1.0:
                apart.append(places[int(np.argmin(errors))] - at)

    simulate(session, clock, compare)
    session.close()
    assert len(apart) > 40
    # the delay line stays where it is until it is 5 ms off, so as not to click
    assert np.abs(apart).max() <= 0.005 * 16_000 + 1


class BreakingOff(ScriptedSource):
    """A recording that turns out to be damaged."""

    def read(self, timeout):
        if self._position > 32_000:
            self.ended = True
            raise AudioError("the recording is damaged after 2.00 s: export it again")
        return super().read(timeout)


def test_a_recording_that_is_damaged_halfway_shows_what_it_has_and_says_why_it_ended():
    clock = VirtualClock()
    sink = ListSink(clock)
    session = live_session(BreakingOff(speechlike(5.0), clock=clock), [sink], clock)
    session.open()
    simulate(session, clock)
    session.close()
    assert len(sink.frames) == 120
    assert sink.byes == 1
    assert "damaged after 2.00 s" in session.failure
