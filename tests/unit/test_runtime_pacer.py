from fractions import Fraction

import numpy as np
import pytest

from medtalk_live.engine.smoothing import FASTEST_STEP
from medtalk_live.rig.controls import COUNT, NEUTRAL
from medtalk_live.rig.frames import ControlFrame
from medtalk_live.runtime.pacer import EASE_SECONDS, STALL_SECONDS, Pacer

PERIOD = 1 / 60
DELAY = 0.075


def frame(time: float, value: float = 0.5) -> ControlFrame:
    return ControlFrame(0, time, np.full(COUNT, value, np.float32), np.ones(6, np.float32))


def pacer(fps: int = 60) -> Pacer:
    return Pacer(Fraction(fps), DELAY)


def run(subject: Pacer, times: list[float], start: float = 0.0) -> list[ControlFrame]:
    """Give each frame 3 ms before it is due and take at every deadline."""
    out = []
    for time in times:
        subject.put(frame(time), start + time + DELAY - 0.003)
        assert subject.deadline is not None
        out.append(subject.take(subject.deadline))
    return out


def test_the_first_deadline_is_the_frames_time_plus_the_delay():
    subject = pacer()
    assert subject.deadline is None
    subject.put(frame(3.0), 3.06)
    assert subject.deadline == pytest.approx(3.0 + DELAY)


def test_frames_that_are_ready_leave_in_order_without_a_gap_in_the_sequence():
    out = run(pacer(), [k * PERIOD for k in range(300)])
    assert [f.index for f in out] == list(range(300))
    assert [f.time for f in out] == pytest.approx([k * PERIOD for k in range(300)])


def test_deadlines_do_not_drift_over_an_hour_of_frames():
    subject = pacer()
    for k in range(216_000):
        subject.put(frame(k / 60), k / 60 + DELAY - 0.003)
        subject.take(subject.deadline)
    # an exact frame clock must be met to well under a millisecond after 216,000 additions
    assert subject.deadline == pytest.approx(216_000 / 60 + DELAY, abs=1e-4)


def test_deadlines_follow_a_sound_clock_that_is_100_ppm_fast():
    subject = pacer()
    slow = 1 - 1e-4
    for k in range(60 * 600):
        subject.put(frame(k / 60 * slow), k / 60 * slow + DELAY - 0.003)
        subject.take(subject.deadline)
    assert subject.health.skipped == 0
    assert subject.health.held == 0
    # following lags by error / gain: 1.7 us a frame / 0.05 = 33 us
    assert subject.deadline == pytest.approx(600 * slow + DELAY, abs=2e-4)


def test_a_missing_frame_is_answered_by_the_last_one_with_a_new_number():
    subject = pacer()
    first, second = run(subject, [0.0, PERIOD])
    held = subject.take(subject.deadline)
    assert held.index == second.index + 1
    assert held.time == pytest.approx(2 * PERIOD)
    np.testing.assert_array_equal(held.controls, first.controls)
    assert subject.health.held == 1


def test_after_a_held_frame_the_face_catches_up_no_faster_than_it_naturally_moves():
    subject = pacer()
    run(subject, [0.0])
    subject.take(subject.deadline)
    subject.put(frame(2 * PERIOD, 1.0), 0.1)
    shown = [subject.take(subject.deadline).controls for _ in range(4)]
    steps = np.diff(np.stack(shown), axis=0, prepend=np.full((1, COUNT), 0.5)) / FASTEST_STEP
    assert steps.max() == pytest.approx(1.0, rel=1e-5)
    np.testing.assert_array_equal(shown[-1], np.ones(COUNT))


def test_faces_that_come_on_time_are_never_limited():
    subject = pacer()
    run(subject, [0.0])
    subject.put(frame(PERIOD, 1.0), 0.1)
    np.testing.assert_array_equal(subject.take(subject.deadline).controls, np.ones(COUNT))


def test_a_stall_eases_to_neutral_and_a_return_eases_back():
    subject = pacer()
    run(subject, [k * PERIOD for k in range(10)])
    ticks = round((STALL_SECONDS + EASE_SECONDS) * 60) + 2
    stalled = [subject.take(subject.deadline) for _ in range(ticks)]
    np.testing.assert_array_equal(stalled[int(STALL_SECONDS * 60) - 1].controls, frame(0).controls)
    np.testing.assert_array_equal(stalled[-1].controls, NEUTRAL)
    assert subject.health.stalls == 1
    steps = np.abs(np.diff([f.controls[0] for f in stalled]))
    # the steepest step of a smooth 12-frame ease is 1.5 / 12 of the way
    assert steps.max() <= 1.6 / 12 * np.abs(0.5 - NEUTRAL[0])
    start = subject.deadline - DELAY
    back = run(subject, [start + k * PERIOD for k in range(20)])
    np.testing.assert_allclose(back[-1].controls, frame(0).controls)
    assert np.abs(back[0].controls - NEUTRAL).max() < 0.1


