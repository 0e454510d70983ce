import numpy as np
import pytest

from medtalk_live.audio.source import AudioChunk
from medtalk_live.runtime.timeline import Timeline

RATE = 16_000


def chunk(start: int, time: float, count: int = 160) -> AudioChunk:
    return AudioChunk(np.zeros(count, np.float32), start, RATE, time)


def test_stream_time_maps_to_the_first_chunks_capture_time():
    line = Timeline()
    line.feed(chunk(0, 100.0))
    assert line.steady(0.0) == 100.0
    assert line.steady(1.5) == 101.5


def test_jitter_of_the_capture_time_hardly_moves_the_map():
    line = Timeline()
    jitter = np.random.default_rng(1).uniform(0.0, 0.004, 1000)
    for k in range(1000):
        line.feed(chunk(k * 160, 5.0 + k * 0.01 + float(jitter[k])))
    # the mean of the jitter is 2 ms; the follower may not swing by more than a part of it
    assert line.steady(0.0) == pytest.approx(5.002, abs=0.001)
    assert line.breaks == 0


def test_a_device_that_runs_100_ppm_fast_is_followed():
    line = Timeline()
    for k in range(60_000):
        line.feed(chunk(k * 160, k * 0.01 * (1 - 1e-4)))
    # a first-order follower of 5 s lags 5 s * 100 ppm = 0.5 ms behind
    assert line.steady(600.0) == pytest.approx(600.0 * (1 - 1e-4), abs=0.001)
    assert line.breaks == 0


def test_lost_sound_moves_the_map_by_exactly_the_gap():
    line = Timeline()
    line.feed(chunk(0, 0.0))
    line.feed(chunk(160 + 8000, 0.51))
    assert line.lost_samples == 8000
    assert line.steady(0.01) == pytest.approx(0.51)
    assert line.breaks == 1


def test_a_replugged_device_that_counts_from_zero_again_sets_the_map_anew():
    line = Timeline()
    for k in range(10):
        line.feed(chunk(k * 160, k * 0.01))
    assert line.gap_seconds(chunk(0, 30.0)) < 0
    line.feed(chunk(0, 30.0))
    assert line.steady(0.1) == pytest.approx(30.0)


def test_a_jump_of_the_clock_sets_the_map_anew():
    line = Timeline()
    line.feed(chunk(0, 10.0))
    line.feed(chunk(160, 3610.01))
    assert line.steady(0.01) == pytest.approx(3610.01)


def test_silence_that_nobody_heard_keeps_the_next_chunk_at_its_own_time():
    line = Timeline()
    line.feed(chunk(0, 0.0))
    line.skip(4800)
    line.feed(chunk(160 + 16_000, 1.01))
    assert line.steady(0.31) == pytest.approx(1.01)
