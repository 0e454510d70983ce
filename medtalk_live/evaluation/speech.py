"""How well a face speaks: lip measures from control curves and timed phones.

Scores clips of (T, 174) controls against the phone labels of their recording:
closures, contact, rounding, openness, timing, the seal, rest and jitter. Ranks
are taken inside a clip over its speech frames, so louder and softer rigs score
alike; phones are then pooled over the clips of a speaker, and intervals come
from resampling clips. Pure, any thread; needs scipy (extra ``evaluate``).
Source: this project's definition of its measures (docs/measures.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d
from scipy.signal import welch
from scipy.stats import rankdata, spearmanr

from medtalk_live.procedural.labels import Segment
from medtalk_live.procedural.phones import (
    ALVEOLAR,
    BILABIAL,
    LABIODENTAL,
    OPENNESS_RANK,
    ROUNDED,
    SPREAD,
)
from medtalk_live.rig.articulation import (
    SEALED_APERTURE,
    labiodental_contact,
    lip_aperture,
    lip_rounding,
)
from medtalk_live.rig.controls import region

RealArray = NDArray[np.floating[Any]]

MAX_LAG_MS: Final = 250.0
JITTER_ABOVE_HZ: Final = 12.0
_TARGET_OTHERS: Final = 0.35  # consonants whose opening the lips leave to the tongue
_TARGET_WIDTH_S: Final = 0.020
_MOUTH: Final = region("jaw", "lips", "tongue")


@dataclass(frozen=True)
class Clip:
    """A recording's motion: controls (T, 174) at ``fps``, its phones, and who speaks."""

    controls: RealArray
    segments: Sequence[Segment]
    speaker: str = ""
    fps: float = 60.0


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


@dataclass(frozen=True)
class _Samples:
    """What one clip gives: a row per phone, a row per lag, frame statistics."""

    names: NDArray[np.str_]
    closure: RealArray
    rounding: RealArray
    contact: RealArray
    in_lowest: RealArray
    beside_bilabial: NDArray[np.bool_]
    sealed: RealArray
    lag_r: RealArray
    frames: int
    still: RealArray
    moving: RealArray
    spectrum: RealArray


def score_clip(controls: RealArray, segments: Sequence[Segment], fps: float = 60.0) -> SpeechScores:
    """Score one clip of (T, 174) controls against its phones."""
    return score_clips([Clip(controls, segments, fps=fps)])


def score_clips(clips: Sequence[Clip]) -> SpeechScores:
    """Score several clips together, their phones pooled."""
    samples = [_samples(clip) for clip in clips]
    scores = _pooled(samples)
    shift = 0 if np.isnan(scores.lag_ms) else round(scores.lag_ms / 1000 * clips[0].fps)
    moved = [_samples(_advanced(clip, shift)) for clip in clips] if shift else samples
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
    samples = [_samples(clip) for clip in clips]
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


def aperture_target(segments: Sequence[Segment], frames: int, fps: float = 60.0) -> RealArray:
    """A smooth opening curve (T,) made from the phones alone, 0 closed to 1 at /aa/."""
    centres = np.array([_centre_s(s) for s in segments])
    levels = np.array([_target_level(s) for s in segments])
    keep = np.concatenate([[True], np.diff(centres) > 1e-4])
    if keep.sum() < 2:
        return np.zeros(frames)
    curve = PchipInterpolator(centres[keep], levels[keep], extrapolate=False)
    times_s = np.clip(np.arange(frames) / fps, centres[0], centres[keep][-1])
    target: RealArray = gaussian_filter1d(curve(times_s), _TARGET_WIDTH_S * fps, mode="nearest")
    return target


def _centre_s(segment: Segment) -> float:
    share = 0.4 if segment.phone.phone_class in ("p", "b") else 0.5
    return segment.start_s + share * segment.duration_s


def _target_level(segment: Segment) -> float:
    name = segment.phone.phone_class
    if name in OPENNESS_RANK:
        return OPENNESS_RANK[name] / 5
    if segment.phone.is_silence or name in BILABIAL:
        return 0.0
    if name in LABIODENTAL:
        return 0.15
    return 0.3 if name in ALVEOLAR else _TARGET_OTHERS


def _samples(clip: Clip) -> _Samples:
    aperture = np.asarray(lip_aperture(clip.controls), float)
    frames = len(aperture)
    speech = _speech_frames(clip, frames)
    spoken = [
        i
        for i, s in enumerate(clip.segments)
        if not s.phone.is_silence and s.start_s * clip.fps < frames
    ]
    centred = _at_centres(clip, spoken, frames)
    lowest = np.quantile(aperture[speech], 0.1) if speech.any() else -np.inf
    still, moving = _movement(clip, speech)
    return _Samples(
        names=np.array([clip.segments[i].phone.phone_class for i in spoken], dtype=np.str_),
        closure=centred(_ranked(-aperture, speech)),
        rounding=centred(_ranked(np.asarray(lip_rounding(clip.controls)), speech)),
        contact=centred(_ranked(np.asarray(labiodental_contact(clip.controls)), speech)),
        in_lowest=np.array(
            [aperture[_span(clip, i, frames, 2)].min() <= lowest for i in spoken], float
        ),
        beside_bilabial=np.array([_beside(clip.segments, i) for i in spoken], bool),
        sealed=np.array([_is_sealed(clip, i, aperture) for i in spoken], float),
        lag_r=_lag_correlations(clip, aperture, speech),
        frames=int(speech.sum()),
        still=still,
        moving=moving,
        spectrum=_spectrum(aperture, clip.fps),
    )


