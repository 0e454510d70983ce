"""``medtalk-live models fetch``: a part that is not ours to ship, checked by hash."""

from __future__ import annotations

from medtalk_live.cli import options


def main(arguments: list[str]) -> int:
    """Fetch one part; returns the exit status."""
    _parser().parse_args(arguments)
    from medtalk_live.model.fetch import fetch_face

    print(f"{fetch_face()}: whole")
    return 0


def _parser() -> options.Parser:
    parser = options.Parser(
        prog="medtalk-live models fetch", description="Get a part that is not shipped."
    )
    parser.add_argument(
        "part", choices=("face",), help="MediaPipe's face landmarker (3.8 MB), for photos"
    )
    options.add_verbose(parser)
    return parser
