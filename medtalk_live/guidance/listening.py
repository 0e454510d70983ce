"""Whisper beside a live run: emotional words that were just said raise the intensity.

Every second or so the newest seconds of sound go to Whisper's own process; it
answers when it can, and only then is it asked again, so a slow machine hears
fewer words and never a later frame. ``audio`` belongs to the capture thread and
never waits; the rest happens on a thread of its own.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

import numpy as np

from medtalk_live.audio.resample import StreamResampler
from medtalk_live.audio.source import AudioChunk
from medtalk_live.background import Background
from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.errors import MedTalkError
from medtalk_live.guidance.words import felt_words
from medtalk_live.model.encoders.transcriber import Transcriber
from medtalk_live.rig.controls import FloatArray

log = logging.getLogger(__name__)

WINDOW_SECONDS = 6.0
STEP_SECONDS = 1.0
_QUIET = 10 ** (-45.0 / 20)  # peak level of sound that is not worth asking about
_LONGEST_WAIT_CHUNKS = 6000
_SAME_WORD_SECONDS = 0.5  # windows overlap, and Whisper places a word a little differently


class WordListener:
    """Hears the run's words, as a part of it.

    Args:
        transcriber: Whisper; it is closed with the listener.
        feel: Told how strong an emotional word is; may not block.
    """

    def __init__(self, transcriber: Transcriber, feel: Callable[[float], None]) -> None:
        self._transcriber, self._feel = transcriber, feel
        self._chunks: deque[AudioChunk] = deque(maxlen=_LONGEST_WAIT_CHUNKS)
        self._sound = np.zeros(0, np.float32)
        self._heard_samples = 0
        self._told_seconds = 0.0
        self._resampler: StreamResampler | None = None
        self._background = Background("word-listener", self._loop)

    def open(self) -> None:
        """Start listening; Whisper gets ready meanwhile.

        Raises:
            MissingExtraError: openai-whisper is not installed.
        """
        self._transcriber.check()
        self._background.start()

    def close(self) -> None:
        """End Whisper; safe to call twice."""
        self._background.stopping.set()
        self._transcriber.close()
        self._background.stop(2.0)

    def audio(self, chunk: AudioChunk) -> None:
        """Take a captured chunk (capture thread)."""
        self._chunks.append(chunk)

    def listen(self) -> None:
        """Ask Whisper about the newest sound, and pass on the words that are new.

        Raises:
            MedTalkError: Whisper is not here, or failed.
        """
        self._gather()
        newest = self._sound[-2 * SAMPLE_RATE :]
        if not len(newest) or np.abs(newest).max() < _QUIET:
            return
        start = (self._heard_samples - len(self._sound)) / SAMPLE_RATE
        for word in felt_words(self._transcriber.words(self._sound)):
            if start + word.start_seconds >= self._told_seconds:
                self._told_seconds = start + word.start_seconds + _SAME_WORD_SECONDS
                log.debug("heard '%s' (%.2f)", word.word, word.strength)
                self._feel(word.strength)

    def _loop(self) -> None:
        try:
            self._transcriber.warm()
            while not self._background.stopping.wait(STEP_SECONDS):
                self.listen()
        except MedTalkError as problem:
            if not self._background.stopping.is_set():
                log.warning("%s; the run goes on without words", problem)

    def _gather(self) -> None:
        """Append what was captured since the last time; keep the newest window."""
        pieces: list[FloatArray] = [self._sound]
        while self._chunks:
            chunk = self._chunks.popleft()
            if self._resampler is None:
                self._resampler = StreamResampler(chunk.sample_rate)
            pieces.append(self._resampler.push(chunk.samples))
            self._heard_samples += len(pieces[-1])
        joined = np.concatenate(pieces)
        self._sound = joined[-round(WINDOW_SECONDS * SAMPLE_RATE) :]
