"""The starter beside other lip-sync that runs on sound alone, and beside one that is told the text.

``python -m benchmarks.peers.compare CORPUS [--model DIR]`` prints the tables of
docs/peers.md: held-out English recordings of the corpus, scored with
docs/measures.md. Once before: ``npm install`` in benchmarks/peers (Node.js 20),
``pip install openfacefx``. What each peer's row is made of: docs/peers.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soxr

from benchmarks.peers.visemes import PHONE_OF, eased, to_controls, weights_of
from benchmarks.speech_scores import COLUMNS
from medtalk_live.engine.animator import animate
from medtalk_live.evaluation.speech import Clip, aggregate
from medtalk_live.model.checkpoint import load_model
from medtalk_live.procedural.animate import animate_phones
from medtalk_live.procedural.labels import Segment, segments_from_labels
from medtalk_live.procedural.phones import CLASS_INDEX, CLASS_TO_VISEME, VISEMES
from medtalk_live.rig import arkit
from medtalk_live.rig.controls import FloatArray
from medtalk_live.training.corpus import load
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Recording

HERE = Path(__file__).parent
RATE = 48_000
FPS = 60
CALIBRATION_S = 0.064  # what wlipsync hears at once
CALIBRATION_CLIPS = 16
AS_PEERS_SAY = {"ih": "I", "oh": "O", "ou": "U"}
Motion = Callable[[Sequence[Recording]], list[FloatArray]]


def segments(recording: Recording) -> list[Segment]:
    return segments_from_labels(recording.phones or (), recording.alphabet, recording.duration_s)


def at_48_khz(samples: FloatArray) -> FloatArray:
    return np.asarray(soxr.resample(samples, SAMPLE_RATE_HZ, RATE), "<f4")


def by_node(
    peer: str,
    training: Sequence[Recording],
    visemes: Sequence[str] = (),
    ease: Callable[[FloatArray], FloatArray] = lambda weights: weights,
) -> Motion:
    """A peer of follow.mjs: its viseme weights, as timed, through the pose table."""

    def motion(recordings: Sequence[Recording]) -> list[FloatArray]:
        with TemporaryDirectory() as folder:
            paths = [Path(folder) / f"{i}.f32" for i in range(len(recordings))]
            for path, recording in zip(paths, recordings, strict=True):
                path.write_bytes(at_48_khz(recording.read()).tobytes())
            if peer == "wlipsync":
                sounds = json.dumps(calibration(training))
                (Path(folder) / "calibration.json").write_text(sounds, encoding="utf-8")
            command = [
                "node",
                "follow.mjs",
                peer,
                folder,
                *([",".join(visemes)] if visemes else []),
            ]
            subprocess.run(command, cwd=HERE, check=True)
            rows = [json.loads(path.with_suffix(".json").read_bytes()) for path in paths]
        return [to_controls(ease(weights_of(clip))) for clip in rows]

    return motion


def calibration(training: Sequence[Recording]) -> dict[str, list[list[float]]]:
    """Sounds of every viseme, 64 ms around the centre of phones at least that long.

    Sixteen each, spread over the recordings: a female and a male training speaker.
    """
    found: dict[str, list[tuple[Recording, float]]] = {viseme: [] for viseme in PHONE_OF}
    for recording in training:
        for segment in segments(recording):
            name = VISEMES[CLASS_TO_VISEME[CLASS_INDEX[segment.phone.phone_class]]]
            name = AS_PEERS_SAY.get(name, name)
            if name in found and segment.duration_s >= CALIBRATION_S:
                found[name].append((recording, (segment.start_s + segment.end_s) / 2))
    chosen = {}
    for viseme, places in found.items():
        at = np.linspace(0, len(places) - 1, CALIBRATION_CLIPS).astype(int)
        chosen[viseme] = [excerpt(*places[i]) for i in at]
    return chosen


def excerpt(recording: Recording, centre_s: float) -> list[float]:
    length = round(CALIBRATION_S * RATE)
    first = round(centre_s * RATE) - length // 2
    piece = at_48_khz(recording.read())[max(first, 0) :][:length]
    return [float(x) for x in np.pad(piece, (0, length - len(piece)))]


def by_openfacefx(timed: bool, shapes: bool) -> Motion:
    """OpenFaceFX, told the phones and their times, or only the words and how long they take."""

    def motion(recordings: Sequence[Recording]) -> list[FloatArray]:
        return [openfacefx_clip(recording, timed, shapes) for recording in recordings]

    return motion


def openfacefx_clip(recording: Recording, timed: bool, shapes: bool) -> FloatArray:
    import openfacefx
    from openfacefx.alignment import PhonemeSegment
    from openfacefx.retarget import PRESETS, retarget

    if timed:
        rows = recording.phones or ()
        track = openfacefx.generate_from_alignment(
            [PhonemeSegment("sil" if p == "sil" else p.upper(), a, b) for a, b, p in rows]
        )
    else:
        track = openfacefx.generate_naive(recording.text or "", recording.duration_s)
    if shapes:
        track = retarget(track, PRESETS["arkit"])
    times_s = np.arange(int(recording.duration_s * FPS)) / FPS
    curves = {
        channel.name: np.interp(
            times_s, *zip(*((k.time, k.value) for k in channel.keys), strict=True)
        )
        for channel in track.channels
    }
    names = [n[0].lower() + n[1:] for n in arkit.SHAPE_NAMES] if shapes else list(PHONE_OF)
    still = np.zeros(len(times_s))
    values = np.stack([curves.get(name, still) for name in names], axis=1).astype(np.float32)
    return arkit.to_controls(values) if shapes else to_controls(values)


def by_animator(recordings: Sequence[Recording]) -> list[FloatArray]:
    return [animate_phones(segments(r), int(r.duration_s * FPS)) for r in recordings]


def by_model(folder: str, look_ahead_ms: int) -> Motion:
    def motion(recordings: Sequence[Recording]) -> list[FloatArray]:
        model = load_model(folder, look_ahead_ms)
        return [animate(r.read(), SAMPLE_RATE_HZ, model=model).controls for r in recordings]

    return motion


def motions(model: str, training: Sequence[Recording]) -> dict[str, Motion]:
    """Every row of the table by its name."""
    vowels = ("aa", "E", "I", "O", "U")
    starter = {f"starter, look-ahead {ms} ms": by_model(model, ms) for ms in (80, 40, 0)}
    return starter | {
        "headaudio": by_node("headaudio", training),
        "wlipsync, 14 visemes": by_node("wlipsync", training),
        "wlipsync, 5 vowels": by_node("wlipsync", training, vowels),
        "wawa-lipsync": by_node("wawa-lipsync", training),
        "wawa-lipsync, eased": by_node("wawa-lipsync", training, ease=eased),
        "openfacefx, told the words": by_openfacefx(timed=False, shapes=True),
        "openfacefx, told timed phones": by_openfacefx(timed=True, shapes=True),
        "openfacefx, the same, our poses": by_openfacefx(timed=True, shapes=False),
        "our animator, told timed phones": by_animator,
    }


def rows(name: str, controls: list[FloatArray], recordings: Sequence[Recording]) -> tuple[str, str]:
    """A line of the table of measures, and one of the table by source."""
    clips = [
        Clip(motion, segments(recording), recording.source)
        for motion, recording in zip(controls, recordings, strict=True)
    ]
    groups = aggregate(clips, resamples=100)
    whole = groups.pop("all")
    interval = f"{whole.low.composite:.0f} to {whole.high.composite:.0f}"
    composites = [
        f"{whole.scores.composite:.1f} ({interval})",
        f"{whole.scores.composite_own_delay:.1f}",
    ]
    measures = [f"{getattr(whole.scores, field):.3g}" for field, _ in COLUMNS]
    by_source = [
        f"{g.scores.composite:.0f} / {g.scores.composite_own_delay:.0f}" for g in groups.values()
    ]
    line = "| " + " | ".join([name, *composites, *measures]) + " |"
    return line, "| " + " | ".join([name, *by_source]) + " |"


def print_table(first: str, columns: Sequence[str], lines: Sequence[str]) -> None:
    print(f"\n| {first} | {' | '.join(columns)} |\n{'|---' * (len(columns) + 1)}|")
    print("\n".join(lines), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--model", default="starter")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="WORD", help="rows with these words"
    )
    parser.add_argument("--most", type=int, default=1000, help="clips of a source")
    options = parser.parse_args()
    english = [
        r for r in load(options.corpus) if r.language[:2] == "en" and r.kind == "real" and r.phones
    ]
    recordings = held_out(english, options.most)
    training = [r for r in english if r.split == "train" and r.source in ("asterisk-en", "mfa")]
    lines: list[tuple[str, str]] = []
    for name, motion in motions(options.model, training).items():
        if options.only and not any(word in name for word in options.only):
            continue
        try:
            lines.append(rows(name, motion(recordings), recordings))
            print(*lines[-1], sep="\n", file=sys.stderr, flush=True)
        except (ImportError, OSError, subprocess.CalledProcessError) as error:
            print(f"{name} could not be run: {error}", file=sys.stderr)
            lines.append((f"| {name} | not run |", f"| {name} | not run |"))
    counts = {r.source: sum(o.source == r.source for o in recordings) for r in recordings}
    minutes = sum(r.duration_s for r in recordings) / 60
    print(f"{len(recordings)} held-out clips, {minutes:.1f} minutes")
    columns = ["composite (95%)", "own delay off", *(name for _, name in COLUMNS)]
    print_table("as timed", columns, [line for line, _ in lines])
    columns = [f"{source} ({count})" for source, count in counts.items()]
    print_table("composite, own delay off", columns, [line for _, line in lines])


def held_out(english: Sequence[Recording], most: int) -> list[Recording]:
    chosen: dict[str, list[Recording]] = {}
    for recording in english:
        if recording.split == "heldout":
            chosen.setdefault(recording.source, []).append(recording)
    return [recording for group in chosen.values() for recording in group[:most]]


if __name__ == "__main__":
    main()
