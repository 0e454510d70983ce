"""A stand-in for the editor's ``unreal`` module: the calls that the importer makes, no more.

Signatures are those of Epic's Python pages (5.4 to 5.7) where one was found,
strict about their types, so that a call the editor would refuse fails here.
It knows one MetaHuman and keeps what it is told; the Control Rig library's
setters, which write vectors as zeros, are not there at all.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any


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

    def set_range(self, start: int, end: int) -> None:
        assert type(start) is int
        assert type(end) is int
        self.range = (start, end)


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

    def open_bracket(self, words: Text) -> None:
        assert isinstance(words, Text)
        self.open += 1

    def close_bracket(self) -> None:
        self.open -= 1

    def set_frame_rate(self, rate: FrameRate) -> None:
        assert isinstance(rate, FrameRate)
        self.rate = rate

    def set_number_of_frames(self, length: FrameNumber) -> None:
        assert isinstance(length, FrameNumber)
        self.frames = length.value


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

    def set_display_rate(self, rate: FrameRate) -> None:
        assert isinstance(rate, FrameRate)
        self.rate = rate

    def set_playback_start(self, frame: int) -> None:
        self.start = frame

    def set_playback_end(self, frame: int) -> None:
        self.end = frame

    def add_possessable(self, thing: Any) -> tuple[str, Any]:
        self.bound.append(thing)
        return ("binding", thing)

    def add_track(self, kind: type) -> Track:
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

    def get_actor_label(self) -> str:
        return self._label

    def get_components_by_class(self, kind: type) -> list[SkeletalMeshComponent]:
        return [part for part in self._components if isinstance(part, kind)]


class Properties:
    """Anything with ``set_editor_property``."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def set_editor_property(self, name: str, value: Any) -> None:
        self.values[name] = value


class SlowTask:
    def __init__(self, amount: int, words: str) -> None:
        self.amount, self.done = amount, 0

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

    def add_curve(self, sequence: AnimSequence, name: str, kind: str, meta: bool) -> None:
        assert sequence.controller.open == 1, "outside a bracket this takes most of an hour"
        assert kind == "RCT_FLOAT"
        sequence.curves[name] = ([], [])

    def add_keys(
        self, sequence: AnimSequence, name: str, times: list[float], values: list[float]
    ) -> None:
        assert len(times) == len(values)
        sequence.curves[name] = (list(times), list(values))


def _names(**values: Any) -> Any:
    return type(
        "Names", (), {name: staticmethod(v) if callable(v) else v for name, v in values.items()}
    )


def make(editor: Editor) -> ModuleType:
    """The module, to be put into ``sys.modules`` as ``unreal``."""
    unreal = ModuleType("unreal")
    kinds = (FrameRate, FrameNumber, Text, AnimSequence, LevelSequence, SkeletalMeshComponent)
    for kind in kinds:
        setattr(unreal, kind.__name__, kind)
    for name in ("AnimSequenceFactory", "LevelSequenceFactoryNew", "AssetImportTask"):
        setattr(unreal, name, type(name, (Properties,), {}))
    for name in ("MovieSceneAudioTrack", "UnrealEditorSubsystem", "EditorActorSubsystem"):
        setattr(unreal, name, type(name, (), {}))
    subsystem = _names(
        get_editor_world=lambda: "world",
        get_all_level_actors=lambda: [editor.actor],
        get_selected_level_actors=lambda: editor.selected,
    )
    registry = _names(get_assets_by_class=lambda path: editor.registry)
    tools = _names(create_asset=editor.create_asset, import_asset_tasks=editor.import_asset_tasks)
    library = _names(
        does_asset_exist=lambda path: path in editor.assets, save_loaded_asset=editor.saved.append
    )
    sequencer = _names(open_level_sequence=lambda seq: setattr(seq, "opened", True))
    values = {
        "get_editor_subsystem": lambda kind: subsystem,
        "load_asset": editor.assets.get,
        "log": editor.log.append,
        "log_warning": editor.log.append,
        "log_error": editor.log.append,
        "ScopedSlowTask": SlowTask,
        "TopLevelAssetPath": lambda package, name: f"{package}.{name}",
        "MovieSceneTimeUnit": _names(DISPLAY_RATE="DISPLAY_RATE", TICK_RESOLUTION="TICK"),
        "MovieSceneKeyInterpolation": _names(AUTO="AUTO", LINEAR="LINEAR"),
        "RawCurveTrackTypes": _names(RCT_FLOAT="RCT_FLOAT"),
        "AnimationLibrary": _names(
            add_curve=editor.add_curve, add_float_curve_keys=editor.add_keys
        ),
        "AssetToolsHelpers": _names(get_asset_tools=lambda: tools),
        "AssetRegistryHelpers": _names(get_asset_registry=lambda: registry),
        "EditorAssetLibrary": library,
        "LevelSequenceEditorBlueprintLibrary": sequencer,
        "ControlRigSequencerLibrary": _names(find_or_create_control_rig_track=editor.rig_track),
        "MedTalkTakeLibrary": _names(take_to_json=editor.take_to_json),
        "SystemLibrary": _names(quit_editor=lambda: setattr(editor, "quit", True)),
    }
    for name, value in values.items():
        setattr(unreal, name, value)
    return unreal
