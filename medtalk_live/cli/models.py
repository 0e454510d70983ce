"""``medtalk-live models``: which are here; fetch, import and verify are files of their own."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from medtalk_live.cli import options
from medtalk_live.errors import MedTalkError
from medtalk_live.model.checkpoint import (
    MANIFEST,
    check_files,
    checkpoint_roots,
    file_hash,
    read_manifest,
)
from medtalk_live.model.parts import PARTS, Part, fetched_hashes

_ACTIONS = {
    "fetch": ("get a part from its official place, checked by hash", "medtalk_live.model.fetch"),
    "import": ("take over the authors' checkpoint files", "medtalk_live.model.importing"),
    "verify": (
        "run a reference folder and compare every output",
        "medtalk_live.training.verify",
    ),
}
"""What each action does, and the module that does it."""


def main(arguments: list[str]) -> int:
    """Run one action; returns the exit status."""
    if arguments and arguments[0] in _present():
        action = import_module(f"medtalk_live.cli.models_{arguments[0]}")
        return int(action.main(arguments[1:]))
    _parser().parse_args(arguments)
    return list_models()


def list_models() -> int:
    """Print every model and pretrained part that can be found, checked against its hashes."""
    folders = [
        manifest.parent
        for root in checkpoint_roots()
        for manifest in sorted(root.glob(f"*/{MANIFEST}"))
    ]
    for folder in folders:
        print(describe(folder))
    for part in PARTS:
        print(describe_part(part))
    if not folders:
        looked = ", ".join(str(root) for root in checkpoint_roots())
        print(f"medtalk-live: no model is here; looked in {looked}", file=sys.stderr)
    return 0 if folders else 1


def describe(folder: Path) -> str:
    """One line about a model folder."""
    try:
        manifest = read_manifest(folder)
        check_files(folder, manifest)
    except MedTalkError as problem:
        return f"{folder.name:<12}unusable: {problem}"
    look_aheads = "/".join(str(value) for value in manifest.get("look_aheads_ms", ())) or "?"
    return (
        f"{folder.name:<12}{manifest.get('kind', '?')} {manifest.get('version', '?')}, "
        f"look-ahead {look_aheads} ms, {len(manifest.get('files', {}))} files whole, {folder}"
    )


def describe_part(part: Part) -> str:
    """One line about a pretrained part of the official model."""
    folder = part.find()
    if folder is None:
        return (
            f"{part.name:<12}not here ({part.purpose}): "
            f"medtalk-live models fetch {part.name}  ({part.megabytes} MB)"
        )
    known = fetched_hashes(folder)
    known |= {file.name: file.sha256 for file in part.files if file.sha256 is not None}
    for file in part.files:
        wanted = known.get(file.name)
        if wanted is not None and file_hash(folder / file.name) != wanted:
            return (
                f"{part.name:<12}unusable: {folder / file.name} is damaged or another version: "
                f"medtalk-live models fetch {part.name}"
            )
    return f"{part.name:<12}{len(part.files)} files whole, {part.licence}, {folder}"


def _present() -> dict[str, str]:
    return {name: words for name, (words, module) in _ACTIONS.items() if find_spec(module)}


def _parser() -> argparse.ArgumentParser:
    parser = options.Parser(prog="medtalk-live models", description="The models of this machine.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    options.add_verbose(actions.add_parser("list", help="every model that is found, checked"))
    for name, words in _present().items():
        actions.add_parser(name, help=words, add_help=False)
    return parser
