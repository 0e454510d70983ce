"""Finds the commands in README and docs, as a reader would type them.

A line of a fenced block without a language that begins with a program's name is
a command (several, joined by ``&&`` or ``|``), and so is such inline code. Brackets
of what may be left out are taken away, ``a|b`` is both, and capitals that stand
for something get a value.
"""

from __future__ import annotations

import itertools
import re
import shlex
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    *sorted(str(p.relative_to(ROOT).as_posix()) for p in (ROOT / "docs").rglob("*.md")),
    "checkpoints/README.md",
    "checkpoints/starter/README.md",
    "protocol/README.md",
    "unreal_plugin_src/MedTalkLive/README.md",
)
_PROGRAM = re.compile(
    r"(?:\w+=\S+ )*(?:medtalk-live|python|pytest|pip|npm|cd|bash|my-tts|cmake|build/|UnrealEditor"
    r"|\"C:|foreach)(?![\w.])"
)
_SHORT = re.compile(r"(?:send|take (?:info|export|render|replay|repair)) \S")
_VALUES = {
    "ADDRESS_OF_THIS_MACHINE": "127.0.0.1",
    "FACE.png": "face.jpg",
    "HOST": "127.0.0.1",
    "KIND": "csv",
    "MODULE:FUNCTION": "os.path:basename",
    "MS": "40",
    "NAME": "own",
    "OUT/model": str(ROOT / "checkpoints" / "starter"),
    "PART": "face",
    "PORT": "9871",
    "RECORDING": "examples/amiable.flac",
    "SPEECH.wav": "examples/amiable.flac",
    "TAKE": "SLATE_001.take",
}


class Command(NamedTuple):
    """One call of one program.

    Attributes:
        page: Where it stands.
        words: Program and arguments.
    """

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return shlex.join(self.words)

    @property
    def is_ours(self) -> bool:
        return self.words[0] == "medtalk-live"

    @property
    def is_script(self) -> bool:
        """A Python file or module of this repository."""
        ours = ("benchmarks", "docs/", "examples/", "medtalk_live")
        words = [word for word in self.words[1:3] if word != "-m"]
        return self.words[0] == "python" and bool(words) and words[0].startswith(ours)

    @property
    def is_mention(self) -> bool:
        """A command or options by name, without what they need."""
        return self.is_ours and all(
            re.fullmatch(r"[a-z]+|--[a-z-]+", word) for word in self.words[1:]
        )


def commands() -> list[Command]:
    """Every command of every page, once."""
    found = {}
    for page in PAGES:
        for line in _lines((ROOT / page).read_text(encoding="utf-8")):
            for words in _calls(line):
                found.setdefault(words, Command(page, words))
    return list(found.values())


def _lines(text: str) -> list[str]:
    fence = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
    blocks = [body for language, body in fence.findall(text) if not language]
    lines = [
        line
        for body in blocks
        for line in body.replace("\\\n", " ").splitlines()
        if _PROGRAM.match(line)
    ]
    inline = re.findall(r"`([^`\n]+)`", fence.sub("", text))
    for code in inline:
        if _PROGRAM.match(code):
            lines.append(code.replace("\\|", "|"))
        elif _SHORT.match(code):
            lines.append(f"medtalk-live {code}")
    return lines


def _calls(line: str) -> list[tuple[str, ...]]:
    out = []
    for part in re.split(r"\s(?:&&|\|)\s", line):
        words = shlex.split(part, comments=True)
        if "..." in words:
            continue  # a pattern, not a call
        while words and re.match(r"\w+=", words[0]):
            words.pop(0)
        if words:
            out += itertools.product(*map(_readings, words))
    return out


def _readings(word: str) -> list[str]:
    """What a word may stand for."""
    bare = word.removesuffix("...")
    if bare.count("[") != bare.count("]") or bare.startswith("["):
        bare = bare.strip("[]")
    choices = bare.split("|") if re.fullmatch(r"[a-z]+(\|[a-z]+)+", bare) else [bare]
    for name, value in _VALUES.items():
        choices = [re.sub(rf"(?<![A-Za-z_]){name}(?![A-Za-z_])", value, c) for c in choices]
    return choices
