"""Cost of the full finish per frame, and of each of its layers, in microseconds.

Run ``python benchmarks/finish.py``. Frames alternate between open, closing and
silent mouths, so every layer does its dearest work some of the time.
"""

from __future__ import annotations

import time

import numpy as np

from medtalk_live.engine.postprocess import Finish, full_layers
from medtalk_live.engine.profile import Gains, Profile
from medtalk_live.engine.work import FaceWork
from medtalk_live.rig.controls import COUNT, MAXIMUM, MINIMUM

FRAMES = 6000


def frames() -> list[FaceWork]:
    rng = np.random.default_rng(0)
    expression = rng.uniform(0, 0.4, COUNT)
    works = []
    for i in range(FRAMES):
        controls = np.clip(expression * (1 + 0.5 * np.sin(i / 5)), MINIMUM, MAXIMUM)
        seal, voice = float(i % 15 < 4), float(i % 240 < 180)
        stress = float(voice and i % 40 < 6)
        work = FaceWork(
            i, controls.astype(np.float32), np.zeros(6, np.float32), seal, voice, stress
        )
        works.append(work)
    return works


def microseconds(times: list[float]) -> str:
    p50, p99 = np.percentile(times, (50, 99)) * 1e6
    return f"p50 {p50:6.1f}   p99 {p99:6.1f}"


def main() -> None:
    profile = Profile(smoothing=True)
    finish = Finish("full", Gains(profile), profile, 0)
    times = []
    for work in frames():
        start = time.perf_counter()
        finish.push(work)
        times.append(time.perf_counter() - start)
    print(f"{'full finish':14}{microseconds(times)} us a frame")
    works = frames()
    for layer in full_layers(profile, 0):
        times = []
        for work in works:
            start = time.perf_counter()
            layer.apply(work)
            times.append(time.perf_counter() - start)
        print(f"{type(layer).__name__:14}{microseconds(times)}")


if __name__ == "__main__":
    main()
