"""The take format: bytes of a row, take.json, and what the reader says about wrong ones."""

from __future__ import annotations

import json
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from medtalk_live.errors import TakeError
from medtalk_live.rig.controls import CONTROLS, COUNT, NAMES, FloatArray, clamp
from medtalk_live.rig.frames import ControlFrame, Curves
from medtalk_live.takes.rows import ROW_BYTES, encode_row
from medtalk_live.takes.take import Mark, TakeInfo, read_take
from medtalk_live.takes.writer import checked_slate, free_number, slate_of, write_take


def clip(rows: int = 30, fps: Fraction = Fraction(60)) -> Curves:
    rng = np.random.default_rng(rows)
    controls = clamp(rng.normal(0, 0.4, (rows, COUNT)).astype(np.float32))
    head = rng.normal(0, 5, (rows, 6)).astype(np.float32)
    return Curves(controls, head, (np.arange(rows) / float(fps)).astype(np.float32), fps)


def tone(seconds: float = 0.5) -> FloatArray:
    return np.sin(np.arange(round(16_000 * seconds)) / 10).astype(np.float32) * np.float32(0.5)


def make(folder: Path, rows: int = 30, **info: object) -> Path:
    path = folder / "SHOT_A_007.take"
    write_take(path, clip(rows), tone(), 16_000, TakeInfo(slate="", take=0, **info))  # type: ignore[arg-type]
    return path


def edit(path: Path, **changes: object) -> None:
    values = json.loads((path / "take.json").read_text("utf-8"))
    (path / "take.json").write_text(json.dumps(values | changes), encoding="utf-8")


def test_a_row_has_736_bytes_in_the_order_of_the_contract() -> None:
    values = np.arange(COUNT, dtype=np.float32)
    row = encode_row(ControlFrame(2**32 + 5, 1234.5, values, np.arange(6, dtype=np.float32) * 10))
    assert len(row) == ROW_BYTES == 736
    assert struct.unpack_from("<Id", row) == (5, 1234.5)
    assert struct.unpack_from("<6f", row, 12) == (0, 10, 20, 30, 40, 50)
    assert struct.unpack_from("<174f", row, 36) == tuple(range(174))
    assert struct.unpack_from("<I", row, 732) == (zlib.crc32(row[:732]),)


def test_a_take_reads_back_as_it_was_written(tmp_path: Path) -> None:
    marks = [Mark(0.0, "neutral"), Mark(0.25, "ein 😊 Lächeln")]
    path = make(tmp_path, guidance=marks, model="starter", start_timecode="01:00:00:00")
    take = read_take(path)
    np.testing.assert_array_equal(take.controls, clip().controls)
    np.testing.assert_array_equal(take.head, clip().head)
    np.testing.assert_allclose(take.curves.times, clip().times, atol=1e-7)
    assert (take.info.slate, take.info.take, take.info.name) == ("SHOT_A", 7, "SHOT_A_007")
    assert take.info.guidance == marks
    assert take.info.closed
    assert (take.info.audio_rate, take.info.start_timecode) == (16_000, "01:00:00:00")
    assert (take.broken_bytes, take.lost_rows, len(take)) == (0, 0, 30)
    assert take.seconds == pytest.approx(0.5)


def test_a_missing_frame_shows_as_a_lost_row(tmp_path: Path) -> None:
    path = make(tmp_path)
    rows = (path / "curves.bin").read_bytes()
    (path / "curves.bin").write_bytes(rows[: 10 * ROW_BYTES] + rows[13 * ROW_BYTES :])
    take = read_take(path)
    assert (len(take), take.lost_rows, take.broken_bytes) == (27, 3, 0)


def test_an_empty_take_is_readable(tmp_path: Path) -> None:
    take = read_take(make(tmp_path, rows=0))
    assert (len(take), take.seconds, take.start_time, take.lost_rows) == (0, 0, 0, 0)
    assert take.curves.controls.shape == (0, COUNT)


