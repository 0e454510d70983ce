"""The phone teacher: targets from labels, the probe, its files, and its report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from medtalk_live.errors import CheckpointError, TrainingError
from medtalk_live.procedural.phones import CLASS_INDEX, PHONE_CLASSES
from medtalk_live.training import teacher
from medtalk_live.training.spoken_text import free_phones, slots_of
from medtalk_live.training.teach import pieces
from medtalk_live.training.teacher_report import auc, lag_ms
from medtalk_live.training.utterance import Recording
from medtalk_live.training.whisper_features import FEATURE_WIDTH


def recording(phones, duration_s: float = 1.0) -> Recording:
    return Recording(
        id="one",
        source="made",
        speaker="made/one",
        language="en",
        phones=phones,
        alphabet="arpabet",
        path=Path("one.flac"),
        duration_s=duration_s,
    )


MAP = ((0.0, 0.2, "sil"), (0.2, 0.3, "M"), (0.3, 0.6, "OW"), (0.6, 0.7, "F"), (0.7, 1.0, "sil"))


def test_each_frame_takes_the_phone_at_its_own_time():
    targets = teacher.targets_of(recording(MAP), 100)
    names = [PHONE_CLASSES[c] for c in targets.classes]
    assert names[19] == "sil"
    assert names[20] == "m"  # frame 20 is centred at 0.20 s, where m begins
    assert names[29] == "m"
    assert names[30] == "ow"
    assert names[65] == "f"


def test_articulation_is_told_only_where_the_phone_fixes_it():
    shape = teacher.targets_of(recording(MAP), 100).articulation
    closure, touch, rounding, openness, _, silence = (shape[:, i] for i in range(6))
    assert closure[25] == 1
    assert closure[45] == 0
    assert touch[65] == 1
    assert openness[25] == 0
    assert np.isnan(rounding[25])  # lips of m follow the vowel beside it
    assert np.isnan(openness[10])
    assert silence[10] == 1
    assert openness[58] < openness[31]  # ow closes on its way to the glide


def test_a_recording_without_labels_is_refused_by_name():
    with pytest.raises(TrainingError, match="one has no phone labels"):
        teacher.targets_of(recording(None), 100)


def made_examples(count: int = 4) -> list[teacher.Example]:
    """Features that hold the class in plain sight, so that a probe can find it."""
    draw = np.random.default_rng(0)
    codes = draw.normal(size=(3, FEATURE_WIDTH))
    examples = []
    for _ in range(count):
        classes = np.repeat(draw.integers(0, 3, size=12), 5)
        features = (codes[classes] + 0.1 * draw.normal(size=(60, FEATURE_WIDTH))).astype("f2")
        shape = np.full((120, len(teacher.ARTICULATION)), np.nan, np.float32)
        shape[:, 0] = np.repeat(classes == 1, 2)
        targets = teacher.Targets(np.repeat(classes, 2).astype(np.int64), shape)
        examples.append(teacher.Example("made", features, targets))
    return examples


def test_the_probe_learns_what_its_features_hold():
    examples = made_examples()
    probe = teacher.train_probe(examples, {}, steps=25, batch=2)
    posteriors, shape = teacher.listen(probe, examples[0].features)
    classes = examples[0].targets.classes
    assert posteriors.shape == (120, len(PHONE_CLASSES))
    np.testing.assert_allclose(posteriors.sum(axis=1), 1, atol=1e-5)
    # boundaries fall between frames, so a few of them may go either way
    assert (posteriors.argmax(axis=1) == classes).mean() > 0.85
    assert auc(shape[:, 0], classes == 1) > 0.95


def test_training_without_recordings_says_what_to_do():
    with pytest.raises(TrainingError, match="build the corpus first"):
        teacher.train_probe([], {})


def test_a_stored_probe_answers_as_before(tmp_path):
    probe = teacher.Probe().eval()
    teacher.save_probe(probe, tmp_path / "probe.safetensors")
    features = np.random.default_rng(2).normal(size=(20, FEATURE_WIDTH)).astype("f2")
    again = teacher.load_probe(tmp_path / "probe.safetensors")
    for before, after in zip(
        teacher.listen(probe, features), teacher.listen(again, features), strict=True
    ):
        np.testing.assert_array_equal(before, after)


def test_a_probe_of_other_phone_classes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(teacher, "PHONE_CLASSES", ("sil", "p"))
    teacher.save_probe(teacher.Probe(), tmp_path / "probe.safetensors")
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="train it again"):
        teacher.load_probe(tmp_path / "probe.safetensors")


def test_frames_without_a_label_do_not_move_the_loss():
    torch.manual_seed(0)
    logits, shape = torch.randn(1, 6, len(PHONE_CLASSES)), torch.randn(1, 6, 6)
    classes = torch.tensor([[1, 2, teacher.IGNORE, 3, teacher.IGNORE, 5]])
    fixed = torch.full((1, 6, 6), float("nan"))
    fixed[0, :, 0] = 1.0
    before = teacher.probe_loss(logits, shape, classes, fixed)
    logits[0, 2] += 5
    shape[0, :, 3] -= 7
    assert teacher.probe_loss(logits, shape, classes, fixed) == before


@pytest.mark.parametrize("late", [-3, 0, 2])
def test_the_report_sees_how_late_the_posteriors_are(late):
    draw = np.random.default_rng(3)
    classes = np.repeat(draw.integers(1, len(PHONE_CLASSES), size=60), 8).astype(np.int64)
    posteriors = np.eye(len(PHONE_CLASSES), dtype=np.float32)[np.roll(classes, late)]
    assert lag_ms(posteriors, classes) == pytest.approx(10 * late, abs=1)


def test_the_area_under_the_curve_counts_ties_half():
    assert auc(np.array([0.0, 1.0, 1.0, 2.0]), np.array([False, False, True, True])) == 0.875


def test_long_recordings_are_cut_in_their_pauses():
    silence = np.zeros(6000, np.float32)
    silence[[*range(1980, 2020), *range(4180, 4220)]] = 1
    found = pieces(silence)
    assert found[0][0] == 0
    assert found[-1][1] == 6000
    assert all(1200 <= stop - start <= 2600 for start, stop in found[:-1])
    assert abs(found[0][1] - 2000) <= 20
    assert abs(found[1][1] - 4200) <= 20


def test_words_become_phones_with_optional_silence_between_them():
    slots, symbols = slots_of([["m", "ˈaɪ"], ["tʃ"]])
    assert symbols == ["sil", "m", "ˈaɪ", "sil", "tʃ", "sil"]
    assert [slot.optional for slot in slots] == [True, False, False, True, False, True]
    assert slots[2].class_index == CLASS_INDEX["ay"]


def test_without_a_text_the_most_likely_phones_are_given_in_ipa():
    rows = [CLASS_INDEX[name] for name in ["sil"] * 10 + ["sh"] * 10 + ["iy"] * 10]
    timed = free_phones(np.eye(len(PHONE_CLASSES), dtype=np.float32)[rows])
    assert [symbol for _, _, symbol in timed.phones] == ["sil", "ʃ", "i"]
    assert timed.how == "free"
