"""Makes the assets of a take: AnimSequence, sound, Level Sequence with Control Rig keys.

Runs in the editor's Python on the game thread; long (a minute of keys takes
some seconds). Control names and kinds are read from the rig's own channels:
a vector control has ``NAME.X`` and ``NAME.Y``, a float one ``NAME``. Keys are
written through channels, because the vector setters are known to write zeros.
"""

from __future__ import annotations

from typing import Any

import unreal

from medtalk_import.take_data import TakeData, TakeImportError, reduced

Rate = tuple[int, int]
RIG_NAME = "Face_ControlBoard_CtrlRig"
_HEAD_CURVES = {
    "HeadYaw": "head_yaw",
    "HeadPitch": "head_pitch",
    "HeadRoll": "head_roll",
    "HeadTranslationX": "head_x",
    "HeadTranslationY": "head_y",
    "HeadTranslationZ": "head_z",
}


def make_anim_sequence(take: TakeData, skeleton: Any, folder: str, move_head: bool = False) -> Any:
    """An AnimSequence with the 251 raw curves at the take's own rate; fast.

    Args:
        take: What to import.
        skeleton: Skeleton asset of the face (``Face_Archetype_Skeleton`` or the like).
        folder: Content folder, say ``/Game/Takes``.
        move_head: Whether HeadControlSwitch is 1.
    """
    factory = unreal.AnimSequenceFactory()
    factory.set_editor_property("target_skeleton", skeleton)
    sequence = _create(f"AS_{take.name}", folder, unreal.AnimSequence, factory)
    controller = sequence.controller
    controller.open_bracket(unreal.Text(f"MedTalk {take.name}"))
    controller.set_frame_rate(unreal.FrameRate(*take.fps))
    controller.set_number_of_frames(unreal.FrameNumber(take.frame_count(take.fps) - 1))
    for name, values in _anim_curves(take, move_head).items():
        unreal.AnimationLibrary.add_curve(
            sequence, name, unreal.RawCurveTrackTypes.RCT_FLOAT, False
        )
        times = take.times if len(values) > 1 else [0.0]
        unreal.AnimationLibrary.add_float_curve_keys(sequence, name, times, values)
    controller.close_bracket()
    unreal.EditorAssetLibrary.save_loaded_asset(sequence)
    return sequence


def _anim_curves(take: TakeData, move_head: bool) -> dict[str, list[float]]:
    curves = dict(take.raw)
    curves.update({name: take.head[ours] for name, ours in _HEAD_CURVES.items()})
    curves["HeadControlSwitch"] = [1.0 if move_head else 0.0]
    curves["MHFDSVersion"] = [1.0]
    curves["DisableFaceOverride"] = [1.0]
    return curves


def make_level_sequence(
    take: TakeData, actor: Any, folder: str, fps: Rate | None = None, tolerance: float = 0.0
) -> Any:
    """A Level Sequence with keys on the face board of a MetaHuman in the level, and the sound.

    Args:
        take: What to import.
        actor: The MetaHuman.
        folder: Content folder.
        fps: Display rate; the take's own where none is given.
        tolerance: Largest error that leaving out a key may make, 0 for a key on every frame.

    Raises:
        TakeImportError: no face, no rig, or a rig without the controls of the take.
    """
    rate = fps or take.fps
    face = face_component(actor)
    rig = face_rig(face)
    sequence = _create(
        f"LS_{take.name}", folder, unreal.LevelSequence, unreal.LevelSequenceFactoryNew()
    )
    sequence.set_display_rate(unreal.FrameRate(*rate))
    sequence.set_playback_start(0)
    sequence.set_playback_end(take.frame_count(rate))
    unreal.LevelSequenceEditorBlueprintLibrary.open_level_sequence(sequence)
    sequence.add_possessable(actor)
    binding = sequence.add_possessable(face)
    world = unreal.get_editor_subsystem(unreal.UnrealEditorSubsystem).get_editor_world()
    track = unreal.ControlRigSequencerLibrary.find_or_create_control_rig_track(
        world, sequence, rig, binding
    )
    section = track.get_sections()[0]
    key_board(take, section, rate, tolerance)
    if take.audio is not None:
        _add_sound(take, sequence, folder, rate)
    unreal.EditorAssetLibrary.save_loaded_asset(sequence)
    return sequence


