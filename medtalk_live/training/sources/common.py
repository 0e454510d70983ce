"""What several adapters share: finding files and reading sound at 16 kHz.

Reading blocks on the disk; no state.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
import soxr

from medtalk_live.errors import MissingExtraError, PhoneError, TrainingError
from medtalk_live.procedural.phones import parse_symbol
from medtalk_live.training.align import Alignment, EnglishAligner
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Samples, Segment, Utterance


def debian_folder(sources_dir: Path, relative: str) -> Path:
    """Find a folder of a Debian package: unpacked in ``debian/``, or installed.

    Args:
        sources_dir: Raw material; ``dpkg -x PACKAGE.deb SOURCES/debian`` fills it.
        relative: Path inside the package, such as "usr/share/asterisk/sounds".
    """
    unpacked = sources_dir / "debian" / relative
    return unpacked if unpacked.exists() else Path("/") / relative


def read_sound(path: Path) -> Samples:
    """Read any sound file as 16 kHz mono float32, shape (T_samples,)."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    return to_corpus_rate(samples.mean(axis=1), rate_hz)


def to_corpus_rate(samples: Samples, rate_hz: int) -> Samples:
    """Resample mono sound to 16 kHz; the phase is kept, so label times stay right."""
    if rate_hz == SAMPLE_RATE_HZ:
        return np.asarray(samples, dtype=np.float32)
    return np.asarray(soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ), dtype=np.float32)


def joined(segments: list[Segment]) -> tuple[Segment, ...]:
    """Join neighbouring silences and drop segments without length."""
    result: list[Segment] = []
    for start_s, end_s, symbol in segments:
        if end_s <= start_s:
            continue
        if result and symbol == "sil" and result[-1][2] == "sil":
            start_s = result.pop()[0]
        result.append((start_s, end_s, symbol))
    return tuple(result)


def aligned(utterance: Utterance, aligner: EnglishAligner, spoken: str | None = None) -> Utterance:
    """Give an utterance its phones, or say why it has none.

    English goes by its words; another language by espeak-ng's reading and the
    nearest English sounds, which finds boundaries to 14 ms (median, against
    the labels of festvox-ru).

    Args:
        utterance: With samples and text.
        aligner: Reused from one utterance to the next.
        spoken: What is said, where it differs from the written text.
    """
    text = spoken or utterance.text or ""
    if utterance.language.startswith("en"):
        return with_alignment(utterance, aligner.align(utterance.samples, text), "arpabet")
    try:
        words = words_in_ipa(text, utterance.language)
    except (TrainingError, MissingExtraError) as error:
        return replace(utterance, note=f"not aligned: {error}")
    return with_alignment(utterance, aligner.align_foreign(utterance.samples, words), "ipa")


def with_alignment(utterance: Utterance, alignment: Alignment | None, alphabet: str) -> Utterance:
    """Take over an alignment that can be trusted; note why another one cannot."""
    if alignment is None:
        return replace(utterance, note="not aligned: no path or no pronunciation")
    if alignment.suspicion:
        return replace(utterance, note=f"alignment dropped: {alignment.suspicion}")
    return replace(
        utterance,
        phones=alignment.phones,
        alphabet=alphabet,
        words=alignment.words or None,
        note=f"pocketsphinx alignment, score {alignment.score:.1f}",
    )


def words_in_ipa(text: str, language: str) -> list[list[str]]:
    """Read a text with espeak-ng: words of single IPA phones, stress marked."""
    # Imported here: it brings torch, which listing the sources should not.
    from medtalk_live.training import spoken_text

    words = []
    for word in spoken_text.words_in_ipa(text, language):
        phones = [phone for symbol in word for phone in _single_phones(symbol)]
        if phones:
            words.append(phones)
    return words


def _single_phones(symbol: str) -> list[str]:
    try:
        parsed = parse_symbol(symbol, "ipa")
    except PhoneError:
        return []  # a mark that only espeak-ng writes
    names = [phone.symbol for phone in parsed.phones if phone.phone_class != "sil"]
    return [f"ˈ{name}" if parsed.stress == 1 and i == 0 else name for i, name in enumerate(names)]
