from __future__ import annotations

import numpy as np
from finish_fakes import applied, face, frames

from medtalk_live.engine.gaze import Gaze, GazeSettings
from medtalk_live.rig.controls import FloatArray, index, pair

ACROSS, UP = list(pair("eye.tx")), list(pair("eye.ty"))


def gazed(seconds: int = 120, seed: int = 0, settings: GazeSettings | None = None) -> FloatArray:
    gaze = Gaze(settings or GazeSettings(), np.random.default_rng(seed))
    return applied(gaze, frames(face(), 60 * seconds))


def test_the_eyes_rest_and_dart() -> None:
    eye = gazed()[:, [ACROSS[0], UP[0]]]
    moving = np.abs(np.diff(eye, axis=0)).max(axis=1) > 1e-4
    assert 0.01 < moving.mean() < 0.08
    starts = np.flatnonzero(np.diff(moving.astype(int)) == 1)
    between = np.diff(starts) / 60
    assert between.min() > 0.25
    assert 0.6 < np.median(between) < 1.6


def test_a_dart_takes_two_or_three_frames() -> None:
    eye = gazed()[:, ACROSS[0]]
    moving = np.concatenate([[False], np.abs(np.diff(eye)) > 1e-4, [False]])
    edges = np.flatnonzero(np.diff(moving.astype(int)))
    assert set(edges[1::2] - edges[::2]) <= {1, 2, 3}


def test_most_glances_stay_within_a_few_degrees() -> None:
    eye = gazed(240)[:, ACROSS + UP]
    assert np.percentile(np.abs(eye), 90) < 0.12  # four degrees
    assert np.abs(eye).max() <= 0.3


def test_both_eyes_look_at_the_same_thing() -> None:
    out = gazed(60)
    assert np.array_equal(out[:, ACROSS[0]], out[:, ACROSS[1]])
    assert np.array_equal(out[:, UP[0]], out[:, UP[1]])


def test_the_upper_lid_follows_the_eye() -> None:
    out = gazed(60, settings=GazeSettings(up=0.2))
    up, blink = out[:, UP[0]], out[:, index("L_eye_blink.ty")]
    lid = out[:, index("L_eye_eyelidU.ty")]
    assert np.allclose(blink, 0.35 * np.maximum(-up, 0), atol=1e-6)
    assert np.allclose(lid, 0.35 * np.maximum(up, 0), atol=1e-6)


def test_it_adds_to_what_the_network_does() -> None:
    gaze = Gaze(GazeSettings(), np.random.default_rng(0))
    rows = np.tile(face(), (300, 1))
    rows[:, ACROSS] = 0.3
    assert np.allclose(
        applied(gaze, frames(rows, 300))[:, ACROSS] - 0.3, gazed(5)[:, ACROSS], atol=1e-6
    )
