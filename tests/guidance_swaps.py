"""Guidance swapped at random moments of a live run, beside the same run left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from live_fakes import ListSink, stream_info

from medtalk_live.audio.scripted import ScriptedSource
from medtalk_live.clock import VirtualClock
from medtalk_live.engine.animator import Animator
from medtalk_live.engine.smoothing import FASTEST_STEP
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.checkpoint import load_model
from medtalk_live.model.streaming import LABELS
from medtalk_live.rig.articulation import SEALED_APERTURE, lip_aperture
from medtalk_live.rig.controls import FloatArray
from medtalk_live.runtime.session import Session
from medtalk_live.runtime.simulation import simulate

SWAPS_A_MINUTE = 200
SENTENCES = (
    "a broad smile", "a smirk on the left", "left brow raised", "squinting", "wide eyes",
    "a sly half smile", "furious", "a bit sad, brows raised", "pursed lips", "mouth slightly open",
    "puffed cheeks", "winking with the right eye", "looking to the left", "a sneer", "neutral",
)  # fmt: skip

Swap = tuple[Guidance, float]
"""A request and its blend time in seconds."""


@dataclass(frozen=True)
class Swapped:
    """What swapping did to a run.

    Attributes:
        missing: Frames whose number does not follow the one before.
        aperture_r: Correlation of the lip aperture with the run left alone.
        seals_kept: Share of its sealed frames that are sealed here.
        speed: The largest step of any control, as a share of its limit.
    """

    missing: int
    aperture_r: float
    seals_kept: float
    speed: float

    @classmethod
    def of(cls, numbers: Sequence[int], swapped: FloatArray, alone: FloatArray) -> Swapped:
        """Compare controls (T, 174) of both runs, frame by frame of the same sound."""
        a, b = lip_aperture(alone), lip_aperture(swapped)
        sealed = a <= SEALED_APERTURE
        step = np.abs(np.diff(swapped, axis=0)) / FASTEST_STEP
        return cls(
            missing=int(np.sum(np.diff(numbers) != 1)),
            aperture_r=float(np.corrcoef(a, b)[0, 1]),
            seals_kept=float(np.mean(b[sealed] <= SEALED_APERTURE)),
            speed=float(step.max()),
        )


def requests(photo: Path | None = None) -> list[Guidance]:
    """What is swapped between: labels, mixes, sentences and, if there is one, a photo."""
    rng = np.random.default_rng(5)
    out = [Guidance.label(name, s) for name in LABELS for s in (0.6, 1.0, 1.5)]
    out += [Guidance.label(f"{a}:0.6+{b}:0.4") for a, b in rng.choice(LABELS, (6, 2)) if a != b]
    out += [Guidance.text(words) for words in SENTENCES]
    return out + ([Guidance.image(photo)] if photo is not None else [])


def random_swaps(frames: int, photo: Path | None = None, seed: int = 1) -> dict[int, Swap]:
    """Swaps by the number of the frame after which they are asked for."""
    rng = np.random.default_rng(seed)
    chosen = requests(photo)
    moments = rng.choice(np.arange(30, frames - 60), frames * SWAPS_A_MINUTE // 3600, replace=False)
    return {
        int(at): (chosen[rng.integers(len(chosen))], float(rng.uniform(0.0, 0.8))) for at in moments
    }


def simulated(sound: FloatArray, swaps: Mapping[int, Swap]) -> tuple[Session, ListSink]:
    """The live session's own steps on a virtual clock, with the starter and its full finish."""
    clock = VirtualClock(100.0)
    model = load_model("starter", look_ahead_ms=40)
    sink = ListSink(clock)
    source = ScriptedSource(sound, 16_000, (), clock=clock)
    info = stream_info(Fraction(60))
    session = Session(source, lambda: Animator(model), [sink], info, clock=clock)
    session.open()

    def each() -> None:
        if (wanted := swaps.get(len(sink.frames) - 1)) is not None:
            session.guide(*wanted)

    simulate(session, clock, each)
    session.close()
    return session, sink


def controls_of(sink: ListSink) -> FloatArray:
    """Every frame's controls, (T, 174)."""
    return np.stack([frame.controls for frame in sink.frames])
