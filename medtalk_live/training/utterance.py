"""The common format of the training corpus: one recording with its labels.

Every source (real or synthetic) is brought to 16 kHz mono float32 and to one
convention of label times: seconds from the first sample, boundaries where
the sound changes (a stop begins where its closure begins). Adapters yield
`Utterance`; what was stored is read back as `Recording`, audio on demand.
No thread, no device; reading audio blocks on the disk.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from medtalk_live.rig.controls import FloatArray

SAMPLE_RATE_HZ = 16_000
CAPTURED = ".captured.npz"
"""Ending of the file beside a sound that holds its speaker's face."""
Segment = tuple[float, float, str]
Samples = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What is known about a recording.

    Attributes:
        id: Unique within the source, safe as a file name.
        source: Name of the adapter that made it.
        speaker: Unique over all sources ("source/who").
        language: BCP 47, such as "en" or "es-MX"; "und" where it is unknown.
        kind: "real" recordings or "synth" speech.
        split: "heldout" is never trained on.
        phones: (start_s, end_s, symbol) in order, silences among them as
            "sil"; None where nobody knows.
        alphabet: Which symbols `phones` uses: "arpabet", "ipa", "sampa-ru".
        text: Transcript; None where unknown.
        words: (start_s, end_s, word); None where unknown.
        emotion: Acted emotion where one is known: one of the seven labels or
            the source's own word.
        note: How the labels were made.
    """

    id: str
    source: str
    speaker: str
    language: str
    kind: Literal["real", "synth"] = "real"
    split: Literal["train", "heldout"] = "train"
    phones: tuple[Segment, ...] | None = None
    alphabet: str = ""
    text: str | None = None
    words: tuple[Segment, ...] | None = None
    emotion: str | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Utterance(Labels):
    """A recording on its way into the corpus.

    Attributes:
        samples: 16 kHz mono float32 in [-1, 1], shape (T_samples,).
        captured: The speaker's face at 60 fps (T, 174), where it was captured.
    """

    samples: Samples
    captured: FloatArray | None = None

    @property
    def duration_s(self) -> float:
        """Length of the sound in seconds."""
        return len(self.samples) / SAMPLE_RATE_HZ


@dataclass(frozen=True, kw_only=True)
class Recording(Labels):
    """A recording as it lies in the corpus.

    Attributes:
        path: The FLAC file.
        duration_s: Length of the sound in seconds.
    """

    path: Path
    duration_s: float

    def read(self) -> Samples:
        """Read the sound: 16 kHz mono float32, shape (T_samples,)."""
        import soundfile

        samples, _ = soundfile.read(self.path, dtype="float32")
        return np.asarray(samples, dtype=np.float32)

    def captured(self) -> FloatArray | None:
        """The speaker's face at 60 fps (T, 174), where it was captured."""
        path = self.path.with_suffix(CAPTURED)
        if not path.exists():
            return None
        with np.load(path) as found:
            return np.asarray(found["controls"], np.float32)


class Source(Protocol):
    """One place that speech comes from.

    Attributes (class attributes of an adapter):
        name: Folder name in the corpus and argument of ``--only``.
        kind: "real" or "synth".
        language: BCP 47, or several joined by commas.
        licence: Of the sound and its labels, in words for the model card.
        minutes: What it is expected to yield, for planning.
        how_to_get: One sentence a user can act on when it is missing.
        note: What the model card should say besides.
    """

    name: str
    kind: Literal["real", "synth"]
    language: str
    licence: str
    minutes: float
    how_to_get: str
    note: str

    def available(self, sources_dir: Path) -> bool:
        """Say whether everything needed lies in `sources_dir` or is installed."""
        ...

    def utterances(self, sources_dir: Path, done: Container[str] = ()) -> Iterator[Utterance]:
        """Yield every usable recording, passing over the ids in `done`."""
        ...


_LABEL_NAMES = tuple(field.name for field in fields(Labels))


def _rounded(segments: tuple[Segment, ...] | None) -> list[list[Any]] | None:
    if segments is None:
        return None
    return [[round(start_s, 5), round(end_s, 5), symbol] for start_s, end_s, symbol in segments]


def to_line(utterance: Utterance, path: str) -> str:
    """Encode the labels of an utterance as one line of a manifest.

    Args:
        utterance: What was stored.
        path: Its FLAC file, relative to the corpus, with forward slashes.
    """
    record: dict[str, Any] = {name: getattr(utterance, name) for name in _LABEL_NAMES}
    record["phones"] = _rounded(utterance.phones)
    record["words"] = _rounded(utterance.words)
    record["path"] = path
    record["duration_s"] = round(utterance.duration_s, 5)
    return json.dumps(record, ensure_ascii=False)


def _segments(value: list[list[Any]] | None) -> tuple[Segment, ...] | None:
    if value is None:
        return None
    return tuple((float(start_s), float(end_s), str(symbol)) for start_s, end_s, symbol in value)


def from_line(line: str, corpus_dir: Path) -> Recording:
    """Decode one line of a manifest that lies in `corpus_dir`."""
    record = json.loads(line)
    known = {name: record[name] for name in _LABEL_NAMES if name in record}
    known["phones"] = _segments(known.get("phones"))
    known["words"] = _segments(known.get("words"))
    return Recording(
        path=corpus_dir / record["path"],
        duration_s=float(record["duration_s"]),
        **known,
    )
