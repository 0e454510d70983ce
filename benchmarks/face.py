"""What a drawn face costs: polygons, filling them, and a minute of film.

Run  python -m benchmarks.face [--film]  . Figures are processor milliseconds of
one core (best and median of many frames of moving speech), so that other work
on the machine matters less; the film's are seconds on the clock as well, and its
encoder's processor time apart (a process of its own; not told on Windows).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from medtalk_live.face.drawing import draw, rasterise
from medtalk_live.face.movie import Clip, Sound, render
from medtalk_live.rig.controls import NEUTRAL, index, pair
from medtalk_live.rig.frames import Curves

SIZE = 512
PARTS = (
    "mouth_cornerPull",
    "mouth_lowerLipDepress",
    "brow_raiseIn",
    "eye_cheekRaise",
    "mouth_funnelU",
)


def speech(seconds: float) -> Curves:
    """A face in which everything that costs time moves: mouth, folds, brows, blinks, head."""
    times = np.arange(int(60 * seconds)) / 60
    controls = np.tile(NEUTRAL, (len(times), 1))
    controls[:, index("C_jaw.ty")] = 0.25 + 0.25 * np.sin(12 * times)
    for place, part in enumerate(PARTS):
        controls[:, list(pair(part))] = (0.4 + 0.4 * np.sin((1 + place) * times))[:, None]
    controls[:, list(pair("eye_blink"))] = (np.sin(2 * times) ** 20)[:, None]
    head = np.zeros((len(times), 6), np.float32)
    head[:, 0] = 10 * np.sin(times)
    return Curves(controls, head, times.astype(np.float32))


def cost_ms(step: Callable[[int], object], frames: int) -> dict[str, float]:
    """Best and median processor time of one frame."""
    spent = []
    for frame in range(frames):
        start = time.thread_time()
        step(frame)
        spent.append((time.thread_time() - start) * 1000)
    return {"best_ms": round(min(spent), 2), "median_ms": round(float(np.median(spent)), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--film", action="store_true", help="also render a minute of mp4")
    chosen = parser.parse_args()
    curves = speech(10.0)
    drawn = [draw(curves.controls[row], curves.head[row], SIZE) for row in range(0, 600, 3)]
    figures: dict[str, object] = {
        "polygons": cost_ms(lambda row: draw(curves.controls[row], curves.head[row], SIZE), 600),
        f"filling at {SIZE} pixels": cost_ms(lambda row: rasterise(drawn[row], SIZE), len(drawn)),
    }
    if chosen.film:
        figures["a minute of film at 60 fps"] = film_seconds()
    print(json.dumps(figures, indent=1))


def film_seconds() -> dict[str, float]:
    """Clock and processor seconds for a minute of mp4 with sound."""
    sound = Sound(np.zeros(60 * 16_000, np.float32), 16_000)
    with tempfile.TemporaryDirectory() as folder:
        clock, before = time.perf_counter(), os.times()
        render([Clip(speech(60.0))], Path(folder) / "film.mp4", sound)
        after = os.times()
        return {
            "clock_s": round(time.perf_counter() - clock, 1),
            "processor_s": round(after.user + after.system - before.user - before.system, 1),
            "encoder_s": round(after.children_user - before.children_user, 1),
        }


if __name__ == "__main__":
    main()
