"""Exports, read back by csv, json, and a Maya that records what it is told."""

from __future__ import annotations

import csv
import json
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from medtalk_live.errors import TakeError
from medtalk_live.rig.arkit import APP_NAMES, LIVE_LINK_NAMES, to_live_link
from medtalk_live.rig.controls import COUNT, NAMES, NEUTRAL, FloatArray, clamp, index
from medtalk_live.rig.frames import HEAD_NAMES, Curves
from medtalk_live.rig.metahuman import BOARD_NAMES, RAW_NAMES, to_board, to_raw
from medtalk_live.takes.export import EXPORTS, export, write_csv, write_txt
from medtalk_live.takes.take import Mark, Take, TakeInfo, read_take
from medtalk_live.takes.writer import write_take

ROWS = 12


def some_controls() -> FloatArray:
    rng = np.random.default_rng(3)
    controls = clamp(rng.normal(0, 0.4, (ROWS, COUNT)).astype(np.float32))
    controls[:, index("C_jaw.ty")] = 0.25
    controls[:, index("C_mouth.tx")] = [0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0, 0]
    return controls


@pytest.fixture
def take(tmp_path: Path) -> Take:
    return make(tmp_path)


def make(folder: Path, fps: Fraction = Fraction(60), timecode: str = "10:20:30:40") -> Take:
    head = np.tile(np.arange(6, dtype=np.float32), (ROWS, 1))
    times = (np.arange(ROWS) / float(fps)).astype(np.float32)
    info = TakeInfo("", 0, fps=fps, start_timecode=timecode, model="starter")
    info.guidance = [Mark(0.0, "neutral"), Mark(0.1, "a sly half smile, “ha”")]
    path = folder / "SHOT_002.take"
    write_take(
        path, Curves(some_controls(), head, times, fps), np.zeros(800, np.float32), 16_000, info
    )
    return read_take(path)


def test_every_export_lies_beside_the_take_and_is_named_after_it(take: Take) -> None:
    names = {export(take, kind).name for kind in EXPORTS}
    endings = (".csv", ".txt", "_livelink.csv", "_maya.py", ".json")
    assert names == {f"SHOT_002{ending}" for ending in endings}
    assert all((take.path.parent / name).stat().st_size for name in names)


