"""Training data out of the three folder layouts, and overlap data; what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("soxr", reason="needs the [train] extra")
pytest.importorskip("torch")

from PIL import Image  # after the skips
from training_files import face, samples, write_corpus, write_pairs, write_rig

from medtalk_live.errors import TakeError, TrainingError
from medtalk_live.model.streaming import LABELS
from medtalk_live.rig.controls import pseudo_intensity
from medtalk_live.rig.frames import Curves
from medtalk_live.takes.controls_file import read_controls
from medtalk_live.takes.export import write_csv
from medtalk_live.training.clips import guidance_clips, speech_clips
from medtalk_live.training.guidance_pairs import write_pair
from medtalk_live.training.overlap import OverlapFaces, overlap_contents

AS_WRITTEN = 1e-5
"""Text of six digits."""


def test_the_authors_layout_gives_label_words_and_pairs_of_one_length(tmp_path: Path) -> None:
    names = ("angry_gd01_001", "surp_gd07_001", "sub/happy_gd01_001")
    write_pairs(tmp_path / "train", names)
    text = ",filename,emotion,text\n0,surp_gd07_001.wav,x,我的天呐\n"
    (tmp_path / "corpus_train.csv").write_bytes(text.encode("gb18030"))
    clips = {clip.id: clip for clip in speech_clips(tmp_path)}
    assert {name: LABELS[clip.label] for name, clip in clips.items()} == {
        "angry_gd01_001": "angry",
        "surp_gd07_001": "surprised",
        "sub-happy_gd01_001": "happy",
    }
    assert clips["surp_gd07_001"].words == "我的天呐"
    assert clips["angry_gd01_001"].words is None
    sound, controls = clips["angry_gd01_001"].read()
    assert len(sound) * 60 // 16_000 == len(controls) == 48
    np.testing.assert_allclose(controls, face(0), atol=AS_WRITTEN)


def test_a_face_of_another_length_is_refused_and_a_frame_or_two_are_cut(tmp_path: Path) -> None:
    write_pairs(tmp_path, ("sad_1", "fear_1"))
    write_rig(tmp_path / "VALID_CTR" / "sad_1.txt", face(0)[:46])
    write_rig(tmp_path / "VALID_CTR" / "fear_1.txt", face(0)[:20])
    clips = {clip.id: clip for clip in speech_clips(tmp_path)}
    sound, controls = clips["sad_1"].read()
    assert len(controls) == len(sound) * 60 // 16_000 == 46
    with pytest.raises(TrainingError, match="different takes"):
        clips["fear_1"].read()


def test_a_name_without_an_emotion_and_a_table_without_columns_are_named(tmp_path: Path) -> None:
    write_pairs(tmp_path / "a", ("clip_1",))
    with pytest.raises(TrainingError, match="does not begin with an emotion"):
        speech_clips(tmp_path / "a")
    write_pairs(tmp_path / "b", ("sad_1",))
    (tmp_path / "b" / "corpus.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(TrainingError, match="no column 'filename'"):
        speech_clips(tmp_path / "b")
    with pytest.raises(TrainingError, match="no training data"):
        speech_clips(tmp_path)
    with pytest.raises(TrainingError, match="nothing held out"):
        speech_clips(tmp_path / "b", "heldout")


def test_a_corpus_of_ours_is_acted_in_a_label_as_strongly_as_the_voice(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", train=7, heldout=2)
    clips = speech_clips(folder)
    assert [LABELS[clip.label] for clip in clips] == list(LABELS)
    assert clips[0].words == "words of clip 0"
    angry, neutral = (pseudo_intensity(clips[place].read()[1]).mean() for place in (0, 4))
    assert angry > neutral + 0.05
    assert len(speech_clips(folder, "heldout")) == 2


def test_guidance_data_comes_back_as_it_was_written(tmp_path: Path) -> None:
    picture = Image.fromarray(np.full((8, 8, 3), 90, np.uint8))
    write_pair(tmp_path, "one", samples(0, 0.8), face(0), picture, "A calm face.")
    (clip,) = guidance_clips(tmp_path)
    assert (clip.id, clip.description, clip.label) == ("one", "A calm face.", None)
    np.testing.assert_allclose(clip.read()[1], face(0), atol=AS_WRITTEN)
    (tmp_path / "text" / "one.txt").unlink()
    with pytest.raises(TrainingError, match=r"one\.txt is missing"):
        guidance_clips(tmp_path)


def test_controls_are_read_by_name_from_csv_and_by_place_from_txt(tmp_path: Path) -> None:
    rows = face(2)
    times = np.arange(len(rows), dtype=np.float32) / 60
    write_csv(Curves(rows, np.zeros((len(rows), 6), np.float32), times), tmp_path / "a.csv")
    np.testing.assert_allclose(read_controls(tmp_path / "a.csv"), rows, atol=AS_WRITTEN)
    cases = {
        "b.txt": ("1,2,3\n", "3 values a row, expected the rig's 174"),
        "c.txt": ("", "holds no rows"),
        "d.txt": ("a,b\n", "cannot be read as control values"),
        "e.csv": ("time,x\n0,1\n", "lacks 'CTRL_"),
        "f.txt": (",".join(["nan"] * 174) + "\n", "NaN"),
    }
    for name, (content, words) in cases.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
        with pytest.raises(TakeError, match=words):
            read_controls(tmp_path / name)


def pair_rig(folder: Path, contents: int = 3) -> Path:
    for number, label in enumerate(LABELS):
        name = "surprise" if label == "surprised" else label  # as the authors call it
        for content in range(contents):
            write_rig(folder / "pair_rig" / name / f"{content}.txt", face(content, number))
    return folder


def test_overlap_files_pair_by_their_order_and_draws_share_what_they_should(
    tmp_path: Path,
) -> None:
    contents = overlap_contents(pair_rig(tmp_path), 0, 7)
    assert [content.shape for content in contents] == [(7, 48, 174)] * 3
    faces = OverlapFaces(contents, 7, 10)
    assert len(faces) == 21
    for number in range(8):
        first, second = faces.same_content(range(number, number + 1))
        assert _place(contents, first)[0] == _place(contents, second)[0]
        assert _place(contents, first)[1] != _place(contents, second)[1]
        first, second = faces.same_emotion(range(number, number + 1))
        assert _place(contents, first)[0] != _place(contents, second)[0]
        assert _place(contents, first)[1] == _place(contents, second)[1]
        first, second = faces.nothing_shared(range(number, number + 1))
        places = _place(contents, first), _place(contents, second)
        assert places[0][0] != places[1][0]
        assert places[0][1] != places[1][1]
    assert faces.one(range(5)).shape == (5, 10, 174)


def _place(contents: list[np.ndarray], stretch: object) -> tuple[int, int]:
    """Content and emotion that a stretch (1, 10, 174) was cut from."""
    wanted = np.asarray(stretch)[0]
    found = [
        (c, e)
        for c, content in enumerate(contents)
        for e in range(7)
        for start in range(39)
        if np.array_equal(content[e, start : start + 10].astype(np.float32), wanted)
    ]
    assert len(set(found)) == 1
    return found[0]


def test_an_epoch_brings_every_sequence_once_and_a_draw_depends_on_its_number_alone(
    tmp_path: Path,
) -> None:
    contents = overlap_contents(pair_rig(tmp_path), 0, 7)
    faces = OverlapFaces(contents, 7, 10)
    seen = {_place(contents, faces.one(range(number, number + 1))) for number in range(21)}
    assert len(seen) == 21
    again = OverlapFaces(contents, 7, 10)
    assert np.array_equal(faces.one(range(40, 42)), again.one(range(40, 42)))


def test_overlap_data_that_does_not_fit_together_is_named(tmp_path: Path) -> None:
    folder = pair_rig(tmp_path / "a")
    (folder / "pair_rig" / "sad" / "2.txt").unlink()
    with pytest.raises(TrainingError, match="sad 2"):
        overlap_contents(folder, 0, 7)
    folder = pair_rig(tmp_path / "b")
    write_rig(folder / "pair_rig" / "sad" / "1.txt", face(1)[:30])
    with pytest.raises(TrainingError, match=r"1\.txt and its namesakes"):
        overlap_contents(folder, 0, 7)
    with pytest.raises(TrainingError, match="no folder for 'angry'"):
        overlap_contents(tmp_path, 0, 7)
    contents = overlap_contents(pair_rig(tmp_path / "c"), 0, 7)
    with pytest.raises(TrainingError, match="0 of 3 contents"):
        OverlapFaces(contents, 7, 100)
