"""``medtalk-live send``: steer a live run from another terminal, a script or a stream deck."""

from __future__ import annotations

import argparse
from pathlib import Path

from medtalk_live.cli import options, values
from medtalk_live.runtime.commands import SHAPES
from medtalk_live.runtime.remote import Remote
from medtalk_live.runtime.settings import CONTROL_PORT, parse_address

_EXAMPLES = """commands:
  emotion LABEL [INTENSITY [BLEND]]   happy, angry, happy:0.7+surprised:0.3, ...
  text WORDS [INTENSITY [BLEND]]      an expression in words
  image FILE [INTENSITY [BLEND]]      the expression of a photo, on the runtime's machine
  intensity 0..2                      strength of the expression
  neutral                             no expression
  gain REGION FACTOR                  jaw, lips, brows, eyes, emotion, dynamics, head; 0 to 2
  mute 0|1                            rest the face, or wake it
  take start SLATE [NUMBER]           record; the answer has slate, number and folder
  take stop
  ping
"""


def main(arguments: list[str]) -> int:
    """Send one command and print the answer; returns the exit status."""
    parser = _parser()
    args = parser.parse_args(arguments)
    try:
        name, given = command(args.command)
    except ValueError as error:
        parser.error(str(error))
    host, port = parse_address(args.control, CONTROL_PORT)
    with Remote(host, port, args.token) as remote:
        print(remote.say(name, *given))
    return 0


def command(words: list[str]) -> tuple[str, tuple[str | float | int, ...]]:
    """The command's name and arguments in their types.

    Raises:
        ValueError: it is no command, or a number was expected.
    """
    name, rest = words[0], words[1:]
    if name == "take":
        name, rest = f"take/{rest[0] if rest else ''}", rest[1:]
    shape = SHAPES.get(name)
    if shape is None:
        known = ", ".join(SHAPES).replace("/", " ")
        raise ValueError(f"'{' '.join(words)}' is no command; known are {known}")
    if name == "text":
        rest = _sentence(rest)
    needed, kinds = len(shape.types.split("|")[0]), shape.types.replace("|", "")
    if name == "ping" and not rest:
        return name, (1,)
    if not needed <= len(rest) <= len(kinds):
        raise ValueError(f"'{name.replace('/', ' ')}' takes {shape.words}, not {len(rest)} values")
    given = tuple(_typed(kind, word) for kind, word in zip(kinds, rest, strict=False))
    if name == "image" and Path(str(given[0])).is_file():
        given = (str(Path(str(given[0])).resolve()), *given[1:])
    return name, given


def _sentence(words: list[str]) -> list[str]:
    """A sentence whose quotes were forgotten, and the numbers that may follow it."""
    count = len(words)
    while count > max(1, len(words) - 2) and _is_number(words[count - 1]):
        count -= 1
    return [" ".join(words[:count]), *words[count:]] if words else []


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _typed(kind: str, word: str) -> str | float | int:
    if kind == "s":
        return word
    try:
        return int(word) if kind == "i" else float(word)
    except ValueError:
        raise ValueError(f"'{word}' is not a number") from None


def _parser() -> argparse.ArgumentParser:
    parser = options.Parser(
        prog="medtalk-live send",
        description="Steer a live run.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="see below")
    parser.add_argument(
        "--control",
        metavar="HOST:PORT",
        type=values.address,
        default=f"127.0.0.1:{CONTROL_PORT}",
        help="the run's control channel (127.0.0.1:9871)",
    )
    parser.add_argument("--token", metavar="WORD", help="the run's --control-token")
    options.add_verbose(parser)
    return parser
