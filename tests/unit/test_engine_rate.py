from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from finish_fakes import JAW, face, frames

from medtalk_live.clock import parse_frame_rate
from medtalk_live.engine.rate import RateConverter, Row
from medtalk_live.rig.articulation import SEALED_APERTURE, lip_aperture
from medtalk_live.rig.controls import FloatArray

SLOW = [24, 25, 30, 48, 50, "23.976", "29.97", "47.952"]


def converted(rows: FloatArray, fps: int | str) -> list[Row]:
    rate = parse_frame_rate(fps)
    converter, out = RateConverter(rate), []
    for work in frames(rows, len(rows)):
        out += converter.push(work)
    return out + converter.drain(int(len(rows) * rate / 60))


@pytest.mark.parametrize("fps", SLOW)
@pytest.mark.parametrize("length", [2, 3])
def test_no_seal_is_lost_between_two_frames(fps: int | str, length: int) -> None:
    for at in range(20, 32):
        jaw = np.full(60, 0.5)
        jaw[at : at + length] = 0.0
        rows = np.stack([face(jaw=float(j)) for j in jaw])
        out = converted(rows, fps)
        sealed = [j for j, controls, _ in out if lip_aperture(controls) <= SEALED_APERTURE]
        assert sealed, f"a seal at network frame {at} is lost at {fps} fps"
        seconds = np.array([float(j / parse_frame_rate(fps)) for j in sealed])
        assert np.abs(seconds - (at + (length - 1) / 2) / 60).max() < 0.05


@pytest.mark.parametrize("fps", [*SLOW, 120, "59.94", "119.88"])
def test_a_straight_movement_stays_straight(fps: int | str) -> None:
    rows = np.stack([face(jaw=0.2 + k / 200) for k in range(120)])
    out = converted(rows, fps)
    assert [j for j, _, _ in out] == list(range(len(out)))
    place = np.array(
        [min(float(j * Fraction(60) / parse_frame_rate(fps)), 119.0) for j, _, _ in out]
    )
    jaw = np.array([controls[JAW] for _, controls, _ in out])
    assert np.abs(jaw - (0.2 + place / 200)).max() < 1e-6


def test_sixty_is_passed_through() -> None:
    works = frames(face(jaw=0.3), 5)
    converter = RateConverter(Fraction(60))
    assert all(converter.push(w)[0][1] is w.controls for w in works)
    assert converter.delay_frames == 0


@pytest.mark.parametrize(("fps", "frames_late"), [(24, 1), (30, 1), (50, 1), (120, 0.5)])
def test_what_is_waited_for_is_declared(fps: int, frames_late: float) -> None:
    assert float(RateConverter(parse_frame_rate(fps)).delay_frames) == pytest.approx(
        frames_late, abs=0.35
    )
    converter, worst = RateConverter(parse_frame_rate(fps)), Fraction(0)
    for work in frames(face(), 240):
        for number, _, _ in converter.push(work):
            worst = max(worst, work.index - Fraction(number * 60, fps))
    assert worst == converter.delay_frames


def test_the_frames_given_are_not_shared_with_those_kept() -> None:
    rows = np.stack([face(jaw=0.5)] * 60)
    converter = RateConverter(Fraction(120))
    for work in frames(rows, 60):
        for _, controls, _ in converter.push(work):
            controls[:] = 7.0
    assert all((seen.controls <= 1.0).all() for seen in converter._recent)
