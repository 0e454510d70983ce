"""What settings of the lip seal do to real speech: one line of measures for each.

Run  python benchmarks/seal_tuning.py CORPUS [--clips 5] [--emotion happy]  where
CORPUS was built by ``medtalk-live train corpus``. The network is run once over
held-out clips with phones; then only the seal varies. Add lines to ``TRIED``.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np

import medtalk_live as mt
from medtalk_live.engine.hops import HopRunner
from medtalk_live.engine.intake import EngineStats
from medtalk_live.engine.limits import Limits
from medtalk_live.engine.profile import Gains, Profile
from medtalk_live.engine.seal import LipSeal, SealSettings
from medtalk_live.engine.work import FaceWork
from medtalk_live.evaluation.speech import Clip, score_clips
from medtalk_live.guidance.encode import encode
from medtalk_live.guidance.mixer import Mixer
from medtalk_live.guidance.words import Emphasis
from medtalk_live.model.streaming import FaceModel, hop_slice
from medtalk_live.procedural.labels import Segment, segments_from_labels
from medtalk_live.training.corpus import load
from medtalk_live.training.utterance import Recording

TRIED: dict[str, SealSettings | None] = {
    "no seal": None,
    "default": SealSettings(),
    "probability alone": SealSettings(on=-1.0),
    "cautious": SealSettings(sure=0.25, on=0.0, off=0.02),
    "one firmness": SealSettings(light=0.01, firm=0.01),
    "holds on": SealSettings(fall=0.5),
    "lets go in 3": SealSettings(release_frames=3),
}

Heard = tuple[list[Segment], list[FaceWork]]


def held_out(corpus: Path, clips: int) -> list[Recording]:
    by_source = defaultdict(list)
    for recording in load(corpus):
        if recording.phones and recording.split == "heldout":
            by_source[recording.speaker.split("/")[0]].append(recording)
    return [recording for found in by_source.values() for recording in found[:clips]]


def heard(recording: Recording, model: FaceModel, emotion: str) -> Heard:
    sound = np.concatenate([recording.read(), np.zeros(4_000, np.float32)])
    segments = segments_from_labels(recording.phones, recording.alphabet)
    mixer = Mixer(encode(mt.Guidance.label(emotion), model))
    runner = HopRunner(model, mixer, Gains(Profile()), Emphasis(), EngineStats())
    works: list[FaceWork] = []
    for step in range(round(segments[-1].end_s * 60)):
        works += runner.run(sound[hop_slice(step, model)], step)
    return segments, works


def sealed(clip: Heard, settings: SealSettings | None) -> Clip:
    segments, works = clip
    limits, seal, rows = Limits(), LipSeal(settings), []
    for work in works:
        frame = FaceWork(
            work.index, work.controls.copy(), work.head, work.seal, work.voice, work.stress
        )
        limits.apply(frame)
        if settings is not None:
            seal.apply(frame)
        rows.append(frame.controls)
    return Clip(np.stack(rows), segments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--clips", type=int, default=5, help="of each source (default 5)")
    parser.add_argument("--emotion", default="neutral")
    parser.add_argument("--look-ahead", type=int, default=40, help="ms (default 40)")
    options = parser.parse_args()
    model = mt.load_model("starter", look_ahead_ms=options.look_ahead)
    clips = [heard(r, model, options.emotion) for r in held_out(options.corpus, options.clips)]
    print(f"{'settings':24} p b m  vowels  closure  composite  jitter")
    for name, settings in TRIED.items():
        scores = score_clips([sealed(clip, settings) for clip in clips])
        print(
            f"{name:24} {scores.sealed_bilabials:5.2f}  {scores.sealed_vowels:6.3f}"
            f"  {scores.bilabial_auc:7.3f}  {scores.composite:9.1f}  {scores.jitter:6.4f}"
        )


if __name__ == "__main__":
    main()
