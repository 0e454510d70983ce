"""The plugin's Sequencer importer in a fake editor: controls, times, vectors, sound, problems."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import runpy
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import fake_unreal
import numpy as np
import pytest
from plugin_tools import DUMP

from medtalk_live.rig.controls import COUNT, MAXIMUM, MINIMUM, NEUTRAL
from medtalk_live.rig.frames import Curves
from medtalk_live.rig.metahuman import BOARD_NAMES, RAW_NAMES, to_board, to_raw
from medtalk_live.takes.export import export
from medtalk_live.takes.take import TakeInfo, read_take
from medtalk_live.takes.writer import write_take

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "unreal_plugin_src" / "MedTalkLive" / "Content" / "Python"
SECONDS = 60
ROUNDING = 2e-5
"""The JSON keeps five decimals; interpolation adds as much again."""


def speech(fps: Fraction = Fraction(60), seconds: int = SECONDS) -> Curves:
    """A face whose every control swings with a period of its own."""
    times = np.arange(int(seconds * fps)) / float(fps)
    wave = 0.5 - 0.5 * np.cos(2 * np.pi * times[:, None] / (2 + np.arange(COUNT) % 7))
    controls = (NEUTRAL + (MAXIMUM - NEUTRAL) * wave).astype(np.float32)
    controls[:, MINIMUM < 0] *= np.float32(-1)
    head = np.zeros((len(times), 6), np.float32)
    head[:, 0] = 10 * np.sin(times)
    return Curves(controls, head, times.astype(np.float32), fps)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a 60 s take and its JSON export."""
    folder = tmp_path_factory.mktemp("takes")
    path = folder / "SHOT_003.take"
    sound = np.zeros(16_000 * SECONDS, np.float32)
    write_take(path, speech(), sound, 16_000, TakeInfo(slate="", take=0))
    export(read_take(path), "json")
    return folder


class Importer:
    """The importer's modules over a fresh fake editor."""

    def __init__(self, minor: int) -> None:
        extra = [f"CTRL_C_tongue_roll.t{axis}" for axis in "y"]
        self.editor = fake_unreal.Editor([*BOARD_NAMES, *extra], DUMP if DUMP.exists() else None)
        sys.modules["unreal"] = fake_unreal.make(self.editor, minor)
        self.run: ModuleType = importlib.import_module("medtalk_import.run")
        self.data: ModuleType = importlib.import_module("medtalk_import.take_data")

    def sequence(self, name: str = "LS_SHOT_003") -> Any:
        return self.editor.assets[f"/Game/MedTalkTakes/{name}"]


@pytest.fixture
def importer(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Importer]:
    monkeypatch.syspath_prepend(str(CONTENT))
    yield Importer(getattr(request, "param", 8))
    for name in [name for name in sys.modules if name == "unreal" or "medtalk_import" in name]:
        del sys.modules[name]


@pytest.mark.parametrize("fps", [(24, 1), (30, 1), (60, 1)])
def test_a_minute_of_speech_becomes_keys_on_the_right_controls_and_frames(
    importer: Importer, recorded: Path, fps: tuple[int, int]
) -> None:
    done, problems = importer.run.import_takes(
        recorded / "SHOT_003.json", importer.editor.actor, fps=fps
    )
    assert (done, problems) == (1, [])
    sequence = importer.sequence()
    assert sequence.rate.hz == fps[0]
    frames = (3600 - 1) * fps[0] // 60 + 1
    assert (sequence.start, sequence.end) == (0, frames)
    channels = {c.channel_name: c for c in sequence.rig_track.sections[0].get_all_channels()}
    curves = speech()
    board = to_board(curves.controls)
    moments = np.arange(frames) / fps[0]
    for column, name in enumerate(BOARD_NAMES):
        control, axis = name.split(".")
        channel = channels.get(f"{control}.{axis[-1].upper()}") or channels[control]
        assert sorted(channel.keys) == list(range(frames))
        wanted = np.interp(moments, np.arange(3600) / 60, board[:, column])
        shown = np.asarray([channel.keys[k] for k in range(frames)])
        assert np.abs(shown - wanted).max() <= ROUNDING


def test_vector_controls_are_written_to_both_channels_and_are_not_zero(
    importer: Importer, recorded: Path
) -> None:
    importer.run.import_takes(recorded / "SHOT_003.json", importer.editor.actor)
    channels = importer.sequence().rig_track.sections[0].get_all_channels()
    vectors = [channel for channel in channels if "." in channel.channel_name]
    assert {"CTRL_C_jaw.X", "CTRL_C_jaw.Y", "CTRL_L_eye.X"} <= {c.channel_name for c in vectors}
    assert all(max(map(abs, channel.keys.values())) > 0.5 for channel in vectors)