def face_component(actor: Any) -> Any:
    """The skeletal mesh component ``Face`` of an actor."""
    for component in actor.get_components_by_class(unreal.SkeletalMeshComponent):
        if component.get_name() == "Face":
            return component
    raise TakeImportError(f"{actor.get_actor_label()} has no component 'Face': select a MetaHuman")


def face_rig(face: Any) -> Any:
    """Class of the face's control board: the mesh's own default rig, else by its name."""
    mesh = face.get_skeletal_mesh_asset()
    asset = mesh.get_editor_property("default_animating_rig") if mesh else None
    if asset is None:
        found = unreal.AssetRegistryHelpers.get_asset_registry().get_assets_by_class(
            unreal.TopLevelAssetPath("/Script/ControlRigDeveloper", "ControlRigBlueprint")
        )
        boards = [data for data in found if str(data.asset_name) == RIG_NAME]
        asset = boards[0].get_asset() if boards else None
    if asset is None:
        raise TakeImportError(f"no {RIG_NAME} in this project: add the MetaHuman to it first")
    return asset.get_control_rig_class()


def key_board(take: TakeData, section: Any, rate: Rate, tolerance: float) -> int:
    """Key every control of the take that the rig has; answers how many.

    Raises:
        TakeImportError: not one control fits.
    """
    channels = {str(channel.channel_name): channel for channel in section.get_all_channels()}
    pairs = [(channel_for(name, channels), values) for name, values in take.board.items()]
    fitting = [(channel, values) for channel, values in pairs if channel is not None]
    if not fitting:
        raise TakeImportError("this face's rig has none of the take's controls: is it a MetaHuman?")
    with unreal.ScopedSlowTask(len(fitting), f"Keys of {take.name}") as task:
        task.make_dialog(True)
        for channel, values in fitting:
            if task.should_cancel():
                raise TakeImportError(f"the import of {take.name} was cancelled")
            task.enter_progress_frame(1)
            _key(channel, take.at_rate(values, rate), tolerance)
    if len(fitting) < len(pairs):
        unreal.log_warning(
            f"MedTalk: {len(pairs) - len(fitting)} of {len(pairs)} controls are not on this rig"
        )
    return len(fitting)


def channel_for(board_name: str, channels: dict[str, Any]) -> Any | None:
    """``CTRL_L_eye.tx`` -> ``CTRL_L_eye.X`` (vector control) or ``CTRL_L_eye`` (float)."""
    control, _, axis = board_name.partition(".")
    vector = channels.get(f"{control}.{axis[-1].upper()}")
    return vector if vector is not None else channels.get(control)


def _key(channel: Any, values: list[float], tolerance: float) -> None:
    for frame in reduced(values, tolerance):
        channel.add_key(
            unreal.FrameNumber(frame),
            values[frame],
            0.0,
            unreal.MovieSceneTimeUnit.DISPLAY_RATE,
            unreal.MovieSceneKeyInterpolation.LINEAR,
        )


def _add_sound(take: TakeData, sequence: Any, folder: str, rate: Rate) -> None:
    """The sound from frame 0 on: its first sample belongs to the first row."""
    task = unreal.AssetImportTask()
    task.set_editor_property("filename", str(take.audio))
    task.set_editor_property("destination_path", folder)
    task.set_editor_property("destination_name", f"A_{take.name}")
    task.set_editor_property("automated", True)
    task.set_editor_property("replace_existing", True)
    unreal.AssetToolsHelpers.get_asset_tools().import_asset_tasks([task])
    sound = unreal.load_asset(f"{folder}/A_{take.name}")
    if sound is None:
        unreal.log_warning(f"MedTalk: {take.audio} could not be imported: no sound")
        return
    section = sequence.add_track(unreal.MovieSceneAudioTrack).add_section()
    section.set_sound(sound)
    section.set_range(0, take.frame_count(rate))


def _create(name: str, folder: str, kind: Any, factory: Any) -> Any:
    path = f"{folder}/{name}"
    if unreal.EditorAssetLibrary.does_asset_exist(path):
        raise TakeImportError(f"{path} is there already: delete it, or import into another folder")
    asset = unreal.AssetToolsHelpers.get_asset_tools().create_asset(name, folder, kind, factory)
    if asset is None:
        raise TakeImportError(f"{path} cannot be made: is the folder writable?")
    return asset
