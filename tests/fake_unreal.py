"""A stand-in for the editor's ``unreal`` module: the calls that the importer makes, no more.

Names, parameters and the engine version that brought them come from the table
``Tests/shims/unreal_python.csv``: what does not stand there, or is newer than
the version asked for, does not exist here. It is strict about types as well,
so that a call the editor would refuse fails. It knows one MetaHuman and keeps
what it is told; the Control Rig library's setters, which write vectors as
zeros, are not in the table at all.
"""

from __future__ import annotations

import csv
import inspect
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

SHIMS = Path(__file__).parents[1] / "unreal_plugin_src" / "MedTalkLive" / "Tests" / "shims"


def table() -> dict[str, tuple[inspect.Signature, int]]:
    """Every known name of the module, and methods of its objects: parameters, minor version."""
    with (SHIMS / "unreal_python.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    signatures = (inspect.signature(eval(f"lambda {row['parameters']}: None")) for row in rows)
    return {
        row["name"]: (signature, int(row["since"]))
        for row, signature in zip(rows, signatures, strict=True)
    }


class FrameRate:
    def __init__(self, numerator: int, denominator: int = 1) -> None:
        self.numerator, self.denominator = numerator, denominator

    @property
    def hz(self) -> float:
        return self.numerator / self.denominator


class FrameNumber:
    def __init__(self, value: int) -> None:
        assert type(value) is int, "FrameNumber takes a whole number"
        self.value = value


class Text(str):
    """``unreal.Text``."""


class Channel:
    def __init__(self, name: str) -> None:
        self.channel_name = name
        self.keys: dict[int, float] = {}

    def add_key(
        self,
        time: FrameNumber,
        new_value: float,
        sub_frame: float = 0.0,
        time_unit: str = "DISPLAY_RATE",
        interpolation: str = "AUTO",
    ) -> None:
        assert isinstance(time, FrameNumber)
        assert isinstance(new_value, float)
        assert sub_frame == 0.0
        assert time_unit == "DISPLAY_RATE", "a tick number would land elsewhere"
        assert interpolation in ("AUTO", "LINEAR")
        assert time.value not in self.keys, "one key a frame"
        self.keys[time.value] = new_value


class Section:
    def __init__(self, channels: list[Channel]) -> None:
        self._channels = channels
        self.sound: Any = None
        self.range: tuple[int, int] | None = None

    def get_all_channels(self) -> list[Channel]:
        return self._channels

    def set_sound(self, sound: Any) -> None:
        self.sound = sound

    def set_range(self, start_frame: int, end_frame: int) -> None:
        assert type(start_frame) is int
        assert type(end_frame) is int
        self.range = (start_frame, end_frame)


class Track:
    def __init__(self, sections: list[Section]) -> None:
        self.sections = sections

    def get_sections(self) -> list[Section]:
        return self.sections

    def add_section(self) -> Section:
        self.sections.append(Section([]))
        return self.sections[-1]


class Controller:
    def __init__(self) -> None:
        self.open = 0
        self.rate: FrameRate | None = None
        self.frames = -1

    def open_bracket(self, title: Text, should_transact: bool = True) -> None:
        assert isinstance(title, Text)
        self.open += 1

    def close_bracket(self, should_transact: bool = True) -> None:
        self.open -= 1

    def set_frame_rate(self, frame_rate: FrameRate, should_transact: bool = True) -> None:
        assert isinstance(frame_rate, FrameRate)
        self.rate = frame_rate

    def set_number_of_frames(
        self, new_length_in_frames: FrameNumber, should_transact: bool = True
    ) -> None:
        assert isinstance(new_length_in_frames, FrameNumber)
        self.frames = new_length_in_frames.value


class AnimSequence:
    def __init__(self) -> None:
        self.controller = Controller()
        self.curves: dict[str, tuple[list[float], list[float]]] = {}


class LevelSequence:
    def __init__(self) -> None:
        self.rate: FrameRate | None = None
        self.start = self.end = -1
        self.bound: list[Any] = []
        self.tracks: list[Track] = []
        self.rig_track: Track | None = None
        self.opened = False

    def set_display_rate(self, display_rate: FrameRate) -> None:
        assert isinstance(display_rate, FrameRate)
        self.rate = display_rate

    def set_playback_start(self, start_frame: int) -> None:
        self.start = start_frame

    def set_playback_end(self, end_frame: int) -> None:
        self.end = end_frame

    def add_possessable(self, object_to_possess: Any) -> tuple[str, Any]:
        self.bound.append(object_to_possess)
        return ("binding", object_to_possess)

    def add_track(self, track_type: type) -> Track:
        self.tracks.append(Track([]))
        return self.tracks[-1]


class SkeletalMesh:
    def __init__(self, rig: Any) -> None:
        self.skeleton = "Face_Archetype_Skeleton"
        self._rig = rig

    def get_editor_property(self, name: str) -> Any:
        assert name == "default_animating_rig"
        return self._rig


class SkeletalMeshComponent:
    def __init__(self, name: str, mesh: SkeletalMesh | None) -> None:
        self._name, self._mesh = name, mesh

    def get_name(self) -> str:
        return self._name

    def get_skeletal_mesh_asset(self) -> SkeletalMesh | None:
        return self._mesh


class Rig:
    """The face board: two-axis controls are vectors, the rest floats."""

    def __init__(self, board: list[str]) -> None:
        axes: dict[str, set[str]] = {}
        for name in board:
            control, axis = name.split(".")
            axes.setdefault(control, set()).add(axis)
        self.channel_names = [
            f"{control}.{axis}" if "tx" in found else control
            for control, found in axes.items()
            for axis in (("X", "Y") if "tx" in found else ("",))
        ]

    def get_control_rig_class(self) -> Rig:
        return self


class Actor:
    def __init__(self, label: str, components: list[SkeletalMeshComponent]) -> None:
        self._label, self._components = label, components

    def get_actor_label(self, create_if_none: bool = True) -> str:
        return self._label

    def get_components_by_class(self, component_class: type) -> list[SkeletalMeshComponent]:
        return [part for part in self._components if isinstance(part, component_class)]


class Properties:
    """Anything with ``set_editor_property``."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def set_editor_property(self, name: str, value: Any) -> None:
        self.values[name] = value


class SlowTask:
    def __init__(self, work: int, desc: str, enabled: bool) -> None:
        self.amount, self.done = work, 0

    def __enter__(self) -> SlowTask:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def make_dialog(self, cancel: bool) -> None:
        assert cancel

    def should_cancel(self) -> bool:
        return False

    def enter_progress_frame(self, step: int) -> None:
        self.done += step


class MenuEntry:
    """``unreal.ToolMenuEntry``: a label and a line of Python."""

    def __init__(self, name: str, owner: object, type: str) -> None:
        assert type == "MENU_ENTRY"
        self.name, self.label, self.command = name, "", ""

    def set_label(self, label: str) -> None:
        self.label = label

    def set_string_command(self, type: str, custom_type: str, string: str) -> None:
        assert (type, custom_type) == ("PYTHON", "")
        self.command = string


class Menus:
    """``unreal.ToolMenus`` of the level editor."""

    def __init__(self) -> None:
        self.entries: dict[str, list[MenuEntry]] = {}
        self.extending, self.refreshed = "", False

    def extend_menu(self, name: str) -> Menus:
        self.extending = name
        return self

    def add_menu_entry(self, section_name: str, args: MenuEntry) -> None:
        self.entries.setdefault(self.extending, []).append(args)

    def refresh_all_widgets(self) -> None:
        self.refreshed = True


class Editor:
    """What the module's functions act on."""

    def __init__(self, board: list[str], dump: Path | None) -> None:
        self.rig = Rig(board)
        self.face = SkeletalMeshComponent("Face", SkeletalMesh(self.rig))
        self.actor = Actor("Ada", [SkeletalMeshComponent("Body", None), self.face])
        self.assets: dict[str, Any] = {}
        self.saved: list[Any] = []
        self.log: list[str] = []
        self.selected = [self.actor]
        self.registry: list[Any] = []
        self.menus = Menus()
        self.saved_folder = ""
        self.quit = False
        self.dump = dump

    def create_asset(self, name: str, folder: str, kind: type, factory: Any) -> Any:
        asset = kind()
        self.assets[f"{folder}/{name}"] = asset
        return asset

    def import_asset_tasks(self, tasks: list[Properties]) -> None:
        for task in tasks:
            values = task.values
            assert values["automated"]
            if Path(values["filename"]).is_file():
                path = f"{values['destination_path']}/{values['destination_name']}"
                self.assets[path] = f"sound of {values['filename']}"

    def rig_track(
        self,
        world: Any,
        level_sequence: LevelSequence,
        control_rig_class: Rig,
        binding: Any,
        is_layered_control_rig: bool = False,
    ) -> Track:
        assert level_sequence.opened, "every known script opens the sequence first"
        assert binding == ("binding", self.face), "the track belongs on the Face component"
        channels = [Channel(name) for name in control_rig_class.channel_names]
        level_sequence.rig_track = Track([Section(channels)])
        return level_sequence.rig_track

    def take_to_json(self, folder: str) -> str:
        if self.dump is None:
            return "ERROR: medtalk_dump is not built"
        command = [str(self.dump), "--take", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else f"ERROR: {done.stderr.strip()}"

    def add_curve(
        self,
        animation_sequence: AnimSequence,
        curve_name: str,
        curve_type: str,
        meta_data_curve: bool,
    ) -> None:
        inside = animation_sequence.controller.open == 1
        assert inside, "outside a bracket this takes most of an hour"
        assert (curve_type, meta_data_curve) == ("RCT_FLOAT", False)
        animation_sequence.curves[curve_name] = ([], [])

    def add_keys(
        self,
        animation_sequence: AnimSequence,
        curve_name: str,
        times: list[float],
        values: list[float],
    ) -> None:
        assert len(times) == len(values)
        animation_sequence.curves[curve_name] = (list(times), list(values))

    def subsystem(self, kind: type) -> SimpleNamespace:
        if kind.__name__ == "UnrealEditorSubsystem":
            return SimpleNamespace(get_editor_world=lambda: "world")
        assert kind.__name__ == "EditorActorSubsystem"
        return SimpleNamespace(
            get_all_level_actors=lambda: [self.actor],
            get_selected_level_actors=lambda: self.selected,
        )

    def leave(self) -> None:
        self.quit = True

    def opened(self, sequence: LevelSequence) -> bool:
        sequence.opened = True
        return True


METHODS: dict[str, type] = {
    "Actor": Actor,
    "AnimationDataController": Controller,
    "LevelSequence": LevelSequence,
    "MovieSceneScriptingFloatChannel": Channel,
    "MovieSceneSection": Section,
    "SkeletalMeshComponent": SkeletalMeshComponent,
}
"""Objects whose methods stand in the table; a test compares them."""


def _contents(editor: Editor) -> dict[str, Any]:
    """What stands behind the names of the module."""
    registry = SimpleNamespace(get_assets_by_class=lambda path: editor.registry)
    tools = SimpleNamespace(
        create_asset=editor.create_asset, import_asset_tasks=editor.import_asset_tasks
    )

    def log(arg: str) -> None:
        editor.log.append(arg)

    kinds = ("AnimSequenceFactory", "LevelSequenceFactoryNew", "AssetImportTask")
    plain = ("MovieSceneAudioTrack", "UnrealEditorSubsystem", "EditorActorSubsystem")
    return {
        **{name: type(name, (Properties,), {}) for name in kinds},
        **{name: type(name, (), {}) for name in plain},
        "AnimSequence": AnimSequence,
        "AnimationLibrary.add_curve": editor.add_curve,
        "AnimationLibrary.add_float_curve_keys": editor.add_keys,
        "AssetRegistryHelpers.get_asset_registry": lambda: registry,
        "AssetToolsHelpers.get_asset_tools": lambda: tools,
        "ControlRigSequencerLibrary.find_or_create_control_rig_track": editor.rig_track,
        "EditorAssetLibrary.does_asset_exist": lambda path: path in editor.assets,
        "EditorAssetLibrary.save_loaded_asset": lambda asset, _: editor.saved.append(asset),
        "FrameNumber": FrameNumber,
        "FrameRate": FrameRate,
        "LevelSequence": LevelSequence,
        "LevelSequenceEditorBlueprintLibrary.open_level_sequence": editor.opened,
        "MedTalkTakeLibrary.take_to_json": editor.take_to_json,
        "MovieSceneKeyInterpolation.LINEAR": "LINEAR",
        "MovieSceneTimeUnit.DISPLAY_RATE": "DISPLAY_RATE",
        "MultiBlockType.MENU_ENTRY": "MENU_ENTRY",
        "Paths.convert_relative_path_to_full": lambda path, base: str(Path(base, path)),
        "Paths.project_saved_dir": lambda: editor.saved_folder,
        "RawCurveTrackTypes.RCT_FLOAT": "RCT_FLOAT",
        "ScopedSlowTask": SlowTask,
        "SkeletalMeshComponent": SkeletalMeshComponent,
        "SystemLibrary.quit_editor": editor.leave,
        "Text": Text,
        "ToolMenuEntry": MenuEntry,
        "ToolMenuStringCommandType.PYTHON": "PYTHON",
        "ToolMenus.get": lambda: editor.menus,
        "TopLevelAssetPath": lambda package, name: f"{package}.{name}",
        "get_editor_subsystem": editor.subsystem,
        "load_asset": lambda name, outer, follow: editor.assets.get(name),
        "log": log,
        "log_error": log,
        "log_warning": log,
    }


def _called(signature: inspect.Signature, does: Callable[..., Any]) -> Callable[..., Any]:
    """A function that takes what the table says, and nothing else."""

    def call(*args: Any, **named: Any) -> Any:
        bound = signature.bind(*args, **named)
        bound.apply_defaults()
        return does(*bound.args)

    return call


def make(editor: Editor, minor: int = 8) -> ModuleType:
    """The module of 5.``minor``, to be put into ``sys.modules`` as ``unreal``."""
    unreal = ModuleType("unreal")
    known, contents = table(), _contents(editor)
    for name, thing in contents.items():
        signature, since = known[name]
        if since > minor:
            continue
        takes = callable(thing) and (not isinstance(thing, type) or signature.parameters)
        group, _, last = name.rpartition(".")
        if group and not hasattr(unreal, group):
            setattr(unreal, group, SimpleNamespace())
        where = getattr(unreal, group) if group else unreal
        setattr(where, last, _called(signature, thing) if takes else thing)
    return unreal
