"""Searches over phone posteriors: free runs of phones and forced alignment."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from medtalk_live.errors import TrainingError
from medtalk_live.training.viterbi import Slot, force_align, segments_from_posteriors

NAMES = ("sil", "p", "aa", "m")


def posteriors_of(classes: list[int], sure: float = 0.91) -> NDArray[np.float32]:
    rows = np.full((len(classes), len(NAMES)), (1 - sure) / (len(NAMES) - 1), np.float32)
    rows[np.arange(len(classes)), classes] = sure
    return rows


def test_a_clean_run_of_phones_is_found_with_its_times():
    found = segments_from_posteriors(posteriors_of([0] * 5 + [1] * 6 + [2] * 9), 100, NAMES)
    assert [name for _, _, name in found] == ["sil", "p", "aa"]
    assert [start for start, _, _ in found] == pytest.approx([0.0, 0.045, 0.105])
    assert found[-1][1] == pytest.approx(0.195)


def test_a_single_odd_frame_does_not_become_a_phone():
    found = segments_from_posteriors(posteriors_of([2] * 8 + [3] + [2] * 8), 100, NAMES)
    assert [name for _, _, name in found] == ["aa"]


def test_a_short_but_sure_closure_gets_its_least_duration():
    found = segments_from_posteriors(
        posteriors_of([2] * 8 + [1] * 2 + [2] * 8, sure=0.997), 100, NAMES, min_frames=3
    )
    assert [name for _, _, name in found] == ["aa", "p", "aa"]
    assert found[1][1] - found[1][0] == pytest.approx(0.03)


def test_the_bigram_decides_where_the_sound_does_not():
    unsure = posteriors_of([2] * 6 + [1] * 6)
    unsure[6:, [1, 3]] = 0.47  # p and m sound alike here
    bigram = np.log(np.full((4, 4), 0.25))
    bigram[2, 3] = np.log(0.9)
    found = segments_from_posteriors(unsure, 100, NAMES, log_bigram=bigram)
    assert [name for _, _, name in found] == ["aa", "m"]


def test_no_frames_give_no_segments():
    assert segments_from_posteriors(np.zeros((0, 4), np.float32), 100, NAMES) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=40),
    st.integers(1, 4),
    st.floats(0.3, 0.98),
)
def test_segments_have_no_gaps_and_none_is_too_short(classes, least, sure):
    found = segments_from_posteriors(
        posteriors_of(classes, sure), 100, NAMES, min_frames=least, change_penalty=0.2
    )
    assert found[0][0] == 0.0
    assert found[-1][1] == pytest.approx((len(classes) - 0.5) / 100)
    for (_, end, name), (start, _, after) in itertools.pairwise(found):
        assert end == start
        assert name != after
    least_s = min(least, len(classes)) / 100
    # the first segment loses the half frame that lies before time 0
    assert all(end - start >= least_s - 0.005 - 1e-9 for start, end, _ in found)


def brute_force(scores: NDArray[np.float64], sequence: list[int], least: int) -> float:
    frames = len(scores)
    best = -np.inf
    for cuts in itertools.combinations(range(1, frames), len(sequence) - 1):
        edges = [0, *cuts, frames]
        if min(np.diff(edges)) < least:
            continue
        total = sum(
            scores[a:b, c].sum()
            for (a, b), c in zip(itertools.pairwise(edges), sequence, strict=True)
        )
        best = max(best, total)
    return best


@pytest.mark.parametrize("seed", range(8))
def test_forced_alignment_finds_the_same_score_as_trying_everything(seed):
    draw = np.random.default_rng(seed)
    posteriors = draw.dirichlet(np.ones(4), size=11).astype(np.float32)
    sequence = [0, 1, 2, 3]
    spans, score = force_align(posteriors, [Slot(c) for c in sequence], min_frames=2)
    scores = np.log(posteriors.astype(np.float64) + 1e-3)
    assert score * 11 == pytest.approx(brute_force(scores, sequence, 2), abs=1e-3)
    assert spans[0][0] == 0
    assert spans[-1][1] == 11
    assert all(left[1] == right[0] for left, right in itertools.pairwise(spans))


def test_an_optional_silence_is_used_only_where_there_is_one():
    slots = [
        Slot(0, optional=True), Slot(1), Slot(0, optional=True), Slot(2), Slot(0, optional=True)
    ]  # fmt: skip
    without, _ = force_align(posteriors_of([1] * 5 + [2] * 5), slots)
    assert without == [None, (0, 5), None, (5, 10), None]
    within, _ = force_align(posteriors_of([0] * 3 + [1] * 5 + [0] * 4 + [2] * 5), slots)
    assert within == [(0, 3), (3, 8), (8, 12), (12, 17), None]


def test_a_misheard_phone_still_gets_a_place_between_its_neighbours():
    spans, _ = force_align(
        posteriors_of([2] * 6 + [3] * 4 + [2] * 6), [Slot(2), Slot(1), Slot(2)], min_frames=2
    )
    assert spans[1] is not None
    assert spans[1][0] >= 2
    assert spans[1][1] - spans[1][0] >= 2


def test_more_phones_than_frames_are_refused_with_the_reason():
    with pytest.raises(TrainingError, match="does not belong to this recording"):
        force_align(posteriors_of([1, 2, 3]), [Slot(1), Slot(2), Slot(3)], min_frames=2)
