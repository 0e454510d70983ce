"""Timed phones: the ``Segment`` value and the readers of TextGrid and JSON files.

Labels of engines and aligners (one row a phone, or one a character as some
speech synthesisers give them) become a gapless run of ``Segment`` values in
time order: marks join their phone, t + ʃ and a + ɪ join, closures join their
burst, gaps become silence. Reads files, no threads. TextGrid through praatio.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from medtalk_live.errors import PhoneError
from medtalk_live.procedural.phones import (
    ALPHABETS,
    SILENCE,
    Phone,
    diphthong,
    parse_symbol,
    phone,
)
from medtalk_live.procedural.textgrid import read_tier

Label = tuple[float, float, str]

MIN_PAUSE_S: Final = 0.02  # shorter gaps are rounding of the label times
DAY_S: Final = 86_400.0
MAX_SPACE_S: Final = 0.08  # a longer word space is a pause


@dataclass(frozen=True)
class Segment:
    """A phone and its time in the recording; stress is 0, 1 (main) or 2 (secondary)."""

    start_s: float
    end_s: float
    phone: Phone
    stress: int = 0

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


def segments_from_labels(
    labels: Iterable[Sequence[Any]], alphabet: str = "ipa", duration_s: float | None = None
) -> list[Segment]:
    """Turn rows of (start_s, end_s, symbol, ...) into a gapless run of segments.

    Args:
        labels: Rows in time order; further columns are ignored.
        alphabet: One of ``phones.ALPHABETS``.
        duration_s: Length of the recording; silence is added up to it.

    Raises:
        PhoneError: A symbol is unknown, or times run backwards or overlap.
    """
    run: list[Segment] = []
    joinable = False  # no word boundary since the last phone
    held_stress, held_start = 0, None
    for row in labels:
        start_s, end_s, text = float(row[0]), float(row[1]), str(row[2])
        _check_times(start_s, end_s, run)
        parsed = parse_symbol(text, alphabet)
        if not parsed.phones:
            if parsed.stress:
                held_stress, held_start = parsed.stress, start_s
            else:
                _lengthen(run, text, end_s)
            continue
        if text.isspace() and end_s - start_s < MAX_SPACE_S:
            _lengthen(run, "", end_s)
            joinable = False
            continue
        start_s = start_s if held_start is None else held_start
        stress = parsed.stress or held_stress
        for piece in _spread(start_s, end_s, parsed.phones, stress):
            _append(run, piece, joinable)
            joinable = not piece.phone.is_silence
        if any(p.is_vowel or p.is_silence for p in parsed.phones):
            held_stress = 0
        held_start = None
    return _fill_gaps(run, duration_s)


def _check_times(start_s: float, end_s: float, run: list[Segment]) -> None:
    last_s = run[-1].start_s if run else 0.0
    if not (DAY_S >= end_s >= start_s >= last_s - 1e-6):
        raise PhoneError(
            f"Found a label from {start_s:g} s to {end_s:g} s after one at {last_s:g} s, expected "
            "times that rise within a day: sort the labels and give times in seconds."
        )


def _lengthen(run: list[Segment], mark: str, end_s: float) -> None:
    """Give a mark's time to the phone before it."""
    if run and end_s > run[-1].end_s:
        held = run[-1].phone
        if mark in ("ː", ":"):
            held = replace(held, long=True)
        run[-1] = replace(run[-1], end_s=end_s, phone=held)


def _spread(start_s: float, end_s: float, phones: tuple[Phone, ...], stress: int) -> list[Segment]:
    """Share a label's time among its phones, vowels longer than consonants."""
    weights = [1.6 if p.long else 1.2 if p.is_vowel else 0.7 for p in phones]
    total, passed, pieces = sum(weights), 0.0, []
    for p, weight in zip(phones, weights, strict=True):
        begin = start_s + (end_s - start_s) * passed / total
        passed += weight
        finish = start_s + (end_s - start_s) * passed / total
        pieces.append(Segment(begin, finish, p, stress if p.is_vowel else 0))
    return pieces


def _append(run: list[Segment], piece: Segment, joinable: bool) -> None:
    """Add a piece, or join it with the one before where both are one sound."""
    last = run[-1] if run else None
    touching = last is not None and piece.start_s - last.end_s < MIN_PAUSE_S
    merged = (
        _merged(last.phone, piece.phone) if last is not None and touching and joinable else None
    )
    if last is not None and touching and last.phone.is_silence and piece.phone.is_silence:
        merged = SILENCE
    if last is None or merged is None:
        run.append(piece)
    else:
        stress = last.stress or piece.stress
        run[-1] = Segment(last.start_s, piece.end_s, merged, stress)


