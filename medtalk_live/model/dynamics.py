"""The dynamic intensity of the official model, at its own pace beside the frames.

Slow encoders are asked about the newest sound, again and again, by a thread
each that waits for its process: ``voice`` (emotion2vec) twice a second,
``words`` (Whisper, where the transcript is wanted) every two seconds. Where
the caller may wait, it does, so that the same sound gives the same frames; a
live run does not and goes on with the newest answer. A slow encoder that fails
leaves things as they are. Source: MEDTalk, section 3.4.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Thread
from typing import Generic, TypeVar

import numpy as np

from medtalk_live.clock import NETWORK_FPS, SAMPLE_RATE
from medtalk_live.rig.controls import FloatArray

VOICE_PERIOD_FRAMES = 30
WORDS_PERIOD_FRAMES = 120
VOICE_SAMPLES = 2 * SAMPLE_RATE
WORDS_SAMPLES = 10 * SAMPLE_RATE
_EASE = 1.0 / 15
"""Share of the way to a new intensity that a frame goes: a quarter of a second."""
_LEVEL_EASE = 1.0 / (10 * NETWORK_FPS)
"""The same for the level about which the voice moves it: ten seconds."""

Strengths = tuple[float, float]
"""I_t for labels, and for texts and pictures."""
Measure = Callable[[FloatArray, str], Strengths]
"""Sound (n,) and what was said to intensities."""
Hear = Callable[[FloatArray], str]
"""Sound (n,) to what was said."""

A = TypeVar("A")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked(Generic[A]):
    """A slow encoder's part of a stream's memory.

    Attributes:
        answer: The newest, None before the first.
        pending: The question that is being worked on.
        frames: Frames since the last question, None before the first.
    """

    answer: A | None = None
    pending: Future[A] | None = None
    frames: int | None = None


class Beside:
    """Asks a slow encoder again and again, in a thread of its own.

    Args:
        name: Of the encoder, for the log.
        period_frames: At least so long from one question to the next.
        waits: Whether an answer is waited for when the next question is due.
    """

    def __init__(self, name: str, period_frames: int, waits: bool) -> None:
        self._name, self._period, self._waits = name, period_frames, waits

    def step(self, ask: Callable[[], A], frames: int, state: Asked[A]) -> Asked[A]:
        """Take an answer that is there, ask where it is time to; ``frames`` go by."""
        pending = state.pending
        due = state.frames is None or state.frames >= self._period
        if pending is not None and (due if self._waits else pending.done()):
            state = replace(state, answer=self._result(pending, state.answer), pending=None)
        if due and state.pending is None:
            state = replace(state, pending=self._asked(ask), frames=0)
        return replace(state, frames=(state.frames or 0) + frames)

    def _asked(self, ask: Callable[[], A]) -> Future[A]:
        """The answer to come; a thread that still waits for it does not hold up the end."""
        answer: Future[A] = Future()

        def run() -> None:
            try:
                answer.set_result(ask())
            except Exception as problem:
                answer.set_exception(problem)

        Thread(target=run, name=self._name, daemon=True).start()
        return answer

    def _result(self, pending: Future[A], before: A | None) -> A | None:
        try:
            return pending.result()
        except Exception as problem:  # whatever a library raises must not end the run
            _log.warning("%s: %s; its last answer stays", self._name, problem)
            return before


@dataclass(frozen=True, slots=True)
class DynamicsState:
    """What a stream remembers.

    Attributes:
        now: The intensities of the last frame.
        level: Their running mean, None before the first answer.
        heard: The newest sound.
        voice: Intensities.
        words: What was said last.
    """

    now: Strengths = (1.0, 1.0)
    level: Strengths | None = None
    heard: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))
    voice: Asked[Strengths] = field(default_factory=Asked)
    words: Asked[str] = field(default_factory=Asked)


class Dynamics:
    """Intensities of the next frames, from the newest answers.

    Args:
        measure: None where emotion2vec is not here: the intensity is 1 then.
        hear: None where no transcript is wanted.
        waits: Whether a late answer is waited for.
    """

    def __init__(
        self, measure: Measure | None = None, hear: Hear | None = None, waits: bool = True
    ) -> None:
        self._measure, self._hear = measure, hear
        self._voice = Beside("emotion2vec", VOICE_PERIOD_FRAMES, waits)
        self._words = Beside("Whisper", WORDS_PERIOD_FRAMES, waits)

    def init_state(self) -> DynamicsState:
        """A stream that has heard nothing."""
        return DynamicsState()

    def step(
        self, samples: FloatArray, shares: Sequence[float], state: DynamicsState
    ) -> tuple[list[Strengths], DynamicsState]:
        """Intensities of the next frames.

        Args:
            samples: What was heard since the last step, (n,).
            shares: How far the voice may move each frame's, 0 not at all, 1 as trained.
            state: Left untouched.
        """
        if self._measure is None:
            return [state.now] * len(shares), state
        state = self._asked(self._measure, samples, len(shares), state)
        goal, now, level, given = state.voice.answer, state.now, state.level, []
        if goal is not None and level is None:
            level = goal
        for share in shares:
            if goal is not None and level is not None:
                now, level = _eased(now, goal, _EASE), _eased(level, goal, _LEVEL_EASE)
            given.append(_eased(level or now, now, share))
        return given, replace(state, now=now, level=level)

    def _asked(
        self, measure: Measure, samples: FloatArray, frames: int, state: DynamicsState
    ) -> DynamicsState:
        heard = np.concatenate((state.heard, samples))[-WORDS_SAMPLES:]
        words = state.words
        if self._hear is not None:
            words = self._words.step(partial(self._hear, heard), frames, words)
        question = partial(measure, heard[-VOICE_SAMPLES:], words.answer or "")
        voice = self._voice.step(question, frames, state.voice)
        return replace(state, heard=heard, words=words, voice=voice)


def _eased(now: Strengths, goal: Strengths, share: float) -> Strengths:
    return (now[0] + share * (goal[0] - now[0]), now[1] + share * (goal[1] - now[1]))
