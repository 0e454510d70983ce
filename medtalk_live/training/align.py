"""Forced alignment of English speech to its transcript, phone by phone.

Takes what the corpus needs from pocketsphinx (its English model comes inside
the package): two passes, words first, then phones, in 10 ms steps. Words the
dictionary lacks are given a pronunciation by espeak-ng. The labels are moved
to the corpus convention (`SHIFT_S`). Offline work on one thread; blocks.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from medtalk_live.procedural.phones import PHONE_CLASSES, phone
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Samples, Segment

FRAME_S = 0.010
# Its windows are 25.6 ms long and named after their start, so a boundary it
# means lies 7.8 ms later; 6 ms brings the energy's falls and rises of b, m and
# s nearest to the labels. docs/corpus.md has the measurement.
SHIFT_S = 0.006
# Prompts are often cut to the first sound; the model wants silence around.
PAD_SAMPLES = 4_800
LONGEST_PHONE_S = 0.8
# Right transcripts score -8 to -21 a frame, -34 in a noisy recording; another
# clip's transcript -42 to -64, where the search finds a path at all. Through
# the nearest English sounds: right -23 to -37, wrong -46 to -71.
LOWEST_SCORE = -36.0
LOWEST_SCORE_FOREIGN = -42.0
SILENCES = {"SIL", "+NSN+", "+SPN+", "<sil>"}

_IPA_TO_ARPABET = (
    *(("eɪ", "EY"), ("aɪ", "AY"), ("ɔɪ", "OY"), ("aʊ", "AW"), ("oʊ", "OW"), ("əʊ", "OW")),
    *(("tʃ", "CH"), ("dʒ", "JH"), ("ɑːɹ", "AA R"), ("ɔːɹ", "AO R"), ("iə", "IY AH")),
    *(("əl", "AH L"), ("ɜː", "ER"), ("ɚ", "ER"), ("ɝ", "ER"), ("ɪɹ", "IH R"), ("ɛɹ", "EH R")),
    *(("iː", "IY"), ("uː", "UW"), ("ɑː", "AA"), ("ɔː", "AO"), ("oː", "AO"), ("i", "IY")),
    *(("ɪ", "IH"), ("ᵻ", "IH"), ("ɛ", "EH"), ("æ", "AE"), ("ʌ", "AH"), ("ə", "AH")),
    *(("ɐ", "AH"), ("a", "AA"), ("ɑ", "AA"), ("ɒ", "AA"), ("ɔ", "AO"), ("o", "OW")),
    *(("ʊ", "UH"), ("u", "UW"), ("e", "EH"), ("p", "P"), ("b", "B"), ("t", "T"), ("d", "D")),
    *(("ɾ", "D"), ("k", "K"), ("ɡ", "G"), ("g", "G"), ("f", "F"), ("v", "V"), ("θ", "TH")),
    *(("ð", "DH"), ("s", "S"), ("z", "Z"), ("ʃ", "SH"), ("ʒ", "ZH"), ("h", "HH"), ("m", "M")),
    *(("n", "N"), ("ŋ", "NG"), ("l", "L"), ("ɹ", "R"), ("r", "R"), ("w", "W"), ("j", "Y")),
    *(("x", "K"), ("ʔ", "T")),
)

# The nearest English sounds of each phone class, for speech of other languages.
_NEAREST = {"ts": "T S", "rr": "R", "x": "HH", "ix": "IH", "ue": "UW", "ax": "AH", "oe": "ER"}
ENGLISH_FOR = {name: _NEAREST.get(name, name.upper()) for name in PHONE_CLASSES if name != "sil"}


@dataclass(frozen=True)
class Alignment:
    """Phones and words of one utterance.

    Attributes:
        phones: ARPAbet without stress digits; silences are "sil".
        words: Words as they were looked up.
        score: Mean acoustic score a frame of the phones, log domain.
        suspicion: Why the alignment looks wrong; empty where it does not.
    """

    phones: tuple[Segment, ...]
    words: tuple[Segment, ...]
    score: float
    suspicion: str = ""


def words_of(text: str) -> list[str]:
    """Split a transcript into lower-case words as the dictionary spells them."""
    spelt = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))
    plain = "".join(letter for letter in spelt if not unicodedata.combining(letter))
    return [word for word in re.findall(r"[a-z']+", plain) if word.strip("'")]


@functools.lru_cache(maxsize=4096)
def pronounce(word: str) -> str:
    """Guess the ARPAbet pronunciation of an English word with espeak-ng.

    Returns:
        Phones joined by spaces; empty where espeak-ng is not installed.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        return ""
    call = [program, "-q", "--ipa", "-v", "en-us", word]
    spoken = subprocess.run(call, capture_output=True, check=True).stdout.decode("utf-8")
    return ipa_to_arpabet(spoken)