def _speech_frames(clip: Clip, frames: int) -> NDArray[np.bool_]:
    inside = np.zeros(frames, bool)
    for i, segment in enumerate(clip.segments):
        if not segment.phone.is_silence:
            inside[_span(clip, i, frames)] = True
    return inside


def _span(clip: Clip, i: int, frames: int, margin: int = 0) -> slice:
    """Frames of a segment, at least one, widened by a margin (narrowed if negative)."""
    segment = clip.segments[i]
    first, last = int(np.ceil(segment.start_s * clip.fps)), int(np.ceil(segment.end_s * clip.fps))
    centre = min(round(_centre_s(segment) * clip.fps), frames - 1)
    first, last = min(first - margin, centre), max(last + margin, centre + 1)
    return slice(max(first, 0), min(last, frames))


def _at_centres(clip: Clip, spoken: Sequence[int], frames: int) -> Callable[[RealArray], RealArray]:
    """A reader of curves: their mean over the centre of each phone +- 1 frame."""
    centres = np.array([round(_centre_s(clip.segments[i]) * clip.fps) for i in spoken], int)
    windows = np.clip(centres[:, None] + np.array([-1, 0, 1]), 0, frames - 1)
    return lambda curve: curve[windows].mean(axis=1)


def _ranked(curve: RealArray, speech: NDArray[np.bool_]) -> RealArray:
    """Place of each frame among the clip's speech frames, 0..1."""
    ordered = np.sort(curve[speech])
    below = np.searchsorted(ordered, curve, "left") + np.searchsorted(ordered, curve, "right")
    places: RealArray = below / (2 * max(len(ordered), 1))
    return places


def _beside(segments: Sequence[Segment], i: int) -> bool:
    near = segments[max(i - 1, 0) : i + 2]
    return any(s.phone.phone_class in BILABIAL for s in near)


def _is_sealed(clip: Clip, i: int, aperture: RealArray) -> bool:
    """A consonant's lips touch at some frame; a vowel's at all of its inner frames."""
    vowel = clip.segments[i].phone.is_vowel
    inside = aperture[_span(clip, i, len(aperture), -1 if vowel else 0)]
    return bool((inside.max() if vowel else inside.min()) <= SEALED_APERTURE)


def _lag_correlations(clip: Clip, aperture: RealArray, speech: NDArray[np.bool_]) -> RealArray:
    """Correlation with the target for each lag of the aperture, early to late."""
    target = aperture_target(clip.segments, len(aperture), clip.fps)
    reach = int(MAX_LAG_MS / 1000 * clip.fps)
    at = np.flatnonzero(speech)
    lags = range(-reach, reach + 1)
    return np.array(
        [
            _correlation(aperture[np.clip(at + lag, 0, len(aperture) - 1)], target[at])
            for lag in lags
        ]
    )


def _correlation(a: RealArray, b: RealArray) -> float:
    if len(a) < 3 or a.std() < 1e-9 or b.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _movement(clip: Clip, speech: NDArray[np.bool_]) -> tuple[RealArray, RealArray]:
    """Movement a frame in the silence before and after speech, and within speech."""
    step = np.abs(np.diff(clip.controls[:, _MOUTH], axis=0)).mean(axis=1)
    spoken = np.flatnonzero(speech)
    if not len(spoken):
        return step, np.zeros(0)
    outer = np.ones(len(step), bool)
    outer[max(spoken[0] - 1, 0) : spoken[-1] + 1] = False
    return step[outer], step[speech[1:]]


def _spectrum(aperture: RealArray, fps: float) -> RealArray:
    """Energy below and above the jitter limit."""
    hz, power = welch(aperture, fps, nperseg=min(256, len(aperture)), detrend="constant")
    high = hz > JITTER_ABOVE_HZ
    return np.array([power[~high].sum(), power[high].sum()])


def _pooled(samples: Sequence[_Samples]) -> SpeechScores:
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


def _lag(samples: Sequence[_Samples]) -> tuple[float, float]:
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


def _silence(samples: Sequence[_Samples]) -> float:
    still = np.concatenate([s.still for s in samples])
    moving = np.concatenate([s.moving for s in samples])
    if not len(still) or not len(moving):
        return np.nan
    return float(np.median(still) / max(np.median(moving), 1e-9))


def _jitter(samples: Sequence[_Samples]) -> float:
    low, high = np.sum([s.spectrum for s in samples], axis=0)
    return float(high / max(low + high, 1e-12))
