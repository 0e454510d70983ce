"""What a live run can be told while it runs, whoever says it.

One table of addresses with their argument types; the control channel and the
preview page both end in ``Commands.execute``. A command may take as long as a
text or a photo takes to encode, so it is never called on the frame's way.
Source: the control table of ``protocol/``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from medtalk_live.errors import ControlError
from medtalk_live.guidance.request import DEFAULT_BLEND_SECONDS, Guidance, checked_intensity

PREFIX = "/medtalk/1/"
Argument = str | float | int
_LONGEST_PATH = 1024
_LARGEST = 1e19  # of a number that a command may mean; false for NaN


class Steered(Protocol):
    """The part of a session that commands reach."""

    def guide(self, guidance: Guidance, blend_seconds: float) -> None:
        """Fade to another expression."""
        ...

    def set_gain(self, region: str, value: float) -> None:
        """Scale a region's movement."""
        ...

    def mute(self, on: bool) -> None:
        """Rest the face, or wake it."""
        ...


class Recordings(Protocol):
    """Starts and stops takes."""

    def start(self, slate: str, take: int | None) -> str:
        """Begin a take; answers slate, take number and folder in words."""
        ...

    def stop(self) -> str:
        """Close the running take; answers what was recorded."""
        ...

    def mark(self, words: str) -> None:
        """The guidance has changed."""
        ...


@dataclass(frozen=True, slots=True)
class Shape:
    """Argument types of a command: ``s``, ``f``, ``i``; those after ``|`` may be left out."""

    types: str
    words: str

    def check(self, name: str, arguments: Sequence[object]) -> list[Argument]:
        """The arguments in the types that the command means.

        Raises:
            ControlError: their number or a type is wrong.
        """
        needed, _, optional = self.types.partition("|")
        kinds = needed + optional
        if not len(needed) <= len(arguments) <= len(kinds):
            raise ControlError(f"{name} takes {self.words}, but {len(arguments)} values came")
        return [
            self._value(name, kind, value) for kind, value in zip(kinds, arguments, strict=False)
        ]

    def _value(self, name: str, kind: str, value: object) -> Argument:
        if kind == "s" and isinstance(value, str):
            return value
        if isinstance(value, int | float) and abs(value) < _LARGEST:
            if kind == "f" and not isinstance(value, bool):
                return round(float(value), 6)  # 1.2 as it was meant, not as 32 bits have it
            if kind == "i" and value == int(value):
                return int(value)  # buttons of many programs send floats alone
        raise ControlError(f"{name} takes {self.words}, but one value was {value!r:.40}")


SHAPES = {
    "emotion": Shape("s|ff", "a label [intensity] [blend seconds]"),
    "text": Shape("s|ff", "a sentence [intensity] [blend seconds]"),
    "image": Shape("s|ff", "a path [intensity] [blend seconds]"),
    "intensity": Shape("f", "a number from 0 to 2"),
    "neutral": Shape("", "nothing"),
    "take/start": Shape("s|i", "a slate [take number]"),
    "take/stop": Shape("", "nothing"),
    "gain": Shape("sf", "a region and a factor"),
    "mute": Shape("i", "0 or 1"),
    "ping": Shape("i", "a whole number"),
}


class Commands:
    """Executes checked commands on a session.

    Args:
        session: What is steered.
        takes: Where recordings are started.
        guidance: What the run began with.
        image_folder: Where photos are looked for first, and the only place that a
            stranger's command may name.
        blend_seconds: Of a fade whose command names none.
    """

    def __init__(
        self,
        session: Steered,
        takes: Recordings,
        guidance: Guidance,
        image_folder: Path | None = None,
        blend_seconds: float = DEFAULT_BLEND_SECONDS,
    ) -> None:
        self._session = session
        self._blend = blend_seconds
        self._takes = takes
        self._current = guidance
        self._image_folder = image_folder
        self._handlers: dict[str, Callable[..., str]] = {
            "emotion": self._emotion,
            "text": self._text,
            "image": self._image,
            "intensity": self._intensity,
            "neutral": lambda: self.guide(Guidance.label("neutral", self._strength(None))),
            "take/start": lambda slate, take=None: takes.start(slate, take),
            "take/stop": takes.stop,
            "gain": self._gain,
            "mute": self._mute,
            "ping": lambda number: f"pong {number}",
        }

    @property
    def guidance(self) -> Guidance:
        """The expression that was asked for last."""
        return self._current

    def execute(self, address: str, arguments: Sequence[object], trusted: bool = True) -> str:
        """Do what is asked and answer in words.

        Args:
            address: Such as ``/medtalk/1/emotion``.
            arguments: As they came; integers are taken where a float is meant.
            trusted: False for a sender on another machine.

        Raises:
            MedTalkError: the command or what it asks for is refused; nothing changed.
        """
        name = address.removeprefix(PREFIX)
        shape = SHAPES.get(name)
        if shape is None or not address.startswith(PREFIX):
            raise ControlError(
                f"'{address:.60}' is not a command; known are {', '.join(SHAPES)} under {PREFIX}"
            )
        values = shape.check(name, arguments)
        if name == "image":
            values[0] = str(self._photo(str(values[0]), trusted))
        return self._handlers[name](*values)

    def _emotion(
        self, label: str, intensity: float | None = None, blend: float | None = None
    ) -> str:
        return self.guide(Guidance.label(label, self._strength(intensity)), blend)

    def _text(self, words: str, intensity: float | None = None, blend: float | None = None) -> str:
        return self.guide(Guidance.text(words, self._strength(intensity)), blend)

    def _image(self, path: str, intensity: float | None = None, blend: float | None = None) -> str:
        return self.guide(Guidance.image(path, self._strength(intensity)), blend)

    def _intensity(self, value: float) -> str:
        return self.guide(self._current.with_intensity(checked_intensity(value)))

    def _strength(self, given: float | None) -> float:
        return self._current.intensity if given is None else checked_intensity(given)

    def guide(self, guidance: Guidance, blend: float | None = None) -> str:
        """Fade to another expression and note it; answers in words.

        Raises:
            GuidanceError: it cannot be encoded; the running guidance stays.
        """
        seconds = self._blend if blend is None else blend
        self._session.guide(guidance, seconds)
        self._current = guidance
        self._takes.mark(guidance.describe())
        return f"{guidance.describe()} in {seconds:g} s"

    def _gain(self, region: str, value: float) -> str:
        self._session.set_gain(region, value)
        return f"{region} {value:g}"

    def _mute(self, on: int) -> str:
        if on not in (0, 1):
            raise ControlError(f"mute takes {SHAPES['mute'].words}, but {on} came")
        self._session.mute(bool(on))
        return "muted" if on else "unmuted"

    def _photo(self, path: str, trusted: bool) -> Path:
        """Where a photo lies: in the image folder first; for strangers nowhere else."""
        if not 1 <= len(path) <= _LONGEST_PATH:
            raise ControlError(f"a path of {len(path)} characters came; expected a photo's")
        local = Path(os.path.expanduser(path))
        if self._image_folder is None:
            if trusted:
                return local
            raise ControlError("photos are refused from other machines: start with --image-folder")
        folder = self._image_folder.resolve()
        full = (folder / path).resolve()
        if full.is_relative_to(folder) and (full.is_file() or not trusted):
            return full
        if trusted:
            return local
        raise ControlError(f"'{path:.60}' is outside the image folder: put the photo in it")
