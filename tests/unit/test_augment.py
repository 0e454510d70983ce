"""Augmentation: label times stay right, chance is seeded, steps do what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from medtalk_live.training import augment as steps
from medtalk_live.training.augment import Augmentation, augment, scale_times
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Samples

CLICK_S = 0.5
CHANCES = [name for name in Augmentation.__dataclass_fields__ if name.startswith("chance_")]
NEVER = dict.fromkeys(CHANCES, 0.0)


def click() -> Samples:
    """A sharp-edged burst of 10 ms that begins at CLICK_S, in faint noise."""
    generator = np.random.default_rng(1)
    samples = generator.normal(0, 1e-4, SAMPLE_RATE_HZ).astype(np.float32)
    start = int(CLICK_S * SAMPLE_RATE_HZ)
    samples[start : start + 160] += generator.normal(0, 0.3, 160).astype(np.float32)
    return samples


def onset_s(samples: Samples) -> float:
    """Where the energy of the loudest event begins: first millisecond at half its peak."""
    power = np.convolve(samples.astype(np.float64) ** 2, np.ones(16) / 16, "same")
    return float(np.argmax(power > 0.25 * power.max())) / SAMPLE_RATE_HZ


def tone(frequency_hz: float, duration_s: float = 1.0) -> Samples:
    time_s = np.arange(int(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (0.3 * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.float32)


def power_at(samples: Samples, frequency_hz: float) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    centre = round(frequency_hz * len(samples) / SAMPLE_RATE_HZ)
    return float(spectrum[centre - 5 : centre + 6].sum())


@pytest.mark.parametrize("chance", CHANCES)
@pytest.mark.parametrize("seed", range(4))
def test_a_click_is_found_where_its_scaled_label_says(chance: str, seed: int) -> None:
    mild: dict[str, Any] = {"noise_snr_db": (15.0, 40.0), "direct_to_reverb_db": (6.0, 15.0)}
    settings = Augmentation(**mild | NEVER | {chance: 1.0})
    generator = np.random.default_rng(seed)
    samples, time_scale = augment(click(), generator, others=[tone(300.0)], settings=settings)
    ((start_s, _, _),) = scale_times([(CLICK_S, CLICK_S + 0.01, "k")], time_scale)
    # 3 ms: a third of a label frame, more than any filter here smears a flank.
    assert onset_s(samples) == pytest.approx(start_s, abs=0.003)


def test_speed_scales_length_and_pitch_alike() -> None:
    faster = steps.change_speed(tone(1000.0), 1.25)
    assert len(faster) == pytest.approx(SAMPLE_RATE_HZ / 1.25, abs=2)
    assert power_at(faster, 1250.0) > 1000 * power_at(faster, 1000.0)


def test_the_same_seed_gives_the_same_sound() -> None:
    first, first_scale = augment(click(), np.random.default_rng(7), others=[tone(200.0)])
    again, again_scale = augment(click(), np.random.default_rng(7), others=[tone(200.0)])
    other, _ = augment(click(), np.random.default_rng(8), others=[tone(200.0)])
    np.testing.assert_array_equal(first, again)
    assert first_scale == again_scale
    assert len(other) != len(first) or not np.allclose(other, first)


def test_without_strength_only_the_level_changes() -> None:
    original = click()
    samples, time_scale = augment(original, np.random.default_rng(0), strength=0.0)
    assert time_scale == 1.0
    ratio = np.abs(samples).max() / np.abs(original).max()
    np.testing.assert_allclose(samples, original * ratio, atol=1e-6)


def test_a_vocal_tract_of_the_same_length_changes_nothing() -> None:
    noise = steps.coloured_noise(8000, np.random.default_rng(0), 1.0)
    # Rounding of 32-bit transforms.
    np.testing.assert_allclose(steps.warp_vocal_tract(noise, 1.0), noise, atol=1e-5)


def test_a_shorter_vocal_tract_moves_the_formant_and_keeps_the_pitch() -> None:
    harmonics = [float(f) for f in range(100, 7000, 100)]
    formant = np.exp(-(((np.array(harmonics) - 1500) / 300) ** 2)) + 0.01
    voice = sum(a * tone(f) for a, f in zip(formant, harmonics, strict=True))
    warped = steps.warp_vocal_tract(np.asarray(voice, dtype=np.float32), 1.15)
    power = np.array([power_at(warped, f) for f in harmonics])
    between = np.array([power_at(warped, f + 50) for f in harmonics])
    centre_hz = float(np.sum(np.array(harmonics) * power) / np.sum(power))
    # 1725 Hz is exact; the cepstral envelope is a little blunt.
    assert centre_hz == pytest.approx(1725.0, abs=80.0)
    assert power.max() > 100 * between.max()


def test_noise_is_mixed_at_the_wanted_level() -> None:
    speech = tone(500.0)
    noise = steps.coloured_noise(len(speech), np.random.default_rng(0), 0.0)
    added = steps.mix(speech, noise, 20.0) - speech
    ratio_db = 10 * np.log10(np.mean(speech**2) / np.mean(added**2))
    # Loudness takes the louder half of 20 ms blocks: some tenths of a dB for noise.
    assert ratio_db == pytest.approx(20.0, abs=0.6)


def test_the_telephone_passes_speech_and_stops_the_rest() -> None:
    for frequency_hz, passes in ((100.0, False), (1000.0, True), (5000.0, False)):
        heard = steps.telephone(tone(frequency_hz) + tone(1500.0), bits=8)
        share = power_at(heard, frequency_hz) / power_at(heard, 1500.0)
        assert (share > 0.5) == passes


def test_a_room_keeps_the_direct_sound_and_rings_after_it() -> None:
    sound = np.zeros(SAMPLE_RATE_HZ, dtype=np.float32)
    sound[4000] = 1.0
    heard = steps.add_room(sound, np.random.default_rng(0), reverb_s=0.4, direct_db=0.0)
    assert np.argmax(np.abs(heard)) == 4000
    # 32-bit transforms leave rounding before the direct sound.
    assert np.abs(heard[:4000]).max() < 1e-5
    tail = float(np.sum(heard[4001:] ** 2))
    assert tail == pytest.approx(1.0, rel=0.01)


def test_silence_stays_finite() -> None:
    for seed in range(20):
        samples, _ = augment(
            np.zeros(SAMPLE_RATE_HZ, dtype=np.float32),
            np.random.default_rng(seed),
            others=[np.zeros(100, dtype=np.float32)],
        )
        assert samples.dtype == np.float32
        assert np.all(np.isfinite(samples))
