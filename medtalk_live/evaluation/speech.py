"""How well a face speaks: lip measures from control curves and timed phones.

Scores clips of (T, 174) controls against the phone labels of their recording:
closures, contact, rounding, openness, timing, the seal, rest and jitter. Ranks
are taken inside a clip over its speech frames, so louder and softer rigs score
alike; phones are then pooled over the clips of a speaker, and intervals come
from resampling clips. Pure, any thread; needs scipy (extra ``train``).
Source: this project's definition of its measures (docs/measures.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

from medtalk_live.evaluation.speech_samples import (
    MAX_LAG_MS,
    Clip,
    ClipSamples,
    RealArray,
    aperture_target,
    sample_clip,
)
from medtalk_live.procedural.labels import Segment
from medtalk_live.procedural.phones import BILABIAL, LABIODENTAL, OPENNESS_RANK, ROUNDED, SPREAD

__all__ = [
    "Clip",
    "SpeakerScores",
    "SpeechScores",
    "aggregate",
    "aperture_target",
    "auc",
    "composite",
    "score_clip",
    "score_clips",
]


@dataclass(frozen=True)
class SpeechScores:
    """The measures of one clip, speaker or set; NaN where a set lacks the phones.

    AUCs and shares are 0..1, ``vowel_height`` and ``aperture_r`` correlations,
    ``lag_ms`` positive where the face is late, the composites 0..100, as timed
    and after removing the set's own lag.
    """

    bilabial_auc: float
    lowest_tenth: float
    sealed_bilabials: float
    sealed_vowels: float
    vowel_height: float
    rounding_auc: float
    labiodental_auc: float
    aperture_r: float
    lag_ms: float
    composite: float
    composite_own_delay: float
    silence: float
    jitter: float


@dataclass(frozen=True)
class SpeakerScores:
    """A speaker's scores with 95% intervals (low, high) over resampled clips."""

    scores: SpeechScores
    low: SpeechScores
    high: SpeechScores
    clips: int


def score_clip(controls: RealArray, segments: Sequence[Segment], fps: float = 60.0) -> SpeechScores:
    """Score one clip of (T, 174) controls against its phones."""
    return score_clips([Clip(controls, segments, fps=fps)])


def score_clips(clips: Sequence[Clip]) -> SpeechScores:
    """Score several clips together, their phones pooled."""
    samples = [sample_clip(clip) for clip in clips]
    scores = _pooled(samples)
    shift = 0 if np.isnan(scores.lag_ms) else round(scores.lag_ms / 1000 * clips[0].fps)
    moved = [sample_clip(_advanced(clip, shift)) for clip in clips] if shift else samples
    return replace(scores, composite_own_delay=_pooled(moved).composite)


def aggregate(
    clips: Sequence[Clip], resamples: int = 300, seed: int = 0
) -> dict[str, SpeakerScores]:
    """Score per speaker, and all together under ``"all"``, with 95% intervals."""
    groups: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        groups[clip.speaker].append(clip)
        groups["all"].append(clip)
    return {name: _with_interval(group, resamples, seed) for name, group in groups.items()}


def _with_interval(clips: Sequence[Clip], resamples: int, seed: int) -> SpeakerScores:
    generator = np.random.default_rng(seed)
    samples = [sample_clip(clip) for clip in clips]
    drawn = [
        _pooled([samples[i] for i in generator.integers(len(samples), size=len(samples))])
        for _ in range(resamples)
    ]
    low, high = (_quantile(drawn, q) for q in (0.025, 0.975))
    return SpeakerScores(score_clips(clips), low, high, len(clips))


def _quantile(scores: Sequence[SpeechScores], q: float) -> SpeechScores:
    def of(name: str) -> float:
        values = np.array([getattr(s, name) for s in scores])
        return (
            float(np.quantile(values[~np.isnan(values)], q)) if np.any(values == values) else np.nan
        )

    return SpeechScores(**{f.name: of(f.name) for f in fields(SpeechScores)})


def _advanced(clip: Clip, frames: int) -> Clip:
    """The clip with its motion that many frames earlier, edges held."""
    at = np.clip(np.arange(len(clip.controls)) + frames, 0, len(clip.controls) - 1)
    return replace(clip, controls=clip.controls[at])


