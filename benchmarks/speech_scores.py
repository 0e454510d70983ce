"""How well the shipped model speaks: the measures of docs/measures.md by held-out speaker.

``python benchmarks/speech_scores.py CORPUS [--model DIR] [--look-ahead 80 40 0] [--pad 0.8]``
prints one markdown table a look-ahead, with 95% intervals of the composite, through the same
engine and finish that a user gets. ``--pad`` puts seconds of the room's own noise around every
clip: movement in silence can only be measured where there is some. CORPUS is what
``python -m medtalk_live.training.corpus`` built.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from medtalk_live.engine.animator import animate
from medtalk_live.evaluation.emotion import score_emotions
from medtalk_live.evaluation.speech import Clip, SpeakerScores, aggregate
from medtalk_live.guidance.request import Guidance
from medtalk_live.model.checkpoint import load_model
from medtalk_live.model.streaming import LABELS, FaceModel
from medtalk_live.procedural.labels import segments_from_labels
from medtalk_live.rig.controls import FloatArray
from medtalk_live.training.corpus import load
from medtalk_live.training.prepare import timed_phones
from medtalk_live.training.utterance import Recording

COLUMNS = (
    ("bilabial_auc", "bilabial AUC"),
    ("lowest_tenth", "lowest 10%"),
    ("sealed_bilabials", "sealed"),
    ("sealed_vowels", "vowels sealed"),
    ("vowel_height", "vowel height"),
    ("rounding_auc", "rounding AUC"),
    ("labiodental_auc", "f v AUC"),
    ("aperture_r", "aperture r"),
    ("lag_ms", "lag ms"),
    ("silence", "silence"),
    ("jitter", "jitter"),
)
EMOTION_CLIPS = 12


def held_out(corpus: Path, most: int) -> dict[str, list[Recording]]:
    """Held-out recordings with timed phones, by source and language."""
    groups: dict[str, list[Recording]] = defaultdict(list)
    for recording in load(corpus):
        if recording.split == "heldout" and timed_phones(recording) is not None:
            groups[f"{recording.source} {recording.language[:2]}"].append(recording)
    return {name: recordings[:most] for name, recordings in sorted(groups.items())}


def clips(
    recordings: Iterable[Recording], model: FaceModel, label: str, pad_s: float = 0.0
) -> list[Clip]:
    """The recordings as the engine animates them, each between ``pad_s`` of its room's noise."""
    found = []
    for recording in recordings:
        rows, alphabet = timed_phones(recording) or ((), "ipa")
        shifted = [(start + pad_s, end + pad_s, name) for start, end, name, *_ in rows]
        segments = segments_from_labels(shifted, alphabet, recording.duration_s + 2 * pad_s)
        samples = in_a_room(recording.read(), round(pad_s * 16_000))
        curves = animate(samples, 16_000, model=model, guidance=Guidance.label(label))
        found.append(Clip(curves.controls, segments, recording.speaker))
    return found


def in_a_room(samples: FloatArray, pad: int) -> FloatArray:
    """Put ``pad`` samples of noise, as loud as the clip's quietest 50 ms, at both ends."""
    if not pad:
        return samples
    blocks = samples[: len(samples) // 800 * 800].reshape(-1, 800)
    level = max(float(np.sqrt((blocks**2).mean(axis=1)).min()), 1e-5)
    noise = np.random.default_rng(len(samples)).normal(0.0, level, 2 * pad).astype(np.float32)
    return np.concatenate((noise[:pad], samples, noise[pad:]))


def row(name: str, speaker: SpeakerScores) -> str:
    """One line of the table."""
    scores = speaker.scores
    values = [f"{getattr(scores, field):.3g}" for field, _ in COLUMNS]
    interval = f"{speaker.low.composite:.0f} to {speaker.high.composite:.0f}"
    return (
        f"| {name} | {speaker.clips} | {scores.composite:.1f} ({interval}) | {' | '.join(values)} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--look-ahead", type=int, nargs="+", default=[80, 40, 0], metavar="MS")
    parser.add_argument("--most", type=int, default=60, help="clips a group")
    parser.add_argument("--only", nargs="+", default=[], metavar="SOURCE")
    parser.add_argument("--pad", type=float, default=0.0, metavar="S", help="noise at both ends")
    options = parser.parse_args()
    groups = held_out(options.corpus, options.most)
    groups = {k: v for k, v in groups.items() if not options.only or k.split()[0] in options.only}
    for look_ahead in options.look_ahead:
        model = load_model(options.model, look_ahead)
        print(f"\nlook-ahead {look_ahead} ms\n")
        print(f"| held out | clips | composite (95%) | {' | '.join(n for _, n in COLUMNS)} |")
        print("|" + "---|" * (len(COLUMNS) + 3))
        for name, recordings in groups.items():
            speakers = aggregate(clips(recordings, model, "neutral", options.pad), resamples=200)
            print(row(name, speakers["all"]), flush=True)
    chosen = [r for name, group in groups.items() if name.endswith("en") for r in group]
    step = max(1, len(chosen) // EMOTION_CLIPS)
    by_label = {label: clips(chosen[::step], model, label) for label in LABELS}
    print(f"\nemotion, {len(chosen[::step])} English clips, look-ahead {look_ahead} ms")
    print(score_emotions(by_label))


if __name__ == "__main__":
    main()
