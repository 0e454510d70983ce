"""How hard somebody speaks, against how they have spoken so far: louder, higher, faster, tenser.

The starter's dynamic intensity adds this to what its encoder hears. Level,
pitch, rate of syllables and brightness are held against their own running
means, so neither a microphone's gain and colour nor a high voice counts as
feeling; a stream begins at "usual". Pure numpy; engine thread. Source: stands
for emotion2vec in MEDTalk's section 3.4; syllables by dips of the level, after
de Jong and Wempe, 2009.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from medtalk_live.clock import SAMPLE_RATE
from medtalk_live.rig.controls import FloatArray

WINDOW_SAMPLES = 640
_RATE = SAMPLE_RATE // 2  # for pitch and brightness, every two samples are averaged
_FFT_SAMPLES = 512
_LAGS = slice(_RATE // 420, _RATE // 70)  # of pitches from 70 to 420 Hz
_LOW, _HIGH = (
    slice(a * _FFT_SAMPLES // _RATE, b * _FFT_SAMPLES // _RATE)
    for a, b in ((80, 1000), (1000, 4000))
)
_PERIODIC = 0.5
_QUIETEST_DB = -60.0

Four = Sequence[float]
"""Level in dB, pitch in semitones, syllables a second, 1 to 4 kHz over what lies below in dB."""

SCALES: Four = (6.0, 3.0, 1.5, 5.0)
"""What counts as clearly more than usual."""

WEIGHTS: Four = (0.5, 0.5, 0.5, 0.5)
LEAST: Four = (-2.5, 0.0, -1.0, -1.0)
"""How far below the usual counts: a lowered pitch may be calm or cold anger alike."""

_MEMORY_FRAMES = 3600.0  # a minute of speech
_SURE_FRAMES = 60.0  # from which the usual is known
_FOLLOW: Four = (1 / 15, 1 / 20, 1 / 15, 1 / 20)
_FADE = 1 / 45  # back to usual while nobody speaks
_SYLLABLE_DB = 3.0
_RATE_SHARE = 1 / 60
_MOST = 2.5


@dataclass(frozen=True, slots=True)
class EffortState:
    """What a stream remembers.

    Attributes:
        tail: The newest sound, float32.
        usual: Running means.
        known: Frames that each mean was made of.
        now: How far each stands from its mean, in ``SCALES``.
        rising: Whether the level last rose.
        turn_db: Highest (lowest) level since it rose (fell).
        syllables: A second, lately.
    """

    tail: FloatArray = field(default_factory=lambda: np.zeros(WINDOW_SAMPLES, np.float32))
    usual: Four = (0.0,) * 4
    known: Four = (0.0,) * 4
    now: Four = (0.0,) * 4
    rising: bool = False
    turn_db: float = _QUIETEST_DB
    syllables: float = 0.0


def step(samples: FloatArray, voice: float, state: EffortState) -> tuple[float, EffortState]:
    """Effort of the next frame, -1 (least) to 1; 0 is usual.

    Args:
        samples: The sound that is new, float32 (n,), 16 kHz.
        voice: Probability that somebody speaks.
        state: Left untouched.
    """
    tail = np.concatenate((state.tail, samples))[-WINDOW_SAMPLES:]
    level_db = 10.0 * math.log10(float(np.dot(tail, tail)) / WINDOW_SAMPLES + 1e-10)
    state = _count_syllables(level_db, replace(state, tail=tail))
    if voice < 0.5 or level_db < _QUIETEST_DB:
        state = replace(state, now=[x - _FADE * x for x in state.now])
    else:
        semitones, brightness_db = _pitch_and_brightness(tail)
        measured = (level_db, semitones, state.syllables, brightness_db)
        known = (state.usual, state.known, state.now)
        rows = [
            _compared(*row) for row in zip(measured, *known, SCALES, LEAST, _FOLLOW, strict=True)
        ]
        usual, age, now = zip(*rows, strict=True)
        state = replace(state, usual=usual, known=age, now=now)
    return math.tanh(sum(w * x for w, x in zip(WEIGHTS, state.now, strict=True))), state


def _compared(
    value: float,
    usual: float,
    known: float,
    now: float,
    scale: float,
    least: float,
    follow: float,
) -> tuple[float, float, float]:
    """The mean, its age, and how far the value stands from it, after one more frame."""
    if math.isnan(value):
        return usual, known, now
    known = min(known + 1.0, _MEMORY_FRAMES)
    usual += (value - usual) / known
    sure = min(1.0, known / _SURE_FRAMES)
    apart = sure * max(least, min(_MOST, (value - usual) / scale))
    return usual, known, now + follow * (apart - now)


def _count_syllables(level_db: float, state: EffortState) -> EffortState:
    """A syllable is a rise and a fall of the level by ``_SYLLABLE_DB``."""
    rising, turn_db, found = state.rising, state.turn_db, 0.0
    if rising:
        turn_db = max(turn_db, level_db)
        if level_db < turn_db - _SYLLABLE_DB:
            rising, turn_db, found = False, level_db, 1.0
    else:
        turn_db = min(turn_db, level_db)
        if level_db > turn_db + _SYLLABLE_DB:
            rising, turn_db = True, level_db
    syllables = state.syllables + _RATE_SHARE * (60.0 * found - state.syllables)
    return replace(state, rising=rising, turn_db=turn_db, syllables=syllables)


def _pitch_and_brightness(window: FloatArray) -> tuple[float, float]:
    """Semitones over 100 Hz by the autocorrelation's peak, and dB; NaN where not periodic."""
    sound = window[::2] + window[1::2]
    spectrum = np.fft.rfft(sound - sound.mean(), _FFT_SAMPLES)
    power = spectrum.real**2 + spectrum.imag**2
    likeness = np.fft.irfft(power, _FFT_SAMPLES)[: _LAGS.stop]
    lag = int(np.argmax(likeness[_LAGS])) + _LAGS.start
    overlap = 1.0 - lag / len(sound)
    if likeness[lag] < _PERIODIC * overlap * likeness[0]:
        return math.nan, math.nan
    low, high = float(power[_LOW].sum()), float(power[_HIGH].sum())
    return 12.0 * math.log2(_RATE / lag / 100.0), 10.0 * math.log10((high + 1e-9) / (low + 1e-9))