def test_rows_of_the_published_spelling_and_of_another_order_are_read_into_ours(
    tmp_path: Path,
) -> None:
    path = make(tmp_path)
    edit(path, controls=[control.published for control in CONTROLS])
    np.testing.assert_array_equal(read_take(path).controls, clip().controls)
    edit(path, controls=list(reversed(NAMES)))
    np.testing.assert_array_equal(read_take(path).controls, clip().controls[:, ::-1])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": 2}, "version 2; this program reads 1"),
        ({"format": "other"}, "damaged.*repair"),
        ({"controls": ["a", "b"]}, "another rig"),
        ({"frame_rate": [60, 0]}, "damaged.*repair"),
        ({"frame_rate": [-60, 1]}, "damaged.*repair"),
        ({"guidance": [{"time": "soon", "words": "x"}]}, "damaged.*repair"),
        ({"guidance": [{"time": float("nan"), "words": "x"}]}, "damaged.*repair"),
        ({"guidance": [{"time": 1e308, "words": "x"}]}, "damaged.*repair"),
        ({"audio": 5}, "damaged.*repair"),
        ({"audio": {"file": "audio.wav", "sample_rate": -5}}, "damaged.*repair"),
        ({"audio": {"file": "audio.wav", "sample_rate": 10**12}}, "damaged.*repair"),
        ({"take": None}, "damaged.*repair"),
    ],
)
def test_a_wrong_take_json_is_named_in_one_sentence(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    path = make(tmp_path)
    edit(path, **changes)
    with pytest.raises(TakeError, match=words):
        read_take(path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"null", b"[" * 100_000])
def test_a_take_json_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    path = make(tmp_path)
    (path / "take.json").write_bytes(content)
    with pytest.raises(TakeError, match="repair"):
        read_take(path)


def test_a_folder_that_is_no_take_is_named(tmp_path: Path) -> None:
    with pytest.raises(TakeError, match=r"has no take\.json"):
        read_take(tmp_path)
    with pytest.raises(TakeError, match="name the folder"):
        read_take(tmp_path / "nowhere.take")
    with pytest.raises(TakeError, match="name the folder"):
        read_take(make(tmp_path) / "take.json")


def test_halves_of_characters_in_a_take_json_are_read_as_question_marks(tmp_path: Path) -> None:
    path = make(tmp_path)
    edit(path, subject="Ada\ud800")
    assert read_take(path).info.subject == "Ada?"


def test_a_clip_is_not_written_over_another(tmp_path: Path) -> None:
    path = make(tmp_path)
    with pytest.raises(TakeError, match="exists"):
        write_take(path, clip(), tone(), 16_000, TakeInfo("", 0))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("SHOT", "SHOT"),
        (" a b ", "a_b"),
        ("../../etc/x", "etc_x"),
        ("C:\\x", "C_x"),
        ("夜-1", "夜-1"),
    ],
)
def test_a_slate_becomes_a_file_name(given: str, kept: str) -> None:
    assert checked_slate(given) == kept


@pytest.mark.parametrize("slate", ["", "...", "/", "x" * 65])
def test_a_slate_that_leaves_no_name_is_refused(slate: str) -> None:
    with pytest.raises(TakeError, match="1 to 64 letters"):
        checked_slate(slate)


def test_numbering_goes_on_after_the_highest_take_of_the_slate(tmp_path: Path) -> None:
    assert free_number(tmp_path, "A") == 1
    for name in ("A_001.take", "A_007.take", "B_100.take", "A_B_050.take", "A_x.take", "A_9.txt"):
        (tmp_path / name).mkdir()
    assert free_number(tmp_path, "A") == 8
    assert free_number(tmp_path, "A_B") == 51


@pytest.mark.parametrize(
    ("name", "slate"),
    [("A_003.take", ("A", 3)), ("A_B_12.take", ("A_B", 12)), ("plain.take", ("plain", 1))],
)
def test_slate_and_number_are_read_from_the_folder(name: str, slate: tuple[str, int]) -> None:
    assert slate_of(Path(name)) == slate
