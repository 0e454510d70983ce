from __future__ import annotations

import numpy as np
from finish_fakes import JAW, PULL, applied, face, frames

from medtalk_live.engine.silence import MOUTH, SilenceGate, SilenceSettings
from medtalk_live.rig.articulation import SEALED_APERTURE, lip_aperture
from medtalk_live.rig.controls import index

SETTINGS = SilenceSettings()


def noisy(base: np.ndarray, count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    rows = np.tile(base, (count, 1))
    rows[:, MOUTH] += np.abs(rng.normal(0, 0.03, (count, len(MOUTH)))).astype(np.float32)
    return rows


def test_in_silence_the_mouth_is_closed_and_hardly_moves() -> None:
    rows = noisy(face(jaw=0.2, pull=0.5), 120)
    out = applied(SilenceGate(), frames(rows, 120, voice=0.0))
    assert (lip_aperture(out) <= SEALED_APERTURE).all()
    moved, noise = (np.abs(np.diff(c[:, MOUTH], axis=0)).mean() for c in (out, rows))
    assert moved < 0.05 * noise


def test_the_expression_stays_while_the_mouth_rests() -> None:
    out = applied(SilenceGate(), frames(face(pull=0.5, mouth_upperLipRaise=0.1), 60, voice=0.0))
    assert np.allclose(out[:, PULL], 0.5)


def test_the_first_sound_is_met_within_50_ms() -> None:
    voice = [0.0] * 60 + [1.0] * 30
    out = applied(SilenceGate(), frames(face(jaw=0.5), 90, voice=voice))
    assert np.allclose(out[62, JAW], 0.5)  # third frame of the sound
    assert out[60, JAW] > 0.1


def test_a_short_stop_does_not_close_the_gate() -> None:
    voice = [1.0] * 30 + [0.0] * 10 + [1.0] * 20
    rows = noisy(face(jaw=0.5), 60)
    out = applied(SilenceGate(), frames(rows, 60, voice=voice))
    assert np.array_equal(out[3:], rows[3:])


def test_the_end_of_a_word_is_not_clipped() -> None:
    voice = [1.0] * 30 + [0.0] * 60
    rows = noisy(face(jaw=0.5), 90)
    out = applied(SilenceGate(), frames(rows, 90, voice=voice))
    hang = 30 + SETTINGS.hang_frames
    assert np.array_equal(out[3 : hang - 1], rows[3 : hang - 1])
    assert lip_aperture(out)[hang + SETTINGS.close_frames + 1] <= SEALED_APERTURE


def test_closing_and_opening_do_not_jump() -> None:
    voice = [1.0] * 30 + [0.0] * 60 + [1.0] * 30
    out = applied(SilenceGate(), frames(face(jaw=0.5), 120, voice=voice))
    steps = np.abs(np.diff(lip_aperture(out)))
    assert steps[30:89].max() < 0.1  # into silence
    assert steps.max() < 0.3  # out of it, half the way a frame


def test_a_voice_between_the_thresholds_keeps_the_gate_as_it_is() -> None:
    rows = face(jaw=0.5)
    closed = applied(SilenceGate(), frames(rows, 60, voice=0.4))
    assert (lip_aperture(closed) <= SEALED_APERTURE).all()
    opened = applied(SilenceGate(), frames(rows, 90, voice=[1.0] + [0.4] * 89))
    assert np.allclose(opened[5:, JAW], 0.5)


def test_the_upper_face_is_not_touched() -> None:
    brow = index("L_brow_down.ty")
    rows = np.tile(face(), (60, 1))
    rows[:, brow] = np.linspace(0, 1, 60)
    assert np.array_equal(applied(SilenceGate(), frames(rows, 60, voice=0.0)), rows)
