"""What one clip gives the speech measures: its curves read at every phone.

Reads the aperture, rounding and contact curves of (T, 174) controls at the
phones of the recording, ranked inside the clip over its speech frames; pooled
and scored by ``speech.py``. Pure, any thread; needs scipy.
Source: this project's definition of its measures (docs/measures.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d
from scipy.signal import welch

from medtalk_live.procedural.labels import Segment
from medtalk_live.procedural.phones import ALVEOLAR, BILABIAL, LABIODENTAL, OPENNESS_RANK
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
class ClipSamples:
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


def sample_clip(clip: Clip) -> ClipSamples:
    """Read a clip at its phones."""
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
    return ClipSamples(
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
