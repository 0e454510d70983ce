"""How strongly spoken words are felt, and how that raises the emotion frame by frame.

``felt_words`` finds the emotional words of a transcript, English or Chinese;
``Emphasis`` makes of them a curve from 0 to 1 that the engine adds to the
intensity, beside what the voice does. Their times come from a transcript, so
the face is ready as the word begins; a word that Whisper has just heard counts
from now on. Pure; ``Emphasis.feel`` may be called from any thread.
Source: MEDTalk, section 3.4, where voice and words make the intensity.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from medtalk_live.clock import NETWORK_FPS
from medtalk_live.guidance.grammar import lexicon
from medtalk_live.model.encoders.transcriber import TimedWord

EMPHASIS_RANGE = 0.5
"""The strongest word raises the intensity by this share."""

LEAD_SECONDS = 0.15
HOLD_SECONDS = 0.6
"""A word holds so long after its end; one heard late, after it was told."""

_RISE = 1.0 / (0.15 * 60)
_FALL = 1.0 / (1.5 * 60)
_BY_ITSELF = 0.7  # of an emotion of the guidance's lexicon at its plain strength
_STRONGER, _WEAKER, _DENIED = 1.35, 0.6, 0.3
_EXCLAIMED = 1.25
_REACH = 18  # characters before a word in which its degree or negation stands
_LONGEST_SENTENCE = 1000  # characters in which its mark is looked for
_HAN = r"\u3400-\u9fff"
_IS_HAN = re.compile(f"[{_HAN}]")
_MARK = re.compile(r"[.?!。？！]")


@dataclass(frozen=True, slots=True)
class FeltWord:
    """An emotional word in its time.

    Attributes:
        word: As it was found.
        start_seconds: Since the start of the sound.
        end_seconds: Likewise.
        strength: 0 to 1.
    """

    word: str
    start_seconds: float
    end_seconds: float
    strength: float


class Emphasis:
    """What the words of one stream add to the intensity.

    Args:
        words: Those that are known before they are said, in any order.
    """

    def __init__(self, words: Iterable[FeltWord] = ()) -> None:
        spans = ((w.start_seconds - LEAD_SECONDS, w.end_seconds, w.strength) for w in words)
        self._coming = deque(sorted((a, b + HOLD_SECONDS, s) for a, b, s in spans))
        self._now: list[tuple[float, float]] = []  # strength and end of those in force
        self._heard: deque[float] = deque()
        self._level = 0.0

    def feel(self, strength: float) -> None:
        """A word of this strength was heard just now; any thread."""
        self._heard.append(strength)

    def advance(self, frame: int) -> float:
        """The share of ``EMPHASIS_RANGE`` in network frame ``frame``; frames come in order."""
        seconds = frame / float(NETWORK_FPS)
        while self._coming and self._coming[0][0] <= seconds:
            _, end, strength = self._coming.popleft()
            self._now.append((strength, end))
        while self._heard:
            self._now.append((self._heard.popleft(), seconds + HOLD_SECONDS))
        self._now = [one for one in self._now if one[1] > seconds]
        wanted = max(self._now, default=(0.0, 0.0))[0]
        self._level += max(-_FALL, min(_RISE, wanted - self._level))
        return self._level


def felt_words(words: Sequence[TimedWord]) -> list[FeltWord]:
    """The emotional words among those that were said.

    Degrees before a word and an exclamation mark after it count; a denied
    word ("not angry") is hardly felt.
    """
    if not words:
        return []
    text, starts = _joined(words)
    found: list[FeltWord] = []
    for match in _pattern().finditer(text):
        first = words[max(0, bisect_right(starts, match.start()) - 1)]
        last = words[max(0, bisect_left(starts, match.end()) - 1)]
        strength = min(1.0, _plain(match) * _context(text, match))
        found.append(FeltWord(match.group(), first.start_seconds, last.end_seconds, strength))
    return found


def _joined(words: Sequence[TimedWord]) -> tuple[str, list[int]]:
    """The words as one text in lower case, and where each begins in it."""
    pieces, starts = list[str](), list[int]()
    length, before = 0, ""
    for word in words:
        piece = word.text.lower().replace("’", " ").replace("'", " ").strip()
        apart = length and not _IS_HAN.match(piece) and not _IS_HAN.match(before)
        pieces += [" ", piece] if apart else [piece]
        starts.append(length + bool(apart))
        length = starts[-1] + len(piece)
        before = piece[-1:] or " " * bool(apart) or before
    return "".join(pieces), starts


@cache
def _table() -> dict[str, Any]:
    import yaml

    text = resources.files(__package__).joinpath("spoken.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


@cache
def _strengths() -> list[tuple[str, float]]:
    """Every expression with its strength: the spoken words, then the guidance's emotions."""
    table, guidance = _table(), lexicon()
    rows = [(rf"\b(?:{words})\b", float(s)) for s, words in table["english"].items()]
    rows += [(f"(?:{words})", float(s)) for s, words in table["chinese"].items()]
    feelings = {k: v for k, v in guidance["emotions"].items() if not k.startswith("neutral")}
    for key, expression in feelings.items():
        strength = _BY_ITSELF * float(key.partition(" ")[2] or 1.0)
        rows.append((rf"\b(?:{expression})\b", strength))
    for phrase, english in guidance["chinese"].items():
        for key, expression in feelings.items():
            if re.fullmatch(expression, english):
                rows.append((re.escape(phrase), _BY_ITSELF * float(key.partition(" ")[2] or 1.0)))
    return rows


@cache
def _pattern() -> re.Pattern[str]:
    """All expressions at once; the stronger reading of a word wins."""
    rows = sorted(enumerate(_strengths()), key=lambda row: -row[1][1])
    return re.compile("|".join(f"(?P<s{number}>{words})" for number, (words, _) in rows))


def _plain(match: re.Match[str]) -> float:
    assert match.lastgroup is not None
    return _strengths()[int(match.lastgroup[1:])][1]


def _context(text: str, match: re.Match[str]) -> float:
    """Factor of the degree or negation before a word, and of the mark after its sentence."""
    clause = re.split(
        r"[.,;:!?。，；：！？]", text[max(0, match.start() - _REACH) : match.start()]
    )[-1]
    factor = 1.0
    for key, value in (("not", _DENIED), ("stronger", _STRONGER), ("weaker", _WEAKER)):
        if re.search(rf"(?:\b|(?<=[{_HAN}]))(?:{_table()[key]})(?:\b|(?=[{_HAN}]))", clause):
            factor *= value
    after = _MARK.search(text, match.end(), match.end() + _LONGEST_SENTENCE)
    return factor * (_EXCLAIMED if after and after.group() in "!！" else 1.0)
