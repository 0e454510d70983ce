"""Ten minutes of real speech, stereo at 48 kHz, through ``medtalk-live animate``."""

import numpy as np
import pytest
import soundfile
from command_line import ROOT, needs_starter, run

from medtalk_live.rig.controls import MAXIMUM, MINIMUM

SPEECH = ROOT.parent / "shared" / "data" / "facegood_pairs"
SECONDS = 600


@needs_starter
@pytest.mark.slow
@pytest.mark.skipif(not SPEECH.is_dir(), reason="the recordings are not beside this checkout")
def test_ten_minutes_of_stereo_speech_give_every_row_in_range(tmp_path):
    parts = [soundfile.read(path, dtype="float32")[0] for path in sorted(SPEECH.glob("*.flac"))]
    sound = np.resize(np.concatenate(parts), SECONDS * 16_000)
    at = np.arange(SECONDS * 48_000) / 3.0
    wide = np.interp(at, np.arange(len(sound)), sound).astype(np.float32)
    soundfile.write(tmp_path / "in.flac", np.stack([wide, wide], 1), 48_000)
    done = run("animate", tmp_path / "in.flac", "-o", tmp_path / "out.csv", timeout=1800)
    assert done.returncode == 0, done.stderr
    values = np.loadtxt(tmp_path / "out.csv", delimiter=",", skiprows=1)
    assert values.shape == (SECONDS * 60, 1 + 174 + 6)
    assert np.isfinite(values).all()
    # values are written with five digits
    assert (values[:, 1:175] >= MINIMUM - 1e-5).all()
    assert (values[:, 1:175] <= MAXIMUM + 1e-5).all()
