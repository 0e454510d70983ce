"""Repair: what a crash, a bad sector or a careless hand left is made a take again."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from medtalk_live.errors import TakeError
from medtalk_live.rig.controls import COUNT
from medtalk_live.rig.frames import Curves
from medtalk_live.takes.repair import repair
from medtalk_live.takes.rows import ROW_BYTES
from medtalk_live.takes.take import TakeInfo, read_take
from medtalk_live.takes.writer import write_take


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rows = np.random.default_rng(0).uniform(0, 1, (40, COUNT)).astype(np.float32)
    times = (np.arange(40) / 25).astype(np.float32)
    curves = Curves(rows, np.zeros((40, 6), np.float32), times, Fraction(25))
    tone = np.sin(np.arange(16_000) / 9).astype(np.float32) * np.float32(0.3)
    write_take(tmp_path / "S_004.take", curves, tone, 16_000, TakeInfo("", 0, fps=Fraction(25)))
    return tmp_path / "S_004.take"


def test_a_whole_take_is_left_alone(path: Path) -> None:
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    assert repair(path) == []
    assert {file.name: file.read_bytes() for file in path.iterdir()} == before


def test_rows_behind_a_bad_one_are_kept_and_the_original_stays_aside(path: Path) -> None:
    data = bytearray((path / "curves.bin").read_bytes())
    data[5 * ROW_BYTES + 100] ^= 1
    (path / "curves.bin").write_bytes(data[:-7])
    assert len(read_take(path)) == 5
    assert repair(path) == ["curves.bin: 38 good rows kept, 1465 bytes cut off"]
    take = read_take(path)
    assert (len(take), take.lost_rows, take.broken_bytes) == (38, 1, 0)
    assert (path / "curves.bin.damaged").read_bytes() == data[:-7]


def test_a_sound_without_a_length_is_mended(path: Path) -> None:
    sound = (path / "audio.wav").read_bytes()
    (path / "audio.wav").write_bytes(sound[:4] + bytes(4) + sound[8:40] + bytes(4) + sound[44:-1])
    assert repair(path) == ["audio.wav: header mended, 1.00 s of sound"]
    samples, rate = soundfile.read(path / "audio.wav")
    assert (len(samples), rate) == (15_999, 16_000)


def test_a_sound_whose_header_is_gone_gets_one(path: Path) -> None:
    sound = (path / "audio.wav").read_bytes()
    (path / "audio.wav").write_bytes(bytes(44) + sound[44:])
    repair(path)
    assert soundfile.info(path / "audio.wav").frames == 16_000


def test_a_sound_that_another_program_wrote_is_left_alone(path: Path) -> None:
    stereo = np.zeros((48_000, 2), np.float32)
    soundfile.write(path / "audio.wav", stereo, 48_000, subtype="PCM_24")
    before = (path / "audio.wav").read_bytes()
    assert repair(path) == []
    assert (path / "audio.wav").read_bytes() == before


def test_bytes_that_are_no_sound_stay_aside(path: Path) -> None:
    (path / "audio.wav").write_bytes(b"no sound" * 20)
    repair(path)
    assert soundfile.info(path / "audio.wav").frames == (160 - 44) // 2
    assert (path / "audio.wav.damaged").read_bytes() == b"no sound" * 20


def test_a_lost_take_json_is_written_anew_from_name_and_rows(path: Path) -> None:
    (path / "take.json").unlink()
    assert repair(path) == ["take.json: written anew from the folder's name and the rows"]
    take = read_take(path)
    assert (take.info.name, take.info.fps, take.info.closed) == ("S_004", Fraction(25), True)
    assert (len(take), take.info.audio_rate) == (40, 16_000)


def test_a_damaged_take_json_is_kept_aside(path: Path) -> None:
    (path / "take.json").write_bytes(b"{ half a")
    repair(path)
    assert (path / "take.json.damaged").read_bytes() == b"{ half a"
    assert len(read_take(path)) == 40


def test_a_take_that_was_never_closed_is_closed(path: Path) -> None:
    values = json.loads((path / "take.json").read_text("utf-8"))
    (path / "take.json").write_text(json.dumps(values | {"closed": False}), encoding="utf-8")
    assert repair(path) == ["take.json: marked as closed"]
    assert read_take(path).info.closed


def test_a_take_without_curves_or_sound_becomes_an_empty_one(path: Path) -> None:
    (path / "curves.bin").unlink()
    (path / "audio.wav").unlink()
    repair(path)
    take = read_take(path)
    assert (len(take), take.audio_path, take.info.audio_rate) == (0, None, 0)


def test_what_is_no_take_or_from_the_future_is_left_alone(path: Path, tmp_path: Path) -> None:
    with pytest.raises(TakeError, match="it is no take"):
        repair(tmp_path)
    values = json.loads((path / "take.json").read_text("utf-8"))
    (path / "take.json").write_text(json.dumps(values | {"version": 9}), encoding="utf-8")
    with pytest.raises(TakeError, match="version 9"):
        repair(path)
    assert json.loads((path / "take.json").read_text("utf-8"))["version"] == 9
