"""How many times faster than real time each step of the augmentation is.

Run  python benchmarks/augmentation.py CORPUS  with OMP_NUM_THREADS=1. Figures
are sound seconds over processor seconds of one core, on recordings of a corpus.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from medtalk_live.training import augment as steps
from medtalk_live.training.corpus import load
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Samples


def speed(step: Callable[[Samples], object], sounds: list[Samples]) -> float:
    """Sound seconds over processor seconds, after one warm-up call."""
    step(sounds[0])
    start_s = time.process_time()
    for sound in sounds:
        step(sound)
    return sum(map(len, sounds)) / SAMPLE_RATE_HZ / (time.process_time() - start_s)


def main() -> None:
    """Time every step on the first recordings of a corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--recordings", type=int, default=20)
    chosen = parser.parse_args()
    sounds = [recording.read() for recording in load(chosen.corpus)[: chosen.recordings]]
    draw = np.random.default_rng(0)
    programme: dict[str, Callable[[Samples], object]] = {
        "speed": lambda x: steps.change_speed(x, 1.1),
        "vocal tract": lambda x: steps.warp_vocal_tract(x, 1.1),
        "room": lambda x: steps.add_room(x, draw, 0.5, 3.0),
        "noise": lambda x: steps.mix(x, steps.coloured_noise(len(x), draw, 1.0), 20.0),
        "talkers": lambda x: steps.mix(x, steps.babble(len(x), sounds, draw), 20.0),
        "response": lambda x: steps.equalise(x, draw, 5.0),
        "telephone": lambda x: steps.telephone(x, 8),
        "full programme": lambda x: steps.augment(x, draw, 1.0, sounds),
    }
    for name, step in programme.items():
        print(f"{name:16s}{speed(step, sounds):8.0f} x real time")


if __name__ == "__main__":
    main()
