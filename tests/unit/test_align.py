"""Forced alignment: words, pronunciations, the shape of labels; the aligner on real speech."""

from __future__ import annotations

import importlib.util
import itertools
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from medtalk_live.procedural.phones import ALPHABETS, PHONE_CLASSES, phone
from medtalk_live.training import align
from medtalk_live.training.sources.common import read_sound
from medtalk_live.training.utterance import SAMPLE_RATE_HZ, Samples, Segment

needs_aligner = pytest.mark.skipif(
    importlib.util.find_spec("pocketsphinx") is None or shutil.which("espeak-ng") is None,
    reason="pocketsphinx or espeak-ng is not installed",
)
SENTENCE = "my mother paid the baker for a big brown loaf"


def test_transcripts_become_dictionary_words() -> None:
    assert align.words_of("I’m sure: “Zoë's café”—OK?") == ["i'm", "sure", "zoe's", "cafe", "ok"]
    assert align.words_of("... ' -") == []


@pytest.mark.parametrize(
    ("ipa", "arpabet"),
    [("ˈæstəɹˌɪsk", "AE S T AH R IH S K"), ("tʃˈɜːtʃ", "CH ER CH"), ("bˈeɪbi", "B EY B IY")],
)
def test_ipa_of_english_becomes_arpabet(ipa: str, arpabet: str) -> None:
    assert align.ipa_to_arpabet(ipa) == arpabet
    for symbol in arpabet.split():
        assert phone(symbol, "arpabet").phone_class in PHONE_CLASSES


def test_every_phone_class_has_a_nearest_english_sound() -> None:
    assert "arpabet" in ALPHABETS
    for english in align.ENGLISH_FOR.values():
        assert all(phone(symbol, "arpabet").phone_class for symbol in english.split())


def test_labels_cover_the_whole_sound_without_gap_or_overlap() -> None:
    loose = [(0.1, 0.2, "P"), (0.2, 0.2, "T"), (0.25, 0.3, "sil"), (0.28, 0.4, "AA")]
    closed = align._closed(loose, 0.5)
    assert closed[0][0] == 0.0
    assert closed[-1][1] == 0.5
    assert all(a[1] == pytest.approx(b[0]) for a, b in itertools.pairwise(closed))
    assert [name for _, _, name in closed] == ["sil", "P", "sil", "AA", "sil"]


def test_an_affricate_takes_the_time_of_its_two_english_sounds() -> None:
    found = [(0.0, 0.1, "T"), (0.1, 0.2, "S"), (0.2, 0.3, "AA"), (0.3, 0.4, "sil")]
    renamed = align._renamed(found, [["tsʰ", "tsʰ"], ["a"]])
    assert renamed == [(0.0, 0.2, "tsʰ"), (0.2, 0.3, "a"), (0.3, 0.4, "sil")]


@pytest.mark.parametrize(
    ("phones", "score", "word"),
    [
        ((), -10.0, "no phone"),
        (((0.0, 0.1, "P"),), -50.0, "unlike"),
        (((0.0, 1.1, "AA"),), -10.0, "1.10 s"),
        (((0.0, 0.1, "AA"),), -10.0, ""),
    ],
)
def test_absurd_alignments_are_named(phones: tuple[Segment, ...], score: float, word: str) -> None:
    suspicion = align._suspicion(phones, score, align.LOWEST_SCORE)
    assert word in suspicion
    assert bool(suspicion) == bool(word)


def spoken(text: str, folder: Path, voice: str = "en-us") -> Samples:
    path = folder / "spoken.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-w", str(path), text], check=True)
    return read_sound(path)


@needs_aligner
def test_the_aligner_finds_the_closures_of_p_and_b(tmp_path: Path) -> None:
    samples = spoken(SENTENCE, tmp_path)
    alignment = align.EnglishAligner().align(samples, SENTENCE)
    assert alignment is not None
    assert [word for _, _, word in alignment.words] == SENTENCE.split()
    assert [name for _, _, name in alignment.phones if name in {"P", "B"}] == list("PBBB")
    power = np.convolve(samples.astype(np.float64) ** 2, np.ones(160) / 160, "same")
    loud = float(np.median(power[power > 1e-6]))
    for start_s, end_s, name in alignment.phones:
        if name in {"P", "B"}:
            # Some instant within a frame of the label is far quieter than the voice.
            stretch = slice(*(int(t * SAMPLE_RATE_HZ) for t in (start_s - 0.01, end_s + 0.01)))
            assert power[stretch].min() < 0.25 * loud


@needs_aligner
def test_the_wrong_transcript_is_not_believed(tmp_path: Path) -> None:
    samples = spoken(SENTENCE, tmp_path)
    wrong = "she usually rushes to shut the garage as George watches"
    aligner = align.EnglishAligner()
    right = aligner.align(samples, SENTENCE)
    believed = aligner.align(samples, wrong)
    assert right is not None
    # A synthetic voice scores low as it is; the wrong words far lower still.
    assert believed is None or (believed.suspicion and believed.score < right.score - 8)


@needs_aligner
def test_words_the_dictionary_lacks_are_pronounced_by_rule(tmp_path: Path) -> None:
    samples = spoken("the blomping zibble", tmp_path)
    alignment = align.EnglishAligner().align(samples, "the blomping zibble")
    assert alignment is not None
    names = [name for _, _, name in alignment.phones]
    assert names.count("B") == 2
    assert names.count("M") == 1
    assert names.count("P") == 1


@needs_aligner
def test_another_language_keeps_its_own_symbols(tmp_path: Path) -> None:
    words = [["m", "ˈa", "m", "a"], ["p", "ˈa", "tsʰ", "o"]]
    samples = spoken("mama pazzo", tmp_path, voice="it")
    alignment = align.EnglishAligner().align_foreign(samples, words)
    assert alignment is not None
    names = [name for _, _, name in alignment.phones if name != "sil"]
    assert names == ["m", "ˈa", "m", "a", "p", "ˈa", "tsʰ", "o"]
