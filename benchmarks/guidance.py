"""Guidance while it runs: a thousand swaps in five minutes, and the time of a command.

    python benchmarks/guidance.py swaps SPEECH.wav [--minutes 5] [--photo FACE.png]
    python benchmarks/guidance.py delay [--photo FACE.png]

Starts ``medtalk-live`` as a user does, sends it commands and notes when its
frames arrive. ``swaps`` compares them with the same run left alone; with
``--virtual`` it drives the session's own steps on a virtual clock instead, as
fast as they go. ``delay`` waits for the first frame that carries a tenth of the
change, in silence, with the shortest blend, and says how much of the time is the
blend's own. Let the machine rest meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from guidance_swaps import Swap, Swapped, controls_of, random_swaps, simulated
from live_fakes import Receiver
from pauses import undisturbed, witnessed

from medtalk_live.audio.file import read_sound
from medtalk_live.clock import NETWORK_FPS, SystemClock
from medtalk_live.errors import MedTalkError, SinkError
from medtalk_live.guidance import image
from medtalk_live.guidance.mixer import FASTEST_BLEND_FRAMES, smoothstep
from medtalk_live.guidance.request import Guidance
from medtalk_live.output.osc import decode_frame
from medtalk_live.rig.frames import ControlFrame
from medtalk_live.runtime.commands import PREFIX
from medtalk_live.runtime.control import message
from medtalk_live.runtime.priority import raise_priority
from medtalk_live.runtime.remote import Remote

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 60.0
SETTLED_SECONDS = 1.5
STILL = "{blinks: false, gaze: false, head_motion: false}\n"
SENTENCES = ("a broad smile", "both brows raised high", "squinting", "furious", "left brow raised")

Arrival = tuple[float, ControlFrame]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    swaps = actions.add_parser("swaps")
    swaps.add_argument("speech", type=Path, help="16 kHz; repeated as often as needed")
    swaps.add_argument("--minutes", type=float, default=5.0)
    swaps.add_argument("--virtual", action="store_true", help="on a virtual clock")
    swaps.add_argument("--alone", action="store_true", help="no swaps, to compare with")
    delay = actions.add_parser("delay")
    delay.add_argument("--repeats", type=int, default=12)
    for sub in (swaps, delay):
        sub.add_argument("--photo", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.action == "delay":
            report_delays(Path(folder), args.photo, args.repeats)
        else:
            report_swaps(Path(folder), args)
    image.READER.close()


def report_swaps(folder: Path, args: argparse.Namespace) -> None:
    samples, rate = read_sound(args.speech)
    assert rate == 16_000, "give speech at 16 kHz"
    sound = np.resize(samples, round(args.minutes * 60 * rate))
    swaps = {} if args.alone else random_swaps(round(args.minutes * 3600), args.photo)
    _, alone = simulated(sound, {})
    if args.virtual:
        session, sink = simulated(sound, swaps)
        arrivals = list(zip(sink.sent_at, sink.frames, strict=True))
        last = {"held": session.pacer.health.held, "skipped": session.pacer.health.skipped}
    else:
        with witnessed() as pauses:
            arrivals, last = swapped_live(folder, sound, swaps, args.photo)
    times = np.array([at for at, _ in arrivals])
    frames = [frame for _, frame in arrivals]
    place = np.rint((np.array([f.time for f in frames]) - frames[0].time) * 60).astype(int)
    known = place < len(alone.frames)
    shown = np.stack([frame.controls for frame in frames])[known]
    seen = Swapped.of([f.index for f in frames], shown, controls_of(alone)[place[known]])
    gaps_ms = 1000 * np.diff(times)
    print(
        f"{len(swaps)} swaps in {args.minutes:g} min, {len(frames)} frames of {len(alone.frames)}"
    )
    print(f"missing {seen.missing}, held {last['held']}, skipped {last['skipped']}")
    print(f"largest gap between frames {gaps_ms.max():.1f} ms, over 25 ms: {(gaps_ms > 25).sum()}")
    if not args.virtual:
        ours = gaps_ms[undisturbed(pauses, times)]
        print(
            f"the machine stood still {len(pauses)} times; of the gaps that it had no part in "
            f"the largest is {ours.max():.1f} ms, over 25 ms: {(ours > 25).sum()}"
        )
    print(f"largest step {seen.speed:.2f} of its control's limit")
    print(f"lip aperture correlation {seen.aperture_r:.3f}, seals kept {seen.seals_kept:.1%}")


def swapped_live(
    folder: Path, sound: np.ndarray, swaps: Mapping[int, Swap], photo: Path | None
) -> tuple[list[Arrival], dict[str, int]]:
    """Frames of a real run, as they arrived, and its last statistics."""
    path = folder / "speech.wav"
    soundfile.write(path, sound, 16_000)
    options = ["--input", str(path), "--json-stats"]
    options += [] if photo is None else ["--image-folder", str(photo.parent)]
    with running(options) as (process, receiver, port):
        begun = wait_for_frame(receiver)
        with Remote("127.0.0.1", port) as remote:
            for frame in sorted(swaps):
                time.sleep(max(0.0, begun + frame / 60 - time.perf_counter()))
                remote.say(*command(*swaps[frame]))
        lines = process.communicate(timeout=PATIENCE_SECONDS + len(sound) / 16_000)[0].splitlines()
        return arrivals_of(receiver), json.loads(lines[-1])


def report_delays(folder: Path, photo: Path | None, repeats: int) -> None:
    soundfile.write(folder / "silence.wav", np.zeros(16_000 * 3600, np.int16), 16_000)
    (folder / "still.yaml").write_text(STILL)
    options = ["--input", str(folder / "silence.wav"), "--profile", str(folder / "still.yaml")]
    kinds = {
        "label": [Guidance.label(name) for name in ("happy", "angry", "surprised", "sad")],
        "text": [Guidance.text(words) for words in SENTENCES],
    }
    if photo is not None:
        kinds["image"] = [Guidance.image(photo)]
        options += ["--image-folder", str(photo.parent)]
    with running(options) as (_, receiver, port), Remote("127.0.0.1", port) as remote:
        wait_for_frame(receiver)
        if photo is not None:
            remote.say(*command(Guidance.image(photo), 0.0))  # the encoder is warm after this
        for kind, wanted in kinds.items():
            times = [delay_ms(receiver, port, wanted[k % len(wanted)]) for k in range(repeats)]
            print(f"{kind}: median {np.median(times):.0f} ms, worst {max(times):.0f} ms")
        print(f"of each, {blend_ms():.0f} ms are the shortest blend's own, before it gives a tenth")


def blend_ms() -> float:
    """Time from the first frame of the shortest blend to the first that has a tenth of it."""
    weights = smoothstep(np.arange(1, FASTEST_BLEND_FRAMES + 1) / FASTEST_BLEND_FRAMES)
    return float(np.argmax(weights >= 0.1)) * 1000 / NETWORK_FPS


def delay_ms(receiver: Receiver, port: int, guidance: Guidance) -> float:
    """From a command to the arrival of the first frame with a tenth of its change."""
    with Remote("127.0.0.1", port) as remote:
        remote.say("neutral")
        time.sleep(SETTLED_SECONDS)
        if guidance.path is not None:
            os.utime(guidance.path)  # saved anew: it must be read anew
        name, *values = command(guidance, 0.0)
        before = len(receiver.datagrams)
        said = time.perf_counter()
        remote._socket.sendto(message(PREFIX + str(name), *values), remote._address)
        time.sleep(SETTLED_SECONDS)
    rows = arrivals_of(receiver, max(0, before - 5))
    base = np.mean([frame.controls for at, frame in rows if at < said], axis=0)
    changed = np.abs(np.stack([frame.controls for _, frame in rows]) - base)
    most = int(changed[-1].argmax())
    carries = changed[:, most] >= 0.1 * changed[-1, most]
    return 1000 * next(
        at - said for (at, _), c in zip(rows, carries, strict=True) if c and at > said
    )


def command(guidance: Guidance, blend: float) -> tuple[str, str, float, float]:
    """A request as ``send`` would say it."""
    if guidance.kind == "text":
        return "text", guidance.words, guidance.intensity, blend
    if guidance.kind == "image":
        return "image", str(guidance.path), guidance.intensity, blend
    mix = "+".join(f"{name}:{weight:g}" for name, weight in guidance.labels.items())
    return "emotion", mix, guidance.intensity, blend


@contextmanager
def running(options: Sequence[str]) -> Iterator[tuple[subprocess.Popen[str], Receiver, int]]:
    """``medtalk-live``, somebody who receives its frames, and its control port."""
    raise_priority()
    receiver = Receiver(SystemClock())
    words = [sys.executable, "-m", "medtalk_live", "--model", "starter", *options]
    words += ["--osc", f"127.0.0.1:{receiver.port}", "--control", "127.0.0.1:0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stderr is not None
    try:
        said = ""
        while "commands on port" not in said:
            said = process.stderr.readline()
            assert said, "medtalk-live did not start"
            print(said.strip(), file=sys.stderr)
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield process, receiver, int(said.partition("commands on port ")[2].partition(";")[0])
    finally:
        process.terminate()
        process.wait()
        receiver.close()


def wait_for_frame(receiver: Receiver) -> float:
    """Arrival of the first frame."""
    while not (found := receiver.of("/medtalk/1/frame")):
        time.sleep(0.005)
    return found[0][0]


def arrivals_of(receiver: Receiver, first: int = 0) -> list[Arrival]:
    """Frames with their arrival."""
    out = []
    for at, data in receiver.datagrams[first:]:
        try:
            out.append((at, decode_frame(data).frame))
        except SinkError:
            continue  # hello and bye
    return out


if __name__ == "__main__":
    try:
        main()
    except MedTalkError as problem:
        raise SystemExit(str(problem)) from None
