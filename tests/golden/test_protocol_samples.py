"""What lies in ``protocol/`` is what the code makes: both sides test against these bytes."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from medtalk_live.errors import SinkError
from medtalk_live.output.osc import FRAME_TYPES, HELLO_TYPES, decode_frame
from medtalk_live.rig.controls import COUNT, NAMES, TABLE_HASH, order_of
from medtalk_live.rig.metahuman import RAW_NAMES, to_raw
from medtalk_live.takes.repair import repair
from medtalk_live.takes.take import read_take

PROTOCOL = Path(__file__).parents[2] / "protocol"
SAMPLES = list(csv.DictReader((PROTOCOL / "samples.csv").read_text("utf-8").splitlines()))
ADDRESSES = list(csv.DictReader((PROTOCOL / "addresses.csv").read_text("utf-8").splitlines()))


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_samples", PROTOCOL / "make_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_code_still_makes_every_committed_byte(generator: ModuleType, tmp_path: Path) -> None:
    generator.main(tmp_path)
    made = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert len(made) > 30
    for path in sorted(made):
        assert (tmp_path / path).read_bytes() == (PROTOCOL / path).read_bytes(), path
    kept = {path.relative_to(PROTOCOL) for path in PROTOCOL.rglob("*.bin")}
    assert kept <= made, "a sample that nothing makes any more"


@pytest.mark.parametrize("row", SAMPLES, ids=lambda row: row["file"])
def test_a_sample_is_taken_or_refused_as_its_verdict_says(row: dict[str, str]) -> None:
    data = (PROTOCOL / row["file"]).read_bytes()
    assert len(data) == int(row["bytes"])
    if not row["file"].startswith("samples/frame"):
        return
    if row["verdict"] in ("accept", "table", "not_finite"):
        frame = decode_frame(data)
        assert (frame.table_hash == TABLE_HASH) == (row["verdict"] != "table")
        finite = np.isfinite(frame.frame.controls).all() and np.isfinite(frame.frame.head).all()
        assert finite == (row["verdict"] != "not_finite")
    else:
        with pytest.raises(SinkError):
            decode_frame(data)


def test_the_address_table_has_the_types_that_are_sent() -> None:
    types = {row["address"]: row["types"].replace(" ", "") for row in ADDRESSES}
    assert types["/medtalk/1/frame"].replace("180f", "f" * 180) == FRAME_TYPES
    assert types["/medtalk/1/hello"] == HELLO_TYPES
    for row in ADDRESSES:
        if row["address"] != "/medtalk/1/frame":
            assert len(row["types"].split()) == len(row["arguments"].split()), row["address"]


def test_the_mapping_cases_hold() -> None:
    header, *rows = csv.reader((PROTOCOL / "gui_to_raw_cases.csv").read_text("utf-8").splitlines())
    controls = [row for row in rows if row[0] == "control"]
    raw = [row for row in rows if row[0] == "raw"]
    assert [row[1] for row in raw] == list(RAW_NAMES)
    given = np.asarray([row[2:] for row in controls], np.float32).T[:, order_of(NAMES)]
    assert len(given) == len(header) - 2 == 12
    # six decimals in the file, slopes up to 5 in the table
    np.testing.assert_allclose(to_raw(given), np.asarray([r[2:] for r in raw], float).T, atol=1e-5)


def test_the_sample_take_reads_and_the_crashed_one_can_be_mended(
    generator: ModuleType, tmp_path: Path
) -> None:
    good = read_take(PROTOCOL / "SAMPLE_001.take")
    assert (len(good), good.info.name, good.broken_bytes) == (24, "SAMPLE_001", 0)
    assert good.controls.shape == (24, COUNT)
    assert [mark.words for mark in good.info.guidance] == ["neutral", "happy"]
    crashed = read_take(PROTOCOL / "CRASHED_001.take")
    assert (len(crashed), crashed.broken_bytes, crashed.info.closed) == (20, 300, False)
    np.testing.assert_array_equal(crashed.controls, good.controls[:20])
    generator.crash(PROTOCOL / "SAMPLE_001.take", tmp_path / "CRASHED_001.take")
    assert len(repair(tmp_path / "CRASHED_001.take")) == 3
    mended = read_take(tmp_path / "CRASHED_001.take")
    assert (len(mended), mended.broken_bytes, mended.info.closed) == (20, 0, True)
    assert repair(tmp_path / "CRASHED_001.take") == []
