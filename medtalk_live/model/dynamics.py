"""The dynamic intensity of the official model, at its own pace beside the frames.

Every half second of sound the newest stretch is handed to a worker thread
(emotion2vec, fusion with the words); its answer holds from the next half
second on. Where the caller may wait, it does, so that the same sound gives
the same frames; a live run does not and goes on with the last answer.
Source: MEDTalk, section 3.4.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.rig.controls import FloatArray

PERIOD_FRAMES = 30
_EASE = 1.0 / 15
"""Share of the way to a new intensity that a frame goes: a quarter of a second."""

Strengths = tuple[float, float]
"""I_t for labels, and for texts and pictures."""
Measure = Callable[[FloatArray], Strengths]


@dataclass(frozen=True, slots=True)
class DynamicsState:
    """What a stream remembers.

    Attributes:
        now: The intensities of the last frame.
        goal: What they move to.
        asked: The question that is being worked on.
        frames: Frames since it was asked.
    """

    now: Strengths
    goal: Strengths
    asked: Future[Strengths] | None = None
    frames: int = 0


class Dynamics:
    """Asks ``measure`` about the newest sound, again and again.

    Args:
        measure: Sound (n,) to intensities; None where emotion2vec is not
            here: the intensity is 1 then.
        waits: Whether a late answer is waited for.
    """

    window_samples = 2 * SAMPLE_RATE

    def __init__(self, measure: Measure | None, waits: bool = True) -> None:
        self._measure = measure
        self.waits = waits
        self._worker = ThreadPoolExecutor(1, "intensity") if measure else None

    def init_state(self) -> DynamicsState:
        """A stream that has heard nothing."""
        return DynamicsState((1.0, 1.0), (1.0, 1.0))

    def step(
        self, heard: Callable[[], FloatArray], frames: int, state: DynamicsState
    ) -> tuple[list[Strengths], DynamicsState]:
        """Intensities of the next frames.

        Args:
            heard: Gives the newest sound; called when a question is asked.
            frames: How many.
            state: Left untouched.
        """
        if self._worker is None or self._measure is None:
            return [state.now] * frames, state
        if state.frames >= PERIOD_FRAMES or (state.asked is None):
            goal = self._answer(state)
            asked = state.asked if self._is_late(state) else None
            if asked is None:
                asked = self._worker.submit(self._measure, heard())
            state = replace(state, goal=goal, asked=asked, frames=0)
        now, given = state.now, []
        for _ in range(frames):
            now = _eased(now, state.goal)
            given.append(now)
        return given, replace(state, now=now, frames=state.frames + frames)

    def _is_late(self, state: DynamicsState) -> bool:
        return state.asked is not None and not (self.waits or state.asked.done())

    def _answer(self, state: DynamicsState) -> Strengths:
        if state.asked is None or self._is_late(state):
            return state.goal
        return state.asked.result()


def _eased(now: Strengths, goal: Strengths) -> Strengths:
    return (now[0] + _EASE * (goal[0] - now[0]), now[1] + _EASE * (goal[1] - now[1]))
