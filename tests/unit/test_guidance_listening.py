import sys
import time

import numpy as np
import pytest

from medtalk_live.audio.source import AudioChunk
from medtalk_live.errors import CheckpointError, MissingExtraError
from medtalk_live.guidance.listening import WINDOW_SECONDS, WordListener
from medtalk_live.model.encoders.transcriber import TimedWord, Transcriber


class Script:
    """A transcriber that hears a script: words by the second of the stream in which they are."""

    def __init__(self, words):
        self.spoken, self.asked, self.closed = words, [], 0
        self.heard_seconds = 0.0
        self.failing = None

    def check(self):
        pass

    def warm(self):
        if self.failing:
            raise self.failing

    def words(self, samples):
        self.asked.append(len(samples) / 16_000)
        start = self.heard_seconds - len(samples) / 16_000
        inside = [(t, s) for t, s in self.spoken if start <= s < self.heard_seconds - 0.2]
        return [
            TimedWord(t, s - start + 0.01 * len(self.asked), s - start + 0.2) for t, s in inside
        ]

    def close(self):
        self.closed += 1


def hear(listener, script, seconds, level=0.1, rate=48_000):
    rng = np.random.default_rng(0)
    for _ in range(round(seconds * 100)):
        start = round(script.heard_seconds * rate)
        samples = (level * rng.standard_normal(rate // 100)).astype(np.float32)
        listener.audio(AudioChunk(samples, start, rate, 0.0))
        script.heard_seconds += 0.01


def test_each_emotional_word_is_felt_once_although_windows_overlap():
    script, felt = Script([("I", 0.4), ("hate", 0.5), ("wonderful", 7.6)]), []
    listener = WordListener(script, felt.append)
    for _ in range(10):
        hear(listener, script, 1.0)
        listener.listen()
    assert felt == [1.0, 0.5]
    assert max(script.asked) <= WINDOW_SECONDS


def test_silence_is_not_asked_about():
    script = Script([])
    listener = WordListener(script, print)
    listener.listen()
    hear(listener, script, 3.0, level=1e-4)
    listener.listen()
    assert script.asked == []


def test_a_whisper_that_fails_costs_a_warning_and_the_words(caplog):
    script = Script([])
    script.failing = CheckpointError("Whisper does not start with 'x'")
    listener = WordListener(script, print)
    listener.open()
    deadline = time.monotonic() + 5.0
    while "goes on without words" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    listener.close()
    assert "Whisper does not start with 'x'; the run goes on without words" in caplog.text
    assert script.closed == 1


def test_without_whisper_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "whisper", None)
    monkeypatch.setattr("medtalk_live.model.encoders.transcriber.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"medtalk-live\[official\]"):
        WordListener(Transcriber(), print).open()
