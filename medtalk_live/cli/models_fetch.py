"""``medtalk-live models fetch``: parts that are not ours to ship, checked by hash."""

from __future__ import annotations

import argparse

from medtalk_live.cli import options
from medtalk_live.cli.progress import ProgressBar
from medtalk_live.model.parts import PARTS, part

LIVE = ("emotion2vec", "whisper", "vocabulary")
"""What the live run of the official model can use; the others serve training."""


def main(arguments: list[str]) -> int:
    """Fetch one part, or all of the live run's; returns the exit status."""
    asked = _parser().parse_args(arguments).part
    from medtalk_live.model.fetch import fetch_face, fetch_part

    for name in LIVE if asked == "live" else (asked,):
        folder = fetch_face() if name == "face" else fetch_part(part(name), ProgressBar)
        print(f"{folder}: whole")
    return 0


def _parser() -> options.Parser:
    parts = "\n".join(
        f"  {one.name:<12}{one.megabytes:4d} MB  {one.purpose} ({one.licence})" for one in PARTS
    )
    parser = options.Parser(
        prog="medtalk-live models fetch",
        description="Get parts that are not shipped.",
        epilog=f"parts:\n  face           4 MB  reads photos (Apache-2.0)\n{parts}\n"
        f"  live        all that the official model can use live: {', '.join(LIVE)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    choices = ("face", *(one.name for one in PARTS), "live")
    parser.add_argument("part", metavar="PART", choices=choices, help=", ".join(choices))
    options.add_verbose(parser)
    return parser
