"""Whatever happens to a take's files: only ``TakeError``, and every good row before the break."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medtalk_live.errors import TakeError
from medtalk_live.takes.export import EXPORTS, export
from medtalk_live.takes.repair import repair
from medtalk_live.takes.rows import ROW_BYTES
from medtalk_live.takes.take import Take, read_take

SAMPLE = Path(__file__).parents[2] / "protocol" / "SAMPLE_001.take"
ROWS = (SAMPLE / "curves.bin").read_bytes()
INFO = (SAMPLE / "take.json").read_bytes()
WAV = (SAMPLE / "audio.wav").read_bytes()
LIVELY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
changes = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(1, 255)),
    min_size=0,
    max_size=6,
    unique_by=lambda c: c[0],
)


def damaged(data: bytes, spots: list[tuple[int, int]], length: int, tail: bytes) -> bytes:
    out = bytearray(data)
    for at, flip in spots:
        out[at % len(out)] ^= flip
    return bytes(out[: length % (len(out) + 1)]) + tail


def lay(folder: Path, curves: bytes, info: bytes, sound: bytes) -> Path:
    path = folder / "SAMPLE_001.take"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    for name, content in (("curves.bin", curves), ("take.json", info), ("audio.wav", sound)):
        (path / name).write_bytes(content)
    return path


def whole_rows_before_the_break(data: bytes) -> int:
    """Independent of CRCs: rows that equal those of the sample, from the start."""
    count = 0
    while (count + 1) * ROW_BYTES <= min(len(data), len(ROWS)):
        at = slice(count * ROW_BYTES, (count + 1) * ROW_BYTES)
        if data[at] != ROWS[at]:
            break
        count += 1
    return count


@LIVELY
@given(spots=changes, length=st.integers(0, 10**6), tail=st.binary(max_size=900))
def test_every_good_row_before_the_break_is_read(
    tmp_path: Path, spots: list[tuple[int, int]], length: int, tail: bytes
) -> None:
    data = damaged(ROWS, spots, length, tail)
    path = lay(tmp_path, data, INFO, WAV)
    take = read_take(path)
    assert len(take) == whole_rows_before_the_break(data)
    assert take.broken_bytes == len(data) - len(take) * ROW_BYTES
    np.testing.assert_array_equal(take.controls, read_take(SAMPLE).controls[: len(take)])
    repair(path)
    mended = read_take(path)
    assert mended.broken_bytes == 0
    assert len(mended) >= len(take)
    assert repair(path) == []


@LIVELY
@given(spots=changes, length=st.integers(0, 10**6), tail=st.binary(max_size=50))
def test_a_damaged_take_json_raises_nothing_but_takeerror_and_can_be_repaired(
    tmp_path: Path, spots: list[tuple[int, int]], length: int, tail: bytes
) -> None:
    path = lay(tmp_path, ROWS, damaged(INFO, spots, length, tail), WAV)
    try:
        assert len(read_take(path)) == 24
    except TakeError as error:
        words = str(error)
        assert "\n" not in words
        if "damaged" in words:
            assert repair(path)
            assert len(read_take(path)) == 24


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def use(take: Take, folder: Path) -> None:
    for kind in EXPORTS:
        export(take, kind, folder / f"out_{kind}")


@LIVELY
@given(
    key=st.sampled_from(sorted(json.loads(INFO))),
    value=values,
)
def test_any_value_in_any_field_is_read_used_or_refused(
    tmp_path: Path, key: str, value: object
) -> None:
    text = json.dumps({**json.loads(INFO), key: value})
    path = lay(tmp_path, ROWS, text.encode(), WAV)
    with contextlib.suppress(TakeError):
        use(read_take(path), tmp_path)


@LIVELY
@given(sound=st.binary(max_size=200), keep=st.integers(0, 60))
def test_any_sound_file_is_mended_into_one_that_opens(
    tmp_path: Path, sound: bytes, keep: int
) -> None:
    soundfile = pytest.importorskip("soundfile")
    path = lay(tmp_path, ROWS, INFO, WAV[:keep] + sound)
    repair(path)
    info = soundfile.info(path / "audio.wav")
    assert (info.samplerate, info.channels) == (16_000, 1)
    assert repair(path) == []
