"""Gaze: eyes that rest on something and dart to the next, with lids that follow.

Fixations of a third of a second to a few seconds, saccades of two to three
frames; mostly within a few degrees, now and then a longer glance. Added to
what the network does with the eyes. Random numbers are drawn at each dart, so
frames decide, not chunks. Engine thread.
Source: durations and sizes after Lee, Badler and Badler, "Eyes Alive", 2002.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtalk_live.engine.work import FaceWork
from medtalk_live.guidance.mixer import smoothstep
from medtalk_live.rig.controls import pair

_EYES = np.array(
    [*pair("eye.tx"), *pair("eye.ty"), *pair("eye_blink"), *pair("eye_eyelidU")], np.intp
)


@dataclass(frozen=True, slots=True)
class GazeSettings:
    """How the eyes move; one unit of the control is about 35 degrees.

    Attributes:
        across: Spread of the fixations to the sides.
        up: Spread of the fixations up and down.
        glance: Share of darts that go three times as far.
        fixation_seconds: Median time between two darts.
        lids: How far the upper lid follows the eye down and up.
    """

    across: float = 0.05
    up: float = 0.03
    glance: float = 0.08
    fixation_seconds: float = 0.9
    lids: float = 0.35


_SHORTEST_FRAMES, _LONGEST_FRAMES = 18, 240
_SACCADE_FRAMES = 2
_LARGE = 0.1  # a dart that takes a frame more


class Gaze:
    """The eyes of one stream.

    Args:
        settings: Sizes and times.
        random: Its own generator.
    """

    def __init__(self, settings: GazeSettings, random: np.random.Generator) -> None:
        self._settings = settings
        self._random = random
        self._from = (0.0, 0.0)
        self._to = (0.0, 0.0)
        self._frame = 0
        self._saccade_frames = _SACCADE_FRAMES
        self._until = self._fixation()

    def apply(self, work: FaceWork) -> None:
        """Turn the eyes, and let the lids follow."""
        self._frame += 1
        if self._frame > self._until:
            self._dart()
        moved = smoothstep(min(1.0, self._frame / self._saccade_frames))
        across, up = (
            work.eye_gain * (old + moved * (new - old))
            for old, new in zip(self._from, self._to, strict=True)
        )
        down, lift = self._settings.lids * max(0.0, -up), self._settings.lids * max(0.0, up)
        turn = np.array((across, across, up, up, down, down, lift, lift), np.float32)
        work.controls[_EYES] += turn

    def _dart(self) -> None:
        settings = self._settings
        far = 3.0 if self._random.random() < settings.glance else 1.0
        across, up = np.clip(self._random.normal(size=2), -2.0, 2.0).tolist()
        self._from, self._to = self._to, (far * settings.across * across, far * settings.up * up)
        longest = max(abs(new - old) for old, new in zip(self._from, self._to, strict=True))
        self._saccade_frames = _SACCADE_FRAMES + int(longest > _LARGE)
        self._frame, self._until = 0, self._fixation()

    def _fixation(self) -> int:
        seconds = self._settings.fixation_seconds * float(self._random.lognormal(0.0, 0.6))
        return int(min(_LONGEST_FRAMES, max(_SHORTEST_FRAMES, round(seconds * 60))))
