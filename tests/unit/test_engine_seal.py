from __future__ import annotations

import numpy as np
import pytest
from finish_fakes import JAW, NAN, PULL, TOGETHER, applied, face, frames
from hypothesis import given
from hypothesis import strategies as st

from medtalk_live.engine.lips import Closing, close, measure
from medtalk_live.engine.seal import LipSeal, SealSettings, seal_settings
from medtalk_live.rig.articulation import SEALED_APERTURE, aperture_of, lip_aperture
from medtalk_live.rig.controls import COUNT, MAXIMUM, MINIMUM

SPEAKING = face(jaw=0.4)
LAUGHING = face(jaw=0.5, raised=0.7, depress=0.5, pull=0.9, funnel=0.2, mouth_stretch=0.4)
PULSE = [0.0] * 10 + [0.2, 0.7, 0.95, 0.9, 0.6, 0.2] + [0.0] * 14


def sealed_frames(curve: np.ndarray) -> np.ndarray:
    return np.flatnonzero(lip_aperture(curve) <= SEALED_APERTURE)


@pytest.mark.parametrize("expression", [SPEAKING, LAUGHING, face(raised=1.0, depress=1.0)])
def test_a_bilabial_seals_the_lips_whatever_the_expression(expression: np.ndarray) -> None:
    out = applied(LipSeal(), frames(expression, 30, seal=PULSE))
    closed = sealed_frames(out)
    assert len(closed) >= 2
    assert np.diff(closed).tolist() == [1] * (len(closed) - 1)
    assert {12, 13} <= set(closed.tolist())  # where the probability is highest


def test_frames_without_a_seal_are_left_alone() -> None:
    out = applied(LipSeal(), frames(LAUGHING, 30, seal=PULSE))
    assert np.array_equal(out[:10], np.broadcast_to(LAUGHING, (10, COUNT)))
    assert np.array_equal(out[20:], np.broadcast_to(LAUGHING, (10, COUNT)))


def test_in_doubt_the_lips_just_meet_and_in_certainty_they_press() -> None:
    light, firm = (
        lip_aperture(applied(LipSeal(), frames(SPEAKING, 30, seal=[share * p for p in PULSE])))
        for share in (0.15, 1.0)
    )
    assert SealSettings().firm < light.min() <= SEALED_APERTURE
    assert firm.min() < light.min() - 0.02


def test_a_network_that_hears_less_of_the_future_has_to_be_surer() -> None:
    near, middle, far = (seal_settings(ms) for ms in (0.0, 40.0, 80.0))
    assert near.sure > middle.sure > far.sure == pytest.approx(SealSettings().sure)
    assert near.on < middle.on < far.on == pytest.approx(SealSettings().on)
    assert near.firm > middle.firm > far.firm == pytest.approx(SealSettings().firm)
    assert seal_settings(150.0) == far


def test_lips_that_are_closed_already_are_left_alone() -> None:
    pressed = face(jaw=0.3, together=1.0, mouth_pressU=0.4)
    out = applied(LipSeal(), frames(pressed, 30, seal=PULSE))
    assert np.array_equal(out, np.broadcast_to(pressed, (30, COUNT)))


def test_the_smile_stays_around_the_closed_lips() -> None:
    out = applied(LipSeal(), frames(LAUGHING, 30, seal=PULSE))
    assert out[13, PULL].min() > 0.75  # of 0.9
    assert out[13, JAW] <= 0.31


def test_a_flash_of_probability_seals_for_two_frames() -> None:
    out = applied(LipSeal(), frames(SPEAKING, 20, seal=[0] * 5 + [0.9] + [0] * 14))
    assert len(sealed_frames(out)) == 2


def test_a_trembling_probability_does_not_chatter() -> None:
    trembling = [0.0] * 5 + [0.55, 0.42, 0.58, 0.45, 0.52, 0.41, 0.6] + [0.0] * 8
    closed = sealed_frames(applied(LipSeal(), frames(SPEAKING, 20, seal=trembling)))
    assert np.diff(closed).tolist() == [1] * (len(closed) - 1)


