"""Makes one recording sound like many voices, rooms and microphones.

The chain follows the sound: voice (speed, vocal tract) -> room -> noise and
other talkers -> microphone (response, level, clipping) -> codec. Every filter
is zero-phase or starts at time zero, so only speed moves label times, and
`augment` returns by how much. Pure numpy on one thread, seeded by the
generator handed in; some hundred times faster than real time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft
import soxr
from numpy.typing import NDArray

from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Samples, Segment

Floats = NDArray[np.float32]
WINDOW = 512
HOP = WINDOW // 2
# Periodic square-root Hann: analysis and synthesis together add up to one.
_ROOT_HANN = np.sin(np.pi * np.arange(WINDOW) / WINDOW).astype(np.float32)
_ENVELOPE_CEPSTRA = 28
_MU = 255.0


@dataclass(frozen=True)
class Augmentation:
    """How often and how far each step goes; the chances are for strength 1.

    Attributes:
        speed: Largest relative change of speed (pitch moves with it).
        vocal_tract: Largest relative change of vocal tract length.
        equaliser_db: Standard deviation of the microphone's response.
        level_db: Range of the peak level.
        noise_snr_db: Range for coloured noise.
        babble_snr_db: Range for other talkers.
        reverb_s: Range of the reverberation time (60 dB).
        direct_to_reverb_db: Range of the direct sound over the tail.
    """

    speed: float = 0.20
    vocal_tract: float = 0.12
    equaliser_db: float = 5.0
    level_db: tuple[float, float] = (-30.0, -1.0)
    noise_snr_db: tuple[float, float] = (5.0, 40.0)
    babble_snr_db: tuple[float, float] = (8.0, 25.0)
    reverb_s: tuple[float, float] = (0.12, 0.8)
    direct_to_reverb_db: tuple[float, float] = (-2.0, 15.0)
    chance_speed: float = 0.7
    chance_vocal_tract: float = 0.7
    chance_room: float = 0.35
    chance_noise: float = 0.6
    chance_babble: float = 0.15
    chance_equaliser: float = 0.6
    chance_clip: float = 0.05
    chance_codec: float = 0.12


def augment(
    samples: Samples,
    generator: np.random.Generator,
    strength: float = 1.0,
    others: Sequence[Samples] = (),
    settings: Augmentation | None = None,
) -> tuple[Samples, float]:
    """Change voice, room, noise, microphone and codec at random.

    Args:
        samples: 16 kHz mono float32, shape (T_samples,).
        generator: Source of chance; the same state gives the same sound.
        strength: 0 leaves all but the level alone, 1 is the full programme;
            it scales the chances and the voice's changes.
        others: Recordings to draw other talkers from; none, no babble.
        settings: Ranges and chances.

    Returns:
        The sound, and the factor that label times are to be multiplied by.
    """
    chosen = settings or Augmentation()
    happens = _Chance(generator, strength)
    time_scale = 1.0
    if happens(chosen.chance_speed):
        factor = float(np.exp(generator.uniform(-1, 1) * np.log1p(chosen.speed * strength)))
        samples, time_scale = change_speed(samples, factor), 1.0 / factor
    if happens(chosen.chance_vocal_tract):
        reach = chosen.vocal_tract * strength
        samples = warp_vocal_tract(samples, 1.0 + float(generator.uniform(-reach, reach)))
    if happens(chosen.chance_room):
        reverb_s = float(generator.uniform(*chosen.reverb_s))
        direct_db = float(generator.uniform(*chosen.direct_to_reverb_db))
        samples = add_room(samples, generator, reverb_s, direct_db)
    if happens(chosen.chance_noise):
        snr_db = float(generator.uniform(*chosen.noise_snr_db))
        noise = coloured_noise(len(samples), generator, exponent=float(generator.uniform(0, 2)))
        samples = mix(samples, noise, snr_db)
    if len(others) and happens(chosen.chance_babble):
        talkers = babble(len(samples), others, generator)
        samples = mix(samples, talkers, float(generator.uniform(*chosen.babble_snr_db)))
    if happens(chosen.chance_equaliser):
        samples = equalise(samples, generator, chosen.equaliser_db)
    samples = set_level(samples, float(generator.uniform(*chosen.level_db)))
    if happens(chosen.chance_clip):
        samples = clip(samples, float(generator.uniform(0.3, 0.9)))
    if happens(chosen.chance_codec):
        samples = telephone(samples, bits=int(generator.integers(6, 9)))
    return samples, time_scale


@dataclass(frozen=True)
class _Chance:
    generator: np.random.Generator
    strength: float

    def __call__(self, chance: float) -> bool:
        return bool(self.generator.random() < chance * self.strength)


def scale_times(segments: Sequence[Segment], time_scale: float) -> tuple[Segment, ...]:
    """Multiply label times by what `augment` returned."""
    return tuple((start * time_scale, end * time_scale, name) for start, end, name in segments)


def change_speed(samples: Samples, factor: float) -> Samples:
    """Play `factor` times as fast; pitch and formants rise with it."""
    return _float32(soxr.resample(samples, SAMPLE_RATE_HZ * factor, SAMPLE_RATE_HZ, quality="MQ"))


def warp_vocal_tract(samples: Samples, factor: float) -> Samples:
    """Move the formants up by `factor` (a shorter vocal tract); pitch stays.

    The smooth envelope of each short-time spectrum is stretched over frequency
    and the difference applied as a zero-phase filter.
    """
    spectrum = _analyse(samples)
    magnitude = np.log(np.abs(spectrum) + np.float32(1e-6))
    cepstrum = scipy.fft.irfft(magnitude, axis=1)
    cepstrum[:, _ENVELOPE_CEPSTRA : WINDOW - _ENVELOPE_CEPSTRA + 1] = 0.0
    envelope = scipy.fft.rfft(cepstrum, axis=1).real
    bins = envelope.shape[1]
    position = np.minimum(np.arange(bins) / factor, bins - 1.0)
    below = np.minimum(position.astype(np.intp), bins - 2)
    share = (position - below).astype(np.float32)
    moved = envelope[:, below] * (1 - share) + envelope[:, below + 1] * share
    gain = np.exp(np.clip(moved - envelope, -2.5, 2.5))
    return _synthesise(spectrum * gain, len(samples))


def _analyse(samples: Samples) -> NDArray[np.complex64]:
    count = len(samples) // HOP + 2
    padded = np.zeros((count + 1) * HOP, dtype=np.float32)
    padded[HOP : HOP + len(samples)] = samples
    halves = padded.reshape(-1, HOP)
    frames = np.concatenate([halves[:-1], halves[1:]], axis=1) * _ROOT_HANN
    spectrum: NDArray[np.complex64] = scipy.fft.rfft(frames, axis=1)
    return spectrum


def _synthesise(spectrum: NDArray[np.complex64], length: int) -> Samples:
    frames = scipy.fft.irfft(spectrum, axis=1) * _ROOT_HANN
    halves = np.zeros((len(frames) + 1, HOP), dtype=np.float32)
    halves[:-1] += frames[:, :HOP]
    halves[1:] += frames[:, HOP:]
    return _float32(halves.reshape(-1)[HOP : HOP + length])


def add_room(
    samples: Samples, generator: np.random.Generator, reverb_s: float, direct_db: float
) -> Samples:
    """Add early reflections and a tail; the direct sound stays at time zero.

    Args:
        samples: Mono float32.
        generator: Draws the reflections.
        reverb_s: Time in which the tail falls by 60 dB.
        direct_db: Energy of the direct sound over all the rest.
    """
    length = int(reverb_s * SAMPLE_RATE_HZ)
    decay = np.exp(-6.9078 * np.arange(length) / length)
    tail = generator.standard_normal(length) * decay
    first = int(generator.uniform(0.002, 0.015) * SAMPLE_RATE_HZ)
    # Before the first reflection nothing arrives; until about three times
    # that, only single ones do.
    tail[first : 3 * first] *= generator.random(len(tail[first : 3 * first])) < 0.05
    tail[:first] = 0.0
    energy = float(np.sum(tail**2)) or 1.0
    tail *= np.sqrt(10.0 ** (-direct_db / 10) / energy)
    tail[0] = 1.0
    size = scipy.fft.next_fast_len(len(samples) + length, real=True)
    response = scipy.fft.rfft(tail.astype(np.float32), size)
    return _float32(scipy.fft.irfft(scipy.fft.rfft(samples, size) * response, size)[: len(samples)])


def coloured_noise(length: int, generator: np.random.Generator, exponent: float) -> Samples:
    """Noise whose power falls as 1 / f**exponent: 0 white, 1 pink, 2 brown."""
    size = scipy.fft.next_fast_len(length, real=True)
    white = scipy.fft.rfft(generator.standard_normal(size, dtype=np.float32))
    frequencies_hz = scipy.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    shape = (np.maximum(frequencies_hz, 40.0) / 1000.0) ** (-exponent / 2)
    return _float32(scipy.fft.irfft(white * shape.astype(np.float32), size)[:length])


def babble(length: int, others: Sequence[Samples], generator: np.random.Generator) -> Samples:
    """Two to five other talkers at once, from random places of their recordings."""
    total = np.zeros(length, dtype=np.float32)
    for index in generator.integers(len(others), size=int(generator.integers(2, 6))):
        talker = others[int(index)]
        start = int(generator.integers(len(talker)))
        piece = np.resize(np.roll(talker, -start), length)
        total += piece / max(_loudness(piece), 1e-5)
    return total


def mix(samples: Samples, noise: Samples, snr_db: float) -> Samples:
    """Add noise at a level below the speech's own loudness (its louder half)."""
    gain = _loudness(samples) / max(_loudness(noise), 1e-9) * 10.0 ** (-snr_db / 20)
    return _float32(samples + np.float32(gain) * noise)


