"""Captured mouth weights land on the controls that mean the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medtalk_live.errors import TrainingError
from medtalk_live.rig.articulation import channel_mean, lip_aperture
from medtalk_live.rig.controls import NEUTRAL, index
from medtalk_live.training.retarget import _read_rows, retarget_facegood

CAPTURE = Path(__file__).parents[2].parent / "shared/data/facegood_pairs/bs_values.npz"
NAMES = sorted({n.format(side=s) for n, _, _ in _read_rows() for s in "lr"})


def test_each_side_moves_its_own_side() -> None:
    weights = np.zeros((4, len(NAMES)))
    weights[:, NAMES.index("mouth_lipCornerPull_l")] = 0.6
    controls = retarget_facegood(weights, NAMES)
    assert controls[0, index("L_mouth_cornerPull.ty")] == pytest.approx(0.6)
    assert controls[0, index("R_mouth_cornerPull.ty")] == 0


def test_a_closed_capture_is_the_neutral_face() -> None:
    controls = retarget_facegood(np.zeros((10, len(NAMES))), NAMES)
    np.testing.assert_array_equal(controls, np.tile(NEUTRAL, (20, 1)))


def test_frames_lie_on_the_time_of_the_capture() -> None:
    weights = np.zeros((31, len(NAMES)))
    weights[:, NAMES.index("mouth_stretch_c")] = np.linspace(0, 1, 31)
    jaw = channel_mean(retarget_facegood(weights, NAMES, 60), "jaw")
    np.testing.assert_allclose(jaw, np.arange(60) / 60, atol=1e-6)  # float32 rounding


def test_a_list_of_other_names_is_refused() -> None:
    with pytest.raises(TrainingError, match="FACEGOOD list"):
        retarget_facegood(np.zeros((4, 2)), ["jawOpen", "mouthClose"])


@pytest.mark.skipif(not CAPTURE.exists(), reason="the capture is not on this machine")
def test_the_real_capture_opens_and_closes_like_speech() -> None:
    data = np.load(CAPTURE)
    aperture = lip_aperture(retarget_facegood(data["1114_2_01"], [str(n) for n in data["names"]]))
    assert np.quantile(aperture, 0.1) < 0.03
    assert 0.3 < np.quantile(aperture, 0.98) < 0.8
