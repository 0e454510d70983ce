"""Speech by espeak-ng: robotic, but exact, in eight languages and many voices.

Meant as a few per cent of the mix. The library reports phones by their
names and beginnings (``espeak_events.py``, run as a program of its own); the
silent closure of a stop is counted there to the phone before it and is
moved to the stop here. Source: Debian package ``espeak-ng`` 1.51.
"""

from __future__ import annotations

import ctypes.util
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from medtalk_live.training.sources import espeak_events
from medtalk_live.training.sources.synth import (
    SILENCE,
    Spoken,
    SynthSource,
    Voice,
    level_db,
)
from medtalk_live.training.utterance import Segment

_STOPS = ("p", "b", "t", "d", "k", "ɡ", "g", "c", "ɟ", "q")
_CLOSED_DB = -25.0
_LONGEST_CLOSURE_S = 0.12
_CLOSED_AFTER_SILENCE_S = 0.05
_LEAST_LEFT_S = 0.03


_PLAN = (
    ("en", "en-US", "en-us", ("f2", "m3", "klatt4", "whisper", "whisperf", "Andy"), 12),
    ("en", "en-GB", "en", ("f4", "m7", "steph"), 8),
    ("zh", "zh-CN", "cmn-latn-pinyin", ("f3", "m1", "grandma"), 8),
    ("de", "de-DE", "de", ("f1", "m2", "linda"), 8),
    ("it", "it-IT", "it", ("f5", "m4"), 8),
    ("es", "es-ES", "es", ("f2", "m5"), 8),
    ("fr", "fr-FR", "fr", ("f3", "m6"), 8),
    ("ru", "ru-RU", "ru", ("f4", "m8", "grandpa"), 8),
    ("ja", "ja", "ja", ("f1", "m3"), 8),
)


# What the library gives one name, as the phones it is made of.
_PARTS_OF = {
    "ph": ("pʰ",), "th": ("tʰ",), "kh": ("kʰ",), "tɕh": ("tɕʰ",), "tsh": ("tsʰ",),
    "ts.h": ("ʈʂʰ",), "ts.": ("ʈʂ",), "s.": ("ʂ",), "ʲ": ("j",), "ss": ("s",),
    "əl": ("ə", "l"), "ər": ("ə", "ɹ"), "ɑːɹ": ("ɑː", "ɹ"), "ɔːɹ": ("ɔː", "ɹ"),
    "oːɹ": ("oː", "ɹ"), "ɛɹ": ("ɛ", "ɹ"), "ɪɹ": ("ɪ", "ɹ"), "ʊɹ": ("ʊ", "ɹ"),
    "ja": ("j", "a"), "ju": ("j", "u"), "iɑ": ("i", "ɑ"), "iɛ": ("i", "ɛ"),
    "iou": ("i", "ou"), "yɛ": ("y", "ɛ"), "yæ": ("y", "æ"), "ua": ("u", "a"),
    "uo": ("u", "o"), "uei": ("u", "ei"), "onɡ": ("o", "ŋ"),
}  # fmt: skip


class Espeak(SynthSource):
    """Variants of espeak-ng's voices, two of them whispering."""

    name = "espeak"
    language = "en,zh,de,it,es,fr,ru,ja"
    licence = "GPL-3 program, run as a tool; its output is not covered"
    minutes = 15.0
    how_to_get = "Install the library espeak-ng (Debian: apt-get install espeak-ng)."
    note = "Robotic; a few per cent of the mix. Two English voices whisper."
    label_note = "exact, from the synthesiser; closures moved to their stops"

    def voices(self) -> Sequence[Voice]:
        """Return two or more variants a language."""
        return [
            Voice(f"{engine}+{variant}", language, texts, count)
            for texts, language, engine, variants, count in _PLAN
            for variant in variants
        ]

    def available(self, sources_dir: Path) -> bool:
        """Say whether the library is installed."""
        return ctypes.util.find_library("espeak-ng") is not None

    def speak(self, text: str, voice: Voice, draw: random.Random) -> Spoken | None:
        """Say it at 130 to 210 words a minute, pitch 25 to 75 of 99."""
        rate_wpm, pitch = draw.randint(130, 210), draw.randint(25, 75)
        settings = (voice.name, str(rate_wpm), str(pitch))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "out.wav"
            said = subprocess.run(
                [sys.executable, espeak_events.__file__, *settings, str(path)],
                input=text,
                capture_output=True,
                encoding="utf-8",
                check=True,
            )
            samples, rate_hz = soundfile.read(path, dtype="float32")
        phones = phones_of(json.loads(said.stdout), len(samples) / rate_hz)
        closed = level_db(samples, rate_hz) < _CLOSED_DB
        return Spoken(samples, rate_hz, in_parts(with_closures(phones, closed)))


def phones_of(events: Sequence[tuple[float, str]], total_s: float) -> tuple[Segment, ...]:
    """Turn beginnings into gapless segments; nameless events are silence."""
    starts = [start_s for start_s, _ in events]
    ends = [*starts[1:], total_s]
    phones = [(0.0, starts[0], SILENCE)] if starts and starts[0] > 0 else []
    phones += [
        (start_s, end_s, name or SILENCE)
        for (start_s, name), end_s in zip(events, ends, strict=True)
        if end_s > start_s
    ]
    return tuple(phones)


def in_parts(phones: Sequence[Segment]) -> tuple[Segment, ...]:
    """Share the time of names that stand for several phones among these."""
    shared: list[Segment] = []
    for start_s, end_s, symbol in phones:
        parts = _PARTS_OF.get(symbol, (symbol,))
        step_s = (end_s - start_s) / len(parts)
        shared += [
            (start_s + k * step_s, start_s + (k + 1) * step_s, part) for k, part in enumerate(parts)
        ]
    return tuple(shared)


def with_closures(phones: Sequence[Segment], closed: NDArray[np.bool_]) -> tuple[Segment, ...]:
    """Let every stop begin where the sound before it dies away.

    Args:
        phones: Segments whose stops begin at their burst.
        closed: One value a millisecond: whether the sound is that of a
            closure.
    """
    moved: list[Segment] = []
    for start_s, end_s, symbol in phones:
        if moved and symbol.startswith(_STOPS):
            before = moved[-1]
            start_s = _closure_start_s(before, start_s, closed)
            moved[-1] = (before[0], start_s, before[2])
        moved.append((start_s, end_s, symbol))
    return tuple(moved)


def _closure_start_s(before: Segment, burst_s: float, closed: NDArray[np.bool_]) -> float:
    room_s = min(burst_s - before[0] - _LEAST_LEFT_S, _LONGEST_CLOSURE_S)
    if before[2] == SILENCE:
        return burst_s - max(min(room_s, _CLOSED_AFTER_SILENCE_S), 0.0)
    start_ms = burst_ms = round(burst_s * 1000)
    while start_ms > burst_ms - room_s * 1000 and closed[start_ms - 1]:
        start_ms -= 1
    return start_ms / 1000


SOURCES = (Espeak(),)
