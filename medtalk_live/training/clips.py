"""The clips that the official network learns from, out of three folder layouts.

``authors``: ``WAV/**/NAME.wav`` with ``VALID_CTR/**/NAME.txt`` (the label in
the first letters of NAME) and the words in a corpus csv; ``guidance``:
``audio/ rig/ image/ text/`` of equal names, RAVDESS-like; ``own``: a corpus of
``train corpus``, its faces acted by the procedural animator. A clip is read
when it is asked for. Blocks on the disk. Source: layout of the authors' data.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from medtalk_live.audio.file import read_sound
from medtalk_live.clock import SAMPLE_RATE, frame_count
from medtalk_live.errors import TrainingError
from medtalk_live.model.streaming import LABELS
from medtalk_live.procedural.animate import animate_phones
from medtalk_live.procedural.labels import Segment, segments_from_labels
from medtalk_live.rig.controls import FloatArray
from medtalk_live.takes.controls_file import read_controls
from medtalk_live.training.corpus import MANIFEST, load
from medtalk_live.training.examples import prosody
from medtalk_live.training.prepare import timed_phones
from medtalk_live.training.sources.common import to_corpus_rate
from medtalk_live.training.utterance import Recording

Pair = tuple[FloatArray, FloatArray]
_ENCODINGS = ("utf-8-sig", "gb18030")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound and the face that goes with it.

    Attributes:
        id: Unique in its layout, safe as a file name.
        read: Gives samples (n,) at 16 kHz and controls (T, 174) at 60 fps,
            T = n * 60 // 16000.
        label: Index of the emotion, None where nobody knows.
        words: What is said, None where nobody knows.
        description: Of the expression, for text guidance.
        picture: Of the expression, for image guidance.
        timed_words: (start_s, end_s, word), empty where nobody knows.
    """

    id: str
    read: Callable[[], Pair]
    label: int | None = None
    words: str | None = None
    description: str | None = None
    picture: Path | None = None
    timed_words: tuple[tuple[float, float, str], ...] = ()


def speech_clips(folder: Path, split: str = "train") -> list[Clip]:
    """Clips with a label, of an ``own`` corpus or in the authors' layout.

    Args:
        folder: Holds ``manifest.jsonl``, or ``WAV/`` (itself, or in ``train/``
            and ``validation/``).
        split: ``train`` or ``heldout``.

    Raises:
        TrainingError: it is neither, or holds no pair.
    """
    if (folder / MANIFEST).is_file():
        clips = own_clips(folder, split)
    else:
        clips = list(_authors_clips(*_authors_folder(folder, split)))
    if not clips:
        raise TrainingError(
            f"{folder} holds no {split} clips: expected pairs of WAV/NAME.wav and "
            "VALID_CTR/NAME.txt, or a corpus with timed phones"
        )
    return clips


def guidance_clips(folder: Path) -> list[Clip]:
    """Clips with a description and a picture, of ``audio/ rig/ image/ text/``.

    Raises:
        TrainingError: none is complete; says what the first one lacks.
    """
    clips = []
    lacking = "audio/NAME.wav"
    for sound in sorted((folder / "audio").glob("*.wav")):
        stem = sound.stem
        rig, text = folder / "rig" / f"{stem}.txt", folder / "text" / f"{stem}.txt"
        pictures = [folder / "image" / f"{stem}{ending}" for ending in _PICTURES]
        picture = next((path for path in pictures if path.is_file()), None)
        if rig.is_file() and text.is_file() and picture is not None:
            words = text.read_text(encoding="utf-8").strip()
            read = partial(_read_pair, sound, rig)
            clips.append(Clip(stem, read, description=words, picture=picture))
        else:
            lacking = str(next((p for p in (rig, text) if not p.is_file()), pictures[0]))
    if not clips:
        raise TrainingError(
            f"{folder} holds no complete guidance clip ({lacking} is missing): expected "
            "audio/NAME.wav, rig/NAME.txt, image/NAME.png and text/NAME.txt of equal names"
        )
    return clips


