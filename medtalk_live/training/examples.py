"""From a labelled recording to what the starter learns from: an ``Example``.

Log-mel features, phone classes, articulation cues and the face that the
procedural animator makes of the same phones, all at 60 Hz on one clock: row k
belongs to the sound at k/60 s. Worker processes; pure but for reading audio.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from medtalk_live.clock import SAMPLE_RATE, frame_count
from medtalk_live.model import mel
from medtalk_live.model.encoders.streaming import CUES
from medtalk_live.procedural.animate import animate_phones
from medtalk_live.procedural.labels import Segment
from medtalk_live.procedural.phones import (
    BILABIAL,
    LABIODENTAL,
    OPENNESS_RANK,
    ROUNDED,
    SPREAD,
)
from medtalk_live.rig.articulation import SEALED_APERTURE, lip_aperture
from medtalk_live.rig.controls import LIP_SET, FloatArray

_BLEND_FRAMES = 3
"""A twentieth of a second around what stays as it was acted, and as much for the way there."""


@dataclass(frozen=True, slots=True)
class Example:
    """One recording, ready to learn from.

    Attributes:
        features: (T, F) float16 log-mel.
        classes: (T,) int16 phone class of each frame, -1 where unknown.
        cues: (T, C) float16 targets in 0..1 in the order of ``CUES``.
        controls: (T, 174) float16, the animator's face.
        posteriors: (T, P) float16 soft phone classes of the teacher, or None.
        label: Index of the emotion that ``controls`` shows.
        source: Where it came from, for sampling.
        altered: Whether it is a copy in another room, at another speed, and so on.
    """

    features: NDArray[np.float16]
    classes: NDArray[np.int16]
    cues: NDArray[np.float16]
    controls: NDArray[np.float16]
    posteriors: NDArray[np.float16] | None
    label: int
    source: str
    altered: bool = False


def make_example(
    samples: FloatArray,
    segments: Sequence[Segment],
    *,
    emotion: str,
    label: int,
    source: str,
    intensity: float = 1.0,
    seed: int = 0,
    posteriors: FloatArray | None = None,
    captured: FloatArray | None = None,
) -> Example:
    """Everything the starter learns from one recording.

    Args:
        samples: Mono 16 kHz float32, shape (n,).
        segments: Gapless timed phones of it.
        emotion: Label that the animator acts.
        label: The label's index.
        source: Name of the corpus source.
        intensity: Of the emotion.
        seed: Of the animator's small life.
        posteriors: (T, P) soft phone classes at 60 Hz, where a teacher gave them.
        captured: (T, 174) the speaker's own face, whose mouth is the target where it is known.
    """
    frames = frame_count(len(samples))
    features = mel.forward(samples, frames)
    controls = animate_phones(segments, frames, emotion=emotion, intensity=intensity, seed=seed)
    owner = owners(segments, frames)
    if captured is not None:
        controls = with_captured_mouth(controls, captured, segments, owner)
    classes = np.asarray([segment.phone.class_index for segment in segments], np.int16)[owner]
    return Example(
        features=features.astype(np.float16),
        classes=classes,
        cues=cue_targets(samples, segments, owner, controls).astype(np.float16),
        controls=controls.astype(np.float16),
        posteriors=None if posteriors is None else posteriors.astype(np.float16),
        label=label,
        source=source,
    )


def owners(segments: Sequence[Segment], frames: int) -> NDArray[np.intp]:
    """Index of the segment that sounds at each frame, (T,)."""
    starts = np.asarray([segment.start_s for segment in segments])
    times = np.arange(frames) / 60.0 + 1e-6
    return np.clip(np.searchsorted(starts, times, side="right") - 1, 0, len(segments) - 1)


def with_captured_mouth(
    acted: FloatArray, captured: FloatArray, segments: Sequence[Segment], owner: NDArray[np.intp]
) -> FloatArray:
    """The acted face with the captured mouth (T, 174).

    Closures, f and v, and rests stay as they were acted: a camera's solver lets lips
    that meet stand apart, and never rests.
    """
    kept = BILABIAL | LABIODENTAL | {"sil"}
    acts = np.asarray([s.phone.phone_class in kept for s in segments], np.float32)[owner]
    width = 2 * _BLEND_FRAMES + 1
    share = uniform_filter1d(maximum_filter1d(acts, width), width, mode="nearest")[:, None]
    mouth = acted.copy()
    mouth[:, LIP_SET] += (1.0 - share) * (captured - acted)[:, LIP_SET]
    return mouth


def cue_targets(
    samples: FloatArray, segments: Sequence[Segment], owner: NDArray[np.intp], controls: FloatArray
) -> FloatArray:
    """Targets (T, C) of the articulation cues.

    A bilabial counts while the animator's lips are sealed near it, so that
    the cue and the face agree about when the seal begins and ends.
    """
    names = [segment.phone.phone_class for segment in segments]

    def member(names_of: frozenset[str]) -> FloatArray:
        return np.asarray([name in names_of for name in names], np.float32)[owner]

    near_bilabial = np.convolve(member(frozenset(BILABIAL)), np.ones(5), "same") > 0
    sealed = lip_aperture(controls) <= SEALED_APERTURE
    heights = np.asarray([OPENNESS_RANK.get(name, 0.0) / 5.0 for name in names], np.float32)
    stress, effort = prosody(samples, len(owner))
    columns = {
        "bilabial": (near_bilabial & sealed).astype(np.float32),
        "labiodental": member(frozenset(LABIODENTAL)),
        "rounded": member(frozenset(ROUNDED)),
        "spread": member(frozenset(SPREAD)),
        "open": heights[owner],
        "voice": 1.0 - member(frozenset({"sil"})),
        "stress": stress,
        "effort": effort,
    }
    return np.stack([columns[name] for name in CUES], axis=1).astype(np.float32)


def prosody(samples: FloatArray, frames: int) -> tuple[FloatArray, FloatArray]:
    """Stress and vocal effort in 0..1, each (T,).

    Stress is the prominence of the 50 ms energy within the clip; effort adds
    the balance of 1 to 4 kHz over what lies below (tense voices are bright),
    and both are smoothed, effort over half a second. Loudness alone never
    decides: a microphone's gain must not change the feeling.
    """
    ends = -(-np.arange(1, frames + 1) * SAMPLE_RATE // 60)
    padded = np.concatenate((np.zeros(800, np.float32), samples, np.zeros(800, np.float32)))
    view = np.lib.stride_tricks.sliding_window_view(padded, 800)[ends]
    spectrum = np.abs(np.fft.rfft(view * np.hanning(800).astype(np.float32))) ** 2
    hz = np.fft.rfftfreq(800, 1 / SAMPLE_RATE)
    low = spectrum[:, (hz >= 80) & (hz < 1000)].sum(1) + 1e-6
    high = spectrum[:, (hz >= 1000) & (hz < 4000)].sum(1) + 1e-6
    energy = 10 * np.log10(low + high)
    active = energy > energy.max(initial=-60.0) - 35
    level = np.median(energy[active]) if active.any() else 0.0
    prominence = np.where(active, (energy - level) / 6.0, -2.0)
    tilt = np.where(active, (10 * np.log10(high / low) + 12.0) / 8.0, -1.0)
    stress = 0.5 + 0.5 * np.tanh(_smooth(prominence, 3))
    effort = 0.5 + 0.5 * np.tanh(_smooth(0.5 * prominence + 0.7 * tilt, 15))
    return stress.astype(np.float32), effort.astype(np.float32)


def _smooth(values: NDArray[Any], half_width: int) -> NDArray[Any]:
    window = np.hanning(2 * half_width + 3)[1:-1]
    padded = np.pad(values, half_width, mode="edge") if len(values) else values
    return np.convolve(padded, window / window.sum(), "valid") if len(values) else values
