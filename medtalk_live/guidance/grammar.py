"""Reads a description of a face: which movements, which side, how strong, which emotions.

A sentence is cut into segments at commas and joining words; in each, words of
the lexicon are found, parts of the face are paired with what they do, and
degrees, sides and negations go to the nearest movement. Chinese is put into
English phrase by phrase first. Measured against a sentence encoder in
``docs/guidance.md``. Pure, any thread, about a millisecond.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib import resources
from typing import Any

PLAIN = 0.75
"""Strength of a movement that is named without a degree."""

_DEFAULT_SIDE = "left"  # of a smirk or wink that names none
_STRONG = re.compile(r"[,;:.!?()/\n]+|\s[-–—]\s")
_WEAK = {"and", "with", "but", "while", "yet", "or", "nor", "though", "as", "plus", "then", "in"}
_KEEPS_NEGATION = {"or", "nor"}
_SIDES = {"left": "left", "right": "right", "both": "both", "one": "one", "left-sided": "left"}
_SIDES |= {"right-sided": "right", "leftward": "left", "rightward": "right", "sideways": "one"}
_SIDES |= {"sideway": "one", "leftwards": "left", "rightwards": "right", "lopsided": "one"}


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of the face.

    Attributes:
        name: Of the lexicon's table.
        strength: 0 to 1.
        side: ``left``, ``right`` (the character's own) or ``both``.
        negated: It is said to be absent.
    """

    name: str
    strength: float = PLAIN
    side: str = "both"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence says.

    Attributes:
        movements: In the order of the sentence.
        emotions: Strength of each label, up to 2.
        negated: Whether anything is said to be absent.
    """

    movements: tuple[Movement, ...]
    emotions: dict[str, float]
    negated: bool


@dataclass(slots=True)
class _Item:
    """A word of the lexicon in its place."""

    kind: str
    value: Any
    start: int
    end: int


@dataclass(slots=True)
class _Found:
    """A movement or emotion with the place of its words."""

    kind: str
    name: str
    start: int
    end: int
    factor: float = 1.0
    side: str = ""
    negated: bool = False


@dataclass(slots=True)
class _Context:
    """What earlier segments hand on."""

    part: str = ""
    pending: list[_Item] = field(default_factory=list)
    looked: bool = False
    negating: bool = False
    last: _Found | None = None


@cache
def lexicon() -> dict[str, Any]:
    """The tables of ``lexicon.yaml``."""
    import yaml

    text = resources.files(__package__).joinpath("lexicon.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


@lru_cache(maxsize=256)
def read(sentence: str) -> Reading:
    """Movements and emotions of a description, English or Chinese; empty if it has none."""
    context = _Context()
    found: list[_Found] = []
    for joint, words in _segments(_english(sentence)):
        found += _read_segment(joint, words, context)
    movements = [_movement(one) for one in found if one.kind == "move"]
    emotions: dict[str, float] = {}
    for one in found:
        if one.kind == "emotion" and not one.negated:
            emotions[one.name] = max(emotions.get(one.name, 0.0), min(2.0, one.factor))
    return Reading(tuple(_merged(movements)), emotions, any(one.negated for one in found))


def _english(sentence: str) -> str:
    """Chinese phrases in English, the longest first; the rest in lower case."""
    text = sentence.lower().replace("’", "'").replace("'", " ")
    for mark, plain in zip("，。、；！？：", ",.,;!?:", strict=True):
        text = text.replace(mark, plain)
    if not re.search(r"[\u4e00-\u9fff]", text):
        return text
    table = lexicon()["chinese"]
    phrases = sorted(table, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, phrases)))
    return pattern.sub(lambda match: f" {table[match.group()]} ", text)


def _segments(text: str) -> list[tuple[str, list[str]]]:
    """Words between joints, each with the joint before it."""
    out: list[tuple[str, list[str]]] = []
    for clause in _STRONG.split(text):
        joint, words = ",", list[str]()
        for word in re.findall(r"[a-z]+(?:-[a-z]+)*", clause):
            if word in _WEAK:
                out.append((joint, words))
                joint, words = word, []
            else:
                words.append(word)
        out.append((joint, words))
    return [(joint, words) for joint, words in out if words]


@cache
def _patterns() -> list[tuple[re.Pattern[str], str, Any]]:
    """Every expression of the lexicon with its kind and meaning."""
    table = lexicon()
    rows: list[tuple[str, str, Any]] = []
    for kind in ("words", "moods", "parts", "actions"):
        rows += [(expression, kind, name) for name, expression in table[kind].items()]
    for key, expression in table["emotions"].items():
        label, _, strength = key.partition(" ")
        rows.append((expression, "emotion", (label, float(strength or 1.0))))
    rows += [(expression, "degree", factor) for factor, expression in table["degrees"].items()]
    rows.append((table["negations"], "not", None))
    rows.append((r"wide(ly|ned|ns|ning)?|widen", "wide", None))
    rows += [(re.escape(word), "side", side) for word, side in _SIDES.items()]
    return [(re.compile(rf"(?:{expression})\b"), kind, value) for expression, kind, value in rows]


def _items(words: list[str]) -> list[_Item]:
    """The words of the lexicon in a segment; the longest match wins, moods come along."""
    text = " ".join(words)
    items: list[_Item] = []
    place = 0
    while place < len(text):
        hits = [(p.match(text, place), kind, value) for p, kind, value in _patterns()]
        good = [(m.end(), kind, value) for m, kind, value in hits if m and m.end() > place]
        longest = max((end for end, *_ in good), default=0)
        for end, kind, value in good:
            if end == longest:
                items.append(_Item(kind, value, place, end))
        place = longest if longest else place
        space = text.find(" ", place)
        place = len(text) if space < 0 else space + 1
    return items


def _read_segment(joint: str, words: list[str], context: _Context) -> list[_Found]:
    items = _items(words)
    parts = [item for item in items if item.kind == "parts"]
    negations = [item for item in items if item.kind == "not"]
    found = _named(items) + _paired(items, parts, joint, context)
    found += _directions(items, parts, found, context)
    keeps = joint in _KEEPS_NEGATION and context.negating
    for one in found:
        one.negated = keeps or any(word.start < one.end for word in negations)
    context.negating = keeps or bool(negations)
    if joint == "and" and not parts and context.last is not None:
        _inherit_degree(items, found, context.last)
    _modify(items, found, context)
    if parts:
        context.part = parts[-1].value
    if found:
        context.last = found[-1]
    return found


def _named(items: list[_Item]) -> list[_Found]:
    """Movements and emotions that a single word names."""
    out: list[_Found] = []
    for item in items:
        if item.kind == "emotion":
            label, strength = item.value
            out.append(_Found("emotion", label, item.start, item.end, strength))
        elif item.kind in ("words", "moods"):
            out += [_new(name, item.start, item.end) for name in item.value.split("+")]
    return out


def _new(name: str, start: int, end: int) -> _Found:
    """A movement as the tables write it: ``.1`` one-sided, ``~`` weak, ``!`` strong."""
    factor = {"~": 0.5, "!": 1.35}.get(name[-1], 1.0)
    bare, _, side = name.rstrip("~!").partition(".")
    return _Found("move", bare, start, end, factor, "one" if side else "")


def _paired(items: list[_Item], parts: list[_Item], joint: str, context: _Context) -> list[_Found]:
    """Parts of the face with what they do; a part may be handed on from the segment before."""
    actions = [item for item in items if item.kind == "actions"]
    wide = [item for item in items if item.kind == "wide"]
    opened = any(item.value == "open" for item in actions)
    out: list[_Found] = []
    for action in actions + wide:
        name = ("wide open" if opened else "wide") if action.kind == "wide" else action.value
        part = _partner(name, action, parts)
        if part is not None:
            out.append(_pair(part, name, action))
        elif not parts and context.part and (movement := _pairs(context.part).get(name)):
            out.append(_new(movement, action.start, action.end))
    if context.pending and joint == "and":
        done = [a for a in actions if any(a.start == one.start or a.end == one.end for one in out)]
        for part in context.pending:
            out += [_pair(part, a.value, a) for a in done if a.value in _pairs(part.value)]
    context.pending = [] if out or any(i.kind == "words" for i in items) else parts
    for item in wide:
        used = any(one.start <= item.start < one.end for one in out if one.name == "wide")
        item.kind, item.value = ("used", None) if used else ("degree", 1.35)
    return out


def _pairs(part: str) -> dict[str, str]:
    table: dict[str, dict[str, str]] = lexicon()["pairs"]
    return table.get(part.partition(".")[0], {})


def _partner(name: str, action: _Item, parts: list[_Item]) -> _Item | None:
    """The nearest part that can do it."""
    able = [part for part in parts if name in _pairs(part.value)]
    return min(able, key=lambda part: _distance(part, action), default=None)


def _pair(part: _Item, action: str, where: _Item) -> _Found:
    start, end = min(part.start, where.start), max(part.end, where.end)
    one = _new(_pairs(part.value)[action], start, end)
    return replace(one, side="one" if part.value.endswith(".1") else one.side)


def _directions(
    items: list[_Item], parts: list[_Item], found: list[_Found], context: _Context
) -> list[_Found]:
    """Looks to a side, and mouths and jaws that are pulled to one."""
    kinds = {part.value.partition(".")[0] for part in parts}
    verbs = {item.value for item in items if item.kind == "actions"}
    if "look" in verbs or "gaze" in kinds or (kinds == {"eye"} and "pull" in verbs):
        return _looks(items, found, context)
    if context.looked and not parts and not found:
        return _looks(items, found, context)
    context.looked = False
    moved = next((p for p in ("jaw", "mouth", "lips") if p in kinds), None)
    if moved is None or "corner" in kinds or "pull" not in verbs:
        return []
    sides = [item for item in items if item.kind == "side" and item.value in ("left", "right")]
    for item in sides:
        item.kind = "used"
    target = "jaw" if moved == "jaw" else "mouth"
    return [_new(f"{target}_{item.value[0]}", item.start, item.end) for item in sides]


def _looks(items: list[_Item], found: list[_Found], context: _Context) -> list[_Found]:
    out = []
    for item in items:
        vertical = item.kind == "actions" and item.value in ("up", "down")
        if vertical or (item.kind == "side" and item.value in ("left", "right")):
            taken = any(one.start <= item.start < one.end for one in found)
            if not taken:
                out.append(_new(f"look_{item.value[0]}", item.start, item.end))
                item.kind = "used"
    context.looked = True
    return out


def _modify(items: list[_Item], found: list[_Found], context: _Context) -> None:
    """Give each degree and side to the movement next to it."""
    targets = found or ([context.last] if context.last is not None else [])
    if not targets:
        return
    for item in items:
        if item.kind == "degree":
            _nearest(item, targets).factor *= float(item.value)
        elif item.kind == "side":
            able = [one for one in targets if one.kind == "move"]
            if able:
                chosen = _nearest(item, able)
                chosen.side = chosen.side if item.value == "one" and chosen.side else item.value


def _inherit_degree(items: list[_Item], found: list[_Found], last: _Found) -> None:
    """In "slightly raised and furrowed brows" both are slight."""
    actions = {item.start for item in items if item.kind == "actions"}
    if not any(item.kind == "degree" for item in items):
        for one in found:
            if one.start in actions:
                one.factor *= last.factor


def _nearest(item: _Item, targets: list[_Found]) -> _Found:
    """The closest; of two equally close ones that which follows."""
    return min(targets, key=lambda one: (_distance(one, item), one.start < item.start))


def _distance(one: _Item | _Found, other: _Item | _Found) -> int:
    return max(0, one.start - other.end, other.start - one.end)


def _movement(one: _Found) -> Movement:
    side = {"one": _DEFAULT_SIDE, "": "both"}.get(one.side, one.side)
    return Movement(one.name, min(1.0, PLAIN * one.factor), side, one.negated)


def _merged(movements: list[Movement]) -> list[Movement]:
    """Movements named twice count once, at the greater strength; closed eyes are closed."""
    best: dict[tuple[str, str, bool], Movement] = {}
    for one in movements:
        shut = one.name == "close" and one.strength >= PLAIN
        one = replace(one, strength=1.0) if shut else one
        key = (one.name, one.side, one.negated)
        if key not in best or best[key].strength < one.strength:
            best[key] = one
    return list(best.values())
