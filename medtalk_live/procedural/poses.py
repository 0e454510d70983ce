"""From phones to gestures: what each part of the mouth aims at, how strongly, when.

A phone becomes one to three ``Gesture`` values (a plosive its closure and its
release, a diphthong its two halves) over the channels of ``poses.yaml``. Pure
after the table is read, cached per phone, any thread. Source: articulatory
phonetics (place, manner, height, backness, rounding), FACS for the lips.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from medtalk_live.procedural.labels import Segment
from medtalk_live.procedural.phones import SILENCE, Phone
from medtalk_live.rig.articulation import lip_aperture, members
from medtalk_live.rig.controls import COUNT

RealArray = NDArray[np.floating[Any]]
TimedRow = tuple[float, RealArray, RealArray]  # start in seconds, values, weights


def _table(name: str) -> dict[str, Any]:
    text = files("medtalk_live.procedural").joinpath(name).read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


_POSES: Final = _table("poses.yaml")
CHANNELS: Final = tuple(_POSES["channels"])
KERNELS: Final[dict[str, dict[str, float]]] = _POSES["kernels"]
KERNEL_OF: Final = tuple(_POSES["channels"].values())
APERTURE: Final = CHANNELS.index("aperture")
JAW: Final = CHANNELS.index("jaw")
_ROUNDING: Final = np.array([kernel == "rounding" for kernel in KERNEL_OF])

_MIN_CLOSURE_S: Final = 0.045  # lips need two frames to be seen closed
_RELEASE_AT: Final = {True: 0.76, False: 0.66}  # voiced, voiceless: share of a plosive held
_GLIDE_AT: Final = 0.64
_STRESSED: Final = {0: 0.97, 1: 1.04, 2: 1.0}


def expand(values: Mapping[str, float]) -> RealArray:
    """Spread channel values over the (174,) controls."""
    controls = np.zeros(COUNT, np.float32)
    for channel, value in values.items():
        controls[members(channel)] = value
    return controls


TO_CONTROLS: Final = np.stack(
    [expand({c: 1.0}) if c != "aperture" else np.zeros(COUNT, np.float32) for c in CHANNELS]
)
"""(channels, 174): controls = channel values @ TO_CONTROLS."""

SEAL: Final = expand(_POSES["seal"])


@dataclass(frozen=True)
class Gesture:
    """A target over a share of its segment; values and weights are (channels,)."""

    begin: float
    end: float
    values: RealArray
    weights: RealArray


def _values(pose: Mapping[str, Any]) -> RealArray:
    return np.array([pose.get(c, 0.0) for c in CHANNELS], np.float32)


def _weights(pose: Mapping[str, Any]) -> RealArray:
    given = pose.get("weight", {})
    return np.array([given.get(kernel, 1.0) for kernel in KERNEL_OF], np.float32)


def jaw_for(aperture: float, values: RealArray) -> float:
    """Jaw opening that gives an aperture with these lip values and the lips let go."""
    shut, open_ = (values @ TO_CONTROLS for _ in range(2))
    jaw = members("jaw")
    shut[jaw], open_[jaw] = 0.0, 1.0
    low, high = float(lip_aperture(shut)), float(lip_aperture(open_))
    return float(np.clip((aperture - low) / (high - low), 0.0, 1.0))


def _vowel_values(phone: Phone) -> RealArray:
    """Blend the corner vowels; the jaw follows from the aperture."""
    o, b, r = phone.openness, phone.backness, phone.rounding
    shares = {
        "close_front": (1 - r) * (1 - o) * (1 - b),
        "close_back": (1 - r) * (1 - o) * b,
        "open_front": (1 - r) * o * (1 - b),
        "open_back": (1 - r) * o * b,
        "close_round": r * (1 - o),
        "open_round": r * o,
    }
    values = np.zeros(len(CHANNELS), np.float32)
    for name, share in shares.items():
        values += share * _values(_POSES["vowels"][name])
    ends = _POSES["vowel_aperture"]
    values[APERTURE] = ends["close"] + o * (ends["open"] - ends["close"])
    values[JAW] = max(0.06, 1.05 * jaw_for(values[APERTURE], values))
    return values


def _vowel(phone: Phone) -> tuple[Gesture, ...]:
    weights = _weights({"weight": {"rounding": 0.5, "lips": 0.6} if phone.symbol == "ə" else {}})
    nucleus = _vowel_values(phone)
    if phone.rhotic:
        weights = np.where(_ROUNDING, 0.8, weights).astype(np.float32)
    if phone.glide is None:
        return (Gesture(0.0, 1.0, nucleus, weights),)
    glide = _vowel_values(phone.glide)
    return (Gesture(0.0, _GLIDE_AT, nucleus, weights), Gesture(_GLIDE_AT, 1.0, glide, weights))


def _consonant_pose(phone: Phone) -> Mapping[str, Any]:
    poses: dict[str, Any] = _POSES["consonants"]
    found: Mapping[str, Any] = poses.get(f"{phone.place} {phone.manner}") or poses[phone.place]
    return found


def _consonant(phone: Phone) -> tuple[Gesture, ...]:
    pose = _consonant_pose(phone)
    values, weights = _values(pose), _weights(pose)
    if phone.rounding:
        round_ = _values(_POSES["vowels"]["close_round"])
        blend = values + phone.rounding * (round_ - values)
        values = np.where(_ROUNDING, blend, values).astype(np.float32)
        weights = np.where(_ROUNDING, np.maximum(weights, phone.rounding), weights)
    if phone.palatalised:
        palatal = _POSES["consonants"]["palatal"]
        values = np.where(_ROUNDING, 0.5 * (values + _values(palatal)), values)
        weights = np.where(_ROUNDING, np.maximum(weights, 0.25), weights)
    held = Gesture(0.0, 1.0, values.astype(np.float32), weights.astype(np.float32))
    if phone.place != "bilabial" or phone.manner not in ("plosive", "implosive", "click"):
        return (held,)
    release_at = _RELEASE_AT[phone.voiced]
    breath = _POSES["consonants"]["glottal"]
    return (
        Gesture(0.0, release_at, held.values, held.weights),
        Gesture(release_at, 1.0, _values(breath), _weights(breath)),
    )


@lru_cache(maxsize=2048)
def gestures_of(phone: Phone, stress: int = 0) -> tuple[Gesture, ...]:
    """The gestures of one phone, in order, over shares 0..1 of its time."""
    if phone.is_silence:
        return (Gesture(0.0, 1.0, _values(_POSES["rest"]), _weights({})),)
    if not phone.is_vowel:
        return _consonant(phone)
    scale = np.ones(len(CHANNELS), np.float32)
    scale[[APERTURE, JAW]] = _STRESSED[stress]
    return tuple(Gesture(g.begin, g.end, g.values * scale, g.weights) for g in _vowel(phone))


@dataclass(frozen=True)
class Score:
    """All gestures of a clip: edges (G + 1,) seconds, values and weights (G, channels)."""

    edges_s: RealArray
    values: RealArray
    weights: RealArray


def score_of(segments: Sequence[Segment], begin_s: float, end_s: float) -> Score:
    """Lay the gestures of gapless segments out in time, silence around them."""
    rows: list[TimedRow] = []
    for i, segment in enumerate(segments):
        before = segments[i - 1].phone if i else SILENCE
        after = segments[i + 1].phone if i + 1 < len(segments) else SILENCE
        rows += _timed(segment, before, after)
    rest = gestures_of(SILENCE)[0]
    last_s = segments[-1].end_s if segments else begin_s
    rows = [(begin_s, rest.values, rest.weights), *rows, (last_s, rest.values, rest.weights)]
    starts = np.maximum.accumulate([row[0] for row in rows])
    return Score(
        np.append(starts, max(end_s, last_s)),
        np.stack([row[1] for row in rows]),
        np.stack([row[2] for row in rows]),
    )


def _timed(segment: Segment, before: Phone, after: Phone) -> list[TimedRow]:
    if segment.phone.is_silence:
        return _pause(segment, before, after)
    rows = [
        (segment.start_s + g.begin * segment.duration_s, g.values, g.weights)
        for g in gestures_of(segment.phone, segment.stress)
    ]
    return _held(rows, segment) if segment.phone.place == "bilabial" else rows


def _held(rows: list[TimedRow], segment: Segment) -> list[TimedRow]:
    """Give hasty lips their time: a closure takes at least ``_MIN_CLOSURE_S``."""
    end_s = rows[1][0] if len(rows) > 1 else segment.end_s
    missing_s = _MIN_CLOSURE_S - (end_s - segment.start_s)
    if missing_s <= 0:
        return rows
    begin_s = segment.start_s - missing_s / 2
    breath = _POSES["consonants"]["glottal"]
    return [
        (begin_s, *rows[0][1:]),
        (begin_s + _MIN_CLOSURE_S, _values(breath), _weights(breath)),
    ]


def _pause(segment: Segment, before: Phone, after: Phone) -> list[TimedRow]:
    """Short gaps keep the mouth as it is; in a pause it settles, rests and parts again."""
    length_s = segment.duration_s
    weights = np.clip((length_s - 0.06) / 0.2, 0.06, 1.0) * _weights({})
    rest, parted = _values(_POSES["rest"]), _values(_POSES["parted"])
    if length_s < 0.18:
        return [(segment.start_s, rest, weights)]
    rows = [(segment.start_s, rest, weights)]
    if _opens(before):
        settled_s = segment.start_s + min(0.04, length_s / 3)
        rows = [(segment.start_s, parted, 0.5 * weights), (settled_s, rest, weights)]
    if _opens(after):
        rows.append((segment.end_s - min(0.05, length_s / 3), parted, 0.5 * weights))
    return rows


def _opens(phone: Phone) -> bool:
    return not phone.is_silence and phone.place not in ("bilabial", "labiodental")
