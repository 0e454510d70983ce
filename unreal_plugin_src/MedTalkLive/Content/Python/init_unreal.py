"""Runs when the editor starts: adds Tools > Import MedTalk takes."""

import unreal

MENU = "LevelEditor.MainMenu.Tools"
COMMAND = (
    "import unreal; from medtalk_import import run; "
    "saved = unreal.Paths.project_saved_dir() + 'MedTalkTakes'; "
    "run.main([unreal.Paths.convert_relative_path_to_full(saved)])"
)


def add_menu_entry() -> None:
    """The entry imports what lies in Saved/MedTalkTakes onto the selected MetaHuman."""
    menu = unreal.ToolMenus.get().extend_menu(MENU)
    entry = unreal.ToolMenuEntry(name="MedTalkImport", type=unreal.MultiBlockType.MENU_ENTRY)
    entry.set_label("Import MedTalk takes (Saved/MedTalkTakes)")
    entry.set_string_command(unreal.ToolMenuStringCommandType.PYTHON, "", COMMAND)
    menu.add_menu_entry("MedTalk", entry)
    unreal.ToolMenus.get().refresh_all_widgets()


add_menu_entry()
