from __future__ import annotations

import numpy as np
import pytest
from finish_fakes import BLINK, applied, face, frames

from medtalk_live.engine.blink import Blinks, BlinkSettings
from medtalk_live.rig.controls import pair

MINUTES = 4


def lids(seed: int = 0, base: np.ndarray | None = None, **cues: object) -> np.ndarray:
    blinks = Blinks(BlinkSettings(), np.random.default_rng(seed))
    rows = face() if base is None else base
    return applied(blinks, frames(rows, 3600 * MINUTES, **cues))[:, BLINK[0]]


def starts(curve: np.ndarray) -> np.ndarray:
    return np.flatnonzero((curve[1:] > 0.6) & (curve[:-1] <= 0.6))


def speech(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    frame = np.arange(3600 * MINUTES)
    voice = (np.sin(frame / 40) > -0.4).astype(float)
    stress = np.zeros(len(frame))
    for at in np.flatnonzero(rng.random(len(frame)) < 1 / 35):
        stress[at : at + 8] = rng.uniform(0.4, 1.0)
    return voice, stress * voice


@pytest.mark.parametrize("talking", [True, False])
def test_there_are_fifteen_to_twenty_blinks_a_minute(talking: bool) -> None:
    rates = []
    for seed in range(3):
        voice, stress = speech(seed) if talking else (0.0, 0.0)
        rates.append(len(starts(lids(seed, voice=voice, stress=stress))) / MINUTES)
    assert 15 <= np.mean(rates) <= 20


def test_a_blink_closes_faster_than_it_opens() -> None:
    curve = lids()
    falls, rises = [], []
    for start in starts(curve)[:50]:
        closed = start + int(np.argmax(curve[start : start + 6]))
        begin = closed - int(np.argmax(curve[closed::-1] < 0.02))
        end = closed + int(np.argmax(curve[closed:] < 0.02))
        falls.append((closed - begin) * 1000 / 60)
        rises.append((end - closed) * 1000 / 60)
    assert np.median(falls) == pytest.approx(80, abs=20)
    assert np.median(rises) == pytest.approx(150, abs=30)


@pytest.mark.parametrize("expression", [face(blink=-0.6, eye_eyelidU=0.8), face(eye_squintInner=1)])
def test_no_expression_holds_a_lid_up(expression: np.ndarray) -> None:
    blinks = Blinks(BlinkSettings(), np.random.default_rng(0))
    out = applied(blinks, frames(expression, 3600))
    for start in starts(out[:, BLINK[0]]):
        shut = start + int(np.argmax(out[start : start + 6, BLINK[0]]))
        assert out[shut, BLINK].min() > 0.98
        assert out[shut, list(pair("eye_eyelidU"))].max() < 0.03


def test_between_blinks_the_lids_are_the_expressions_own() -> None:
    curve = lids(base=face(blink=0.2))
    assert np.median(curve) == pytest.approx(0.2)


def test_stress_and_the_ends_of_phrases_draw_blinks() -> None:
    on_stress, at_end, chance_stress, chance_end = [], [], [], []
    for seed in range(3):
        voice, stress = speech(seed)
        at = starts(lids(seed, voice=voice, stress=stress))
        near = np.convolve(stress > 0.3, np.ones(10))[: len(stress)] > 0
        ends = np.flatnonzero(np.diff(voice) < 0)
        soon = np.zeros(len(voice), bool)
        for end in ends:
            soon[end : end + 30] = True
        on_stress.append(near[at].mean())
        at_end.append(soon[at].mean())
        chance_stress.append(near.mean())
        chance_end.append(soon.mean())
    assert np.mean(on_stress) > 1.2 * np.mean(chance_stress)
    assert np.mean(at_end) > 1.2 * np.mean(chance_end)


def test_some_blinks_come_twice() -> None:
    gaps = np.concatenate([np.diff(starts(lids(seed))) for seed in range(3)])
    assert 0.02 < np.mean(gaps < 30) < 0.2


def test_a_blink_of_the_networks_own_counts() -> None:
    rows = np.tile(face(), (3600, 1))
    for start in range(0, 3600, 90):
        rows[start : start + 5, BLINK] = 1.0
    out = applied(Blinks(BlinkSettings(), np.random.default_rng(0)), frames(rows, 3600))
    assert len(starts(out[:, BLINK[0]])) < 44  # forty of its own; ours would add seventeen
