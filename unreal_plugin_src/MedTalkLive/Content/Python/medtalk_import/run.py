"""Import one take or a folder of them; the menu's entry and the unattended call end here.

Unattended, in the full editor (a commandlet may lack the Sequencer window):
UnrealEditor PROJECT -ExecCmds="py medtalk_import/run.py FOLDER --actor NAME --quit"
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import unreal

from medtalk_import.assets import face_component, make_anim_sequence, make_level_sequence
from medtalk_import.take_data import TakeImportError, read_take


def takes_in(path: Path) -> list[Path]:
    """A take, or every take of a folder; JSON exports win over the folders they were made of."""
    if path.suffix == ".take" or path.is_file():
        return [path]
    exports = sorted(path.glob("*.json"))
    stems = {export.stem for export in exports}
    return exports + [take for take in sorted(path.glob("*.take")) if take.stem not in stems]


def import_takes(
    path: Path,
    actor: Any,
    folder: str = "/Game/MedTalkTakes",
    fps: tuple[int, int] | None = None,
    tolerance: float = 0.0,
    keys: bool = True,
) -> tuple[int, list[str]]:
    """Import what lies at a path; one bad take does not hold up the others.

    Returns:
        How many were imported, and a sentence for each that was not.
    """
    takes, problems = takes_in(path), []
    if not takes:
        problems.append(
            f"{path} holds no takes: name a .take folder, its JSON export, or a folder of them"
        )
    skeleton = face_component(actor).get_skeletal_mesh_asset().skeleton
    for take_path in takes:
        try:
            take = read_take(take_path, unreal.MedTalkTakeLibrary.take_to_json)
            make_anim_sequence(take, skeleton, folder)
            if keys:
                make_level_sequence(take, actor, folder, fps, tolerance)
        except TakeImportError as problem:
            problems.append(f"{take_path.name}: {problem}")
    for problem in problems:
        unreal.log_error(f"MedTalk: {problem}")
    done = len(takes) - sum(1 for problem in problems if takes)
    unreal.log(f"MedTalk: {done} of {len(takes)} takes imported into {folder}")
    return done, problems


def selected_actor(name: str = "") -> Any:
    """The actor of a label, else the selected one.

    Raises:
        TakeImportError: there is none.
    """
    subsystem = unreal.get_editor_subsystem(unreal.EditorActorSubsystem)
    actors = subsystem.get_all_level_actors() if name else subsystem.get_selected_level_actors()
    fitting = [actor for actor in actors if not name or actor.get_actor_label() == name]
    if not fitting:
        raise TakeImportError(
            f"no actor '{name}' in this level" if name else "select the MetaHuman first"
        )
    return fitting[0]


def frame_rate(text: str) -> tuple[int, int]:
    """``24``, ``30``, ``60`` or ``30000/1001``."""
    top, _, bottom = text.partition("/")
    return int(top), int(bottom or 1)


def main(words: list[str]) -> int:
    """Import from a command line inside the editor; 0 when every take came in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument(
        "--actor", default="", help="label of the MetaHuman; the selected one by default"
    )
    parser.add_argument("--folder", default="/Game/MedTalkTakes")
    parser.add_argument("--fps", type=frame_rate, default=None)
    parser.add_argument(
        "--tolerance", type=float, default=0.0, help="leave out keys within this error"
    )
    parser.add_argument("--curves-only", action="store_true", help="no Level Sequence")
    parser.add_argument("--quit", action="store_true", help="close the editor afterwards")
    asked = parser.parse_args(words)
    try:
        actor = selected_actor(asked.actor)
        _, problems = import_takes(
            asked.path, actor, asked.folder, asked.fps, asked.tolerance, not asked.curves_only
        )
    except TakeImportError as problem:
        unreal.log_error(f"MedTalk: {problem}")
        problems = [str(problem)]
    if asked.quit:
        unreal.SystemLibrary.quit_editor()
    return 1 if problems else 0


if __name__ == "__main__":
    main(sys.argv[1:])