def ipa_to_arpabet(ipa: str) -> str:
    """Translate espeak-ng's IPA for English; longest symbols first, marks dropped."""
    phones, rest = [], re.sub(r"[ˈˌ\s\u0361\u0329‿_-]", "", ipa)
    while rest:
        match = next((pair for pair in _IPA_TO_ARPABET if rest.startswith(pair[0])), None)
        if match is not None:
            phones.append(match[1])
        rest = rest[len(match[0]) if match is not None else 1 :]
    return " ".join(phones)


class EnglishAligner:
    """pocketsphinx as a forced aligner; one decoder, reused."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        # bestpath's lattice pruning leaves phones of one frame, which the second pass refuses.
        self._decoder: Any = Decoder(
            lm=None, beam=1e-100, wbeam=1e-100, pbeam=1e-100, bestpath=False, loglevel="FATAL"
        )

    def align(self, samples: Samples, text: str) -> Alignment | None:
        """Align speech to its transcript.

        Args:
            samples: 16 kHz mono float32, shape (T_samples,).
            text: What is said, in English; punctuation is ignored.

        Returns:
            The alignment, or None where a word has no pronunciation or the
            search found no path.
        """
        words = words_of(text)
        if not words or not all(self._knows(word) for word in words):
            return None
        return self._fit(samples, words)

    def align_foreign(self, samples: Samples, words: Sequence[Sequence[str]]) -> Alignment | None:
        """Align speech of another language through its nearest English sounds.

        Args:
            samples: 16 kHz mono float32, shape (T_samples,).
            words: IPA phones of each word.

        Returns:
            The alignment with the IPA symbols, or None where the search
            found no path.
        """
        spelled = [
            [ENGLISH_FOR[phone(symbol, "ipa").phone_class] for symbol in word] for word in words
        ]
        names = ["=" + "_".join(phones).lower().replace(" ", "_") for phones in spelled]
        for name, phones in zip(names, spelled, strict=True):
            if self._decoder.lookup_word(name) is None:
                self._decoder.add_word(name, " ".join(phones), True)
        parts = [
            [symbol] * len(english.split())
            for word, phones in zip(words, spelled, strict=True)
            for symbol, english in zip(word, phones, strict=True)
        ]
        return self._fit(samples, names, parts)

    def _fit(
        self, samples: Samples, words: Sequence[str], parts: Sequence[Sequence[str]] | None = None
    ) -> Alignment | None:
        pcm = _padded_pcm(samples)
        try:
            self._decoder.set_align_text(" ".join(words))
            self._decode(pcm)
            if self._decoder.hyp() is None:
                return None
            self._decoder.set_alignment()
            self._decode(pcm)
        except RuntimeError:
            return None
        return self._read(len(samples) / SAMPLE_RATE_HZ, parts)

    def _knows(self, word: str) -> bool:
        if self._decoder.lookup_word(word) is not None:
            return True
        phones = pronounce(word)
        if phones:
            self._decoder.add_word(word, phones, True)
        return self._decoder.lookup_word(word) is not None

    def _decode(self, pcm: bytes) -> None:
        self._decoder.start_utt()
        try:
            self._decoder.process_raw(pcm, full_utt=True)
        finally:
            self._decoder.end_utt()

    def _read(self, duration_s: float, parts: Sequence[Sequence[str]] | None) -> Alignment:
        phones: list[Segment] = []
        words: list[Segment] = []
        scores: list[tuple[int, int]] = []
        # The entries live inside the iterator: read them while it stands there.
        for word in self._decoder.get_alignment():
            name = re.sub(r"\(\d+\)$", "", word.name)
            spoken = name not in SILENCES and not name.startswith("<")
            if spoken:
                words.append(_segment(word.start, word.duration, name, duration_s))
            for part in word:
                symbol = part.name if spoken else "sil"
                phones.append(_segment(part.start, part.duration, symbol, duration_s))
                if spoken:
                    scores.append((part.score, part.duration))
        frames = sum(duration for _, duration in scores)
        score = sum(score for score, _ in scores) / max(frames, 1)
        lowest = LOWEST_SCORE if parts is None else LOWEST_SCORE_FOREIGN
        closed = _closed(phones if parts is None else _renamed(phones, parts), duration_s)
        return Alignment(closed, tuple(words), score, _suspicion(closed, score, lowest))


def _renamed(phones: Sequence[Segment], parts: Sequence[Sequence[str]]) -> list[Segment]:
    """Give aligned phones their own symbols; an affricate is several English ones."""
    renamed: list[Segment] = []
    own = iter([(symbol, index) for part in parts for index, symbol in enumerate(part)])
    for start_s, end_s, name in phones:
        symbol, index = ("sil", 0) if name == "sil" else next(own)
        if index:
            start_s = renamed.pop()[0]
        renamed.append((start_s, end_s, symbol))
    return renamed


def _padded_pcm(samples: Samples) -> bytes:
    noise = np.random.default_rng(0).normal(0.0, 1e-4, 2 * PAD_SAMPLES).astype(np.float32)
    padded = np.concatenate([noise[:PAD_SAMPLES], samples, noise[PAD_SAMPLES:]])
    pcm: bytes = (np.clip(padded, -1.0, 1.0) * 32767).astype("<i2").tobytes()
    return pcm


def _segment(start: int, duration: int, name: str, duration_s: float) -> Segment:
    offset_s = SHIFT_S - PAD_SAMPLES / SAMPLE_RATE_HZ
    start_s = start * FRAME_S + offset_s
    end_s = (start + duration) * FRAME_S + offset_s
    return min(max(start_s, 0.0), duration_s), min(max(end_s, 0.0), duration_s), name


def _closed(phones: list[Segment], duration_s: float) -> tuple[Segment, ...]:
    """Cover the whole sound: silence before, between and after; neighbours joined."""
    covered: list[Segment] = []
    position_s = 0.0
    for start_s, end_s, symbol in [*phones, (duration_s, duration_s, "sil")]:
        for piece in ((position_s, start_s, "sil"), (max(start_s, position_s), end_s, symbol)):
            if piece[1] - piece[0] < 1e-6:
                continue
            if piece[2] == "sil" and covered and covered[-1][2] == "sil":
                piece = (covered.pop()[0], piece[1], "sil")
            covered.append(piece)
        position_s = max(position_s, end_s)
    return tuple(covered)


def _suspicion(phones: tuple[Segment, ...], score: float, lowest: float) -> str:
    """Say what is absurd about an alignment: the usual sign of a wrong transcript."""
    lengths_s = np.array([end_s - start_s for start_s, end_s, symbol in phones if symbol != "sil"])
    if len(lengths_s) == 0:
        return "no phone"
    if score < lowest:
        return f"sounds unlike its transcript, score {score:.0f}"
    if lengths_s.max() > LONGEST_PHONE_S:
        return f"a phone of {lengths_s.max():.2f} s"
    return ""