def own_clips(corpus: Path, split: str) -> list[Clip]:
    """Recordings with timed phones, acted in a label of their own.

    The emotion's strength follows the vocal effort, so that there is something
    in the voice to read it from.
    """
    return [
        Clip(
            f"{recording.source}-{recording.id}",
            partial(_act, recording, label),
            label,
            recording.text,
            timed_words=recording.words or (),
        )
        for recording in load(corpus)
        if recording.split == split and timed_phones(recording) is not None
        for label in [_label_of(recording)]
    ]


def phones_of(recording: Recording) -> list[Segment]:
    """Gapless timed phones of a recording that has them."""
    labels = timed_phones(recording)
    assert labels is not None
    return segments_from_labels(*labels, recording.duration_s)


def _label_of(recording: Recording) -> int:
    if recording.emotion in LABELS:
        return LABELS.index(recording.emotion)
    return zlib.crc32(f"{recording.source}/{recording.id}".encode()) % len(LABELS)


def _act(recording: Recording, label: int) -> Pair:
    samples = np.asarray(recording.read(), np.float32)
    frames = frame_count(len(samples))
    _, effort = prosody(samples, frames)
    controls = animate_phones(
        phones_of(recording),
        frames,
        emotion=LABELS[label],
        intensity=0.4 + 1.2 * effort,
        seed=zlib.crc32(recording.id.encode()),
    )
    return samples, controls


def _authors_folder(folder: Path, split: str) -> tuple[Path, list[Path]]:
    """The folder with ``WAV/`` of a split, and the csv files that may hold its words."""
    names = ("train",) if split == "train" else ("validation", "valid", "test")
    inner = next((folder / name for name in names if (folder / name / "WAV").is_dir()), None)
    if inner is None and split != "train":
        raise TrainingError(f"{folder} holds nothing held out: expected validation/WAV")
    base = inner or folder
    if not (base / "WAV").is_dir():
        raise TrainingError(
            f"{folder} is no training data: expected WAV/ with VALID_CTR/ (or train/WAV), "
            f"or {MANIFEST} of a corpus that  medtalk-live train corpus  built"
        )
    return base, sorted({*folder.glob("*.csv"), *base.glob("*.csv")})


def _authors_clips(base: Path, tables: Sequence[Path]) -> Iterator[Clip]:
    words = {name: text for table in tables for name, text in _corpus_words(table)}
    for sound in sorted((base / "WAV").rglob("*.wav")):
        relative = sound.relative_to(base / "WAV")
        rig = base / "VALID_CTR" / relative.with_suffix(".txt")
        if rig.is_file():
            label = _label_in_name(sound)
            name = "-".join(relative.with_suffix("").parts)
            yield Clip(name, partial(_read_pair, sound, rig), label, words.get(sound.name))


def _label_in_name(sound: Path) -> int:
    for place, label in enumerate(LABELS):
        if sound.name.lower().startswith(label[:3]):
            return place
    raise TrainingError(
        f"the name of {sound} does not begin with an emotion: "
        f"expected one of {', '.join(label[:3] for label in LABELS)}"
    )


def _corpus_words(table: Path) -> list[tuple[str, str]]:
    """(file name, text) of a corpus csv; the authors' own are in a Chinese encoding."""
    for encoding in _ENCODINGS:
        try:
            with table.open(encoding=encoding, newline="") as file:
                return [(row["filename"], row["text"]) for row in csv.DictReader(file)]
        except UnicodeDecodeError:
            continue
        except KeyError as error:
            raise TrainingError(
                f"{table} has no column {error}: a corpus csv has 'filename' and 'text'"
            ) from None
    raise TrainingError(f"{table} is neither UTF-8 nor GB 18030: save it as UTF-8")


def _read_pair(sound: Path, rig: Path) -> Pair:
    """Sound and face of equal length; the authors' own differ by a frame or two."""
    raw, rate_hz = read_sound(sound)
    samples, controls = to_corpus_rate(raw, rate_hz), read_controls(rig)
    frames = frame_count(len(samples))
    if abs(frames - len(controls)) > max(6, frames // 20):
        raise TrainingError(
            f"{rig} has {len(controls)} rows, but {sound.name} lasts {frames} frames at 60 fps: "
            "they belong to different takes"
        )
    both = min(frames, len(controls))
    return samples[: -(-both * SAMPLE_RATE // 60)], controls[:both]
