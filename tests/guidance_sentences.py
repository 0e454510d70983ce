"""Reads the lists of sentences and judges what the text guidance makes of them.

A sentence passes if every movement it names moves its first control the right
way, on the right side, with the right degree, and no control that none of its
movements brings along goes beyond 0.2. Emotions are judged on the label mix.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from medtalk_live.procedural.poses import expand
from medtalk_live.rig.controls import CONTROLS

DATA = Path(__file__).parent / "data"
SIDE = np.array([control.side for control in CONTROLS])

# first control and sign of each movement, and what may come along; by FACS, not by the lexicon
MOVES = {
    "smile": ("mouth_cornerPull", 1, "mouth_sharpCornerPull mouth_dimple eye_cheekRaise"),
    "frown": ("mouth_cornerDepress", 1, "jaw_ChinRaiseU jaw_ChinRaiseD"),
    "brow_up": ("brow_raiseIn", 1, "brow_raiseOut"),
    "inner_up": ("brow_raiseIn", 1, "brow_lateral"),
    "outer_up": ("brow_raiseOut", 1, ""),
    "brow_down": ("brow_down", 1, "brow_lateral"),
    "squint": ("eye_squintInner", 1, "eye_eyelidD eye_blink eye_cheekRaise"),
    "wide": ("eye_blink", -1, "eye_eyelidU"),
    "close": ("eye_blink", 1, "eye_cheekRaise"),
    "lids": ("eye_blink", 1, "eye_eyelidU"),
    "look_L": ("eye.tx", 1, ""),
    "look_R": ("eye.tx", -1, ""),
    "look_U": ("eye", 1, "eye_eyelidU"),
    "look_D": ("eye", -1, "eye_blink eye_eyelidU"),
    "nose": ("nose", 1, "nose_nasolabialDeepen nose_wrinkleUpper"),
    "flare": ("nose.tx", 1, ""),
    "sneer": ("nose", 1, "mouth_upperLipRaise nose_nasolabialDeepen nose_wrinkleUpper"),
    "cheek": ("eye_cheekRaise", 1, ""),
    "puff": ("mouth_suckBlow", 1, "mouth_lipsBlow"),
    "hollow": ("mouth_suckBlow", -1, ""),
    "dimple": ("mouth_dimple", 1, ""),
    "purse": ("mouth_purse", 1, "mouth_funnel mouth_towards"),
    "funnel": ("mouth_funnel", 1, "mouth_purse jaw mouth_towards"),
    "pout": ("jaw_ChinRaiseD", 1, "mouth_lipsRollD mouth_purse mouth_cornerDepress"),
    "press": ("mouth_press", 1, "mouth_tighten"),
    "roll": ("mouth_lipsRollD", 1, "mouth_lipsRollU"),
    "stretch": ("mouth_stretch", 1, ""),
    "upper_lip": ("mouth_upperLipRaise", 1, "nose_nasolabialDeepen"),
    "lower_lip": ("mouth_lowerLipDepress", 1, ""),
    "teeth": ("mouth_lowerLipDepress", 1, "mouth_upperLipRaise"),
    "bite": ("mouth_lipBiteD", 1, "jaw"),
    "open": ("jaw", 1, ""),
    "tongue": ("tongue_inOut", -1, "tongue tongue_narrowWide tongue_roll tongue_press jaw"),
    "mouth_L": ("mouth.tx", 1, ""),
    "mouth_R": ("mouth.tx", -1, ""),
    "jaw_L": ("jaw.tx", -1, ""),
    "jaw_R": ("jaw.tx", 1, ""),
    "jaw_fwd": ("jaw_fwdBack", -1, ""),
    "chin": ("jaw_ChinRaiseD", 1, "jaw_ChinRaiseU"),
    "clench": ("jaw_clench", 1, "mouth_press"),
}
FULL = {"open": 0.8, "lids": 0.6, "frown": 1.0, "tongue": 0.769, "pout": 0.6, "sneer": 0.9}
FULL |= {"teeth": 0.75}
SEEN, UNNAMED = 0.12, 0.2


@dataclass(frozen=True)
class Expected:
    name: str
    side: str = ""
    degree: str = ""
    absent: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Case:
    sentence: str
    movements: tuple[Expected, ...]
    emotions: dict[str, str]


def read_cases(name: str) -> list[Case]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [_case(line) for line in lines if line.strip() and not line.startswith("#")]


def _case(line: str) -> Case:
    sentence, movements, emotions = (part.strip() for part in line.split("|"))
    moods = {word.strip("~!()?"): word for word in emotions.split()}
    return Case(sentence, tuple(_expected(word) for word in movements.split()), moods)


def _expected(word: str) -> Expected:
    bare = word.strip("()-~!")
    name, _, side = bare.partition(".")
    degree = next((mark for mark in "~!" if mark in word), "")
    return Expected(name, side, degree, word.startswith("-"), word.startswith("("))


def problems(case: Case, offsets: np.ndarray, emotions: dict[str, float]) -> list[str]:
    """What is wrong with the reading of a sentence; empty if nothing is."""
    found = [words for one in case.movements if (words := _wrong(one, offsets))]
    allowed = np.zeros(len(offsets), bool)
    for one in case.movements:
        if not one.absent:
            first, _, more = MOVES[one.name]
            allowed |= expand(dict.fromkeys((first, *more.split()), 1.0)) != 0
    # taking a movement out of an emotion is no movement
    size = offsets if set(case.emotions) - {"neutral"} else np.abs(offsets)
    stray = (size > UNNAMED) & ~allowed
    found += [f"unnamed {CONTROLS[i].board_name} {offsets[i]:+.2f}" for i in np.flatnonzero(stray)]
    return found + _wrong_emotions(case.emotions, emotions)


def _wrong(one: Expected, offsets: np.ndarray) -> str:
    first, sign, _ = MOVES[one.name]
    members = expand({first: 1.0}) != 0
    value = {
        side: sign * float(offsets[members & (side == SIDE)].mean())
        for side in ("left", "right", "centre")
        if (members & (side == SIDE)).any()
    }
    if one.absent:
        return f"{one.name} is there" if max(value.values()) > 0.05 else ""
    if one.optional:
        return ""
    sides = _sides(one.side, value)
    full = FULL.get(one.name, 1.0)
    amount = float(np.mean([value[side] for side in sides])) / full
    others = [value[s] for s in value if s not in sides and s != "centre"]
    if min(value[side] for side in sides) < SEEN * full or (one.side and max(others) > UNNAMED):
        return f"{one.name}{one.side} is {value}"
    if (one.degree == "~" and amount > 0.6) or (one.degree == "!" and amount < 0.85):
        return f"{one.name} has degree {amount:.2f}"
    return ""


def _sides(side: str, value: dict[str, float]) -> list[str]:
    if side == "1":
        return [max((s for s in value if s != "centre"), key=lambda s: value[s])]
    if side in ("L", "R"):
        return [{"L": "left", "R": "right"}[side]]
    return [s for s in value if s != "centre"] or ["centre"]


def _wrong_emotions(wanted: dict[str, str], got: dict[str, float]) -> list[str]:
    needed = {name for name, word in wanted.items() if word[0] != "(" and word[-1] != "?"}
    found = [f"no {name}" for name in needed - set(got)]
    found += [f"unnamed {name}" for name in set(got) - set(wanted)]
    for name in needed & set(got):
        mark = wanted[name][-1]
        if (mark == "~" and got[name] > 0.8) or (mark == "!" and got[name] < 1.15):
            found.append(f"{name} has degree {got[name]:.2f}")
    return found
