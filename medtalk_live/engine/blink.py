"""Blinks: about seventeen a minute, closing in 80 ms and opening in 150.

When the next one comes is drawn at random; stress and phrase ends bring it
nearer, while a running mean keeps the rate. Some come twice. At the lowest
point the lids are closed, whatever the expression. A blink that the network
shows itself counts. Random numbers are drawn in frame order. Engine thread.
Source: shapes after Stern, Walrath and Goldstein 1984; blinks at the ends of
phrases after Nakano and Kitazawa 2010.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medtalk_live.engine.work import FaceWork
from medtalk_live.guidance.mixer import smoothstep
from medtalk_live.rig.controls import pair

_BLINK = list(pair("eye_blink"))
_UPPER_LID = list(pair("eye_eyelidU"))


@dataclass(frozen=True, slots=True)
class BlinkSettings:
    """How the avatar blinks.

    Attributes:
        per_minute: Mean rate.
        close_frames: From open to closed.
        shut_frames: Closed.
        open_frames: From closed to open.
        spread: Share by which the duration of a blink varies.
        regularity: Shape of the gamma distribution of the intervals.
        twice: Share of blinks that come twice.
        stress: How much more often on stressed syllables.
        phrase_end: Nearness of the next blink that a phrase's end adds, in mean intervals.
    """

    per_minute: float = 17.0
    close_frames: float = 5.0
    shut_frames: float = 1.5
    open_frames: float = 9.0
    spread: float = 0.15
    regularity: float = 2.5
    twice: float = 0.08
    stress: float = 2.0
    phrase_end: float = 0.3


_REFRACTORY_FRAMES = 30
_MEMORY_FRAMES = 1200  # over which the rate is kept
_SEEN = 0.7  # a lid this far down is a blink of the network's own


class Blinks:
    """The blinks of one stream.

    Args:
        settings: Rate and shape.
        random: Its own generator.
    """

    def __init__(self, settings: BlinkSettings, random: np.random.Generator) -> None:
        self._settings = settings
        self._random = random
        self._mean_drive = 1.0
        self._nearness = 0.0
        self._threshold = self._draw() * float(random.random())
        self._frame: float | None = None  # of the running blink, in unstretched frames
        self._stretch = 1.0
        self._again = False
        self._since = 0
        self._spoke = False

    def apply(self, work: FaceWork) -> None:
        """Close the lids as far as the running blink asks for."""
        self._approach(work)
        if self._frame is None:
            return
        closed = work.eye_gain * self._closed(self._frame)
        lids = work.controls[_BLINK]
        work.controls[_BLINK] = lids + np.float32(closed) * (1.0 - lids)
        raised = work.controls[_UPPER_LID]
        work.controls[_UPPER_LID] = np.where(raised > 0, raised * (1.0 - closed), raised)
        self._frame += self._stretch
        if self._closed(self._frame) <= 0.0:
            self._end()

    def _approach(self, work: FaceWork) -> None:
        """Come one frame nearer to the next blink."""
        settings = self._settings
        drive = self._drive(work)
        self._mean_drive += (drive - self._mean_drive) / _MEMORY_FRAMES
        self._since += 1
        if work.controls[_BLINK].mean() > _SEEN and self._frame is None:
            self._since, self._nearness = 0, 0.0
        if self._frame is not None or self._since < _REFRACTORY_FRAMES:
            return
        interval = 3600.0 * (1.0 + settings.twice) / settings.per_minute
        self._nearness += drive / self._mean_drive / max(1.0, interval - self._busy_frames())
        if self._nearness >= self._threshold:
            self._start(again=self._random.random() < settings.twice)

    def _drive(self, work: FaceWork) -> float:
        speaks = work.voice >= 0.5
        ended = self._spoke and not speaks
        self._spoke = speaks
        interval = 3600.0 / self._settings.per_minute
        lump = self._settings.phrase_end * interval if ended else 0.0
        return 1.0 + self._settings.stress * work.stress + lump

    def _start(self, again: bool) -> None:
        spread = self._settings.spread
        self._stretch = 1.0 / float(self._random.uniform(1.0 - spread, 1.0 + spread))
        self._frame, self._again = self._stretch, again

    def _end(self) -> None:
        self._frame, self._since, self._nearness = None, 0, 0.0
        self._threshold = self._draw()
        if self._again:
            self._start(again=False)

    def _draw(self) -> float:
        shape = self._settings.regularity
        return float(self._random.gamma(shape, 1.0 / shape))

    def _busy_frames(self) -> float:
        settings = self._settings
        blink = settings.close_frames + settings.shut_frames + settings.open_frames
        return blink + _REFRACTORY_FRAMES

    def _closed(self, frame: float) -> float:
        """How far the lids are down, 0..1."""
        settings = self._settings
        if frame <= settings.close_frames:
            return smoothstep(frame / settings.close_frames)
        opening = frame - settings.close_frames - settings.shut_frames
        return 1.0 - smoothstep(max(0.0, min(1.0, opening / settings.open_frames)))
