"""Reads what is said from a file, as words with times.

What Whisper writes (srt, vtt, tsv, json with or without words), a Praat
TextGrid with a tier of words, and plain text, which is laid over the voice of a
recording. Lines with one time for many words are shared out by letters.
Reads a file; any thread.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np

from medtalk_live.errors import GuidanceError
from medtalk_live.model.encoders.transcriber import TimedWord
from medtalk_live.procedural.textgrid import read_tier
from medtalk_live.rig.controls import FloatArray

Line = tuple[float, float, str]
"""Start and end in seconds, and what is said."""

_ARROW = re.compile(r"([\d:.,]+)\s*-->\s*([\d:.,]+)[^\n]*\n")
_PIECES = re.compile(r"[\u3400-\u9fff][^\w\s]*|[^\s\u3400-\u9fff]+")
_QUIET_DB = 30.0  # below the loud parts: not voice
_HOP_SECONDS = 0.01


def read_transcript(path: Path) -> list[TimedWord] | str:
    """The words of a file; plain text where it has no times.

    Raises:
        GuidanceError: it is missing, unreadable, or empty.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise GuidanceError(f"the transcript {path} {what}: check its path")
    try:
        lines = _READERS.get(path.suffix.lower(), _plain)(path)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise GuidanceError(
            f"the transcript {path} cannot be read ({error!r:.80}): give srt, vtt, tsv, "
            "Whisper's json, a TextGrid with a tier 'words', or plain text"
        ) from None
    if not lines:
        raise GuidanceError(f"the transcript {path} holds no words: write what is said into it")
    if isinstance(lines, str):
        return lines
    if not all(abs(start) < math.inf and abs(end) < math.inf for start, end, _ in lines):
        raise GuidanceError(f"the transcript {path} has times that are no numbers: mend them")
    return [word for start, end, text in lines for word in spread(text, start, end)]


def spread(text: str, start_seconds: float, end_seconds: float) -> list[TimedWord]:
    """Words of one line, each with the time that its letters take of it."""
    pieces = _PIECES.findall(text)
    ends = np.cumsum([len(piece) for piece in pieces]) / max(1, sum(map(len, pieces)))
    times = start_seconds + (end_seconds - start_seconds) * np.concatenate(([0.0], ends))
    return [
        TimedWord(piece, float(a), float(b))
        for piece, a, b in zip(pieces, times[:-1], times[1:], strict=True)
    ]


def lay_over(text: str, samples: FloatArray, sample_rate: int) -> list[TimedWord]:
    """Words of plain text, laid over the voice of its whole recording (n,).

    Words are as long as their letters; pauses are skipped. Within half a
    second on clips of some seconds; the error grows with the recording.
    """
    hop = round(_HOP_SECONDS * sample_rate)
    blocks = samples[: len(samples) // hop * hop].reshape(-1, hop).astype(np.float64)
    level_db = 10 * np.log10(np.mean(blocks**2, axis=1) + 1e-10)
    voiced = level_db > np.quantile(level_db, 0.95) - _QUIET_DB if len(blocks) else np.ones(1)
    passed = np.concatenate(([0.0], np.cumsum(voiced) / max(1, voiced.sum())))

    def at(share: float, side: Literal["left", "right"]) -> float:
        """When this share of the voice has passed; on the right, after the pause that follows."""
        place = int(np.searchsorted(passed, share, side)) - (side == "right")
        return min(place, len(passed) - 1) * _HOP_SECONDS

    return [
        TimedWord(word.text, at(word.start_seconds, "right"), at(word.end_seconds, "left"))
        for word in spread(text, 0.0, 1.0)
    ]


def _plain(path: Path) -> str:
    return " ".join(path.read_text(encoding="utf-8-sig").split())


def _arrows(path: Path) -> list[Line]:
    """SubRip and WebVTT: ``start --> end``, then lines of text up to an empty one."""
    content = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n") + "\n\n"
    out = []
    for match in _ARROW.finditer(content):
        text = content[match.end() :].partition("\n\n")[0]
        out.append((_clock(match[1]), _clock(match[2]), re.sub(r"<[^>]*>", "", text)))
    return [line for line in out if line[2].strip()]


def _clock(words: str) -> float:
    """Seconds of ``01:02:03,456``, ``02:03.456`` or ``3.456``."""
    seconds = 0.0
    for part in words.replace(",", ".").split(":"):
        seconds = 60 * seconds + float(part)
    return seconds


def _tsv(path: Path) -> list[Line]:
    """Whisper's table: start and end in milliseconds, and the text."""
    rows = [row.split("\t", 2) for row in path.read_text(encoding="utf-8-sig").splitlines()[1:]]
    return [(float(row[0]) / 1000, float(row[1]) / 1000, row[2]) for row in rows if len(row) == 3]


def _json(path: Path) -> list[Line]:
    """Whisper's result: segments, with words where they were asked for."""
    segments = json.loads(path.read_text(encoding="utf-8-sig"))["segments"]
    return [line for segment in segments for line in _segment(segment)]


def _segment(segment: dict[str, Any]) -> Iterable[Line]:
    if words := segment.get("words"):
        return [(float(w["start"]), float(w["end"]), str(w["word"])) for w in words]
    return [(float(segment["start"]), float(segment["end"]), str(segment["text"]))]


def _textgrid(path: Path) -> list[Line]:
    tier = read_tier(path, ("words", "word"), empty=False)
    if tier.rows is None:
        raise ValueError("it has no tier 'words'")
    return tier.rows


_READERS = {
    ".srt": _arrows,
    ".vtt": _arrows,
    ".tsv": _tsv,
    ".json": _json,
    ".textgrid": _textgrid,
}