def _merged(first: Phone, second: Phone) -> Phone | None:
    pair = first.symbol + second.symbol
    if pair in ("tʃ", "dʒ", "tɕ", "dʑ", "ʈʂ", "ɖʐ"):
        return phone(pair)
    if first.manner == "plosive" and first == second:
        return first  # a closure label and its burst, as in TIMIT
    # Engines that label character by character write diphthongs with a lax second half.
    lax = second.symbol in ("ɪ", "ʊ") and first.symbol in ("a", "e", "o", "ɔ", "ə", "ɛ")
    return diphthong(first, second) if lax else None


def _fill_gaps(run: list[Segment], duration_s: float | None) -> list[Segment]:
    """Close small gaps, and stand silence where nothing is labelled."""
    filled: list[Segment] = []
    at_s = 0.0
    for segment in run:
        if segment.start_s - at_s >= MIN_PAUSE_S:
            filled.append(Segment(at_s, segment.start_s, SILENCE))
            at_s = segment.start_s
        end_s = max(segment.end_s, at_s)
        if end_s > at_s:
            filled.append(replace(segment, start_s=at_s, end_s=end_s))
        at_s = end_s
    if duration_s is not None and duration_s - at_s >= MIN_PAUSE_S:
        filled.append(Segment(at_s, duration_s, SILENCE))
    return filled


def read_phones(path: str | Path, alphabet: str | None = None) -> list[Segment]:
    """Read a Praat TextGrid (long or short) or a JSON file of timed phones.

    JSON is a list of ``[start_s, end_s, symbol]`` rows (or of objects with
    ``start``, ``end`` and ``phone``), or an object that holds such a list as
    ``phones`` and may name its ``alphabet`` and ``duration_s``. Without a
    named alphabet, labels that all read as ARPAbet are taken as ARPAbet,
    anything else as IPA.

    Raises:
        PhoneError: The file is missing, not of these formats, or has no phones.
    """
    path = Path(path)
    if not path.is_file():
        found = "the folder" if path.is_dir() else "no file"
        raise PhoneError(
            f"Found {found} '{path}', expected a TextGrid or JSON of timed phones: check the path."
        )
    if path.suffix.lower() == ".json":
        labels, named, duration_s = _read_json(path)
    else:
        labels, duration_s = _read_textgrid(path)
        named = None
    if not any(str(row[2]).strip() for row in labels):
        raise PhoneError(f"Found no phones in '{path}', expected at least one: check the file.")
    segments = segments_from_labels(labels, alphabet or named or guess_alphabet(labels), duration_s)
    if not segments:
        raise PhoneError(f"Found phones without a length in '{path}', expected times in seconds.")
    return segments


def guess_alphabet(labels: Iterable[Sequence[Any]]) -> str:
    """Tell ARPAbet from IPA by whether every label belongs to it."""
    symbols = {str(row[2]) for row in labels}
    try:
        for symbol in symbols:
            parse_symbol(symbol, "arpabet")
    except PhoneError:
        return "ipa"
    return "arpabet"


def _read_textgrid(path: Path) -> tuple[list[Label], float]:
    try:
        tier = read_tier(path, ("phones", "phone", "mau", "segments"), empty=True)
    except ValueError as fault:
        raise PhoneError(
            f"Found '{path}' unreadable as a TextGrid ({fault}), expected Praat's long or short "
            "text format: export it again from Praat or the aligner."
        ) from fault
    if tier.rows is None:
        raise PhoneError(
            f"Found the tiers {', '.join(tier.names) or 'none'} in '{path}', expected one "
            "called 'phones': name the tier of timed phones so."
        )
    return tier.rows, tier.duration_s


def _read_json(path: Path) -> tuple[list[Label], str | None, float | None]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = data["phones"] if isinstance(data, dict) else data
        labels = [_json_row(row) for row in rows]
    except (ValueError, KeyError, TypeError, IndexError) as fault:
        raise PhoneError(
            f"Found '{path}' without rows of phones ({fault!r}), expected "
            '[[start_s, end_s, "symbol"], ...]: see the documentation of animate --phones.'
        ) from fault
    named = data.get("alphabet") if isinstance(data, dict) else None
    if named is not None and named not in ALPHABETS:
        raise PhoneError(
            f"Found the alphabet '{named}' in '{path}', expected one of {', '.join(ALPHABETS)}."
        )
    duration = data.get("duration_s") if isinstance(data, dict) else None
    if duration is not None and not (_is_number(duration) and 0 <= duration <= DAY_S):
        raise PhoneError(
            f"Found duration_s {duration!r:.40} in '{path}', expected seconds within a day."
        )
    return labels, named, None if duration is None else float(duration)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _json_row(row: Any) -> Label:
    if isinstance(row, dict):
        symbol = row.get("phone", row.get("symbol"))
        return float(row["start"]), float(row["end"]), str(symbol)
    return float(row[0]), float(row[1]), str(row[2])
