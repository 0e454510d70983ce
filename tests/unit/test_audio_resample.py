from __future__ import annotations

import numpy as np
import pytest

from medtalk_live.audio.resample import StreamResampler, to_mono
from medtalk_live.errors import AudioError

RATES = (8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000)


def converted(sound: np.ndarray, rate: int, sizes: list[int]) -> np.ndarray:
    resampler, parts, at = StreamResampler(rate), [], 0
    for size in sizes:
        parts.append(resampler.push(sound[at : at + size]))
        at += size
    return np.concatenate(parts)


@pytest.mark.parametrize("rate", RATES)
def test_the_stream_has_no_seams_whatever_the_chunks(rate: int) -> None:
    rng = np.random.default_rng(rate)
    sound = rng.standard_normal(rate // 2).astype(np.float32)
    sizes = rng.integers(0, rate // 50, 100).tolist()
    whole = converted(sound[: sum(sizes)], rate, [sum(sizes)])
    assert np.array_equal(converted(sound, rate, sizes), whole)


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_keeps_its_height_and_its_place(rate: int) -> None:
    seconds = np.arange(rate) / rate
    tone = np.sin(2 * np.pi * 1000 * seconds).astype(np.float32)
    out = StreamResampler(rate).push(tone)
    middle = np.arange(2000, len(out) - 2000)
    wanted = np.sin(2 * np.pi * 1000 * middle / 16_000)
    # a shift of one microsecond would already cost 0.006
    assert np.abs(out[middle] - wanted).max() < 2e-3


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000, 96_000])
def test_what_16_khz_cannot_hold_is_not_folded_back(rate: int) -> None:
    seconds = np.arange(rate) / rate
    tone = np.sin(2 * np.pi * 9_500 * seconds).astype(np.float32)
    out = StreamResampler(rate).push(tone)[500:]
    assert np.sqrt(np.mean(out**2)) < 1e-3  # -60 dB


@pytest.mark.parametrize("rate", RATES)
def test_the_declared_delay_is_what_is_held_back(rate: int) -> None:
    resampler = StreamResampler(rate)
    out = resampler.push(np.zeros(rate, np.float32))
    held_back_ms = 1000 * (1 - len(out) / 16_000)
    assert held_back_ms <= resampler.latency_ms + 0.1
    assert resampler.latency_ms < 6.0


def test_16_khz_passes_untouched_and_at_once() -> None:
    sound = np.linspace(-1, 1, 160, dtype=np.float32)
    resampler = StreamResampler(16_000)
    assert resampler.push(sound) is sound
    assert resampler.latency_ms == 0.0


@pytest.mark.parametrize("rate", [0, -1, 7_999, 96_001])
def test_an_unusable_rate_is_refused_with_the_range(rate: int) -> None:
    with pytest.raises(AudioError, match="8000 to 96000"):
        StreamResampler(rate)


def test_channels_are_averaged() -> None:
    stereo = np.array([[0.5, 0.1], [1.0, -1.0]], np.float32)
    assert np.allclose(to_mono(stereo), [0.3, 0.0])


def test_integers_are_scaled_to_full_scale() -> None:
    assert np.allclose(to_mono(np.array([-32768, 0, 16384], np.int16)), [-1.0, 0.0, 0.5])


@pytest.mark.parametrize("bad", [np.zeros((2, 2, 2)), np.array("x"), np.zeros(3, complex)])
def test_what_is_no_sound_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(AudioError, match="expected"):
        to_mono(bad)
