"""The speech measures tell good motion from late, smeared, frozen and random motion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from medtalk_live.evaluation.emotion import score_emotions
from medtalk_live.evaluation.speech import (
    Clip,
    SpeechScores,
    aggregate,
    aperture_target,
    auc,
    composite,
    score_clip,
    score_clips,
)
from medtalk_live.procedural.animate import animate_phones
from medtalk_live.procedural.expression import EMOTIONS
from medtalk_live.procedural.labels import Segment, segments_from_labels
from medtalk_live.procedural.phones import _IPA
from medtalk_live.rig.controls import COUNT


def babble(seed: int, count: int = 60) -> list[Segment]:
    """Random syllables between two silences of half a second."""
    generator = np.random.default_rng(seed)
    vowels = [s for s, p in _IPA.items() if p.is_vowel and p.phone_class not in ("ue", "oe", "ix")]
    consonants = ["p", "b", "m", "f", "v", "t", "s", "n", "l", "k", "ʃ", "w", "d", "ɹ"]
    at_s, rows = 0.5, []
    for i in range(count):
        length_s = generator.uniform(0.07, 0.16)
        rows.append((at_s, at_s + length_s, generator.choice(vowels if i % 2 else consonants)))
        at_s += length_s
    return segments_from_labels(rows, duration_s=at_s + 0.5)


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    return [
        Clip(animate_phones(s), s, f"voice {i % 2}") for i, s in enumerate(map(babble, range(6)))
    ]


@pytest.fixture(scope="module")
def scores(clips: list[Clip]) -> SpeechScores:
    return score_clips(clips)


def changed(clips: list[Clip], how: object) -> SpeechScores:
    return score_clips([Clip(how(c.controls), c.segments) for c in clips])  # type: ignore[operator]


def test_an_animation_from_true_labels_scores_high(scores: SpeechScores) -> None:
    # The floor of the teacher: above what a rule system gets with true labels elsewhere (78-88).
    assert scores.composite > 85
    assert scores.sealed_bilabials > 0.97
    assert scores.labiodental_auc > 0.98
    assert scores.rounding_auc > 0.97
    assert abs(scores.lag_ms) < 10
    assert scores.silence < 0.02
    assert scores.jitter < 0.005


def test_a_late_face_loses_as_timed_and_wins_it_back_after_its_own_delay(
    clips: list[Clip], scores: SpeechScores
) -> None:
    late = changed(clips, lambda x: np.roll(x, 4, axis=0))
    assert late.lag_ms == pytest.approx(
        scores.lag_ms + 4000 / 60, abs=6
    )  # within a third of a frame
    assert late.composite < scores.composite - 20
    assert late.composite_own_delay == pytest.approx(scores.composite, abs=3)


def test_a_smeared_face_loses_its_seals(clips: list[Clip], scores: SpeechScores) -> None:
    smeared = changed(clips, lambda x: gaussian_filter1d(x, 4, axis=0))
    assert smeared.sealed_bilabials < scores.sealed_bilabials - 0.2
    assert smeared.composite < scores.composite


def test_a_frozen_face_is_worth_nothing(clips: list[Clip]) -> None:
    frozen = changed(clips, np.zeros_like)
    assert frozen.bilabial_auc == pytest.approx(0.5)
    assert frozen.composite < 20
    assert frozen.sealed_vowels == 1.0


def test_noise_shows_as_jitter_and_as_unrest(clips: list[Clip], scores: SpeechScores) -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, (4000, COUNT))
    noisy = changed(clips, lambda x: x + noise[: len(x)])
    assert noisy.jitter > 3 * scores.jitter
    assert noisy.silence > 0.3


def test_a_louder_rig_scores_the_same_ranks(clips: list[Clip], scores: SpeechScores) -> None:
    louder = score_clips(
        [Clip(animate_phones(c.segments, jaw_effort=1.3), c.segments) for c in clips]
    )
    assert louder.vowel_height == pytest.approx(scores.vowel_height, abs=0.03)
    assert louder.bilabial_auc == pytest.approx(scores.bilabial_auc, abs=0.02)


def test_the_target_is_closed_at_m_and_widest_at_aa() -> None:
    segments = segments_from_labels([(0, 0.2, "a"), (0.2, 0.4, "m"), (0.4, 0.6, "i")])
    target = aperture_target(segments, 36)
    assert target[6] > 0.9
    assert target[18] < 0.1
    assert target[18] < target[30] < 0.3


def test_auc_counts_ties_as_half() -> None:
    assert auc(np.array([1.0, 1.0]), np.array([1.0, 1.0])) == 0.5
    assert auc(np.array([2.0]), np.array([1.0])) == 1.0
    assert np.isnan(auc(np.array([]), np.array([1.0])))


def test_the_composite_is_the_mean_of_its_five_parts() -> None:
    assert composite(1, 1, 1, 1, 1) == 100
    assert composite(0.5, -1, 0, 0.5, 0) == 0
    assert composite(0.9, 0.7, 0.5, 0.95, 0.8) == pytest.approx(
        100 * (0.8 + 0.7 + 0.5 + 0.9 + 0.8) / 5
    )


def test_speakers_are_told_apart_and_intervals_hold_the_score(clips: list[Clip]) -> None:
    table = aggregate(clips, resamples=40)
    assert set(table) == {"all", "voice 0", "voice 1"}
    assert table["voice 0"].clips == 3
    row = table["all"]
    assert row.low.composite <= row.scores.composite <= row.high.composite


def test_a_clip_without_speech_scores_nan_and_does_not_fail() -> None:
    scores = score_clip(np.zeros((60, COUNT)), segments_from_labels([(0, 1, "sil")]))
    assert np.isnan(scores.composite)


def test_emotions_are_told_apart_and_keep_the_speech(clips: list[Clip]) -> None:
    acted = {
        e: [Clip(animate_phones(c.segments, emotion=e), c.segments) for c in clips]
        for e in EMOTIONS
    }
    found = score_emotions(acted)
    assert found.told_apart == 1.0
    assert found.content_r_worst > 0.97
    assert found.bilabial_auc_loss < 0.01


def test_faces_that_never_change_are_not_told_apart(clips: list[Clip]) -> None:
    found = score_emotions(dict.fromkeys(EMOTIONS, clips))
    assert found.told_apart <= 1 / 6 + 1e-9
