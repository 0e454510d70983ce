"""Real Russian speech with phone labels: Debian's `festvox-ru`.

620 read sentences of one man, 16 kHz. Its labels (Festival's ``.lab``: the
end of each phone) are translated to IPA. Every 20th sentence is held out:
of the only speaker, so it measures the language, not an unseen voice.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Literal

from medtalk_live.training.sources.common import debian_folder, joined, read_sound
from medtalk_live.training.utterance import Segment, Utterance

VOICE = "usr/share/festival/voices/russian/msu_ru_nsh_clunits"
HOLD_OUT_EVERY = 20

_VOWELS = {
    "aa": "a",
    "ee": "e",
    "ii": "i",
    "oo": "o",
    "uu": "u",
    "yy": "ɨ",
    "a": "ɐ",
    "e": "e",
    "i": "ɪ",
    "u": "ʊ",
    "y": "ɨ",
    "ay": "ə",
    "ae": "ɪ",
    "ur": "ʊ",
}
_CONSONANTS = {
    **{letter: letter for letter in "pbtdkgfvszmnlrj"},
    "c": "ts",
    "ch": "tɕ",
    "sh": "ʂ",
    "zh": "ʐ",
    "sch": "ɕ",
    "h": "x",
}
# A doubled letter is the palatalised consonant.
_SOFT = {2 * letter: _CONSONANTS[letter] + "ʲ" for letter in "pbtdkgfvszmnlrh"}
IPA = {**_VOWELS, **_CONSONANTS, **_SOFT, "pau": "sil", "#": "sil"}


def read_labels(path: Path) -> tuple[Segment, ...]:
    """Read a Festival label file as IPA segments."""
    segments: list[Segment] = []
    start_s = 0.0
    for line in path.read_text(encoding="ascii").split("#\n", 1)[1].splitlines():
        end_s, _, symbol = line.split()
        segments.append((start_s, float(end_s), IPA[symbol]))
        start_s = float(end_s)
    return joined(segments)


def read_transcripts(path: Path) -> dict[str, str]:
    """Read Festival's list of prompts: id -> text."""
    prompts = re.findall(r'\(\s*(\S+)\s+"(.*)"\s*\)', path.read_text(encoding="utf-8"))
    # A plus marks the stressed vowel after it for the synthesiser.
    return {name: text.replace("+", "") for name, text in prompts}


class FestvoxRu:
    """620 Russian sentences of one man with phone labels."""

    name = "festvox-ru"
    kind: Literal["real"] = "real"
    language = "ru"
    licence = "BSD-like (Nickolay V. Shmyrev 2005)"
    minutes = 99.5
    how_to_get = "apt-get download festvox-ru && dpkg -x festvox-ru_*.deb SOURCES/debian"
    note = "one male speaker; every 20th sentence held out"

    def available(self, sources_dir: Path) -> bool:
        """Say whether the voice lies in `sources_dir` or is installed."""
        return (debian_folder(sources_dir, VOICE) / "lab").is_dir()

    def utterances(self, sources_dir: Path, done: Container[str] = ()) -> Iterator[Utterance]:
        """Yield every sentence with its phones."""
        voice = debian_folder(sources_dir, VOICE)
        transcripts = read_transcripts(voice / "etc" / "txt.done.data")
        for index, path in enumerate(sorted((voice / "wav").glob("*.wav"))):
            if path.stem in done:
                continue
            yield Utterance(
                id=path.stem,
                source=self.name,
                speaker="festvox-ru/nsh",
                language=self.language,
                split="heldout" if index % HOLD_OUT_EVERY == HOLD_OUT_EVERY - 1 else "train",
                phones=read_labels(voice / "lab" / f"{path.stem}.lab"),
                alphabet="ipa",
                text=transcripts.get(path.stem),
                note="labels shipped with the voice",
                samples=read_sound(path),
            )


SOURCES = (FestvoxRu(),)
