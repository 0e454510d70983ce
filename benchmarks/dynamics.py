"""How the starter's dynamic intensity follows a voice that changes.

    python benchmarks/dynamics.py NEUTRAL.wav [OTHER.wav ...]

A neutral recording is played three times as "usual", then once more changed:
louder, higher, faster, tenser (pitch and tempo by Praat's overlap-add, package
``praat-parselmouth``), or another recording of the same speaker at the same
level. Prints the mean intensity of what followed while somebody spoke.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import parselmouth
from parselmouth.praat import call

from medtalk_live.audio.file import read_sound
from medtalk_live.audio.resample import StreamResampler
from medtalk_live.guidance.encode import encode
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.checkpoint import load_model
from medtalk_live.model.starter import StarterModel

TIMES = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("neutral", type=Path)
    parser.add_argument("others", nargs="*", type=Path)
    args = parser.parse_args()
    model = load_model("starter")
    assert isinstance(model, StarterModel)
    usual = sound_of(args.neutral)
    for name, changed in changes(usual, args.others):
        print(f"{name:<24} {intensity(model, np.tile(usual, TIMES), changed):.2f}")


def changes(usual: np.ndarray, others: list[Path]) -> Iterator[tuple[str, np.ndarray]]:
    """What follows the usual voice."""
    yield "the same again", usual
    yield "6 dB quieter", usual / 2
    yield "6 dB louder", usual * 2
    yield "12 dB louder", usual * 4
    yield "3 semitones higher", praat(usual, pitch=2 ** (3 / 12))
    yield "6 semitones higher", praat(usual, pitch=2 ** (6 / 12))
    yield "a quarter faster", praat(usual, length=1 / 1.25)
    yield "half as fast again", praat(usual, length=1 / 1.5)
    yield "tenser (+6 dB at 2 kHz)", tenser(usual, 6.0)
    for path in others:
        other = sound_of(path)
        yield path.stem, other * level(usual) / level(other)


def intensity(model: StarterModel, usual: np.ndarray, changed: np.ndarray) -> float:
    """Mean over the frames of the second sound in which somebody speaks."""
    code = encode(Guidance.label("angry"), model)
    frames = model.forward(np.concatenate((usual, changed)).astype(np.float32), code)
    later = frames[len(usual) * 60 // 16_000 :]
    return float(np.mean([frame.intensity for frame in later if frame.voice > 0.5]))


def praat(sound: np.ndarray, pitch: float = 1.0, length: float = 1.0) -> np.ndarray:
    """The same words at another pitch or tempo."""
    original = parselmouth.Sound(sound.astype(np.float64), 16_000)
    manipulation = call(original, "To Manipulation", 0.01, 60, 400)
    tier = call(manipulation, "Extract pitch tier")
    call(tier, "Multiply frequencies", original.xmin, original.xmax, pitch)
    call([tier, manipulation], "Replace pitch tier")
    tempo = call("Create DurationTier", "tempo", original.xmin, original.xmax)
    call(tempo, "Add point", 0.0, length)
    call([tempo, manipulation], "Replace duration tier")
    values: np.ndarray = call(manipulation, "Get resynthesis (overlap-add)").values[0]
    return values


def tenser(sound: np.ndarray, gain_db: float) -> np.ndarray:
    """Brighter from 1 kHz on, at the same level."""
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(len(sound), 1 / 16_000)
    rise = np.clip(np.log2(np.maximum(hz, 1.0) / 1000.0), 0.0, 1.0)
    bright = np.fft.irfft(spectrum * 10 ** (gain_db * rise / 20), len(sound))
    return bright * level(sound) / level(bright)


def level(sound: np.ndarray) -> float:
    """Of the loud parts: pauses do not count."""
    blocks = sound[: len(sound) // 800 * 800].reshape(-1, 800)
    return float(np.quantile(np.sqrt(np.mean(blocks**2, axis=1)), 0.8))


def sound_of(path: Path) -> np.ndarray:
    samples, rate = read_sound(path)
    return StreamResampler(rate).push(samples)


if __name__ == "__main__":
    main()
