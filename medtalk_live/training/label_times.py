"""Checks that all sources of the corpus mean the same by a label's time.

Three things can be found in the sound itself: where a vowel's energy falls
into the closure of a following p or b, where it rises after one, and where
the energy is least inside it. Their medians against the labels, by source,
tell whether a source's labels are early or late; adapters correct what is
off by more than 10 ms. Offline: ``python -m medtalk_live.training.label_times``.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medtalk_live.training.corpus import load
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Samples, Segment

_HOP_SAMPLES = SAMPLE_RATE_HZ // 1000
_WINDOW_SAMPLES = 8 * _HOP_SAMPLES
_SEARCH_MS = 50
_VOWEL_LETTERS = set("aeiouyɑæəɛɪɔʊʌɐɒɜøœɯɨʉAIOWYQ")


def is_vowel(symbol: str) -> bool:
    """Say whether an ARPAbet or IPA symbol is a vowel."""
    bare = symbol.lstrip("ˈˌ")
    if bare.isascii() and bare.isupper() and len(bare.rstrip("012")) == 2:
        return bare[0] in "AEIOU"
    return bare[:1] in _VOWEL_LETTERS


def is_bilabial_stop(symbol: str) -> bool:
    """Say whether a symbol is p or b in any of the alphabets."""
    return symbol.lstrip("ˈˌ").rstrip("ːʰʲ'").lower() in {"p", "b", "pp", "bb"}


def envelope_db(samples: Samples) -> NDArray[np.float64]:
    """Energy in 8 ms windows, one value a millisecond, in dB.

    Differenced twice first: the low hum that goes on behind closed lips would
    make every closure seem to begin 20 ms late.
    """
    kernel = np.hanning(_WINDOW_SAMPLES)
    bright = np.diff(samples.astype(np.float64), 2, append=(0.0, 0.0))
    power = np.convolve(bright**2, kernel / kernel.sum(), "same")
    return 10 * np.log10(power[::_HOP_SAMPLES] + 1e-7)


def offsets_ms(samples: Samples, phones: Sequence[Segment]) -> Iterator[tuple[str, float]]:
    """Yield what the sound says minus what the label says, in milliseconds.

    Yields:
        ("closure", ms) steepest fall from a vowel into p or b;
        ("release", ms) steepest rise from p or b to a vowel;
        ("minimum", ms) least energy against the middle of the closure.
    """
    level_db = envelope_db(samples)
    slope = np.gradient(level_db)
    for before, stop, after in zip(phones, phones[1:], phones[2:], strict=False):
        if not is_bilabial_stop(stop[2]):
            continue
        start_ms, end_ms = round(stop[0] * 1000), round(stop[1] * 1000)
        if is_vowel(before[2]):
            yield "closure", _extreme(-slope, start_ms)
        if is_vowel(after[2]):
            yield "release", _extreme(slope, end_ms)
        if is_vowel(before[2]) and is_vowel(after[2]):
            middle_ms = (start_ms + end_ms) // 2
            yield "minimum", _extreme(-level_db, middle_ms)


def _extreme(curve: NDArray[np.float64], centre_ms: int) -> float:
    start = max(centre_ms - _SEARCH_MS, 0)
    stretch = curve[start : centre_ms + _SEARCH_MS + 1]
    return float(start + np.argmax(stretch) - centre_ms) if len(stretch) else 0.0


def main(arguments: list[str] | None = None) -> int:
    """Print the median offsets of every source, or of every speaker of some."""
    parser = argparse.ArgumentParser(
        prog="medtalk_live.training.label_times", description=main.__doc__
    )
    parser.add_argument("corpus", type=Path, help="folder of a built corpus")
    parser.add_argument("--only", action="append", metavar="SOURCE")
    parser.add_argument("--utterances", type=int, default=50, help="a speaker")
    chosen = parser.parse_args(arguments)
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    seen: dict[str, int] = defaultdict(int)
    for recording in load(chosen.corpus):
        if chosen.only and recording.source not in chosen.only:
            continue
        if not recording.phones or seen[recording.speaker] >= chosen.utterances:
            continue
        seen[recording.speaker] += 1
        for kind, offset_ms in offsets_ms(recording.read(), recording.phones):
            found[recording.speaker][kind].append(offset_ms)
    for speaker, kinds in found.items():
        figures = "  ".join(
            f"{kind} {np.median(values):+5.0f} ms (n {len(values)})"
            for kind, values in sorted(kinds.items())
        )
        print(f"{speaker:36s} {figures}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
