from __future__ import annotations

import numpy as np
from finish_fakes import face, frames

from medtalk_live.engine.head import HeadMotion, HeadSettings
from medtalk_live.rig.controls import FloatArray

PITCH = 1


def moved(
    count: int, seed: int = 0, settings: HeadSettings | None = None, **cues: object
) -> FloatArray:
    head = HeadMotion(settings or HeadSettings(), np.random.default_rng(seed))
    works = frames(face(), count, **cues)
    for work in works:
        head.apply(work)
    return np.stack([work.head for work in works])


def stressed(count: int, at: list[int]) -> list[float]:
    stress = np.zeros(count)
    for start in at:
        stress[start : start + 8] = 1.0
    return stress.tolist()


STILL = HeadSettings(sway=(0.0,) * 6, lean_degrees=0.0)


def test_a_stress_is_met_by_a_nod() -> None:
    pitch = moved(240, settings=STILL, stress=stressed(240, [60]))[:, PITCH]
    assert np.abs(pitch[:60]).max() == 0.0
    deepest = int(np.argmin(pitch))
    assert 64 <= deepest <= 78  # within a third of a second
    assert -3.5 < pitch[deepest] < -0.7
    assert abs(pitch[-1]) < 0.05


def test_a_lasting_stress_is_one_nod() -> None:
    pitch = moved(240, settings=STILL, stress=[0.0] * 30 + [1.0] * 210)[:, PITCH]
    assert abs(pitch[-1]) < 0.05


def test_the_head_only_moves_smoothly() -> None:
    rng = np.random.default_rng(1)
    voice = (np.sin(np.arange(6000) / 50) > -0.3).astype(float)
    stress = stressed(6000, [int(i) for i in np.flatnonzero(rng.random(6000) < 0.03)])
    head = moved(6000, voice=voice, stress=stress)
    speed = np.diff(head[:, :3], axis=0) * 60
    assert np.abs(speed).max() < 45  # degrees a second
    assert np.abs(np.diff(speed, axis=0)).max() < 12  # no step in the speed


def test_it_stays_within_a_few_degrees_and_millimetres() -> None:
    stress = stressed(9_000, list(range(0, 9_000, 25)))
    voice = (np.sin(np.arange(9_000) / 50) > -0.3).astype(float)
    head = moved(9_000, voice=voice, stress=stress)
    assert np.abs(head[:, :3]).max() < 8
    assert np.abs(head[:, 3:]).max() < 0.5


def test_it_is_calmer_in_silence() -> None:
    quiet, speaking = moved(6_000, voice=0.0), moved(6_000, voice=1.0)
    assert quiet[600:].std(axis=0).mean() < 0.7 * speaking[600:].std(axis=0).mean()
    assert quiet.std() > 0
