"""``medtalk-live``: finds the command, runs it, turns a named problem into one sentence.

Without a command it is the live run. Each command is one file that parses its
words, builds a configuration and calls one function; it is imported when it
is asked for, so that the live run starts fast. Exit status: 0 done, 1 a named
problem, 2 a wrong call.
"""

from __future__ import annotations

import difflib
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from medtalk_live.errors import MedTalkError
from medtalk_live.runtime.priority import single_blas_thread


@dataclass(frozen=True, slots=True)
class Command:
    """One command: the module whose ``main`` runs it and what it rests on."""

    module: str
    summary: str
    needs: str = ""

    def present(self) -> bool:
        """Whether the part of the package that does the work is there."""
        return not self.needs or find_spec(self.needs) is not None


COMMANDS = {
    "animate": Command("medtalk_live.cli.animate", "animate a recording to csv, txt or a take"),
    "devices": Command("medtalk_live.cli.devices", "list the audio devices"),
    "doctor": Command("medtalk_live.cli.doctor", "check this machine; every finding has a remedy"),
    "bench": Command("medtalk_live.cli.bench", "measure compute and latency on this machine"),
    "send": Command("medtalk_live.cli.send", "steer a live run: emotion, text, take, gain, ..."),
    "take": Command(
        "medtalk_live.cli.take",
        "info, export, render, replay or repair a recorded take",
        "medtalk_live.takes.take",
    ),
    "models": Command("medtalk_live.cli.models", "list, fetch, import or verify models"),
    "train": Command(
        "medtalk_live.cli.train", "train a model on a corpus", "medtalk_live.training.starter"
    ),
    "evaluate": Command(
        "medtalk_live.cli.evaluate",
        "measure a model: lips, emotion, controls",
        "medtalk_live.evaluation.report",
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _speak_anyhow()
    verbose = "--verbose" in words
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING, format="medtalk-live: %(message)s"
    )
    try:
        return _run(words)
    except MedTalkError as problem:
        if verbose:
            raise
        print(f"medtalk-live: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("medtalk-live: interrupted before it was done", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except Exception as error:
        if verbose:
            raise
        print(
            f"medtalk-live: an unforeseen error ({type(error).__name__}: {error}): "
            "run it again with --verbose and report what it prints",
            file=sys.stderr,
        )
        return 1


def command_list() -> str:
    """The commands that are there, for ``--help``."""
    lines = (f"  {name:<10}{command.summary}" for name, command in _present().items())
    return "commands (medtalk-live COMMAND --help):\n" + "\n".join(lines)


def _run(words: list[str]) -> int:
    if words and words[0] in COMMANDS:
        command = COMMANDS[words[0]]
        if not command.present():
            raise MedTalkError(
                f"'{words[0]}' is not part of this installation: "
                f"there are {', '.join(_present())}; install the full package"
            )
        return int(import_module(command.module).main(words[1:]))
    if words and not words[0].startswith("-"):
        print(f"medtalk-live: {_no_command(words[0])}", file=sys.stderr)
        return 2
    single_blas_thread()
    from medtalk_live.cli import live

    return live.main(words)


def _no_command(word: str) -> str:
    if os.path.exists(word):
        return (
            f"'{word}' is no command: play it with  medtalk-live --input {word}  or write its "
            f"curves with  medtalk-live animate {word} -o OUT.csv"
        )
    near = difflib.get_close_matches(word, _present(), 1)
    hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(_present())}"
    return f"'{word}' is no command; {hint} (a live run takes options alone: see --help)"


def _present() -> dict[str, Command]:
    return {name: command for name, command in COMMANDS.items() if command.present()}


def _speak_anyhow() -> None:
    """A closed stream swallows words; one that does not know a character replaces it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # started without it: ``2>&-``, a windowless Python
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  (for as long as we live)
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
