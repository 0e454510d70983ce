"""Ten minutes of real speech, stereo at 48 kHz, through ``medtalk-live animate``."""

import numpy as np
import pytest
from command_line import needs_starter, recording, run

from medtalk_live.rig.controls import MAXIMUM, MINIMUM

SECONDS = 600


@needs_starter
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_minutes_of_stereo_speech_give_every_row_in_range(tmp_path):
    sound = recording(tmp_path / "in.flac", SECONDS, 48_000, 2)
    done = run("animate", sound, "-o", tmp_path / "out.csv", timeout=1800)
    assert done.returncode == 0, done.stderr
    values = np.loadtxt(tmp_path / "out.csv", delimiter=",", skiprows=1)
    assert values.shape == (SECONDS * 60, 1 + 174 + 6)
    assert np.isfinite(values).all()
    # values are written with five digits
    assert (values[:, 1:175] >= MINIMUM - 1e-5).all()
    assert (values[:, 1:175] <= MAXIMUM + 1e-5).all()
