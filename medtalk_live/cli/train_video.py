"""``medtalk-live train corpus --from-video``: guidance data from talking-head clips."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from medtalk_live.cli import options, values
from medtalk_live.cli.progress import ProgressBar
from medtalk_live.errors import ConfigError

if TYPE_CHECKING:
    from medtalk_live.training.video import Captioner


def main(arguments: list[str]) -> int:
    """Convert a folder of clips; 1 where one of them was refused."""
    args = _parser().parse_args(arguments)
    from medtalk_live.training.video import guidance_from_videos

    report = guidance_from_videos(
        args.from_video, args.out, args.captioner, ProgressBar("clips").count
    )
    for name, reason in report.refused.items():
        print(f"{name}: left out, {reason}")
    print(f"{len(report.done)} clips in {args.out}: train with  --guidance {args.out}")
    return 1 if report.refused else 0


def captioner(text: str) -> Captioner:
    """``module:function``: takes a PIL picture, answers with a sentence."""
    module, _, name = text.partition(":")
    try:
        found: Captioner = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"the captioner '{text}' cannot be used ({error}): "
            "expected MODULE:FUNCTION that takes a picture and answers with a sentence"
        ) from None
    return found


def _parser() -> argparse.ArgumentParser:
    parser = options.Parser(
        prog="medtalk-live train corpus",
        description="Make guidance data (audio/ rig/ image/ text/) of talking-head clips. "
        "A description stands in a .txt beside each clip, or a captioner writes it.",
    )
    parser.add_argument("--from-video", metavar="DIR", type=Path, required=True, help="the clips")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="gets the data")
    parser.add_argument(
        "--captioner",
        metavar="MODULE:FUNCTION",
        type=values.checked(captioner),
        help="writes the description of a picture where no .txt lies beside the clip",
    )
    options.add_verbose(parser)
    return parser
