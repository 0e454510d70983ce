"""Slow encoders run beside the frames: their newest answer is used, their faults are survived."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from medtalk_live.model.dynamics import (
    VOICE_PERIOD_FRAMES,
    VOICE_SAMPLES,
    WORDS_PERIOD_FRAMES,
    Dynamics,
    Strengths,
)

HOP = np.zeros(800, np.float32)  # three frames
TRAINED = [1.0, 1.0, 1.0]


def run(dynamics: Dynamics, hops: int, shares: list[float] = TRAINED) -> list[Strengths]:
    state, given = dynamics.init_state(), []
    for _ in range(hops):
        strengths, state = dynamics.step(HOP, shares, state)
        given += strengths
    return given


def test_without_emotion2vec_the_intensity_is_one() -> None:
    assert set(run(Dynamics(), 30)) == {(1.0, 1.0)}


def test_the_intensity_eases_to_the_answer_after_one_period() -> None:
    given = run(Dynamics(lambda sound, said: (0.25, 2.0)), 100)
    assert set(given[:VOICE_PERIOD_FRAMES]) == {(1.0, 1.0)}
    assert given[-1] == pytest.approx((0.25, 2.0), abs=1e-3)
    assert np.abs(np.diff([label for label, _ in given])).max() < 0.1  # no jump


def test_a_file_gives_the_same_intensities_however_slow_the_encoder_is() -> None:
    loud = iter(np.linspace(0.5, 1.5, 20))
    answers = [(float(next(loud)), 1.0) for _ in range(20)]
    fast, slow = list(answers), list(answers)

    def dawdle(sound: np.ndarray, said: str) -> Strengths:
        threading.Event().wait(0.02)
        return slow.pop(0)

    assert run(Dynamics(lambda sound, said: fast.pop(0)), 60) == run(Dynamics(dawdle), 60)


def test_a_live_run_never_waits_and_goes_on_with_the_newest_answer() -> None:
    gate, asked = threading.Event(), []

    def stuck(sound: np.ndarray, said: str) -> Strengths:
        asked.append(len(sound))
        gate.wait(10)
        return 0.5, 0.5

    dynamics = Dynamics(stuck, waits=False)
    state, given = dynamics.init_state(), []
    for _ in range(40):
        strengths, state = dynamics.step(HOP, TRAINED, state)
        given += strengths
    assert set(given) == {(1.0, 1.0)}
    assert len(asked) == 1  # one question at a time
    gate.set()
    assert state.voice.pending is not None
    state.voice.pending.result(10)
    strengths, state = dynamics.step(HOP, TRAINED, state)
    assert strengths[0][0] < 1.0


def test_a_failing_encoder_leaves_the_last_answer(caplog: pytest.LogCaptureFixture) -> None:
    answers: list[Strengths] = [(0.5, 0.5)]

    def once(sound: np.ndarray, said: str) -> Strengths:
        return answers.pop(0)

    given = run(Dynamics(once), 100)
    assert given[-1] == pytest.approx((0.5, 0.5), abs=1e-2)
    assert "its last answer stays" in caplog.text


def test_words_reach_the_measure_at_their_own_pace_and_the_sound_is_the_newest() -> None:
    said, lengths = [], []

    def hear(sound: np.ndarray) -> str:
        return f"{len(sound)} samples"

    def measure(sound: np.ndarray, words: str) -> Strengths:
        said.append(words)
        lengths.append(len(sound))
        return 1.0, 1.0

    hops = 2 * WORDS_PERIOD_FRAMES // 3 + 40
    run(Dynamics(measure, hear), hops)
    assert said[0] == ""
    assert said[-1] == f"{WORDS_PERIOD_FRAMES // 3 * 800 + 800} samples"
    assert max(lengths) == VOICE_SAMPLES
    assert len(set(said)) == 3


def test_a_share_of_zero_holds_the_level_and_one_follows_the_voice() -> None:
    strengths = iter([(0.5, 0.5)] + [(1.5, 1.5)] * 40)
    still = run(Dynamics(lambda s, w: next(strengths)), 200, [0.0, 0.0, 0.0])
    assert np.ptp([label for label, _ in still[VOICE_PERIOD_FRAMES:]]) < 0.7  # creeps, 10 s
    assert still[VOICE_PERIOD_FRAMES + 3][0] == pytest.approx(0.5, abs=0.05)


def test_a_step_leaves_its_state_as_it_was() -> None:
    dynamics = Dynamics(lambda sound, said: (0.5, 0.5))
    state = dynamics.init_state()
    dynamics.step(HOP, TRAINED, state)
    assert len(state.heard) == 0
    assert state.voice.frames is None
