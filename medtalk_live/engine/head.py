"""Head motion: a slow sway, and small nods and turns on stressed syllables.

The head is a critically damped spring that is pulled for a moment at each
stress and leans a little differently with each phrase; it only ever moves
smoothly. Pitch is positive upwards, so a nod is negative. The result travels
in the frame's head values, in degrees and centimetres. Engine thread.
Source: nods with prosodic stress after Graf, Cosatto, Strom and Huang 2002.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from medtalk_live.engine.work import FaceWork

_FRAME = 1.0 / 60.0
_TONES = 3  # sines that make the sway of each axis
_ONES = np.ones(_TONES)
_LEANS = np.array((1.0, 0.6, 0.6))  # yaw leans further than pitch and roll


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """How the head moves.

    Attributes:
        sway: Amplitude of yaw, pitch, roll (degrees) and x, y, z (cm) while speaking.
        quiet: Share of the sway that is left in silence.
        nod_degrees: Depth of a nod on a full stress.
        turn_degrees: Spread of the turn that goes with it.
        lean_degrees: Spread of the lean that a phrase takes.
        stiffness_hz: Of the spring.
    """

    sway: tuple[float, ...] = (1.0, 0.7, 0.6, 0.12, 0.08, 0.12)
    quiet: float = 0.5
    nod_degrees: float = 2.5
    turn_degrees: float = 1.0
    lean_degrees: float = 1.2
    stiffness_hz: float = 1.6


_STRESSED, _UNSTRESSED = 0.5, 0.3
_PULL_FRAMES = 16
_PULL = 2.6  # brings a nod about as deep as the settings say
_SHORTEST_FRAMES = 18  # between two nods
_LEAN_SHARE = 1 / 30  # of the way to a new lean, each frame, twice for a soft start


class HeadMotion:
    """The head of one stream.

    Args:
        settings: Sizes and times.
        random: Its own generator.
    """

    def __init__(self, settings: HeadSettings, random: np.random.Generator) -> None:
        self._settings = settings
        self._random = random
        self._turn = 2 * math.pi * _FRAME * random.uniform(0.06, 0.33, (6, _TONES))
        self._phase = random.uniform(0, 2 * math.pi, (6, _TONES))
        self._sway = np.array(settings.sway) / math.sqrt(_TONES / 2)
        self._activity = settings.quiet
        self._bend, self._speed, self._pull = [0.0] * 3, [0.0] * 3, [0.0] * 3  # yaw, pitch, roll
        self._lean, self._drawn, self._leaning = [0.0] * 3, [0.0] * 3, [0.0] * 3
        self._place = [0.0] * 3
        self._frame = 0
        self._since = _SHORTEST_FRAMES
        self._armed = True
        self._spoke = False

    def apply(self, work: FaceWork) -> None:
        """Add the motion to the head values."""
        self._frame += 1
        self._listen(work)
        self._swing()
        tones = np.sin(self._turn * self._frame + self._phase) @ _ONES
        motion = self._activity * self._sway * tones
        motion[:3] += self._place
        work.head += motion.astype(np.float32)

    def _listen(self, work: FaceWork) -> None:
        """Nod at the onset of a stress, lean anew at the onset of a phrase."""
        settings = self._settings
        speaks = work.voice >= 0.5
        if speaks and not self._spoke:
            lean = self._random.normal(size=3) * settings.lean_degrees * _LEANS
            self._lean = lean.tolist()
        self._spoke = speaks
        wanted = 1.0 if speaks else settings.quiet
        self._activity += (wanted - self._activity) / 60
        self._since += 1
        if work.stress < _UNSTRESSED:
            self._armed = True
        elif work.stress >= _STRESSED and self._armed and self._since >= _SHORTEST_FRAMES:
            self._nod(work.stress)

    def _nod(self, stress: float) -> None:
        turn = self._settings.turn_degrees
        nod = -self._settings.nod_degrees * float(self._random.uniform(0.5, 1.0))
        yaw, roll = (float(self._random.normal()) * turn for _ in range(2))
        self._pull = [stress * yaw, stress * nod, 0.5 * stress * roll]
        self._armed, self._since = False, 0

    def _swing(self) -> None:
        """One frame of the spring, which is pulled for a moment at each stress."""
        stiffness = 2 * math.pi * self._settings.stiffness_hz
        share = min(1.0, self._since / _PULL_FRAMES)
        strength = _PULL * math.sin(math.pi * share) ** 2
        for axis in range(3):  # plain floats: a tenth of what arrays of three cost
            away = strength * self._pull[axis] - self._bend[axis]
            force = stiffness**2 * away - 2 * stiffness * self._speed[axis]
            self._speed[axis] += _FRAME * force
            self._bend[axis] += _FRAME * self._speed[axis]
            self._drawn[axis] += _LEAN_SHARE * (self._lean[axis] - self._drawn[axis])
            self._leaning[axis] += _LEAN_SHARE * (self._drawn[axis] - self._leaning[axis])
            self._place[axis] = self._bend[axis] + self._leaning[axis]
