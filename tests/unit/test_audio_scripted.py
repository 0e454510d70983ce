from __future__ import annotations

import numpy as np
import pytest

from medtalk_live.audio.scripted import Event, ScriptedSource
from medtalk_live.audio.source import AudioChunk
from medtalk_live.clock import VirtualClock
from medtalk_live.errors import AudioError, DeviceError

RATE = 16_000


def played(
    *events: Event, **options: float
) -> tuple[ScriptedSource, list[AudioChunk], list[float]]:
    clock = VirtualClock()
    sound = np.arange(RATE, dtype=np.float32)
    source = ScriptedSource(sound, RATE, events, clock=clock, **options)
    source.open()
    chunks, times = [], []
    while not source.ended:
        try:
            chunk = source.read(0.2)
        except AudioError:
            continue
        if chunk is not None:
            chunks.append(chunk)
            times.append(clock.now())
    return source, chunks, times


def test_without_events_all_sound_comes_on_time() -> None:
    _, chunks, times = played()
    assert len(chunks) == 100
    assert times == pytest.approx([(i + 1) / 100 for i in range(100)])
    assert all(c.samples[0] == c.start_sample for c in chunks)


def test_dropped_sound_leaves_a_gap_in_the_positions() -> None:
    _, chunks, _ = played(Event("drop", 0.2, 0.1))
    starts = [c.start_sample for c in chunks]
    assert len(starts) == 90
    assert max(np.diff(starts)) == 160 + 1600


def test_delayed_sound_comes_in_one_burst_with_its_own_times() -> None:
    _, chunks, times = played(Event("delay", 0.2, 0.1))
    assert len(chunks) == 100
    assert sum(t == pytest.approx(0.3) for t in times) == 10
    assert chunks[25].capture_time == pytest.approx(0.25)


def test_an_unplugged_source_says_so_and_counts_its_return() -> None:
    source, chunks, _ = played(Event("unplug", 0.2, 0.3))
    assert len(chunks) == 70
    assert source.health.reconnects == 1


def test_a_failing_read_raises_as_long_as_the_event_lasts() -> None:
    source = ScriptedSource(np.zeros(RATE, np.float32), RATE, [Event("fail", 0.0, 0.02)])
    source.open()
    for _ in range(2):
        with pytest.raises(AudioError):
            source.read(0.1)
    assert source.read(0.1) is not None


def test_a_drifting_crystal_changes_the_times_and_not_the_positions() -> None:
    _, chunks, _ = played(drift_ppm=1000.0)
    assert chunks[-1].start_sample == 15_840
    assert chunks[-1].capture_time == pytest.approx(0.99 / 1.001)


def test_opening_fails_as_often_as_the_script_says() -> None:
    source = ScriptedSource(np.zeros(10, np.float32), fails_to_open=1)
    with pytest.raises(DeviceError):
        source.open()
    source.open()
