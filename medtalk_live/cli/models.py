"""``medtalk-live models``: which models are here, and how more get here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from medtalk_live.cli import options
from medtalk_live.errors import MedTalkError
from medtalk_live.model.checkpoint import (
    MANIFEST,
    check_files,
    checkpoint_roots,
    read_manifest,
    user_data_folder,
)


def main(arguments: list[str]) -> int:
    """Run one action; returns the exit status."""
    args = _parser().parse_args(arguments)
    return int(args.run(args))


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


def _list(args: argparse.Namespace) -> int:
    """Print every model that can be found, checked against its hashes."""
    folders = [
        manifest.parent
        for root in checkpoint_roots()
        for manifest in sorted(root.glob(f"*/{MANIFEST}"))
    ]
    for folder in folders:
        print(describe(folder))
    if not folders:
        looked = ", ".join(str(root) for root in checkpoint_roots())
        print(f"medtalk-live: no model is here; looked in {looked}", file=sys.stderr)
    return 0 if folders else 1


def _fetch(args: argparse.Namespace) -> int:
    from medtalk_live.model.fetch import fetch_face

    print(fetch_face())
    return 0


def _import(args: argparse.Namespace) -> int:
    from medtalk_live.model.importing import import_folder

    folder = import_folder(args.source, args.to, lambda words: print(words, file=sys.stderr))
    print(describe(folder))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = options.Parser(prog="medtalk-live models", description="The models of this machine.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    shown = actions.add_parser("list", help="every model that is found, checked")
    shown.set_defaults(run=_list)
    fetch = actions.add_parser("fetch", help="get a part from its official place, checked by hash")
    fetch.add_argument("what", choices=("face",), help="face: MediaPipe's face landmarker")
    fetch.set_defaults(run=_fetch)
    taken = actions.add_parser("import", help="take over the authors' checkpoint files")
    taken.add_argument("source", type=Path, metavar="DIR", help="the folder of their .pth files")
    taken.add_argument(
        "--to",
        type=Path,
        metavar="DIR",
        default=user_data_folder() / "official",
        help="the model folder to make (official, in the user's data)",
    )
    taken.set_defaults(run=_import)
    for action in (shown, fetch, taken):
        options.add_verbose(action)
    return parser
