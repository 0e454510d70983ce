"""``--words`` from outside: a transcript raises the emotion where its words are felt."""

import importlib.util

import numpy as np
import pytest
from command_line import needs_starter, one_sentence, recording, run

from medtalk_live.rig.controls import INTENSITY_SET

pytestmark = needs_starter

SRT = "1\n00:00:01,200 --> 00:00:02,000\nI hate it!\n"
WITHOUT_WHISPER = importlib.util.find_spec("whisper") is None


def strength(path):
    """How strongly each frame feels: the sum over the expressive controls."""
    values = np.loadtxt(path, delimiter=",", skiprows=1)
    return np.abs(values[:, 1 + INTENSITY_SET]).sum(axis=1)


def animated(folder, name, *words):
    out = folder / f"{name}.csv"
    done = run("animate", folder / "in.wav", "-o", out, "--emotion", "angry", *words)
    assert done.returncode == 0, done.stderr
    return strength(out)


def test_the_words_of_a_transcript_raise_the_emotion_while_they_are_said(tmp_path):
    recording(tmp_path / "in.wav", 4.0)
    (tmp_path / "said.srt").write_text(SRT)
    plain = animated(tmp_path, "plain")
    said = animated(tmp_path, "said", "--words", tmp_path / "said.srt")
    off = animated(tmp_path, "off", "--words", tmp_path / "said.srt", "--dynamics", "0")
    np.testing.assert_allclose(said[:60], plain[:60], atol=1e-4)
    assert said[80:150].mean() > 1.15 * plain[80:150].mean()
    without = animated(tmp_path, "without", "--dynamics", "0")
    np.testing.assert_allclose(off, without, atol=1e-4)


def test_plain_text_is_laid_over_a_recording_live_and_offline(tmp_path):
    recording(tmp_path / "in.wav", 2.0)
    (tmp_path / "said.txt").write_text("well well well well I hate it")
    offline = animated(tmp_path, "said", "--words", tmp_path / "said.txt")
    assert offline[70:].mean() > 1.1 * animated(tmp_path, "plain")[70:].mean()
    live = ("--input", tmp_path / "in.wav", "--osc", "none", "--control", "none")
    done = run(*live, "--words", tmp_path / "said.txt")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--input", "-", "--words", "said.txt"), "has no times, which only a recording"),
        (("--input", "-", "--words", "no.srt"), "does not exist"),
        pytest.param(
            ("--input", "-", "--words", "whisper"),
            "medtalk-live[official]",
            marks=pytest.mark.skipif(not WITHOUT_WHISPER, reason="openai-whisper is installed"),
        ),
    ],
)
def test_words_that_cannot_be_had_are_one_sentence(tmp_path, monkeypatch, words, said):
    (tmp_path / "said.txt").write_text("I hate it")
    monkeypatch.chdir(tmp_path)
    done = run("--osc", "none", "--control", "none", *words)
    assert done.returncode == 1
    assert said in one_sentence(done.stderr)
