"""Frames a token to phone times."""

import itertools

import numpy as np

from medtalk_live.training.sources.synth_tokens import RATE_HZ, phones_of


def sound(*stretches: tuple[float, float]) -> np.ndarray:
    """Noise of the given (seconds, amplitude) stretches in a row."""
    noise = np.random.default_rng(0)
    parts = [noise.normal(0, a, round(s * RATE_HZ)) for s, a in stretches]
    return np.concatenate(parts).astype(np.float32)


def test_a_token_lasts_as_long_as_the_frames_of_the_one_before_it() -> None:
    samples = sound((0.2, 0.0), (0.35, 0.1), (0.45, 0.0))
    frames = np.array([10, 4, 6, 2, 18])
    phones = phones_of(["m", "a", "s"], frames, samples)
    assert [symbol for _, _, symbol in phones] == ["sil", "m", "a", "s", "sil"]
    # 25 ms a frame less 10 ms: m ends with the ten frames of the framing zero
    assert np.allclose([end for _, end, _ in phones[1:3]], [0.24, 0.34])
    # the first phone begins and the last one ends where the sound does
    assert abs(phones[0][1] - 0.2) < 0.011
    assert abs(phones[-1][0] - 0.55) < 0.011
    assert phones[-1][1] == 1.0


def test_stress_marks_belong_to_the_vowel_and_length_marks_to_what_is_long() -> None:
    samples = sound((0.1, 0.0), (0.8, 0.1), (0.1, 0.0))
    frames = np.array([6, 4, 4, 4, 4, 12])
    phones = phones_of(list("mˈaː"), frames, samples)
    assert [symbol for _, _, symbol in phones] == ["sil", "m", "a", "sil"]
    assert np.isclose(phones[2][0], 0.14)


def test_a_quiet_comma_is_silence_and_a_sounding_space_is_none() -> None:
    tokens = list("ma, ma na")
    frames = np.array([8, 4, 8, 4, 4, 4, 4, 4, 4, 4, 4])
    # m ends at .19, a at .29, the comma and the space last until .59
    samples = sound((0.1, 0.0), (0.2, 0.1), (0.28, 0.0), (0.52, 0.1), (0.2, 0.0))
    phones = phones_of(tokens, frames, samples)
    assert [symbol for _, _, symbol in phones] == ["sil", *"ma", "sil", *"ma", *"na", "sil"]
    assert all(a[1] == b[0] for a, b in itertools.pairwise(phones))


def test_letters_of_the_network_come_back_as_ipa() -> None:
    samples = sound((0.1, 0.0), (0.3, 0.1), (0.1, 0.0))
    phones = phones_of(list("ʧI"), np.array([6, 4, 4, 6]), samples)
    assert [symbol for _, _, symbol in phones] == ["sil", "tʃ", "aɪ", "sil"]


def test_silence_alone_is_one_silence() -> None:
    assert phones_of(["m"], np.array([2, 2, 2]), sound((0.15, 0.0))) == ((0.0, 0.15, "sil"),)