def test_csv_has_time_controls_and_head_with_a_header(take: Take, tmp_path: Path) -> None:
    write_csv(take.curves, tmp_path / "x.csv")
    header, *rows = csv.reader((tmp_path / "x.csv").read_text("utf-8").splitlines())
    assert header == ["time", *NAMES, *HEAD_NAMES]
    values = np.asarray(rows, np.float64)
    np.testing.assert_allclose(values[:, 0], np.arange(ROWS) / 60, atol=1e-6)
    # seven digits are written; float32 holds about as many
    np.testing.assert_allclose(values[:, 1:175], take.controls, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(values[:, 175:], take.head, rtol=1e-6)


def test_txt_is_the_authors_format(take: Take, tmp_path: Path) -> None:
    write_txt(take.curves, tmp_path / "x.txt")
    values = np.loadtxt(tmp_path / "x.txt", delimiter=",")
    np.testing.assert_allclose(values, take.controls, rtol=1e-6, atol=1e-7)


def test_live_link_csv_is_in_the_apps_order_by_name(take: Take) -> None:
    header, *rows = csv.reader(export(take, "livelink").read_text("utf-8").splitlines())
    assert header == ["Timecode", "BlendShapeCount", *APP_NAMES]
    assert [row[0] for row in rows[:3]] == ["10:20:30:40.000", "10:20:30:41.000", "10:20:30:42.000"]
    assert {row[1] for row in rows} == {"61"}
    values = to_live_link(take.controls, take.head)
    for name in ("JawLeft", "MouthRight", "MouthLeft", "HeadYaw", "TongueOut"):
        column = [float(row[header.index(name)]) for row in rows]
        expected = values[:, LIVE_LINK_NAMES.index(name)]
        assert column == pytest.approx(expected, abs=1e-9), name


def test_live_link_csv_counts_drop_frame_over_a_minute(tmp_path: Path) -> None:
    take = make(tmp_path, Fraction(30_000, 1001), "00:00:59;25")
    rows = export(take, "livelink").read_text("utf-8").splitlines()[1:]
    labels = [row.split(",")[0].split(".")[0] for row in rows]
    assert labels[3:7] == ["00:00:59;28", "00:00:59;29", "00:01:00;02", "00:01:00;03"]


def test_the_unreal_json_holds_board_keys_raw_curves_and_the_guidance(take: Take) -> None:
    content = json.loads(export(take, "json").read_text("utf-8"))
    assert (content["format"], content["version"]) == ("medtalk-unreal-take", 1)
    assert content["frame_rate"] == [60, 1]
    assert content["frames"] == list(range(ROWS))
    assert content["times"] == pytest.approx([k / 60 for k in range(ROWS)], abs=1e-5)
    assert (content["start_timecode"], content["drop_frame"]) == ("10:20:30:40", False)
    assert content["audio"] == str(take.path.resolve() / "audio.wav")
    assert content["guidance"][1] == {"time": 0.1, "frame": 6, "words": "a sly half smile, “ha”"}
    for names, values, key in (
        (BOARD_NAMES, to_board(take.controls), "board"),
        (RAW_NAMES, to_raw(take.controls), "raw"),
        (HEAD_NAMES, take.head, "head"),
    ):
        assert list(content[key]) == list(names)
        for column, name in enumerate(names):
            curve = np.asarray(content[key][name])
            assert len(curve) in (1, ROWS)
            np.testing.assert_allclose(np.broadcast_to(curve, ROWS), values[:, column], atol=1e-5)
    assert content["board"]["CTRL_C_jaw.ty"] == [0.25], "one value for a curve that never moves"


class _Scene(ModuleType):
    """What the script may call of ``maya.cmds``; one control is missing in this scene."""

    def __init__(self) -> None:
        super().__init__("maya.cmds")
        self.keys: dict[str, list[tuple[float, float]]] = {}
        self.unit = ""
        self.range = (0.0, 0.0)
        self.tangents = 0

    def currentUnit(self, time: str) -> None:  # noqa: N802 - Maya's own name
        self.unit = time

    def objExists(self, plug: str) -> bool:  # noqa: N802 - Maya's own name
        return "tongue_press" not in plug

    def setKeyframe(self, plug: str, time: float, value: float) -> None:  # noqa: N802 - Maya's own
        self.keys.setdefault(plug, []).append((time, value))

    def keyTangent(self, plug: str, **kinds: str) -> None:  # noqa: N802 - Maya's own name
        assert kinds == {"inTangentType": "linear", "outTangentType": "linear"}
        self.tangents += 1

    def playbackOptions(self, minTime: float, maxTime: float) -> None:  # noqa: N802 - Maya's own
        self.range = (minTime, maxTime)


def run_in(scene: _Scene, script: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    maya = ModuleType("maya")
    maya.cmds = scene  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "maya", maya)
    monkeypatch.setitem(sys.modules, "maya.cmds", scene)
    names: dict[str, object] = {"__name__": "take"}
    exec(compile(script.read_text("utf-8"), str(script), "exec"), names)
    return names


def test_the_maya_script_sets_the_keys_of_the_take(
    take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = _Scene()
    names = run_in(scene, export(take, "maya"), monkeypatch)
    missing = names["apply"]("hero:", 101)  # type: ignore[operator]
    assert missing == ["hero:CTRL_C_tongue_press.translateY"]
    assert (scene.unit, scene.range) == ("ntscf", (101, 101 + ROWS - 1))
    assert len(scene.keys) == scene.tangents == COUNT - 1
    for column, name in enumerate(NAMES):
        if "tongue_press" in name:
            continue
        keys = scene.keys["hero:" + name.replace("-", ".")]
        times, values = zip(*keys, strict=True)
        played = np.interp(np.arange(101, 101 + ROWS), times, values)
        np.testing.assert_allclose(played, take.controls[:, column], atol=1e-5, err_msg=name)
    assert len(scene.keys["hero:CTRL_C_jaw.translateY"]) == 1
    assert len(scene.keys["hero:CTRL_C_mouth.translateX"]) == 6


def test_a_hostile_slate_does_not_write_code_into_the_maya_script(
    take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    take.info.slate = '"""\nimport os; os.abort()\n"""'
    names = run_in(_Scene(), export(take, "maya"), monkeypatch)
    assert str(names["TAKE"]).startswith('"""')


@pytest.mark.parametrize(
    ("fps", "unit"), [(Fraction(25), "pal"), (Fraction(30_000, 1001), "29.97fps")]
)
def test_maya_is_told_the_frame_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fps: Fraction, unit: str
) -> None:
    names = run_in(_Scene(), export(make(tmp_path, fps, ""), "maya"), monkeypatch)
    assert names["RATE"] == unit


def test_exports_that_cannot_be_are_refused_in_words(take: Take, tmp_path: Path) -> None:
    with pytest.raises(TakeError, match="choose from csv, txt, livelink, maya, json"):
        export(take, "fbx")
    with pytest.raises(TakeError, match="cannot be written"):
        export(take, "csv", tmp_path / "no" / "such" / "folder.csv")
    write_take(
        tmp_path / "E_001.take",
        Curves(NEUTRAL[None, :][:0], np.zeros((0, 6), np.float32), np.zeros(0, np.float32)),
        np.zeros(0, np.float32),
        16_000,
        TakeInfo("", 0),
    )
    with pytest.raises(TakeError, match="nothing to export"):
        export(read_take(tmp_path / "E_001.take"), "csv")
