"""``medtalk-live models import``: the authors' files become a model folder."""

from __future__ import annotations

import sys
from pathlib import Path

from medtalk_live.cli import options
from medtalk_live.model.checkpoint import models_folder


def main(arguments: list[str]) -> int:
    """Check and convert the files of a folder; returns the exit status."""
    parser = options.Parser(
        prog="medtalk-live models import",
        description="Turn the authors' cross_recon.pth, audio_cont.pth, audio_semantic.pth and "
        "clip_emotion.pth into a model folder. No code in the files is run.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the .pth files lie")
    parser.add_argument(
        "--to",
        type=Path,
        metavar="DIR",
        default=models_folder() / "official",
        help="the model folder to write (default: %(default)s)",
    )
    options.add_verbose(parser)
    words = parser.parse_args(arguments)
    from medtalk_live.model.importing import import_folder

    folder = import_folder(words.folder, words.to, _say)
    print(f"{folder} is ready: medtalk-live --model {folder}")
    return 0


def _say(what: str) -> None:
    if sys.stderr.isatty():
        print(f"medtalk-live: {what}", file=sys.stderr)