def played(subject: Pacer, lags: list[float]) -> list[tuple[float, ControlFrame]]:
    """Frame k is ready ``lags[k]`` after its time; the pacing thread wakes when it asked to."""
    arrivals = sorted((k * PERIOD + lag, k) for k, lag in enumerate(lags))
    out, now = [], 0.0
    while len(out) < len(lags):
        while arrivals and arrivals[0][0] <= now:
            ready, k = arrivals.pop(0)
            subject.put(frame(k * PERIOD), ready)
        if subject.due(now):
            out.append((now, subject.take(now)))
        now = subject.wake(now) or arrivals[0][0]
    return out


def test_a_frame_that_is_a_little_late_is_waited_for_and_the_next_is_on_time_again():
    lags = [DELAY - 0.003 + 0.008 * (k > 150 and k % 50 == 30) for k in range(599)]
    subject = pacer()
    out = played(subject, lags)
    assert [f.time for _, f in out] == pytest.approx([k * PERIOD for k in range(599)])
    assert (subject.health.held, subject.health.skipped) == (0, 0)
    late = np.array([now - f.time for now, f in out]) - subject.delay
    # waited for in steps of a millisecond; the delay itself was never moved
    assert late.max() == pytest.approx(0.005, abs=0.0011)
    assert np.count_nonzero(late > 0.001) == 9
    assert subject.delay == pytest.approx(DELAY, abs=1e-4)


def test_a_frame_that_comes_too_late_is_answered_by_holding_within_25_ms():
    lags = [DELAY - 0.003 + 0.014 * (k == 300) for k in range(400)]
    subject = pacer()
    out = played(subject, lags)
    assert (subject.health.held, subject.health.skipped) == (1, 1)
    gaps = np.diff([now for now, _ in out])
    assert gaps.max() == pytest.approx(1.4 * PERIOD, abs=0.0011)
    assert gaps.max() < 0.025
    assert [f.index for _, f in out] == list(range(400))


def test_time_never_goes_back_when_frames_come_later_than_the_held_ones_that_stood_in():
    subject = pacer()
    out = [f for _, f in played(subject, [DELAY - 0.003 + 0.05 * (k >= 200) for k in range(400)])]
    assert subject.health.held >= 3
    times = np.diff([f.time for f in out])
    assert times.min() >= 0.0
    assert out[-1].time > 399 * PERIOD - 0.1


def test_a_stall_is_paced_evenly_without_waiting_for_each_tick():
    subject = pacer()
    run(subject, [k * PERIOD for k in range(10)])
    first = subject.deadline
    assert not subject.due(first)
    subject.take(first + PERIOD / 2)
    for k in range(1, 30):
        assert subject.due(first + k * PERIOD + 1e-9)
        subject.take(first + k * PERIOD)


def test_late_frames_are_skipped_for_the_newest():
    subject = pacer()
    run(subject, [0.0])
    for _ in range(3):
        subject.take(subject.deadline)
    for k in (1, 2, 3, 4):
        subject.put(frame(k * PERIOD, k / 10), 0.0)
    shown = subject.take(subject.deadline)
    assert shown.controls[0] == pytest.approx(0.4)
    assert subject.health.skipped == 3


def test_frames_older_than_a_stall_are_not_shown():
    subject = pacer()
    run(subject, [0.0])
    for _ in range(60):
        subject.take(subject.deadline)
    subject.put(frame(PERIOD, 0.9), 0.0)
    np.testing.assert_array_equal(subject.take(subject.deadline).controls, NEUTRAL)


@pytest.mark.parametrize("jump", [-3600.0, -1.0, 1.0, 86_400.0])
def test_a_clock_jump_sets_the_deadlines_anew(jump):
    subject = pacer()
    run(subject, [k * PERIOD for k in range(5)])
    now = subject.deadline + jump
    shown = subject.take(now)
    assert np.isfinite(shown.controls).all()
    assert subject.deadline == pytest.approx(now + PERIOD)
    assert subject.health.resyncs == 1


def test_constantly_late_frames_raise_the_delay_but_not_without_end():
    subject = pacer()
    run(subject, [k * PERIOD for k in range(300)])
    settled = subject.delay
    waiting: list[float] = []
    for k in range(300, 2000):
        waiting.append(k * PERIOD)
        if len(waiting) > 6:  # from now on the engine is 6 frames (100 ms) slower
            late = waiting.pop(0)
            subject.put(frame(late), late + settled + 0.1)
        subject.take(subject.deadline)
    assert settled + 0.05 < subject.delay <= DELAY + 0.1 + 1e-9
    assert subject.health.raised >= 1


def test_a_delay_that_was_chosen_too_long_glides_down_without_a_held_frame():
    subject = pacer()
    for k in range(600):
        subject.put(frame(k * PERIOD), k * PERIOD + 0.030 + 0.010 * (k % 2))
        subject.take(subject.deadline)
    # p99 of the lags is 40 ms, plus 3 ms of headroom
    assert subject.delay == pytest.approx(0.043, abs=1e-6)
    assert subject.deadline == pytest.approx(600 * PERIOD + 0.043, abs=1e-4)
    assert subject.health.held == 0


def test_no_more_than_half_a_second_of_frames_waits():
    subject = pacer()
    for k in range(100):
        subject.put(frame(k * PERIOD), 0.0)
    assert subject.waiting == 30
