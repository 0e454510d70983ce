"""Guidance while it runs: 1,000 random swaps in five minutes, and the time of a command.

    python benchmarks/guidance.py swaps SPEECH.wav [--minutes 5] [--photo FACE.png]
    python benchmarks/guidance.py delay [--photo FACE.png]

``swaps`` drives the live session's own steps on a virtual clock with the
starter model and the full finish. ``delay`` measures from the command to the
first frame that carries a tenth of the change, on this machine, blend aside.
"""

from __future__ import annotations

import argparse
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from medtalk_live.audio.file import read_sound
from medtalk_live.audio.scripted import ScriptedSource
from medtalk_live.clock import VirtualClock
from medtalk_live.engine.animator import Animator
from medtalk_live.errors import MedTalkError
from medtalk_live.guidance import image
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.checkpoint import load_model
from medtalk_live.model.streaming import LABELS
from medtalk_live.output.sink import StreamInfo
from medtalk_live.rig.articulation import SEALED_APERTURE, lip_aperture
from medtalk_live.rig.controls import UPPER_SET
from medtalk_live.rig.frames import ControlFrame
from medtalk_live.runtime.session import Session
from medtalk_live.runtime.simulation import simulate

SWAPS = 1000
SENTENCES = (
    "a broad smile", "a smirk on the left", "left brow raised", "squinting", "wide eyes",
    "a sly half smile", "furious", "a bit sad, brows raised", "pursed lips", "mouth slightly open",
    "puffed cheeks", "winking with the right eye", "looking to the left", "a sneer", "neutral",
)  # fmt: skip


class Kept:
    """A sink that keeps the frames and when they left."""

    name = "kept"

    def __init__(self, clock: VirtualClock) -> None:
        self.frames: list[ControlFrame] = []
        self.sent_at: list[float] = []
        self._clock = clock

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def bye(self) -> None:
        """Nobody to tell."""

    def hello(self, info: object) -> None:
        """Nobody to tell."""

    def send(self, frame: ControlFrame) -> None:
        """Keep the frame."""
        self.frames.append(frame)
        self.sent_at.append(self._clock.now())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    swaps = actions.add_parser("swaps")
    swaps.add_argument("speech", type=Path)
    swaps.add_argument("--minutes", type=float, default=5.0)
    for sub in (swaps, actions.add_parser("delay")):
        sub.add_argument("--photo", type=Path)
    args = parser.parse_args()
    try:
        if args.action == "swaps":
            report_swaps(args.speech, args.minutes, args.photo)
        else:
            report_delays(args.photo)
    finally:
        image.READER.close()


def requests(photo: Path | None) -> list[Guidance]:
    """What is swapped between: labels, mixes, sentences and, if there is one, a photo."""
    rng = np.random.default_rng(5)
    out = [Guidance.label(name, s) for name in LABELS for s in (0.6, 1.0, 1.5)]
    out += [Guidance.label(f"{a}:0.6+{b}:0.4") for a, b in rng.choice(LABELS, (6, 2)) if a != b]
    out += [Guidance.text(words) for words in SENTENCES]
    return out + ([Guidance.image(photo)] if photo is not None else [])


def run(sound: np.ndarray, swaps: dict[int, tuple[Guidance, float]]) -> tuple[Session, Kept]:
    """A session of the live run; swaps by number of the frame after which they are asked for."""
    clock = VirtualClock(100.0)
    model = load_model("starter", look_ahead_ms=40)
    sink = Kept(clock)
    info = StreamInfo("MedTalk", 1, "bench", Fraction(60), 0.0, 0, model.name, "neutral")
    source = ScriptedSource(sound, 16_000, (), clock=clock)
    session = Session(source, lambda: Animator(model), [sink], info, clock=clock)
    session.open()
    sent = iter(range(1 << 30))

    def each() -> None:
        if (wanted := swaps.get(next(sent))) is not None:
            session.guide(*wanted)

    simulate(session, clock, each)
    session.close()
    return session, sink


