"""From the corpus to a folder of examples: augmented copies, animated faces, features.

One file an example, so that several processes can share the work and a
stopped run goes on. Copy 0 of a recording is the sound as it is; the others
differ in speed, voice, room, noise and microphone. Reads and writes files.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medtalk_live.clock import SAMPLE_RATE, frame_count
from medtalk_live.model.streaming import LABELS
from medtalk_live.procedural.labels import Segment, segments_from_labels
from medtalk_live.rig.controls import FloatArray
from medtalk_live.training.augment import augment, scale_times
from medtalk_live.training.examples import Example, make_example
from medtalk_live.training.utterance import Recording

NEUTRAL_SHARE = 0.45
_ARRAYS = ("features", "classes", "cues", "controls")


def timed_phones(recording: Recording) -> tuple[Sequence[tuple[float, float, str]], str] | None:
    """Labels and alphabet of a recording: its own, else the teacher's, else None."""
    if recording.phones:
        return recording.phones, recording.alphabet
    sidecar = recording.path.with_suffix(".aligned.json")
    if not sidecar.exists():
        return None
    found = json.loads(sidecar.read_text(encoding="utf-8"))
    return found["phones_teacher"], found["alphabet"]


def prepare(
    recordings: Sequence[Recording],
    folder: Path,
    copies: Mapping[str, int],
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write the missing examples of training recordings that have timed phones.

    Args:
        recordings: Any; held-out and unlabelled ones are passed over.
        folder: Where ``<source>/<id>.<copy>.npz`` go.
        copies: How many to make of each recording, by source.
        progress: Called with (done, of).

    Returns:
        How many were written.
    """
    jobs = [
        (recording, copy, _path(folder, recording, copy))
        for recording in recordings
        for copy in range(copies[recording.source])
        if recording.split == "train" and timed_phones(recording) is not None
    ]
    written = 0
    for number, (recording, copy, path) in enumerate(jobs):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, _example(recording, copy, recordings))
            written += 1
        if progress is not None:
            progress(number + 1, len(jobs))
    return written


def load_examples(folder: Path) -> Iterator[Example]:
    """Every example in a folder, in a fixed order."""
    for path in sorted(folder.glob("*/*.npz")):
        with np.load(path) as arrays:
            yield Example(
                **{name: arrays[name] for name in _ARRAYS},
                posteriors=arrays.get("posteriors"),
                label=int(arrays["label"]),
                source=path.parent.name,
                altered=not path.stem.endswith(".0"),
            )


def _path(folder: Path, recording: Recording, copy: int) -> Path:
    return folder / recording.source / f"{recording.id}.{copy}.npz"


def _write(path: Path, example: Example) -> None:
    arrays = {name: getattr(example, name) for name in _ARRAYS}
    if example.posteriors is not None:
        arrays["posteriors"] = example.posteriors
    part = path.with_suffix(".part.npz")
    np.savez(part, label=np.int64(example.label), **arrays)
    part.replace(path)


def _example(recording: Recording, copy: int, others: Sequence[Recording]) -> Example:
    seed = zlib.crc32(f"{recording.source}/{recording.id}/{copy}".encode())
    rng = np.random.default_rng(seed)
    labels = timed_phones(recording)
    assert labels is not None
    rows, alphabet = labels
    samples, scale = recording.read(), 1.0
    if copy:
        talkers = [others[int(i)].read() for i in rng.integers(0, len(others), 3)]
        samples, scale = augment(samples, rng, 1.0, talkers)
        rows = scale_times(tuple((a, b, name) for a, b, name, *_ in rows), scale)
    segments: list[Segment] = segments_from_labels(rows, alphabet, len(samples) / SAMPLE_RATE)
    neutral = LABELS.index("neutral")
    label = neutral if rng.random() < NEUTRAL_SHARE else int(rng.integers(0, len(LABELS)))
    frames = frame_count(len(samples))
    captured = recording.captured()
    if captured is not None:
        label, captured = neutral, captured[_rows(frames, scale, 60.0, len(captured))]
    return make_example(
        samples,
        segments,
        emotion=LABELS[label],
        label=label,
        source=recording.source,
        seed=seed,
        posteriors=_posteriors(recording, frames, scale),
        captured=captured,
    )


def _posteriors(recording: Recording, frames: int, time_scale: float) -> FloatArray | None:
    """The teacher's soft classes at 60 Hz, where it heard the recording."""
    path = recording.path.with_suffix(".teacher.npz")
    if not path.exists():
        return None
    with np.load(path) as found:
        soft, rate_hz = found["posteriors"], float(found["frame_rate_hz"])
    chosen: FloatArray = soft[_rows(frames, time_scale, rate_hz, len(soft))].astype(np.float32)
    return chosen


def _rows(frames: int, time_scale: float, rate_hz: float, count: int) -> NDArray[np.intp]:
    """Which of ``count`` rows at a rate belong to frames of the sound played at another speed."""
    rows = np.round(np.arange(frames) / 60.0 / time_scale * rate_hz).astype(np.intp)
    return np.minimum(rows, count - 1)