def test_the_anim_sequence_holds_the_raw_curves_at_the_take_s_own_times(
    importer: Importer, recorded: Path
) -> None:
    importer.run.import_takes(recorded / "SHOT_003.json", importer.editor.actor, keys=False)
    sequence = importer.sequence("AS_SHOT_003")
    assert sequence.controller.open == 0
    assert sequence.controller.frames == 3599
    assert len(sequence.curves) == 260
    raw = to_raw(speech().controls)
    for column, name in enumerate(RAW_NAMES):
        times, values = sequence.curves[name]
        shown = np.interp(np.arange(3600) / 60, times, values)
        assert np.abs(shown - raw[:, column]).max() <= ROUNDING
    assert sequence.curves["HeadControlSwitch"][1] == [0.0]


def test_the_sound_starts_with_the_first_frame(importer: Importer, recorded: Path) -> None:
    importer.run.import_takes(recorded / "SHOT_003.json", importer.editor.actor, fps=(30, 1))
    sequence = importer.sequence()
    [section] = sequence.tracks[0].sections
    assert section.range == (0, sequence.end)
    assert str(section.sound).endswith("audio.wav")


def test_key_reduction_leaves_out_keys_within_the_tolerance(
    importer: Importer, recorded: Path
) -> None:
    importer.run.import_takes(recorded / "SHOT_003.json", importer.editor.actor, tolerance=0.01)
    curves = speech()
    board = to_board(curves.controls)
    channels = {
        c.channel_name: c for c in importer.sequence().rig_track.sections[0].get_all_channels()
    }
    total = 0
    for column, name in enumerate(BOARD_NAMES):
        control, axis = name.split(".")
        channel = channels.get(f"{control}.{axis[-1].upper()}") or channels[control]
        frames = sorted(channel.keys)
        total += len(frames)
        shown = np.interp(np.arange(3600), frames, [channel.keys[k] for k in frames])
        assert np.abs(shown - board[:, column]).max() <= 0.01 + ROUNDING
    assert total < 0.2 * 3600 * len(BOARD_NAMES)


@pytest.mark.skipif(not DUMP.exists(), reason="medtalk_dump is not built")
def test_a_take_s_folder_is_read_by_the_plugin_s_core(importer: Importer, recorded: Path) -> None:
    done, problems = importer.run.import_takes(recorded / "SHOT_003.take", importer.editor.actor)
    assert (done, problems) == (1, [])
    assert len(importer.sequence("AS_SHOT_003").curves) == 260


def test_a_folder_is_imported_and_one_bad_take_does_not_hold_up_the_rest(
    importer: Importer, recorded: Path, tmp_path: Path
) -> None:
    good = json.loads((recorded / "SHOT_003.json").read_text("utf-8"))
    for number in (1, 2):
        (tmp_path / f"SHOT_{number:03}.json").write_text(json.dumps({**good, "take": number}))
    (tmp_path / "BAD_001.json").write_text("{}")
    done, [problem] = importer.run.import_takes(tmp_path, importer.editor.actor, keys=False)
    assert done == 2
    assert problem.startswith("BAD_001.json: ")
    assert "take export" in problem


def test_an_import_does_not_overwrite_an_asset(importer: Importer, recorded: Path) -> None:
    take = recorded / "SHOT_003.json"
    importer.run.import_takes(take, importer.editor.actor, keys=False)
    done, [problem] = importer.run.import_takes(take, importer.editor.actor, keys=False)
    assert done == 0
    assert "is there already" in problem


def test_lost_frames_are_bridged_by_a_line(importer: Importer, tmp_path: Path) -> None:
    times = [0.0, 1 / 60, 4 / 60]
    take = importer.data.TakeData("A_001", (60, 1), times, {}, {}, {}, None, "")
    assert take.at_rate([0.0, 0.1, 0.4], (60, 1)) == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert take.at_rate([0.5], (60, 1)) == [0.5] * 5
    assert take.at_rate([0.0, 0.1, 0.4], (30, 1)) == pytest.approx([0.0, 0.2, 0.4])


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda v: v.pop("times"), "take export"),
        (lambda v: v.update(times=[]), "no frames"),
        (lambda v: v.update(format="other"), "take export"),
        (lambda v: v.update(version=2), "take export"),
        (lambda v: v["raw"].update(CTRL_expressions_jawOpen=[0.0, 1.0]), "different lengths"),
    ],
)
def test_a_damaged_take_is_refused_in_a_sentence(
    importer: Importer, recorded: Path, tmp_path: Path, harm: Any, words: str
) -> None:
    values = json.loads((recorded / "SHOT_003.json").read_text("utf-8"))
    harm(values)
    (tmp_path / "X.json").write_text(json.dumps(values))
    _, [problem] = importer.run.import_takes(tmp_path / "X.json", importer.editor.actor)
    assert words in problem


