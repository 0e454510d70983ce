"""The jitter buffer between engine and receivers: a frame leaves at its time plus a fixed delay.

Frames come in bursts (a chunk of sound gives none, one or two) and leave at
the output rate on absolute deadlines. A late frame is waited for by part of a
period, then answered by holding the last one, and the face catches up no
faster than it naturally moves; a stall eases to neutral, a return eases back;
the deadlines follow the sound's own clock by a hair a frame. ``put`` is for
the engine thread, the rest for the pacing thread; nothing here blocks or reads
a clock.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from medtalk_live.engine.smoothing import within_reach
from medtalk_live.rig.controls import NEUTRAL, FloatArray
from medtalk_live.rig.frames import ControlFrame

STALL_SECONDS = 0.25
EASE_SECONDS = 0.2
AHEAD_SECONDS = 1.0
"""A deadline that is further away than this can only come of a clock that jumped back."""
CAPACITY_SECONDS = 0.5
MARGIN_SECONDS = 0.008
MOST_GROWTH_SECONDS = 0.1
_LOOK_AGAIN = 0.001
_PATIENCE = 0.4
"""Share of a period that a late frame is waited for: alone it makes no gap of 25 ms at 60 fps."""
_FOLLOW = 0.05
_MOST_FOLLOW = 0.0005
_SETTLE_FRAMES = 120
_MOST_LATE = 6
_WINDOW = 600
_SLACK = 0.004
_HEADROOM = 0.003


@dataclass(slots=True)
class PacerHealth:
    """Counters for the status line.

    Attributes:
        held: Ticks at which no new frame was there.
        skipped: Frames that came too late to be shown.
        stalls: How often the face was eased to neutral.
        resyncs: How often the deadlines were set anew (suspended machine, clock jump).
        raised: How often the delay had to grow because frames came late.
    """

    held: int = 0
    skipped: int = 0
    stalls: int = 0
    resyncs: int = 0
    raised: int = 0


@dataclass(slots=True)
class Pacer:
    """Decides at each tick what is sent.

    Attributes:
        fps: Output rate.
        delay: Seconds from a frame's sound to its sending; glides to where it is chosen.
        health: Counters.
    """

    fps: Fraction
    delay: float
    health: PacerHealth = field(default_factory=PacerHealth)
    _frames: deque[ControlFrame] = field(default_factory=deque)
    _lags: deque[float] = field(default_factory=lambda: deque(maxlen=_WINDOW))
    _deadline: float | None = None
    _sequence: int = 0
    _last: ControlFrame = field(default_factory=ControlFrame.neutral)
    _sent: FloatArray = field(default_factory=NEUTRAL.copy)
    _behind: bool = False
    _time: float = -math.inf
    _starved: float = 0.0
    _presence: float = 1.0
    _late_lately: int = 0
    _suffering: int = 0
    _wanted: float = 0.0
    _most_delay: float = 0.0

    def __post_init__(self) -> None:
        """A slow machine may not lag ever more: it holds frames instead."""
        self._wanted = self.delay
        self._most_delay = self.delay + MOST_GROWTH_SECONDS

    @property
    def period(self) -> float:
        """Seconds from tick to tick."""
        return float(1 / self.fps)

    @property
    def deadline(self) -> float | None:
        """Steady time of the next tick; None before the first frame came."""
        return self._deadline

    def due(self, now: float) -> bool:
        """Whether ``take`` is to be called.

        A frame that is a few milliseconds late is sent late, which nobody sees;
        holding the last one and then skipping it would be seen. Frames come in
        order, so any frame that waits means that this tick's is not to be waited for.
        """
        if self._deadline is None or now < self._deadline <= now + AHEAD_SECONDS:
            return False
        patient = self._deadline <= now < self._deadline + _PATIENCE * self.period
        return not patient or bool(self._frames) or self._starved > 0.0

    def wake(self, now: float) -> float | None:
        """When to ask ``due`` next; None before the first frame came."""
        if self._deadline is None or now < self._deadline:
            return self._deadline
        return min(now + _LOOK_AGAIN, max(now, self._deadline + _PATIENCE * self.period))

    @property
    def waiting(self) -> int:
        """Frames that are ready but not yet due."""
        return len(self._frames)

    def put(self, frame: ControlFrame, ready: float) -> None:
        """Take a frame whose ``time`` is on the steady clock, finished at ``ready``."""
        self._frames.append(frame)
        self._lags.append(ready - frame.time)
        self._late_lately += ready - frame.time > self.delay
        if self._deadline is None:
            self._deadline = frame.time + self.delay
        if len(self._frames) > CAPACITY_SECONDS * self.fps:
            self._frames.popleft()
            self._skip()

    def take(self, now: float) -> ControlFrame:
        """The frame for the tick that is due; sets the next deadline."""
        assert self._deadline is not None, "no frame has come yet"
        if not -AHEAD_SECONDS < now - self._deadline < STALL_SECONDS:
            self._deadline = now
            self.health.resyncs += 1
        moment = self._deadline - self.delay
        fresh = self._due(moment + self.period / 2)
        if fresh is None:
            self._starve()
        else:
            self._revive(fresh)
            self._deadline += self._correction(fresh.time - moment)
        self._deadline += self.period
        self._adapt()
        return self._shown(moment if fresh is None else fresh.time)

    def _due(self, until: float) -> ControlFrame | None:
        """The newest frame that belongs to this tick; older ones are dropped."""
        found = None
        while self._frames and self._frames[0].time <= until:
            if found is not None:
                self._skip()
            found = self._frames.popleft()
        if found is not None and found.time < until - STALL_SECONDS - self.period:
            self._skip()
            return None
        return found

    def _skip(self) -> None:
        self.health.skipped += 1
        self._behind = True

    def _starve(self) -> None:
        self.health.held += 1
        self._behind = True
        before = self._starved
        self._starved += self.period
        if self._starved > STALL_SECONDS:
            self.health.stalls += before <= STALL_SECONDS
            self._presence = max(0.0, self._presence - self.period / EASE_SECONDS)

    def _revive(self, frame: ControlFrame) -> None:
        self._last = frame
        self._starved = 0.0
        self._presence = min(1.0, self._presence + self.period / EASE_SECONDS)

    def _correction(self, error: float) -> float:
        """Follow the sound's clock: at most half a millisecond a frame, unseen."""
        if error < -self.period / 2:
            return 0.0
        return max(-_MOST_FOLLOW, min(_MOST_FOLLOW, _FOLLOW * error))

    def _adapt(self) -> None:
        """Choose the delay from how late frames were ready, and glide towards it.

        First after two seconds; then up when frames keep coming late, and down
        when ten seconds would have done with less.
        """
        if self._sequence % _SETTLE_FRAMES == 0 and self._sequence and self._starved == 0.0:
            self._suffering = self._suffering + 1 if self._late_lately >= _MOST_LATE else 0
            self._late_lately = 0
            if self._suffering >= 2:
                self.health.raised += 1
                self._wanted = max(self.delay, self._needed(_SETTLE_FRAMES))
            elif self._sequence == _SETTLE_FRAMES:
                self._wanted = self._needed(_SETTLE_FRAMES // 2)
            elif self._suffering == 0 and len(self._lags) == _WINDOW:
                self._wanted = min(self._wanted, self._needed(_WINDOW) + _SLACK)
        step = max(-_MOST_FOLLOW, min(_MOST_FOLLOW, self._wanted - self.delay))
        self.delay += step
        self._deadline = (self._deadline or 0.0) + step

    def _needed(self, window: int) -> float:
        """The delay that 99 of 100 of the latest frames would have met."""
        lags = np.asarray(self._lags)[-window:]
        return min(float(np.quantile(lags, 0.99)) + _HEADROOM, self._most_delay)

    def _shown(self, time: float) -> ControlFrame:
        """Number the frame and mix it with neutral as far as the stall asks."""
        sequence = self._sequence
        self._sequence += 1
        if time < self._time < time + STALL_SECONDS:
            time = self._time  # a late frame after a held one: time stands, it does not go back
        self._time = time
        weight = np.float32(self._presence**2 * (3.0 - 2.0 * self._presence))
        controls = self._last.controls
        if weight < 1.0:
            controls = NEUTRAL + weight * (controls - NEUTRAL)
        if self._behind:
            controls = self._catch_up(controls)
        self._sent = controls
        return ControlFrame(sequence, time, controls, weight * self._last.head)

    def _catch_up(self, controls: FloatArray) -> FloatArray:
        """After held or skipped frames: as far towards the face as one tick allows."""
        near = within_reach(self._sent, controls, 60.0 * self.period)
        self._behind = self._starved > 0.0 or not np.array_equal(near, controls)
        return near
