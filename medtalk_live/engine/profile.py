"""What an avatar's owner may set: gains by region, and which layers of the finish run.

A profile is saved as YAML, one for each avatar; gains can also be turned while
live, and the mute eases the face to neutral. Both are eased over frames, so
nothing jumps. ``Profile`` is a value; ``Gains`` belongs to the engine thread,
but its ``set`` and ``mute`` may be called from any.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from medtalk_live.config import from_mapping, read_yaml
from medtalk_live.engine.work import FaceWork
from medtalk_live.errors import ConfigError
from medtalk_live.rig.controls import COUNT, NEUTRAL, region
from medtalk_live.takes.files import writing

GAIN_REGIONS = ("jaw", "lips", "brows", "eyes", "emotion", "dynamics", "head")
HIGHEST_GAIN = 2.0

_COLUMNS = {
    "jaw": region("jaw", "teeth"),
    "lips": region("lips", "tongue"),
    "brows": region("brows", "nose", "ears"),
    "eyes": region("eyes", "cheeks"),
}
_EASE_FRAMES = 15  # a quarter of a second from one gain to the next, or to rest


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings of one avatar.

    Attributes:
        jaw: Gain of jaw and teeth, 0 to 2.
        lips: Gain of lips and tongue.
        brows: Gain of brows, nose and ears.
        eyes: Gain of eyes, lids and cheeks, and of blinks and gaze up to 1.
        emotion: Factor on the intensity of the guidance.
        dynamics: How far the voice moves the intensity, 0 not at all, 1 as trained.
        head: Gain of the head's motion.
        blinks: Whether the avatar blinks by itself.
        blinks_per_minute: Mean rate while nothing is stressed.
        gaze: Whether its eyes dart.
        head_motion: Whether its head follows the voice.
        silence_gate: Whether its mouth rests in silence.
        lip_seal: Whether p, b, m close its lips.
        smoothing: Whether a one-euro filter calms the controls (adds latency).
    """

    jaw: float = 1.0
    lips: float = 1.0
    brows: float = 1.0
    eyes: float = 1.0
    emotion: float = 1.0
    dynamics: float = 1.0
    head: float = 1.0
    blinks: bool = True
    blinks_per_minute: float = 17.0
    gaze: bool = True
    head_motion: bool = True
    silence_gate: bool = True
    lip_seal: bool = True
    smoothing: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        for name in GAIN_REGIONS:
            checked_gain(name, getattr(self, name))
        for field in dataclasses.fields(self):
            if field.type == "bool" and not isinstance(getattr(self, field.name), bool):
                raise ConfigError(f"'{field.name}' must be true or false")
        rate = self.blinks_per_minute
        if not (_is_number(rate) and 0.0 < rate <= 60.0):
            raise ConfigError(f"blinks_per_minute is {rate!r}; expected a number up to 60")

    @classmethod
    def load(cls, path: str | Path) -> Profile:
        """Read a profile.

        Raises:
            ConfigError: the file is missing or unreadable, or a setting is
                unknown or out of range.
        """
        return from_mapping(cls, read_yaml(Path(path)), str(path))

    def save(self, path: str | Path) -> None:
        """Write the profile as YAML.

        Raises:
            ConfigError: the file cannot be written.
        """
        import yaml

        text = yaml.safe_dump(dataclasses.asdict(self), sort_keys=False)
        with writing(Path(path), ConfigError, "choose another folder"):
            Path(path).write_text(text, encoding="utf-8")


def checked_gain(name: str, value: float) -> float:
    """A gain that can be used.

    Raises:
        ConfigError: the region is unknown or the value is not in 0..2.
    """
    if name not in GAIN_REGIONS:
        raise ConfigError(f"'{name}' is not a region: known are {', '.join(GAIN_REGIONS)}")
    if not (_is_number(value) and 0.0 <= value <= HIGHEST_GAIN):
        raise ConfigError(f"the gain of '{name}' is {value!r}; expected a number from 0 to 2")
    return float(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


class Gains:
    """The gains and the mute of a stream.

    Args:
        profile: Where the gains start.
    """

    def __init__(self, profile: Profile) -> None:
        self._wanted = np.array([getattr(profile, name) for name in GAIN_REGIONS], np.float32)
        self._now = self._wanted.copy()
        self._each = np.ones(COUNT, np.float32)
        self._spread()
        self.muted = False
        self._rest = 0.0

    def set(self, name: str, value: float) -> None:
        """Turn a gain; frames follow within a quarter of a second.

        Raises:
            ConfigError: the region is unknown or the value is not in 0..2.
        """
        self._wanted[GAIN_REGIONS.index(name)] = checked_gain(name, value)

    def value(self, name: str) -> float:
        """The gain as the current frame has it."""
        return float(self._now[GAIN_REGIONS.index(name)])

    def advance(self) -> None:
        """One frame passes."""
        toward = 1.0 if self.muted else 0.0
        self._rest += max(-1 / _EASE_FRAMES, min(1 / _EASE_FRAMES, toward - self._rest))
        if not np.array_equal(self._now, self._wanted):
            step = np.clip(self._wanted - self._now, -1 / _EASE_FRAMES, 1 / _EASE_FRAMES)
            self._now += step
            self._spread()

    def scale(self, work: FaceWork) -> None:
        """Apply the regions' gains to what the network said."""
        if (self._now[:4] != 1.0).any():
            work.controls[:] = NEUTRAL + self._each * (work.controls - NEUTRAL)
            work.gesture = self._each * work.gesture

    def finish(self, work: FaceWork) -> None:
        """Apply the head's gain and the mute to the finished frame."""
        work.head *= self._now[-1]
        if self._rest > 0.0:
            awake = np.float32(1.0 - self._rest * self._rest * (3.0 - 2.0 * self._rest))
            work.controls[:] = NEUTRAL + awake * (work.controls - NEUTRAL)
            work.head *= awake

    def _spread(self) -> None:
        for name, columns in _COLUMNS.items():
            self._each[columns] = self._now[GAIN_REGIONS.index(name)]
