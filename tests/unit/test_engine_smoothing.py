from __future__ import annotations

import numpy as np
import pytest
from finish_fakes import JAW, PULL, applied, face, frames

from medtalk_live.engine.smoothing import FASTEST_STEP, OneEuro, SpeedLimit
from medtalk_live.rig.controls import COUNT, MAXIMUM, MINIMUM, index

BROW, BLINK = index("L_brow_down.ty"), index("L_eye_blink.ty")


def test_a_brow_moves_no_faster_than_a_brow_can() -> None:
    rows = [face()] * 5 + [face(brow_down=1.0)] * 15
    brow = applied(SpeedLimit(), frames(rows, 20))[:, BROW]
    assert np.diff(brow).max() == pytest.approx(0.15)
    assert brow[-1] == 1.0


def test_speech_and_natural_blinks_are_not_slowed() -> None:
    rows = [face(), face(jaw=0.5, pull=0.5, blink=0.5), face(jaw=0.0, pull=0.2), face(jaw=0.5)]
    out = applied(SpeedLimit(), frames(rows, 4))
    assert np.array_equal(out[:, [JAW, *PULL, BLINK]], np.stack(rows)[:, [JAW, *PULL, BLINK]])


def test_no_control_at_all_jumps() -> None:
    rng = np.random.default_rng(0)
    wild = rng.uniform(MINIMUM, MAXIMUM, (200, COUNT)).astype(np.float32)
    out = applied(SpeedLimit(), frames(wild, 200))
    assert (np.abs(np.diff(out, axis=0)) <= FASTEST_STEP + 1e-6).all()


def test_the_first_frame_stands_where_it_is() -> None:
    assert applied(SpeedLimit(), frames(face(brow_down=1.0), 1))[0, BROW] == 1.0


def test_one_euro_calms_trembling_and_keeps_up_with_speech() -> None:
    rng = np.random.default_rng(0)
    rest = np.tile(face(jaw=0.3), (300, 1))
    rest[:, JAW] += rng.normal(0, 0.01, 300).astype(np.float32)
    calm = applied(OneEuro(), frames(rest, 300))[60:, JAW]
    assert calm.std() < 0.6 * rest[60:, JAW].std()
    swing = 0.4 + 0.4 * np.sin(2 * np.pi * 4 * np.arange(300) / 60)  # four syllables a second
    rows = np.stack([face(jaw=float(jaw)) for jaw in swing])
    out = applied(OneEuro(), frames(rows, 300))[60:, JAW]
    assert np.ptp(out) > 0.9 * np.ptp(swing)


def test_the_delay_of_one_euro_is_declared() -> None:
    swing = 0.4 + 0.24 * np.sin(2 * np.pi * 2 * np.arange(600) / 60)  # three units a second
    rows = np.stack([face(jaw=float(jaw)) for jaw in swing])
    layer = OneEuro()
    out = applied(layer, frames(rows, 600))[60:, JAW]
    phase = np.angle(np.vdot(np.exp(2j * np.pi * 2 * np.arange(60, 600) / 60), out - out.mean()))
    late_ms = 1000 * ((-np.pi / 2 - phase) % (2 * np.pi)) / (2 * np.pi * 2)
    assert late_ms == pytest.approx(layer.delay_ms, abs=3.0)  # it varies with the speed
