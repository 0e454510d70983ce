"""Times of the phones of a known text: espeak-ng's reading fitted to the teacher's posteriors.

For recordings with words but without phone labels, in the languages that
espeak-ng reads (Mandarin by way of pinyin). Where no text is known, the most
likely run of phones stands in. Offline; starts espeak-ng as a program.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medtalk_live.errors import MissingExtraError, PhoneError, TrainingError
from medtalk_live.procedural.phones import (
    CLASS_INDEX,
    CLASS_TO_VISEME,
    CLASSES,
    PHONE_CLASSES,
    parse_symbol,
)
from medtalk_live.training.teacher import FRAME_RATE_HZ
from medtalk_live.training.utterance import Segment
from medtalk_live.training.viterbi import Slot, force_align, segments_from_posteriors

VOICES = {
    "en": "en-us",
    "es": "es",
    "es-mx": "es-419",
    "fr": "fr-fr",
    "it": "it",
    "ru": "ru",
    "de": "de",
    "cs": "cs",
    "nl": "nl",
    "pt": "pt",
    "pl": "pl",
    "zh": "cmn-latn-pinyin",
}
_SILENCE = CLASS_INDEX["sil"]
_SAME_VISEME = np.equal.outer(CLASS_TO_VISEME, CLASS_TO_VISEME).astype(np.float32)
_IS_VOWEL = np.array([kind.openness_rank is not None for kind in CLASSES])
_SAME_KIND = np.equal.outer(_IS_VOWEL, _IS_VOWEL).astype(np.float32)
_SAME_KIND[_SILENCE, :] = _SAME_KIND[:, _SILENCE] = 0
_SWITCH = re.compile(r"\([a-z-]+\)")
# the Mandarin voice writes tones as 1 to 5 or a final ɜ
_TONE = re.compile(r"[1-5]|ɜ(?=_|\s|$)")
# sounds that espeak-ng leaves in its own ASCII spelling
_RESPELT = {
    "cmn-latn-pinyin": (
        *(("ts.h", "ʈʂʰ"), ("ts.", "ʈʂ"), ("s.", "ʂ"), ("i.", "ɨ"), ("o-", "ɤ")),
        *(("tɕh", "tɕʰ"), ("tsh", "tsʰ"), ("th", "tʰ"), ("ph", "pʰ"), ("kh", "kʰ"), ("n_ɡ", "ŋ")),
    ),
    "ru": (("y", "ɨ"),),
}
# one IPA symbol for each class, for speech whose text nobody knows
_IPA_OF_CLASS = {
    "sil": "sil",
    "th": "θ",
    "dh": "ð",
    "rr": "r",
    "r": "ɹ",
    "sh": "ʃ",
    "zh": "ʒ",
    "ch": "tʃ",
    "jh": "dʒ",
    "g": "ɡ",
    "ng": "ŋ",
    "hh": "h",
    "y": "j",
    "iy": "i",
    "ih": "ɪ",
    "ix": "ɨ",
    "ue": "y",
    "uw": "u",
    "uh": "ʊ",
    "ey": "eɪ",
    "eh": "ɛ",
    "ae": "æ",
    "er": "ɝ",
    "ax": "ə",
    "ah": "ʌ",
    "oe": "ø",
    "ow": "oʊ",
    "ao": "ɔ",
    "aa": "ɑ",
    "ay": "aɪ",
    "aw": "aʊ",
    "oy": "ɔɪ",
}


@dataclass(frozen=True)
class TimedPhones:
    """Phones with times as they go into the sidecar of a recording.

    Attributes:
        phones: (start_s, end_s, IPA symbol) in order, "sil" among them.
        how: "forced" to a text, or "free" where there was none that fits.
        score: Mean log posterior of the phones on their frames; the nearer
            to 0 the surer.
    """

    phones: list[Segment]
    how: str
    score: float


def words_in_ipa(text: str, language: str) -> list[list[str]]:
    """Let espeak-ng read a text: words of IPA symbols, stress marks kept.

    Raises:
        TrainingError: espeak-ng is not installed, or has no voice for the language.
    """
    voice = VOICES.get(language.lower(), VOICES.get(language.split("-")[0].lower()))
    program = shutil.which("espeak-ng") or shutil.which("espeak-ng.exe")
    if voice is None or program is None:
        raise TrainingError(
            f"cannot read text in {language!r}: expected one of {', '.join(VOICES)} "
            "and the program espeak-ng; install it, or leave the text out"
        )
    if voice.startswith("cmn"):
        text = _pinyin(text)
    read = subprocess.run(
        [program, "-q", "--ipa", "--sep=_", "-v", voice],
        input=text.replace("\n", " "), capture_output=True, encoding="utf-8", check=True,
    ).stdout  # fmt: skip
    read = _SWITCH.sub("", read)
    if voice.startswith("cmn"):
        read = _TONE.sub("", read)
    for spelt, meant in _RESPELT.get(voice, ()):
        read = read.replace(spelt, meant)
    words = (word.split("_") for word in read.split())
    return [kept for word in words if (kept := [symbol for symbol in word if symbol.strip("-")])]


def _pinyin(text: str) -> str:
    try:
        from pypinyin import Style, lazy_pinyin
    except ImportError as error:
        raise MissingExtraError("pypinyin", "train", "reading Mandarin text") from error
    return " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))


def slots_of(words: list[list[str]]) -> tuple[list[Slot], list[str]]:
    """What is to be aligned: the words' phones with optional silences around each word."""
    slots, symbols = [Slot(_SILENCE, optional=True)], ["sil"]
    for word in words:
        for symbol in word:
            try:
                parsed = parse_symbol(symbol, "ipa")
            except PhoneError:
                continue  # a mark that only this reader writes
            for index, phone in enumerate(parsed.phones):
                stress = "ˈ" if parsed.stress == 1 and index == 0 else ""
                slots.append(Slot(phone.class_index))
                symbols.append(stress + phone.symbol)
        slots.append(Slot(_SILENCE, optional=True))
        symbols.append("sil")
    return slots, symbols


