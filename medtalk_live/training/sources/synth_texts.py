"""What the synthesisers are given to say.

Sentences written for this project lie in ``texts/<language>.txt``, one a
line: dialogue, narration, numbers, questions, cries, many lip closures and
vowel contrasts. English also has patterns whose parts are recombined, so that
a long run seldom says the same thing twice, and rows of words drawn from a
pronouncing dictionary, which hold far more neighbourhoods of phones. Every
twentieth sentence is kept for held-out utterances. Pure and seeded: the same
call gives the same text.
"""

from __future__ import annotations

import json
import random
import re
from functools import cache
from importlib import resources
from pathlib import Path

HELDOUT_EVERY = 20
WORDS = "en-words"
"""The list that is no list: English words in a row, drawn from pocketsphinx's dictionary."""
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
    if language == WORDS and not heldout:
        return word_row(draw)
    language = "en" if language == WORDS else language
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


def word_row(draw: random.Random) -> str:
    """Four to nine dictionary words, sometimes with a pause between."""
    row = draw.choices(_dictionary_words(), k=draw.randint(4, 9))
    if draw.random() < 0.4:
        row[len(row) // 2] += ","
    return " ".join(row).capitalize() + draw.choice(".?!.")


@cache
def _dictionary_words() -> tuple[str, ...]:
    import pocketsphinx  # of the extra [train]; only needed for these rows

    path = Path(pocketsphinx.get_model_path("en-us")) / "cmudict-en-us.dict"
    words = (line.split(maxsplit=1)[0] for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(word for word in words if word.isalpha() and 3 <= len(word) <= 11)


@cache
def _patterns() -> tuple[list[str], dict[str, list[str]]]:
    data = json.loads(_read("en_patterns.json"))
    return data["patterns"], data["parts"]


def _read(name: str) -> str:
    folder = resources.files("medtalk_live.training.sources") / "texts"
    return (folder / name).read_text(encoding="utf-8")
