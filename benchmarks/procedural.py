"""How the animator scores with the labels it is given, per source of a corpus, and its speed.

Run ``python benchmarks/procedural.py CORPUS [--utterances 40]`` on the folder
that ``medtalk-live train corpus`` built. Prints the speech measures a source,
the emotion measures, and how many seconds of speech a second of one core animates.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from dataclasses import fields
from pathlib import Path

import numpy as np

from medtalk_live.errors import PhoneError
from medtalk_live.evaluation.emotion import score_emotions
from medtalk_live.evaluation.speech import Clip, SpeechScores, score_clips
from medtalk_live.procedural.animate import animate_phones
from medtalk_live.procedural.expression import EMOTIONS
from medtalk_live.procedural.labels import Segment, segments_from_labels
from medtalk_live.training.teach import recordings

Said = dict[str, list[list[Segment]]]


def labelled(corpus: Path, most: int) -> Said:
    rows = [r for r in recordings(corpus) if r.phones and r.duration_s > 1]
    np.random.default_rng(0).shuffle(rows)
    said: Said = defaultdict(list)
    for row in rows:
        if len(said[row.source]) < most and row.phones:
            try:
                segments = segments_from_labels(row.phones, row.alphabet, row.duration_s)
            except PhoneError as error:
                print(f"{row.id} left out: {error}")
                continue
            said[row.source].append(segments)
    return said


def animated(utterances: list[list[Segment]], emotion: str = "neutral") -> list[Clip]:
    return [
        Clip(animate_phones(segments, emotion=emotion, seed=i), segments)
        for i, segments in enumerate(utterances)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--utterances", type=int, default=40, help="of each source, at most")
    args = parser.parse_args()
    said = labelled(args.corpus, args.utterances)
    names = [field.name for field in fields(SpeechScores)]
    print("source," + ",".join(names))
    for source, utterances in sorted(said.items()):
        scores = score_clips(animated(utterances))
        print(source + "," + ",".join(f"{getattr(scores, name):.3f}" for name in names))
    few = [segments for utterances in said.values() for segments in utterances[:6]]
    print(score_emotions({emotion: animated(few, emotion) for emotion in EMOTIONS}))
    started = time.process_time()
    frames = sum(len(clip.controls) for clip in animated(few))
    print(f"{frames / 60 / (time.process_time() - started):.0f} x real time")


if __name__ == "__main__":
    main()