def align_text(posteriors: NDArray[np.floating], text: str, language: str) -> TimedPhones:
    """Time the phones of a text on the teacher's posteriors.

    Args:
        posteriors: (T, C) at 100 Hz.
        text: What was said.
        language: BCP 47.

    Raises:
        TrainingError: No reader for the language, or too much text for the sound.
    """
    slots, symbols = slots_of(words_in_ipa(text, language))
    spans, _ = force_align(lenient(posteriors), slots)
    phones: list[Segment] = []
    scores: list[float] = []
    for slot, symbol, span in zip(slots, symbols, spans, strict=True):
        if span is None:
            continue
        phones.append((_start_s(span[0]), _start_s(span[1]), symbol))
        if slot.class_index != _SILENCE:
            column = posteriors[span[0] : span[1], slot.class_index]
            scores.append(float(np.log(column.astype(np.float32) + 1e-3).mean()))
    return TimedPhones(phones, "forced", float(np.mean(scores)) if scores else 0.0)


def lenient(posteriors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Let a class share in what its neighbours in sound were given; rows sum to 1.

    The teacher writes one language's vowels in another's classes and espeak-ng
    reads a text in its own way; where a phone lies is sure nevertheless.
    """
    exact = np.asarray(posteriors, dtype=np.float32)
    shared = exact + 0.3 * (exact @ _SAME_VISEME) + 0.03 * (exact @ _SAME_KIND)
    return np.asarray(shared / shared.sum(axis=1, keepdims=True), dtype=np.float32)


def _start_s(frame: int) -> float:
    return max(frame - 0.5, 0.0) / FRAME_RATE_HZ


def free_phones(
    posteriors: NDArray[np.floating], log_bigram: NDArray[np.floating] | None = None
) -> TimedPhones:
    """The most likely phones where no text is known, one IPA symbol a class."""
    found = segments_from_posteriors(posteriors, FRAME_RATE_HZ, PHONE_CLASSES, log_bigram)
    phones = [(start, end, _IPA_OF_CLASS.get(name, name)) for start, end, name in found]
    sure = np.log(posteriors.max(axis=1).astype(np.float32) + 1e-3) if len(posteriors) else [0.0]
    return TimedPhones(phones, "free", float(np.mean(sure)))
