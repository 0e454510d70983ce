"""Voice and stress of each frame: the network's own word, or read off the sound's energy.

The energy gate adapts to the room: its floor falls at once with the level and
rises slowly, so a fan is floor and a word is not. Where nothing but the room
was heard for a while, nobody speaks, whatever the network believes. Stress is
how far the level stands above its recent mean. Engine thread; pure.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from medtalk_live.clock import NETWORK_FPS, SAMPLE_RATE
from medtalk_live.model.streaming import FaceModel, NetworkFrame
from medtalk_live.rig.controls import FloatArray

QUIETEST_DB = -90.0
HIGHEST_FIRST_FLOOR_DB = -50.0
FLOOR_RISE_DB = 2.0 / 60  # a frame: a new noise is learnt in some seconds
VOICE_ABOVE_FLOOR_DB = 12.0
SOFTNESS_DB = 2.0
STRESS_RANGE_DB = 8.0
ROOM_RANGE_DB = 6.0
"""The room's own level stays within this of its floor; a whisper does not."""

ROOM_FRAMES = 15
_MEAN_SHARE = 1 / 45  # of the running level of speech, three quarters of a second


@dataclass(slots=True)
class CueReader:
    """Reads voice and stress; remembers the room's floor and the speaker's level.

    Attributes:
        look_ahead_frames: How much earlier sound is heard than its frame is due.
        floor_db: Level of the room, None before the first frame.
        speech_db: Running mean level of speech.
    """

    look_ahead_frames: int = 0
    floor_db: float | None = None
    speech_db: float | None = None
    _recent: deque[float] = field(default_factory=deque)
    _room_frames: int = 0

    @classmethod
    def of(cls, model: FaceModel) -> CueReader:
        """The reader for a network's look-ahead."""
        return cls(round(model.look_ahead_samples * NETWORK_FPS / SAMPLE_RATE))

    def read(self, frame: NetworkFrame, sound: FloatArray) -> tuple[float, float]:
        """Voice and stress, both 0..1, of a frame and the sound that it was made from."""
        level_db = _level_db(sound)
        heard = self._held(self._energy_voice(level_db))
        voice = heard if math.isnan(frame.voice) else _unit(frame.voice)
        if self._room_frames > ROOM_FRAMES + self.look_ahead_frames:
            voice = 0.0
        stress = self._energy_stress(level_db, voice)
        return voice, stress if math.isnan(frame.stress) else _unit(frame.stress)

    def _energy_voice(self, level_db: float) -> float:
        if self.floor_db is None:
            self.floor_db = min(level_db, HIGHEST_FIRST_FLOOR_DB)
        self.floor_db = min(level_db, self.floor_db + FLOOR_RISE_DB)
        floor_db = max(self.floor_db, QUIETEST_DB + 20.0)
        in_room = level_db <= floor_db + ROOM_RANGE_DB
        self._room_frames = self._room_frames + 1 if in_room else 0
        above = level_db - floor_db - VOICE_ABOVE_FLOOR_DB
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, above / SOFTNESS_DB))))

    def _held(self, voice: float) -> float:
        """What is heard ahead of its frame opens at once and lasts until its frame has passed."""
        self._recent.append(voice)
        if len(self._recent) > self.look_ahead_frames + 1:
            self._recent.popleft()
        return max(self._recent)

    def _energy_stress(self, level_db: float, voice: float) -> float:
        if voice < 0.5:
            return 0.0
        if self.speech_db is None:
            self.speech_db = level_db
        self.speech_db += _MEAN_SHARE * (level_db - self.speech_db)
        return _unit((level_db - self.speech_db) / STRESS_RANGE_DB)


def _level_db(sound: FloatArray) -> float:
    power = float(np.dot(sound, sound)) / len(sound) if len(sound) else 0.0
    return max(QUIETEST_DB, 10.0 * math.log10(power + 1e-12))


def _unit(value: float) -> float:
    return max(0.0, min(1.0, value))