def _loudness(samples: Samples) -> float:
    """Root mean square over the louder half of 20 ms blocks: pauses do not count."""
    block = SAMPLE_RATE_HZ // 50
    whole = len(samples) // block * block
    if whole == 0:
        return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0
    power = np.mean(samples[:whole].reshape(-1, block) ** 2, axis=1)
    return float(np.sqrt(np.mean(power[power >= np.median(power)])))


def equalise(samples: Samples, generator: np.random.Generator, spread_db: float) -> Samples:
    """Give the sound a random smooth response, zero-phase, as microphones have."""
    size = scipy.fft.next_fast_len(len(samples) + WINDOW, real=True)
    frequencies_hz = scipy.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    knots = np.log2(np.array([60, 150, 400, 1000, 2000, 3500, 5500, 8000]) / 1000)
    gains_db = generator.normal(0.0, spread_db, len(knots))
    octaves = np.log2(np.maximum(frequencies_hz, 20.0) / 1000)
    response = 10.0 ** (np.interp(octaves, knots, gains_db) / 20)
    low_cut_hz = generator.uniform(20, 200)
    response *= 1.0 / np.sqrt(1.0 + (low_cut_hz / np.maximum(frequencies_hz, 1.0)) ** 4)
    spectrum = scipy.fft.rfft(samples, size) * response.astype(np.float32)
    return _float32(scipy.fft.irfft(spectrum, size)[: len(samples)])


