"""A scripted scene: which guidance begins when, and how long it takes to get there.

Read from YAML: a list ``cues`` of ``{at: SECONDS, emotion|text|image: ..., intensity:
0..2, blend: SECONDS}``. The engine begins each cue with the frame of its time, so a
scene is the same live and offline. Everything is encoded before the run. Pure but for
reading the file.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medtalk_live.config import from_mapping, read_yaml
from medtalk_live.errors import ConfigError, GuidanceError
from medtalk_live.guidance.mixer import checked_blend
from medtalk_live.guidance.request import DEFAULT_BLEND_SECONDS, Guidance

_WAYS = ("emotion", "text", "image")


@dataclass(frozen=True, slots=True)
class Cue:
    """One change of the guidance.

    Attributes:
        at_seconds: Since the start of the sound.
        guidance: What begins.
        blend_seconds: Until it is there.
    """

    at_seconds: float
    guidance: Guidance
    blend_seconds: float = DEFAULT_BLEND_SECONDS


@dataclass(frozen=True, slots=True)
class Timeline:
    """Cues in the order of their times.

    Attributes:
        cues: At least one.
    """

    cues: tuple[Cue, ...]

    @classmethod
    def load(cls, path: str | Path) -> Timeline:
        """Read a timeline; photos are looked for beside it.

        Raises:
            ConfigError: the file or an entry cannot be read.
            GuidanceError: a label, description, intensity or blend time is wrong.
        """
        file = Path(path)
        rows = read_yaml(file).get("cues")
        if not isinstance(rows, list) or not rows:
            raise ConfigError(
                f"{file} has no list 'cues': write one, such as  cues: [{{at: 0, emotion: happy}}]"
            )
        cues = [_cue(row, f"{file}: cue {number}", file) for number, row in enumerate(rows, 1)]
        return cls(tuple(sorted(cues, key=lambda cue: cue.at_seconds)))

    def since(self, seconds: float) -> Timeline:
        """What is left of it after so long: the cue in force at 0, later ones shifted."""
        if seconds <= 0.0:
            return self
        past = [cue for cue in self.cues if cue.at_seconds <= seconds]
        later = [cue for cue in self.cues if cue.at_seconds > seconds]
        shifted = [dataclasses.replace(c, at_seconds=c.at_seconds - seconds) for c in later]
        return Timeline((*(dataclasses.replace(c, at_seconds=0.0) for c in past[-1:]), *shifted))


@dataclass(frozen=True, slots=True)
class _Entry:
    """The keys of an entry of the file."""

    at: float
    emotion: str | None = None
    text: str | None = None
    image: str | None = None
    neutral_image: str | None = None
    intensity: float = 1.0
    blend: float = field(default=DEFAULT_BLEND_SECONDS)


def _cue(row: Any, where: str, file: Path) -> Cue:
    if not isinstance(row, Mapping):
        raise ConfigError(f"{where} is {row!r:.40}; expected {{at: SECONDS, emotion: LABEL}}")
    entry = from_mapping(_Entry, row, where)
    for name in ("at", "intensity", "blend"):
        value = getattr(entry, name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value < math.inf:
            raise ConfigError(f"{where}: {name} is {value!r}; expected a number of at least 0")
    if entry.neutral_image is not None and entry.image is None:
        raise ConfigError(f"{where}: neutral_image goes with image: add one, or leave it out")
    if sum(getattr(entry, way) is not None for way in _WAYS) != 1:
        raise ConfigError(f"{where} must have exactly one of emotion, text and image")
    try:
        return Cue(float(entry.at), _guidance(entry, file), checked_blend(entry.blend))
    except GuidanceError as problem:
        raise GuidanceError(f"{where}: {problem}") from None


def _guidance(entry: _Entry, file: Path) -> Guidance:
    if entry.emotion is not None:
        return Guidance.label(str(entry.emotion), entry.intensity)
    if entry.text is not None:
        return Guidance.text(str(entry.text), entry.intensity)
    neutral = entry.neutral_image
    return Guidance.image(
        file.parent / str(entry.image),
        entry.intensity,
        None if neutral is None else file.parent / str(neutral),
    )
