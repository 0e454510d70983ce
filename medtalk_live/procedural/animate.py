"""Rule-based speech animation: timed phones in, (T, 174) control curves out.

Targets blend by dominance (a weighted Gaussian average per channel, after
Cohen and Massaro), then the lips are closed on the authored aperture exactly:
the jaw is slow, the lips make up what it misses, so p b m seal in every
emotion and at every effort. Pure numpy, deterministic, any thread; the teacher
of the network and the whole of ``animate --phones``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from medtalk_live.procedural.expression import (
    SPREADING,
    Expression,
    accents,
    asymmetry,
    expression_of,
    speech_activity,
    upper_face,
)
from medtalk_live.procedural.labels import Segment, read_phones
from medtalk_live.procedural.poses import (
    APERTURE,
    CHANNELS,
    JAW,
    KERNEL_OF,
    KERNELS,
    SEAL,
    TO_CONTROLS,
    RealArray,
    Score,
    score_of,
)
from medtalk_live.rig.articulation import DEPRESS, RAISE, aperture_parts, lip_means, members
from medtalk_live.rig.controls import MAXIMUM, MINIMUM, NEUTRAL, FloatArray, clamp

_PAD_S: Final = 0.2  # longer than any kernel reaches
_FULL_SEAL: Final = -0.11  # aperture at which the lips press fully
_ROUNDED: Final = [CHANNELS.index(c) for c in ("mouth_purse", "mouth_funnel", "mouth_towards")]
_SPREAD: Final = [CHANNELS.index(c) for c in ("mouth_cornerPull", "mouth_stretch", "mouth_dimple")]
_LIFTS: Final = members("mouth_upperLipRaise") + members("mouth_lowerLipDepress")
_TOGETHER: Final = members("mouth_lipsTogether")
_JAW: Final = members("jaw")


def animate_phones(
    segments: Sequence[Segment],
    frames: int | None = None,
    *,
    emotion: str | Mapping[str, float] = "neutral",
    intensity: ArrayLike = 1.0,
    jaw_effort: float = 1.0,
    lip_effort: float = 1.0,
    seed: int = 0,
    fps: float = 60.0,
    time_offset_s: float = 0.0,
) -> FloatArray:
    """Animate a face that says these phones.

    The same segments and seed give the same speech in every emotion, of equal
    length. Frame k belongs to the sound at ``k / fps + time_offset_s``.

    Args:
        segments: Gapless and in order, as ``labels.py`` gives them.
        frames: Number of frames; by default up to the end of the last segment.
        emotion: One of ``expression.EMOTIONS``, or shares of several.
        intensity: 0..2, one number or one a frame.
        jaw_effort: Scales how far the mouth opens; 1 is conversational speech.
        lip_effort: Scales rounding, spreading and raising of the lips.
        seed: Chooses the accents, drift and asymmetry.
        fps: Frame rate.
        time_offset_s: Time of frame 0.

    Returns:
        (T, 174) float32, inside the ranges of the rig.

    Raises:
        GuidanceError: The emotion is not known.
    """
    if frames is None:
        frames = round((segments[-1].end_s - time_offset_s) * fps) if segments else 0
    times_s = np.arange(frames) / fps + time_offset_s
    look = expression_of(emotion)
    level = np.broadcast_to(np.asarray(intensity, np.float32), (frames,)).clip(0, 2)
    generator = np.random.default_rng(seed)
    activity = speech_activity(segments, times_s)
    speech = blend(segments, times_s, fps)
    aperture = _aperture(speech, look, level, jaw_effort, activity)
    speech = _efforts(speech, look, level, jaw_effort, lip_effort)
    gains = asymmetry(generator)
    mouth = (speech @ TO_CONTROLS + _mouth_offsets(look, level, speech)) * gains
    accent = accents(segments, times_s, generator)
    face = upper_face(look, level, accent, activity, times_s, generator) * gains
    return clamp((close_lips(mouth, aperture) + face + NEUTRAL).astype(np.float32))


def animate_file(
    path: str | Path,
    *,
    alphabet: str | None = None,
    emotion: str | Mapping[str, float] = "neutral",
    intensity: float = 1.0,
    jaw_effort: float = 1.0,
    lip_effort: float = 1.0,
    seed: int = 0,
    fps: float = 60.0,
) -> FloatArray:
    """Animate a TextGrid or JSON file of timed phones; see ``animate_phones``.

    Raises:
        PhoneError: The file cannot be read; see ``labels.read_phones``.
        GuidanceError: The emotion is not known.
    """
    return animate_phones(
        read_phones(path, alphabet),
        emotion=emotion,
        intensity=intensity,
        jaw_effort=jaw_effort,
        lip_effort=lip_effort,
        seed=seed,
        fps=fps,
    )


def blend(segments: Sequence[Segment], times_s: RealArray, fps: float) -> RealArray:
    """Targets of all channels (T, channels) after coarticulation."""
    if not len(times_s):
        return np.zeros((0, len(CHANNELS)), np.float32)
    pad = int(np.ceil(_PAD_S * fps))
    edges_s = times_s[0] + (np.arange(len(times_s) + 2 * pad + 1) - pad - 0.5) / fps
    score = score_of(segments, min(edges_s[0], 0.0) - 1.0, edges_s[-1] + 1.0)
    weights = _frame_means(score, score.weights, edges_s)
    weighted = _frame_means(score, score.weights * score.values, edges_s)
    out = np.empty((len(times_s), len(CHANNELS)), np.float32)
    for name, widths in KERNELS.items():
        columns = [i for i, kernel in enumerate(KERNEL_OF) if kernel == name]
        taps = _taps(widths["before"], widths["after"], pad, fps)
        both = np.concatenate([weighted[:, columns], weights[:, columns]], axis=1)
        smooth = sliding_window_view(both, len(taps), axis=0) @ taps
        out[:, columns] = smooth[:, : len(columns)] / smooth[:, len(columns) :]
    return out


def _frame_means(score: Score, levels: RealArray, edges_s: RealArray) -> RealArray:
    """Exact means over frames of levels that are constant between a score's edges."""
    spans = np.diff(score.edges_s)
    total = np.concatenate([np.zeros((1, levels.shape[1])), np.cumsum(spans[:, None] * levels, 0)])
    at = np.clip(np.searchsorted(score.edges_s, edges_s, "right") - 1, 0, len(spans) - 1)
    integral = total[at] + (edges_s - score.edges_s[at])[:, None] * levels[at]
    return np.diff(integral, axis=0)