def set_level(samples: Samples, peak_db: float) -> Samples:
    """Bring the peak to a level in dB below full scale; silence stays silence."""
    peak = float(np.max(np.abs(samples), initial=0.0))
    return _float32(samples * (10.0 ** (peak_db / 20) / peak)) if peak > 0 else samples


def clip(samples: Samples, share: float) -> Samples:
    """Clip at `share` of the peak, as an overdriven input does."""
    limit = share * float(np.max(np.abs(samples), initial=0.0))
    return _float32(np.clip(samples, -limit, limit))


def telephone(samples: Samples, bits: int) -> Samples:
    """Limit to 300-3400 Hz and quantise by the mu law, 8 bits as G.711 or fewer."""
    size = scipy.fft.next_fast_len(len(samples) + WINDOW, real=True)
    frequencies_hz = scipy.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    low = 1.0 / (1.0 + (300.0 / np.maximum(frequencies_hz, 1.0)) ** 8)
    high = 1.0 / (1.0 + (frequencies_hz / 3400.0) ** 16)
    spectrum = scipy.fft.rfft(samples, size) * (low * high).astype(np.float32)
    narrow = scipy.fft.irfft(spectrum, size)[: len(samples)]
    peak = float(np.max(np.abs(narrow), initial=1e-9))
    levels = 2.0 ** (bits - 1)
    curved = np.sign(narrow) * np.log1p(_MU * np.abs(narrow) / peak) / np.log1p(_MU)
    steps = np.round(curved * levels) / levels
    return _float32(np.sign(steps) * np.expm1(np.abs(steps) * np.log1p(_MU)) / _MU * peak)


def _float32(values: NDArray[np.floating]) -> Samples:
    return np.asarray(values, dtype=np.float32)
