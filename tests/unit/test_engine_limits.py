from __future__ import annotations

import numpy as np
import pytest
from finish_fakes import applied, frames
from scipy.signal import savgol_filter

from medtalk_live.engine.limits import Limits, SavitzkyGolay
from medtalk_live.engine.work import FaceWork
from medtalk_live.rig.controls import COUNT, MAXIMUM, MINIMUM, FloatArray


def filtered(rows: FloatArray) -> tuple[list[int], FloatArray]:
    stream, out = SavitzkyGolay(), []
    for work in frames(rows, len(rows)):
        out += stream.push(work)
    out += stream.drain()
    return [w.index for w in out], np.array([w.controls for w in out]).reshape(-1, COUNT)


@pytest.mark.parametrize("length", [5, 6, 7, 60, 301])
def test_the_stream_equals_scipys_filter_on_the_whole_clip(length: int) -> None:
    rows = np.random.default_rng(length).normal(0, 1, (length, COUNT)).astype(np.float32)
    indices, out = filtered(rows)
    wanted = savgol_filter(rows.astype(np.float64), 5, 2, axis=0, mode="nearest")
    assert indices == list(range(length))
    assert np.abs(out - wanted).max() < 2e-6  # float32


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4])
def test_clips_shorter_than_the_window_keep_their_length(length: int) -> None:
    indices, out = filtered(np.ones((length, COUNT), np.float32))
    assert indices == list(range(length))
    assert np.allclose(out, 1.0)


def test_it_waits_for_two_frames_and_no_more() -> None:
    stream = SavitzkyGolay()
    given = [[w.index for w in stream.push(work)] for work in frames(np.zeros((6, COUNT)), 6)]
    assert given == [[], [], [0], [1], [2], [3]]
    assert SavitzkyGolay.delay_frames == 2


def test_the_cues_travel_with_their_frame() -> None:
    stream, out = SavitzkyGolay(), []
    for work in frames(np.zeros((9, COUNT)), 9, seal=np.arange(9) / 10):
        out += stream.push(work)
    assert [w.seal for w in out] == pytest.approx([w.index / 10 for w in out])


def test_limits_clip_to_the_ranges_of_the_rig() -> None:
    rows = np.random.default_rng(0).normal(0, 3, (50, COUNT)).astype(np.float32)
    out = applied(Limits(), frames(rows, 50))
    assert np.array_equal(out, np.clip(rows, MINIMUM, MAXIMUM))


def test_limits_change_the_frame_itself() -> None:
    work = FaceWork(0, np.full(COUNT, 9.0, np.float32), np.zeros(6, np.float32), 0.0, 0.0, 0.0)
    Limits().apply(work)
    assert np.array_equal(work.controls, MAXIMUM)
