"""Real telephone prompts in five languages: Debian's `asterisk-core-sounds`.

Studio recordings of one professional voice a language, 16 kHz G.722, with
transcripts in the packages without ``-g722``, aligned phone by phone.
"""

from __future__ import annotations

import gzip
import importlib.util
import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Literal

import numpy as np

from medtalk_live.training.align import EnglishAligner
from medtalk_live.training.sources.common import aligned, debian_folder
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Samples, Utterance

SOUNDS = "usr/share/asterisk/sounds"
BIT_RATE = 64_000
HOLD_OUT_EVERY = 12
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def read_transcripts(path: Path) -> dict[str, str]:
    """Read "name: text" lines; what is in brackets is not spoken."""
    texts = {}
    for line in gzip.decompress(path.read_bytes()).decode("utf-8-sig").splitlines():
        name, colon, text = line.partition(":")
        spoken = re.sub(r"\[.*?\]|<.*?>|\(.*?\)|\(.*$", " ", text).strip()
        if colon and not name.startswith(";") and spoken:
            texts[name.strip()] = spoken
    return texts


def read_g722(path: Path) -> Samples:
    """Decode a G.722 file: 16 kHz mono float32."""
    from G722 import G722

    pcm = G722(SAMPLE_RATE_HZ, BIT_RATE).decode(path.read_bytes())
    return np.asarray(pcm, dtype=np.float32) / np.float32(32768)


class Asterisk:
    """Prompts of one language."""

    kind: Literal["real"] = "real"

    def __init__(
        self, language: str, region: str, speaker: str, minutes: float, licence: str
    ) -> None:
        """Describe one package; `region` is the folder of its voice."""
        package = f"asterisk-core-sounds-{language[:2]}"
        self.name = f"asterisk-{language[:2]}"
        self.language, self.minutes, self.licence = language, minutes, licence
        self._voice = f"{SOUNDS}/{region}"
        self._texts = f"usr/share/doc/{package}/core-sounds-{language[:2]}.txt.gz"
        self._speaker = f"asterisk/{speaker}"
        self.note = f"one voice; every {HOLD_OUT_EVERY}th prompt held out"
        self.how_to_get = (
            f"apt-get download {package} {package}-g722, dpkg -x each into SOURCES/debian, "
            "and pip install G722"
        )

    def available(self, sources_dir: Path) -> bool:
        """Say whether prompts, transcripts and the codec are there."""
        return (
            debian_folder(sources_dir, self._voice).is_dir()
            and debian_folder(sources_dir, self._texts).is_file()
            and importlib.util.find_spec("G722") is not None
        )

    def utterances(self, sources_dir: Path, done: Container[str] = ()) -> Iterator[Utterance]:
        """Yield every spoken prompt with its phones."""
        voice = debian_folder(sources_dir, self._voice)
        texts = read_transcripts(debian_folder(sources_dir, self._texts))
        aligner = EnglishAligner()
        for index, (name, text) in enumerate(sorted(texts.items())):
            path = voice / f"{name}.g722"
            identity = name.replace("/", "_")
            if identity in done or not path.is_file():
                continue
            utterance = Utterance(
                id=identity,
                source=self.name,
                speaker=self._speaker,
                language=self.language,
                split="heldout" if index % HOLD_OUT_EVERY == HOLD_OUT_EVERY - 1 else "train",
                text=text,
                samples=read_g722(path),
            )
            yield aligned(utterance, aligner, self._spoken(text))

    def _spoken(self, text: str) -> str:
        """Write out what the English dictionary does not know; espeak-ng reads figures."""
        return _spoken_digits(text) if self.language.startswith("en") else text


def _spoken_digits(text: str) -> str:
    return re.sub(r"\d", lambda digit: f" {DIGITS[int(digit[0])]} ", text)


SOURCES = (
    Asterisk("en-US", "en_US_f_Allison", "allison", 16.0, "CC-BY-SA-3.0 (Allison Smith, Digium)"),
    Asterisk("es-MX", "es_MX_f_Allison", "allison", 10.0, "CC-BY-SA-3.0 (Allison Smith, Digium)"),
    Asterisk("fr-CA", "fr_CA_f_June", "june", 10.0, "CC-BY-SA-3.0 (June Wallack, Digium)"),
    Asterisk("it-IT", "it_IT_m_Carlo", "carlo", 10.0, "CC-BY-3.0 (Carlo Flora)"),
    Asterisk("ru-RU", "ru_RU_f_IvrvoiceRU", "ivrvoice", 10.0, "CC-BY-3.0 (Maxim Topal, ivrvoice)"),
)
