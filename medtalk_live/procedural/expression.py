"""What a face adds to speech: seven emotions, accents, slow drift, asymmetry.

Works on the (T, 174) controls that ``animate.py`` builds, before it closes the
lips, so that no expression can break a seal. Seeded and deterministic; blinks,
gaze and head belong to the engine's finish layer. Pure, any thread.
Source: FACS action units of the basic emotions (``emotions.yaml``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import yaml

from medtalk_live.errors import GuidanceError
from medtalk_live.procedural.labels import Segment
from medtalk_live.procedural.poses import RealArray, expand
from medtalk_live.rig.controls import CONTROLS

_TABLE: Final[dict[str, Any]] = yaml.safe_load(
    files("medtalk_live.procedural").joinpath("emotions.yaml").read_text(encoding="utf-8")
)
EMOTIONS: Final = tuple(sorted(_TABLE))
SPREADING: Final = expand(dict.fromkeys(("mouth_cornerPull", "mouth_stretch", "mouth_dimple"), 1.0))
_SCALES: Final = ("aperture", "rounding", "spread")
_SIDE: Final = np.array([{"left": 1, "right": -1}.get(c.side, 0) for c in CONTROLS], np.float32)
_DRIFTING: Final = ("brow_raiseIn", "brow_raiseOut", "brow_down", "eye_squintInner")


@dataclass(frozen=True)
class Expression:
    """A mix of emotions: offsets (174,) and scales at intensity 1."""

    face: RealArray
    mouth: RealArray
    aperture: float
    rounding: float
    spread: float
    rest_aperture: float


def expression_of(emotion: str | Mapping[str, float]) -> Expression:
    """Look an emotion up, or mix several by their shares.

    Raises:
        GuidanceError: A label is not one of ``EMOTIONS``.
    """
    shares = {emotion: 1.0} if isinstance(emotion, str) else dict(emotion)
    if unknown := sorted(set(shares) - set(EMOTIONS)):
        raise GuidanceError(
            f"Found the emotion '{unknown[0]}', expected one of {', '.join(EMOTIONS)}."
        )
    parts = [(share, _single(name)) for name, share in shares.items()]
    return Expression(
        face=_total(parts, "face"),
        mouth=_total(parts, "mouth"),
        **{k: 1 + sum(share * (getattr(e, k) - 1) for share, e in parts) for k in _SCALES},
        rest_aperture=sum(share * e.rest_aperture for share, e in parts),
    )


def _total(parts: Sequence[tuple[float, Expression]], field: str) -> RealArray:
    total: RealArray = np.sum([share * getattr(e, field) for share, e in parts], axis=0)
    return total


@lru_cache(maxsize=16)
def _single(name: str) -> Expression:
    row = _TABLE[name]
    return Expression(
        face=expand(row.get("face", {})),
        mouth=expand(row.get("mouth", {})),
        **{k: row.get("speech", {}).get(k, 1.0) for k in _SCALES},
        rest_aperture=row.get("rest_aperture", 0.0),
    )


def speech_activity(segments: Sequence[Segment], times_s: RealArray) -> RealArray:
    """Smooth 0..1 curve (T,): how much speech there is around each moment."""
    edges = np.array([[s.start_s, s.end_s] for s in segments if not s.phone.is_silence])
    if not len(edges):
        return np.zeros(len(times_s), np.float32)
    spans = _joined(edges)
    rise = 1 + np.tanh((times_s[:, None] - spans[:, 0]) / 0.1)
    fall = 1 - np.tanh((times_s[:, None] - spans[:, 1]) / 0.1)
    activity: RealArray = np.max(rise * fall, axis=1) / 4
    return activity


def _joined(edges: RealArray, gap_s: float = 0.25) -> RealArray:
    """Join spans that lie closer than a pause."""
    apart = np.flatnonzero(edges[1:, 0] - edges[:-1, 1] > gap_s)
    starts = edges[np.concatenate([[0], apart + 1]), 0]
    ends = edges[np.concatenate([apart, [len(edges) - 1]]), 1]
    return np.stack([starts, ends], axis=1)


def accents(
    segments: Sequence[Segment], times_s: RealArray, generator: np.random.Generator
) -> RealArray:
    """Bumps (T,) at some of the stressed vowels, where people raise their brows."""
    centres = [(s.start_s + s.end_s) / 2 for s in segments if s.stress == 1 and s.phone.is_vowel]
    drawn = generator.random((len(centres), 2))
    curve = np.zeros(len(times_s), np.float32)
    for centre_s, (chance, size) in zip(centres, drawn, strict=True):
        if chance < 0.35:
            bump = (0.4 + 0.6 * size) * np.exp(-0.5 * ((times_s - centre_s) / 0.13) ** 2)
            curve = np.maximum(curve, bump.astype(np.float32))
    return curve


def upper_face(
    look: Expression,
    intensity: RealArray,
    accent: RealArray,
    activity: RealArray,
    times_s: RealArray,
    generator: np.random.Generator,
) -> RealArray:
    """Brows, lids, cheeks and nose (T, 174): the emotion, its accents and slow drift."""
    level = intensity * (0.88 + 0.08 * activity + 0.14 * accent)
    controls = level[:, None] * look.face
    raised = expand({"brow_raiseIn": 0.08, "brow_raiseOut": 0.10, "eye_blink": -0.04})
    controls += accent[:, None] * raised
    for part in _DRIFTING:
        controls += _drift(times_s, generator)[:, None] * expand({part: 0.025})
    return controls


def _drift(times_s: RealArray, generator: np.random.Generator) -> RealArray:
    """A slow wander (T,) in 0..1 from three sines below half a hertz."""
    rates_hz = generator.uniform(0.05, 0.4, 3)
    phases = generator.uniform(0, 2 * np.pi, 3)
    waves = np.sin(2 * np.pi * times_s[:, None] * rates_hz + phases)
    drift: RealArray = 0.5 + waves.mean(axis=1) / 2
    return drift


def asymmetry(generator: np.random.Generator) -> RealArray:
    """Gains (174,) that make one side of a face a little stronger; pairs keep their mean."""
    upper, lower = generator.normal(0, 0.035, 2)
    mouth = np.array([c.region in ("lips", "jaw") for c in CONTROLS])
    gains: RealArray = 1 + _SIDE * np.where(mouth, lower, upper)
    return gains