def _taps(before_ms: float, after_ms: float, pad: int, fps: float) -> RealArray:
    """Gaussian taps over frames -pad..pad; a window's tail looks into the future."""
    lag_ms = np.arange(-pad, pad + 1) / fps * 1000
    width = np.where(lag_ms > 0, before_ms, after_ms)
    taps = np.exp(-0.5 * (lag_ms / width) ** 2)
    normalised: RealArray = taps / taps.sum()
    return normalised


def _aperture(
    speech: RealArray,
    look: Expression,
    level: RealArray,
    jaw_effort: float,
    activity: RealArray,
) -> RealArray:
    """The lip aperture (T,) to reach: closures stay, openings scale with effort."""
    wanted = speech[:, APERTURE]
    gain = jaw_effort * (1 + (look.aperture - 1) * level)
    opened = np.where(wanted > 0, wanted * gain, wanted)
    rest: RealArray = look.rest_aperture * level * (1 - activity)
    return np.minimum(opened + rest, 0.9)


def _efforts(
    speech: RealArray, look: Expression, level: RealArray, jaw_effort: float, lip_effort: float
) -> RealArray:
    """Scale jaw and lip channels by the dials and by how the emotion speaks."""
    scale = np.full_like(speech, lip_effort)
    scale[:, APERTURE] = 1.0
    scale[:, JAW] = jaw_effort * (1 + (look.aperture - 1) * level)
    scale[:, _ROUNDED] *= (1 + (look.rounding - 1) * level)[:, None]
    scale[:, _SPREAD] *= (1 + (look.spread - 1) * level)[:, None]
    fixed = [c.startswith("tongue") or c == "mouth_lipBiteD" for c in CHANNELS]
    scale[:, fixed] = 1.0
    return speech * scale


def _mouth_offsets(look: Expression, level: RealArray, speech: RealArray) -> RealArray:
    """The emotion's mouth (T, 174); rounding a sound pulls a smile in."""
    rounded = speech[:, _ROUNDED].sum(axis=1).clip(0, 1)
    held = 1 - 0.55 * rounded[:, None] * SPREADING
    offsets: RealArray = level[:, None] * look.mouth * held
    return offsets


def close_lips(controls: RealArray, aperture: RealArray) -> RealArray:
    """Bring the lips to an aperture with jaw, lipsTogether, lifts and press.

    Where the jaw is too low for it, it opens further; where it hangs lower
    than needed, the lips close over it; at a closure the lifted lips let go
    and press. What else the mouth does is left as it is.

    Args:
        controls: (T, 174), lips let go (no lipsTogether).
        aperture: (T,), see ``rig.articulation.lip_aperture``; below 0 is pressed.

    Returns:
        (T, 174); its aperture is the one asked for, up to limits of range.
    """
    out = controls.copy()
    out += np.clip(aperture / _FULL_SEAL, 0, 1.2)[:, None] * SEAL
    out[:, _LIFTS] *= _lift_share(out, aperture)[:, None]
    out[:, _JAW] = _jaw_reaching(out, aperture)[:, None]
    out = out.clip(MINIMUM, MAXIMUM)
    parted, rest = aperture_parts(lip_means(out))
    together = 1 - (aperture - rest) / np.maximum(parted, 1e-3)
    out[:, _TOGETHER] = together.clip(0, 1)[:, None]
    return out


def _jaw_reaching(controls: RealArray, aperture: RealArray) -> RealArray:
    """The jaw as it is, lowered where the aperture (T,) needs it."""
    means = lip_means(controls)
    shut, rest = aperture_parts(means._replace(jaw=0.0))
    wide, _ = aperture_parts(means._replace(jaw=1.0))
    needed = (aperture - rest - shut) / np.maximum(wide - shut, 0.05)
    # A smooth maximum: no kink where the lips take over from the jaw.
    jaw: RealArray = 0.5 * (means.jaw + needed + np.sqrt((means.jaw - needed) ** 2 + 0.02**2))
    return jaw


def _lift_share(controls: RealArray, aperture: RealArray) -> RealArray:
    """How much of lifted lips an aperture (T,) leaves room for, smoothly 0..1."""
    means = lip_means(controls)
    lifted = DEPRESS * means.depress + RAISE * means.raised
    room = 0.85 * np.maximum(aperture, 0) / np.maximum(lifted, 1e-3)
    share: RealArray = room / (1 + room**4) ** 0.25
    return share