def _pooled(samples: Sequence[ClipSamples]) -> SpeechScores:
    names = np.concatenate([s.names for s in samples])
    joined = {
        key: np.concatenate([getattr(s, key) for s in samples])
        for key in ("closure", "rounding", "contact", "in_lowest", "beside_bilabial", "sealed")
    }
    bilabial, vowels = _among(names, BILABIAL), _among(names, OPENNESS_RANK)
    labiodental = _among(names, LABIODENTAL)
    openness = np.array([OPENNESS_RANK.get(n, np.nan) for n in names])
    lag_ms, aperture_r = _lag(samples)
    parts = {
        "bilabial_auc": auc(joined["closure"][bilabial], joined["closure"][~bilabial]),
        "lowest_tenth": _mean(joined["in_lowest"][bilabial])
        - _mean(joined["in_lowest"][~joined["beside_bilabial"]]),
        "vowel_height": _spearman(-joined["closure"][vowels], openness[vowels]),
        "rounding_auc": auc(
            joined["rounding"][_among(names, ROUNDED)], joined["rounding"][_among(names, SPREAD)]
        ),
        "aperture_r": aperture_r,
    }
    return SpeechScores(
        **parts,
        sealed_bilabials=_mean(joined["sealed"][bilabial]),
        sealed_vowels=_mean(joined["sealed"][vowels]),
        labiodental_auc=auc(
            joined["contact"][labiodental], joined["contact"][~labiodental & ~bilabial]
        ),
        lag_ms=lag_ms,
        composite=composite(**parts),
        composite_own_delay=np.nan,
        silence=_silence(samples),
        jitter=_jitter(samples),
    )


def composite(
    bilabial_auc: float,
    lowest_tenth: float,
    vowel_height: float,
    rounding_auc: float,
    aperture_r: float,
) -> float:
    """The composite index, 0..100; measures that are NaN are left out."""
    parts = np.array(
        [2 * (bilabial_auc - 0.5), lowest_tenth, vowel_height, 2 * (rounding_auc - 0.5), aperture_r]
    )
    present = parts[~np.isnan(parts)]
    return float(100 * np.maximum(present, 0).mean()) if len(present) else np.nan


def auc(positive: RealArray, negative: RealArray) -> float:
    """Chance that a positive exceeds a negative (ties half), NaN if either is empty."""
    if not len(positive) or not len(negative):
        return np.nan
    ranks = rankdata(np.concatenate([positive, negative]))
    excess = ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(excess / (len(positive) * len(negative)))


def _among(names: NDArray[np.str_], wanted: Any) -> NDArray[np.bool_]:
    return np.isin(names, list(wanted))


def _mean(values: RealArray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _spearman(a: RealArray, b: RealArray) -> float:
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    return float(spearmanr(a, b).statistic)


def _lag(samples: Sequence[ClipSamples]) -> tuple[float, float]:
    """Lag of the best correlation in ms (to a fraction of a frame), and r as timed."""
    weights = np.array([s.frames for s in samples], float)
    if not weights.sum():
        return np.nan, np.nan
    curve = np.average(np.stack([s.lag_r for s in samples]), axis=0, weights=weights)
    best, zero = int(np.argmax(curve)), len(curve) // 2
    offset = 0.0
    if 0 < best < len(curve) - 1:
        left, mid, right = curve[best - 1 : best + 2]
        offset = 0.5 * (left - right) / min(left - 2 * mid + right, -1e-12)
    frame_ms = MAX_LAG_MS / zero if zero else 0.0
    return (best - zero + float(offset)) * frame_ms, float(curve[zero])


def _silence(samples: Sequence[ClipSamples]) -> float:
    still = np.concatenate([s.still for s in samples])
    moving = np.concatenate([s.moving for s in samples])
    if not len(still) or not len(moving):
        return np.nan
    return float(np.median(still) / max(np.median(moving), 1e-9))


def _jitter(samples: Sequence[ClipSamples]) -> float:
    low, high = np.sum([s.spectrum for s in samples], axis=0)
    return float(high / max(low + high, 1e-12))
