"""What the synthesisers are given to say.

Sentences written for this project lie in ``texts/<language>.txt``, one a
line: dialogue, narration, numbers, questions, cries, many lip closures and
vowel contrasts. English also has patterns whose parts are recombined, so that
a long run seldom says the same thing twice. Every twentieth sentence is kept
for held-out utterances. Pure and seeded: the same call gives the same text.
"""

from __future__ import annotations

import json
import random
import re
from functools import cache
from importlib import resources

HELDOUT_EVERY = 20
_PATTERN_SHARE = 0.45
_JOINED_SHARE = 0.25


@cache
def sentences(language: str, *, heldout: bool = False) -> tuple[str, ...]:
    """Return the sentences of a language: those to train on, or those held out.

    Args:
        language: Name of the list, such as "en" or "zh".
        heldout: Whether to return the ones that are never trained on.

    Raises:
        FileNotFoundError: There is no list for this language.
    """
    lines = _read(f"{language}.txt").split("\n")
    filled = [line.strip() for line in lines if line.strip()]
    return tuple(
        line
        for index, line in enumerate(filled)
        if (index % HELDOUT_EVERY == HELDOUT_EVERY - 1) == heldout
    )


def text(language: str, seed: str, *, heldout: bool = False) -> str:
    """Return one thing to say: a sentence, two in a row, or a new combination.

    Args:
        language: Name of the list.
        seed: Any string; the same seed gives the same text.
        heldout: Draw from the held-out sentences only.
    """
    draw = random.Random(seed)
    pool = sentences(language, heldout=heldout)
    kind = draw.random()
    if language == "en" and not heldout and kind < _PATTERN_SHARE:
        return combined(draw)
    first = draw.choice(pool)
    if kind < _PATTERN_SHARE + _JOINED_SHARE:
        return f"{first} {draw.choice(pool)}"
    return first


def combined(draw: random.Random) -> str:
    """Fill a random English pattern with random parts; sentence case kept."""
    patterns, parts = _patterns()
    filled = re.sub(r"{(\w+)}", lambda slot: draw.choice(parts[slot[1]]), draw.choice(patterns))
    return re.sub(r"(^|[.!?] )([a-z])", lambda m: m[1] + m[2].upper(), filled)


@cache
def _patterns() -> tuple[list[str], dict[str, list[str]]]:
    data = json.loads(_read("en_patterns.json"))
    return data["patterns"], data["parts"]


def _read(name: str) -> str:
    folder = resources.files("medtalk_live.training.sources") / "texts"
    return (folder / name).read_text(encoding="utf-8")
