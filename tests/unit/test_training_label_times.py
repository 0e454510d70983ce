"""The check of label times finds what was built into a sound."""

import numpy as np
import pytest

from medtalk_live.training.label_times import is_bilabial_stop, is_vowel, offsets_ms
from medtalk_live.training.utterance import SAMPLE_RATE_HZ


def vowel_stop_vowel(closes_s: float, opens_s: float, total_s: float) -> np.ndarray:
    samples = np.random.default_rng(1).normal(0, 0.1, round(total_s * SAMPLE_RATE_HZ))
    samples[round(closes_s * SAMPLE_RATE_HZ) : round(opens_s * SAMPLE_RATE_HZ)] *= 1e-3
    return samples.astype(np.float32)


@pytest.mark.parametrize("late_s", [-0.02, 0.0, 0.015])
def test_late_labels_are_measured_as_late(late_s: float) -> None:
    samples = vowel_stop_vowel(0.3, 0.38, 0.7)
    phones = [
        (0.0, 0.3 + late_s, "AA"),
        (0.3 + late_s, 0.38 + late_s, "P"),
        (0.38 + late_s, 0.7, "AA"),
    ]
    found = dict(offsets_ms(samples, phones))
    # the windows are 8 ms long, so half of that is the best that can be asked
    assert found["closure"] == pytest.approx(-late_s * 1000, abs=5)
    assert found["release"] == pytest.approx(-late_s * 1000, abs=5)


def test_vowels_and_bilabial_stops_are_known_in_both_alphabets() -> None:
    assert all(map(is_vowel, ("AA", "IY1", "ɑː", "eɪ", "ˈʌ")))
    assert not any(map(is_vowel, ("P", "NG", "ɹ", "sil", "SH")))
    assert all(map(is_bilabial_stop, ("P", "b", "pʰ")))
    assert not any(map(is_bilabial_stop, ("M", "d", "pf")))
