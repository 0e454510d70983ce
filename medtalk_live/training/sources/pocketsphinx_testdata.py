"""Read English with transcripts: Debian's `pocketsphinx-testdata`.

Five clips of a LibriVox reading of "Sense and Sensibility", five spoken card
games and three commands; 16 kHz, several speakers.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from medtalk_live.training.align import EnglishAligner
from medtalk_live.training.sources.common import aligned, debian_folder, read_sound
from medtalk_live.training.utterance import Samples, Utterance

DATA = "usr/share/pocketsphinx/test/data"
RAW = {
    "goforward": "go forward ten meters",
    "something": "go somewhere and do something",
    "numbers": "",
}


def read_transcription(path: Path) -> dict[str, str]:
    """Read Sphinx's transcription file: "<s> text </s> (id)"."""
    lines = re.findall(r"<s>(.*?)</s>\s*\((\S+)\)", path.read_text(encoding="utf-8"))
    return {name: text.strip() for text, name in lines}


def read_raw(path: Path) -> Samples:
    """Read headerless 16-bit sound at 16 kHz."""
    return np.fromfile(path, dtype="<i2").astype(np.float32) / np.float32(32768)


class PocketsphinxTestdata:
    """LibriVox clips, card games and commands."""

    name = "pocketsphinx-testdata"
    kind: Literal["real"] = "real"
    language = "en"
    licence = "BSD-2-Clause; the LibriVox clips are public domain"
    minutes = 0.9
    how_to_get = "apt-get download pocketsphinx-testdata and dpkg -x it into SOURCES/debian"
    note = "several speakers, aligned with pocketsphinx"

    def available(self, sources_dir: Path) -> bool:
        """Say whether the package lies in `sources_dir` or is installed."""
        return (debian_folder(sources_dir, DATA) / "librivox").is_dir()

    def utterances(self, sources_dir: Path, done: Container[str] = ()) -> Iterator[Utterance]:
        """Yield every clip with its phones."""
        data = debian_folder(sources_dir, DATA)
        aligner = EnglishAligner()
        for path, text, speaker in _clips(data):
            if path.stem in done:
                continue
            samples = read_raw(path) if path.suffix == ".raw" else read_sound(path)
            utterance = Utterance(
                id=path.stem,
                source=self.name,
                speaker=f"{self.name}/{speaker}",
                # the sample recording of the README is one of these: it stays unheard
                split="heldout" if speaker == "librivox" else "train",
                language=self.language,
                text=text or None,
                samples=samples,
            )
            yield aligned(utterance, aligner) if text else utterance


def _clips(data: Path) -> Iterator[tuple[Path, str, str]]:
    for folder, file, speaker in (
        ("librivox", "transcription", "librivox"),
        ("cards", "cards.transcription", "cards"),
    ):
        for name, text in read_transcription(data / folder / file).items():
            yield data / folder / f"{name}.wav", text, speaker
    for name, text in RAW.items():
        yield data / f"{name}.raw", text, "commands"


SOURCES = (PocketsphinxTestdata(),)