def test_the_lips_close_and_open_over_more_than_one_frame() -> None:
    aperture = lip_aperture(applied(LipSeal(), frames(SPEAKING, 30, seal=PULSE)))
    assert np.abs(np.diff(aperture)).max() < 0.6 * aperture[0]


def test_without_a_probability_a_closing_that_is_almost_reached_is_completed() -> None:
    dip = 0.3 - 0.26 * np.exp(-0.5 * ((np.arange(40) - 20) / 3.0) ** 2)
    rows = np.stack([face(jaw=float(jaw)) for jaw in dip])
    assert lip_aperture(rows).min() > SEALED_APERTURE
    out = applied(LipSeal(), frames(rows, 40, seal=NAN))
    closed = sealed_frames(out)
    assert len(closed) >= 2
    assert 20 in closed
    far = np.flatnonzero(dip > 0.15)
    assert np.array_equal(out[far], rows[far])


def test_without_a_probability_a_mouth_at_rest_is_left_alone() -> None:
    rows = face(jaw=0.04)
    assert np.array_equal(
        applied(LipSeal(), frames(rows, 60, seal=NAN)), np.broadcast_to(rows, (60, COUNT))
    )


def test_thresholds_and_ramps_are_settings() -> None:
    slow = SealSettings(
        sure=0.9, attack_frames=5, hold_frames=4, release_frames=5, light=0.01, firm=0.01
    )
    out = applied(LipSeal(slow), frames(SPEAKING, 30, seal=PULSE))
    assert len(sealed_frames(out)) == 4
    unmoved = applied(LipSeal(SealSettings(sure=0.96)), frames(SPEAKING, 30, seal=PULSE))
    assert np.array_equal(unmoved, np.broadcast_to(SPEAKING, (30, COUNT)))


def test_a_doubtful_bilabial_is_sealed_where_the_lips_come_near_each_other() -> None:
    doubtful = [0.12 * p for p in PULSE]
    dip = 0.3 - 0.25 * np.exp(-0.5 * ((np.arange(30) - 12.5) / 2.0) ** 2)
    rows = np.stack([face(jaw=float(jaw)) for jaw in dip])
    assert not len(sealed_frames(applied(LipSeal(), frames(rows, 30, seal=0.0))))
    assert not len(sealed_frames(applied(LipSeal(), frames(SPEAKING, 30, seal=doubtful))))
    assert len(sealed_frames(applied(LipSeal(), frames(rows, 30, seal=doubtful)))) >= 2


def any_face(seed: int) -> np.ndarray:
    """Controls in range, many of them at an end of it."""
    rng = np.random.default_rng(seed)
    share = np.clip(rng.normal(0.5, rng.uniform(0.1, 2.0), COUNT), 0, 1)
    return (MINIMUM + share * (MAXIMUM - MINIMUM)).astype(np.float32)


controls_in_range = st.integers(0, 2**32).map(any_face)


@given(controls_in_range)
def test_any_face_can_be_sealed_and_stays_in_range(controls: np.ndarray) -> None:
    before = controls.copy()
    close(controls, measure(controls), 1.0, Closing())
    assert lip_aperture(controls) <= SEALED_APERTURE
    assert (controls >= MINIMUM - 1e-6).all()
    assert (controls <= MAXIMUM + 1e-6).all()
    assert (controls[TOGETHER] >= before[TOGETHER] - 1e-6).all()


@given(controls_in_range, st.floats(0, 1))
def test_a_part_of_a_closing_is_that_part_of_the_way(controls: np.ndarray, weight: float) -> None:
    how = Closing()
    start = aperture_of(measure(controls))
    close(controls, measure(controls), weight, how)
    goal = start + weight * (how.target - start) if start > how.target else start
    # below the goal only where a lowered jaw or a rolled lip gave more than was asked for
    assert lip_aperture(controls) <= goal + 1e-4
