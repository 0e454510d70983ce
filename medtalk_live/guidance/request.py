"""``Guidance``: what a user asks for, before any network has seen it.

One immutable value for a label (or a mix), a sentence or a reference photo,
with intensity. It travels through the command line, the control channel, the
page and the Python API alike. Pure, any thread.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from medtalk_live.errors import GuidanceError
from medtalk_live.model.streaming import LABELS

DEFAULT_BLEND_SECONDS = 0.4
MAXIMUM_INTENSITY = 2.0


@dataclass(frozen=True, slots=True)
class Guidance:
    """A request for an expression; use the class methods to make one.

    Attributes:
        kind: ``labels``, ``text`` or ``image``.
        labels: Weight of each named label (kind ``labels``).
        words: The sentence (kind ``text``).
        path: The photo (kind ``image``).
        neutral_path: A photo of the same face at rest, subtracted (kind ``image``).
        intensity: 0 to 2.
    """

    kind: Literal["labels", "text", "image"] = "labels"
    labels: Mapping[str, float] = field(default_factory=lambda: {"neutral": 1.0})
    words: str = ""
    path: Path | None = None
    neutral_path: Path | None = None
    intensity: float = 1.0

    @classmethod
    def label(cls, text: str, intensity: float = 1.0) -> Guidance:
        """A label or a mix such as ``happy:0.7+surprised:0.3``.

        Raises:
            GuidanceError: a label is unknown, a weight is not in 0..1, or the
                intensity is not in 0..2.
        """
        weights: dict[str, float] = {}
        for part in text.split("+"):
            name, _, weight = part.strip().partition(":")
            label = _known_label(name.strip().lower())
            if label in weights:
                raise GuidanceError(f"'{label}' is named twice in '{text:.60}': name it once")
            weights[label] = _weight(weight, part)
        return cls(labels=weights, intensity=checked_intensity(intensity))

    @classmethod
    def text(cls, words: str, intensity: float = 1.0) -> Guidance:
        """A free description, English or Chinese.

        Raises:
            GuidanceError: the sentence is empty or longer than 500 characters.
        """
        sentence = words.strip()
        if not sentence or len(sentence) > 500:
            raise GuidanceError(
                f"a description of {len(sentence)} characters was given; "
                "expected 1 to 500, such as 'a tired half smile'"
            )
        return cls(kind="text", words=sentence, intensity=checked_intensity(intensity))

    @classmethod
    def image(
        cls,
        path: str | Path,
        intensity: float = 1.0,
        neutral: str | Path | None = None,
    ) -> Guidance:
        """A reference photo of a face (jpg, png, webp); it is read when it is encoded."""
        return cls(
            kind="image",
            path=Path(path),
            neutral_path=None if neutral is None else Path(neutral),
            intensity=checked_intensity(intensity),
        )

    @classmethod
    def neutral(cls) -> Guidance:
        """No expression."""
        return cls()

    def with_intensity(self, intensity: float) -> Guidance:
        """The same request at another strength."""
        return replace(self, intensity=checked_intensity(intensity))

    def describe(self) -> str:
        """In words that UTF-8 can write, for the status line, the hello and takes."""
        if self.kind == "text":
            what = f'"{self.words}"'
        elif self.kind == "image":
            what = self.path.name if self.path else "image"
        else:
            what = "+".join(
                name if weight == 1.0 else f"{name}:{weight:g}"
                for name, weight in self.labels.items()
            )
        what = what.encode("utf-8", "replace").decode()  # names of files may hold odd bytes
        return what if self.intensity == 1.0 else f"{what} x{self.intensity:g}"


def checked_intensity(value: float) -> float:
    """An intensity in 0..2.

    Raises:
        GuidanceError: it is not.
    """
    if not (math.isfinite(value) and 0.0 <= value <= MAXIMUM_INTENSITY):
        raise GuidanceError(f"an intensity of {value:g} was given; expected 0 to 2")
    return float(value)


def _known_label(name: str) -> str:
    if name in LABELS:
        return name
    near = difflib.get_close_matches(name, LABELS, 1)
    hint = f"did you mean '{near[0]}'?" if near else f"known are: {', '.join(LABELS)}"
    raise GuidanceError(f"'{name:.60}' is not an emotion label; {hint}")


def _weight(text: str, part: str) -> float:
    try:
        weight = float(text) if text else 1.0
    except ValueError:
        weight = math.nan
    if not 0.0 <= weight <= 1.0:
        raise GuidanceError(f"the weight in '{part.strip():.60}' must be a number from 0 to 1")
    return weight
