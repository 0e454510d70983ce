"""Real Mandarin syllables: Debian's `gcin-voice`.

1,158 syllables with tone, spoken one by one by a voice actress and named in
zhuyin. Only the recordings under CC-BY (``5.ogg``) are taken; the other
reader's are GPL or LGPL. Six in a row make a clip, aligned phone by phone.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from medtalk_live.procedural.phones import phone
from medtalk_live.training.align import Alignment, EnglishAligner
from medtalk_live.training.sources.common import debian_folder, joined, read_sound
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Segment, Utterance

VOICE = "usr/share/gcin-voice/ogg"
RECORDING = "5.ogg"
SYLLABLES_A_CLIP = 6
HOLD_OUT_EVERY = 12
SHORTEST_VOWEL_S = 0.045

_INITIALS = {
    "ㄅ": "p",
    "ㄆ": "pʰ",
    "ㄇ": "m",
    "ㄈ": "f",
    "ㄉ": "t",
    "ㄊ": "tʰ",
    "ㄋ": "n",
    "ㄌ": "l",
    "ㄍ": "k",
    "ㄎ": "kʰ",
    "ㄏ": "x",
    "ㄐ": "tɕ",
    "ㄑ": "tɕʰ",
    "ㄒ": "ɕ",
    "ㄓ": "ʈʂ",
    "ㄔ": "ʈʂʰ",
    "ㄕ": "ʂ",
    "ㄖ": "ʐ",
    "ㄗ": "ts",
    "ㄘ": "tsʰ",
    "ㄙ": "s",
}
_FINALS = {
    "": ["ɨ"],
    "ㄚ": ["a"],
    "ㄛ": ["o"],
    "ㄜ": ["ɤ"],
    "ㄝ": ["ɛ"],
    "ㄦ": ["ɚ"],
    "ㄞ": ["ai"],
    "ㄟ": ["ei"],
    "ㄠ": ["au"],
    "ㄡ": ["ou"],
    "ㄢ": ["a", "n"],
    "ㄣ": ["ə", "n"],
    "ㄤ": ["a", "ŋ"],
    "ㄥ": ["ə", "ŋ"],
    "ㄧ": ["i"],
    "ㄨ": ["u"],
    "ㄩ": ["y"],
    "ㄧㄢ": ["j", "ɛ", "n"],
    "ㄩㄢ": ["ɥ", "ɛ", "n"],
    "ㄧㄣ": ["i", "n"],
    "ㄩㄣ": ["y", "n"],
    "ㄧㄥ": ["i", "ŋ"],
    "ㄩㄥ": ["j", "ʊ", "ŋ"],
}
_GLIDES = {"ㄧ": "j", "ㄨ": "w", "ㄩ": "ɥ"}


def phones_of(syllable: str) -> list[str] | None:
    """Translate a syllable in zhuyin, with or without its tone, to IPA.

    Returns:
        The phones; None for a lone consonant's letter name.
    """
    spelt = syllable.rstrip("12345")
    initial, final = (spelt[0], spelt[1:]) if spelt[0] in _INITIALS else ("", spelt)
    if not final and initial not in "ㄓㄔㄕㄖㄗㄘㄙ":
        return None
    phones = [_INITIALS[initial]] if initial else []
    if initial and final == "ㄨㄥ":
        return [*phones, "ʊ", "ŋ"]
    if final in _FINALS:
        return phones + _FINALS[final]
    return [*phones, _GLIDES[final[0]], *_FINALS[final[1:]]]


def _plausible(alignment: Alignment) -> bool:
    """Say whether the vowel got its due: a syllable said alone has a long one."""
    vowels_s = [b - a for a, b, name in alignment.phones if phone(name, "ipa").is_vowel]
    return not alignment.suspicion and bool(vowels_s) and min(vowels_s) > SHORTEST_VOWEL_S


class GcinVoice:
    """Mandarin syllables of one voice actress."""

    name = "gcin-voice"
    kind: Literal["real"] = "real"
    language = "zh-TW"
    licence = "CC-BY-3.0 (ChionMeilin, voice: Chu Lo)"
    minutes = 5.8
    how_to_get = "apt-get download gcin-voice and dpkg -x it into SOURCES/debian"
    note = "one female speaker, single syllables; every 12th clip held out"

    def available(self, sources_dir: Path) -> bool:
        """Say whether the syllables lie in `sources_dir` or are installed."""
        return any(debian_folder(sources_dir, VOICE).glob(f"*/{RECORDING}"))

    def utterances(self, sources_dir: Path, done: Container[str] = ()) -> Iterator[Utterance]:
        """Yield clips of six syllables, in an order that mixes the sounds."""
        paths = sorted(debian_folder(sources_dir, VOICE).glob(f"*/{RECORDING}"))
        known = [(path, phones) for path in paths if (phones := phones_of(path.parent.name))]
        known = [known[index] for index in np.random.default_rng(0).permutation(len(known))]
        aligner = EnglishAligner()
        for index, start in enumerate(range(0, len(known), SYLLABLES_A_CLIP)):
            identity = f"syllables_{index:03d}"
            if identity in done:
                continue
            row = known[start : start + SYLLABLES_A_CLIP]
            yield self._clip(identity, row, aligner, index % HOLD_OUT_EVERY == HOLD_OUT_EVERY - 1)

    def _clip(
        self,
        identity: str,
        row: Sequence[tuple[Path, list[str]]],
        aligner: EnglishAligner,
        held_out: bool,
    ) -> Utterance:
        """Join the syllables that could be aligned, each on its own."""
        sounds, names, segments = [], [], list[Segment]()
        offset_s = 0.0
        for path, phones in row:
            sound = read_sound(path)
            alignment = aligner.align_foreign(sound, [phones])
            if alignment is None or not _plausible(alignment):
                continue
            sounds.append(sound)
            names.append(path.parent.name)
            segments += [(offset_s + a, offset_s + b, name) for a, b, name in alignment.phones]
            offset_s += len(sound) / SAMPLE_RATE_HZ
        return Utterance(
            id=identity,
            source=self.name,
            speaker="gcin-voice/chu-lo",
            language=self.language,
            split="heldout" if held_out else "train",
            phones=joined(segments),
            alphabet="ipa",
            text=" ".join(names),
            note=f"pocketsphinx alignment, {len(row) - len(names)} syllables dropped",
            samples=np.concatenate(sounds),
        )


SOURCES = (GcinVoice(),)
