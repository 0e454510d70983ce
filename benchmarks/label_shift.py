"""Whether labels are early or late, from sounds whose two ends err in opposite directions.

Run  python benchmarks/label_shift.py CORPUS [--only SOURCE]... . Around b, m
and sibilants between vowels, the energy (of the band below 3 kHz, or above
3.5 kHz) falls or rises steepest some way off the label; what biases one end
forwards biases the other backwards, so the mean of both ends is the labels'
own error. Prints sound minus label in ms, medians by speaker.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from medtalk_live.procedural.phones import SILENCE, Phone, parse_symbol
from medtalk_live.training.corpus import load
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Recording

SEARCH_MS = 50
BANDS = {
    "low": scipy.signal.butter(4, [120, 3000], "bandpass", fs=SAMPLE_RATE_HZ, output="sos"),
    "high": scipy.signal.butter(4, 3500, "highpass", fs=SAMPLE_RATE_HZ, output="sos"),
}
KINDS = {"b": ("low", -1), "m": ("low", -1), "s": ("high", 1), "z": ("high", 1), "sh": ("high", 1)}


def slope(samples: NDArray[np.float32], band: str) -> NDArray[np.float64]:
    """Change of the band's level in dB, one value a millisecond, 10 ms windows."""
    kernel = np.hanning(160) / np.hanning(160).sum()
    power = np.convolve(scipy.signal.sosfiltfilt(BANDS[band], samples) ** 2, kernel, "same")
    change: NDArray[np.float64] = np.gradient(
        10 * np.log10(power[:: SAMPLE_RATE_HZ // 1000] + 1e-8)
    )
    return change


def offset_ms(curve: NDArray[np.float64], label_s: float) -> int:
    """Where the curve is highest near a label, against the label."""
    label_ms = round(label_s * 1000)
    first = max(label_ms - SEARCH_MS, 0)
    return first + int(np.argmax(curve[first : label_ms + SEARCH_MS + 1])) - label_ms


def phone_of(symbol: str, alphabet: str) -> Phone:
    """The last phone that a label stands for; a mark alone counts as silence."""
    phones = parse_symbol(symbol, alphabet).phones
    return phones[-1] if phones else SILENCE


def errors_ms(recording: Recording) -> list[tuple[str, int, int]]:
    """Kind, error of the start and error of the end of every sound that can be checked."""
    samples = recording.read()
    slopes = {band: slope(samples, band) for band in BANDS}
    segments = recording.phones or ()
    phones = [phone_of(symbol, recording.alphabet) for _, _, symbol in segments]
    found = []
    for index in range(1, len(phones) - 1):
        kind = phones[index].phone_class
        if kind in KINDS and phones[index - 1].is_vowel and phones[index + 1].is_vowel:
            band, sign = KINDS[kind]
            start_s, end_s, _ = segments[index]
            curve = sign * slopes[band]
            found.append((kind, offset_ms(curve, start_s), offset_ms(-curve, end_s)))
    return found


def main() -> None:
    """Print the medians of every speaker and their mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--only", action="append", metavar="SOURCE")
    parser.add_argument("--recordings", type=int, default=300, help="a speaker")
    chosen = parser.parse_args()
    found: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    seen: dict[str, int] = defaultdict(int)
    for recording in load(chosen.corpus):
        wanted = not chosen.only or recording.source in chosen.only
        if wanted and recording.phones and seen[recording.speaker] < chosen.recordings:
            seen[recording.speaker] += 1
            found[recording.speaker] += errors_ms(recording)
    for speaker, errors in found.items():
        print(f"{speaker:32s}{summary(errors)}")


def summary(errors: list[tuple[str, int, int]]) -> str:
    """Medians of starts and ends by class, and the mean of all of them."""
    cells, medians = [], []
    for name, kinds in (("b", {"b"}), ("m", {"m"}), ("s z sh", {"s", "z", "sh"})):
        own = [(start, end) for kind, start, end in errors if kind in kinds]
        if len(own) >= 10:
            start_ms, end_ms = np.median(own, axis=0)
            medians += [start_ms, end_ms]
            cells.append(f"{name} {start_ms:+.0f}/{end_ms:+.0f} (n {len(own)})")
    mean = f"mean {np.mean(medians):+.0f} ms" if medians else "too few sounds"
    return "  ".join([*cells, mean])


if __name__ == "__main__":
    main()