def report_swaps(speech: Path, minutes: float, photo: Path | None) -> None:
    samples, rate = read_sound(speech)
    assert rate == 16_000, "give speech at 16 kHz"
    count = round(minutes * 60 * rate)
    sound = np.resize(samples, count)
    rng = np.random.default_rng(1)
    frames = round(minutes * 3600)
    chosen = requests(photo)
    number = round(SWAPS * minutes / 5)
    swaps = {
        int(at): (chosen[rng.integers(len(chosen))], float(rng.uniform(0.0, 0.8)))
        for at in rng.choice(np.arange(30, frames - 60), number, replace=False)
    }
    _, still = run(sound, {})
    session, swapped = run(sound, swaps)
    a, b = (np.stack([f.controls for f in sink.frames]) for sink in (still, swapped))
    heard = lip_aperture(a), lip_aperture(b)
    shut = [aperture <= SEALED_APERTURE for aperture in heard]
    step = np.abs(np.diff(b, axis=0)), np.abs(np.diff(a, axis=0))
    health = session.pacer.health
    print(f"{number} swaps in {minutes:g} min among {len(chosen)} kinds, {len(b)} frames")
    print(f"held {health.held}, skipped {health.skipped}, faults {session.meter.faults}")
    print(f"largest gap between frames {1000 * np.diff(swapped.sent_at).max():.1f} ms")
    print(f"lip aperture correlation {np.corrcoef(*heard)[0, 1]:.3f}")
    sealed = [f"{np.mean(one):.1%}" for one in shut]
    print(f"lips sealed: {sealed[0]} of frames unswapped, {sealed[1]} swapped,")
    print(f"  of the unswapped seals {np.mean(shut[1][shut[0]]):.1%} are seals in the swapped run")
    mouth = np.setdiff1d(np.arange(a.shape[1]), UPPER_SET)
    for name, columns in (("upper face", UPPER_SET), ("mouth", mouth)):
        largest = [float(one[:, columns].max()) for one in step]
        print(f"largest step, {name}: {largest[0]:.3f} (unswapped {largest[1]:.3f})")


def report_delays(photo: Path | None) -> None:
    kinds = {"label": [Guidance.label(n) for n in ("happy", "angry", "surprised", "sad")]}
    sentences = ("a broad smile", "both brows raised high", "squinting")
    kinds["text"] = [Guidance.text(words) for words in sentences]
    if photo is not None:
        kinds["image"] = [Guidance.image(photo)] * 3
        image.READER.warm()
        image.READER.read(photo)
    model = load_model("starter", look_ahead_ms=40)
    for kind, wanted in kinds.items():
        times = [delay_ms(model, guidance) for guidance in wanted * 3]
        print(f"{kind}: median {np.median(times):.0f} ms, worst {max(times):.0f} ms")


def delay_ms(model: object, guidance: Guidance) -> float:
    """From the command to the frame with a tenth of the change, at a blend of 0."""
    image._shapes.cache_clear()
    animator = Animator(model, finish="none")  # type: ignore[arg-type]
    silence = np.zeros(160, np.float32)
    for _ in range(60):
        animator.push(silence)
    before = animator.push(np.zeros(1600, np.float32))[-1].controls
    start = time.perf_counter()
    animator.guide(guidance, 0.0)
    encoded = time.perf_counter()
    seen = []
    while len(seen) < 40:
        tick = time.perf_counter()
        frames = animator.push(silence)
        seen += [(f.controls, time.perf_counter() - tick) for f in frames]
    changes = np.array([np.abs(controls - before).max() for controls, _ in seen])
    first = int(np.argmax(changes >= 0.1 * changes[-1]))
    # frames come every 1/60 s; on average half a frame passes before the next is computed
    waited = (first + 0.5) / 60 + seen[first][1]
    return 1000 * (encoded - start + waited)


if __name__ == "__main__":
    try:
        main()
    except MedTalkError as problem:
        raise SystemExit(str(problem)) from None