def test_a_face_without_a_rig_or_an_actor_without_a_face_is_named(
    importer: Importer, recorded: Path
) -> None:
    editor = importer.editor
    editor.face._mesh._rig = None
    _, [problem] = importer.run.import_takes(recorded / "SHOT_003.json", editor.actor)
    assert "add the MetaHuman" in problem
    editor.actor._components = []
    assert importer.run.main([str(recorded / "SHOT_003.json")]) == 1
    assert "no component 'Face'" in editor.log[-1]


def test_the_rig_is_found_by_name_where_the_mesh_names_none(
    importer: Importer, recorded: Path
) -> None:
    editor = importer.editor
    editor.face._mesh._rig = None
    board = type("Data", (), {"asset_name": "Face_ControlBoard_CtrlRig"})()
    board.get_asset = lambda: editor.rig
    editor.registry = [board]
    done, problems = importer.run.import_takes(recorded / "SHOT_003.json", editor.actor)
    assert (done, problems) == (1, [])


def test_the_command_line_imports_onto_a_named_actor_and_quits(
    importer: Importer, recorded: Path
) -> None:
    words = [str(recorded / "SHOT_003.json"), "--actor", "Ada", "--fps", "24", "--quit"]
    assert importer.run.main(words) == 0
    assert importer.editor.quit
    assert importer.sequence().rate.hz == 24
    assert importer.run.main([str(recorded), "--actor", "Nobody"]) == 1
    importer.editor.selected = []
    assert importer.run.main([str(recorded)]) == 1
    assert "select the MetaHuman" in importer.editor.log[-1]
    assert importer.run.frame_rate("30000/1001") == (30000, 1001)


def names_used(source: str) -> set[str]:
    """Every ``unreal.X`` and ``unreal.X.y`` of a module."""
    found = set()
    tree = ast.parse(source)
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            text = ast.unparse(node)
            if text.startswith("unreal.") and "(" not in text:
                found.add(text.removeprefix("unreal."))
    return found


def test_the_importer_uses_only_names_that_the_table_of_symbols_proves() -> None:
    known = fake_unreal.table()
    used = {name for file in CONTENT.rglob("*.py") for name in names_used(file.read_text("utf-8"))}
    assert "ControlRigSequencerLibrary.find_or_create_control_rig_track" in used
    assert used - known.keys() == set()


def test_the_fake_editor_s_objects_have_the_table_s_methods() -> None:
    rows = [
        (name.partition("."), signature) for name, (signature, _) in fake_unreal.table().items()
    ]
    methods = [
        (row, signature) for row, signature in rows if row[0] in fake_unreal.METHODS and row[2]
    ]
    assert len(methods) > 10
    for (kind, _, method), signature in methods:
        fake = inspect.signature(getattr(fake_unreal.METHODS[kind], method))
        shown = [(p.name, p.default) for p in fake.parameters.values() if p.name != "self"]
        assert shown == [(p.name, p.default) for p in signature.parameters.values()]


@pytest.mark.parametrize("importer", [4, 5, 6, 7, 8], indirect=True)
def test_the_menu_entry_imports_the_project_s_takes_in_every_version(
    importer: Importer, tmp_path: Path
) -> None:
    take = tmp_path / "MedTalkTakes" / "SHOT_003.take"
    sound = np.zeros(32_000, np.float32)
    write_take(take, speech(seconds=2), sound, 16_000, TakeInfo(slate="", take=0))
    export(read_take(take), "json")
    importer.editor.saved_folder = f"{tmp_path}/"
    runpy.run_path(str(CONTENT / "init_unreal.py"))
    [entry] = importer.editor.menus.entries["LevelEditor.MainMenu.Tools"]
    assert "Import MedTalk takes" in entry.label
    assert importer.editor.menus.refreshed
    exec(entry.command, {})
    assert importer.sequence().rig_track is not None
    assert len(importer.sequence("AS_SHOT_003").curves) == 260
