"""Adapters of real recordings, on tiny made-up copies of what they read."""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import pytest
import soundfile

from medtalk_live.procedural.phones import phone
from medtalk_live.rig.articulation import channel_mean
from medtalk_live.training.retarget import _read_rows
from medtalk_live.training.sources import asterisk, clips, festvox_ru, gcin_voice
from medtalk_live.training.sources.common import joined, read_sound
from medtalk_live.training.utterance import SAMPLE_RATE_HZ


def write_sound(path: Path, rate_hz: int = SAMPLE_RATE_HZ, duration_s: float = 0.2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(0).normal(0, 0.01, int(rate_hz * duration_s))
    soundfile.write(path, noise, rate_hz, subtype="PCM_16")


def festvox(sources_dir: Path, count: int) -> None:
    voice = sources_dir / "debian" / festvox_ru.VOICE
    (voice / "lab").mkdir(parents=True)
    (voice / "etc").mkdir()
    for index in range(count):
        write_sound(voice / "wav" / f"ru_{index:04d}.wav")
        labels = "#\n0.05000 125 pau\n0.10000 125 bb\n0.15000 125 ii\n0.20000 125 pau\n"
        (voice / "lab" / f"ru_{index:04d}.lab").write_text(labels)
    (voice / "etc" / "txt.done.data").write_text('( ru_0000 "в+олос" )\n', encoding="utf-8")


def test_festvox_labels_become_ipa_with_starts(tmp_path: Path) -> None:
    festvox(tmp_path, 1)
    (utterance,) = festvox_ru.FestvoxRu().utterances(tmp_path)
    assert utterance.phones == (
        (0.0, 0.05, "sil"),
        (0.05, 0.1, "bʲ"),
        (0.1, 0.15, "i"),
        (0.15, 0.2, "sil"),
    )
    assert utterance.text == "волос"


def test_every_festvox_symbol_has_a_phone() -> None:
    assert len(festvox_ru.IPA) >= 51
    for symbol in festvox_ru.IPA.values():
        assert phone(symbol, "ipa").phone_class


def test_every_twentieth_russian_sentence_is_held_out(tmp_path: Path) -> None:
    festvox(tmp_path, 40)
    splits = [utterance.split for utterance in festvox_ru.FestvoxRu().utterances(tmp_path)]
    assert [index for index, split in enumerate(splits) if split == "heldout"] == [19, 39]


def test_what_is_in_the_corpus_already_is_passed_over(tmp_path: Path) -> None:
    festvox(tmp_path, 3)
    left = festvox_ru.FestvoxRu().utterances(tmp_path, done={"ru_0000", "ru_0002"})
    assert [utterance.id for utterance in left] == ["ru_0001"]


def test_prompts_lose_what_is_not_spoken(tmp_path: Path) -> None:
    path = tmp_path / "core-sounds-xx.txt.gz"
    lines = [
        "; Core sounds",
        "",
        "beep: [a tone]",
        "digits/1: one",
        "join: <beep ascending>",
        "intro: Leave a message. (tone)",
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode("utf-8-sig")))
    assert asterisk.read_transcripts(path) == {"digits/1": "one", "intro": "Leave a message."}


def test_figures_in_english_prompts_are_spelt_out() -> None:
    assert asterisk._spoken_digits("press 1, 20").split() == ["press", "one", ",", "two", "zero"]


@pytest.mark.skipif(importlib.util.find_spec("G722") is None, reason="G722 is not installed")
def test_g722_is_decoded_at_16_khz(tmp_path: Path) -> None:
    from G722 import G722

    time_s = np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    tone = np.asarray(8000 * np.sin(2 * np.pi * 440 * time_s), dtype=np.int16)
    path = tmp_path / "tone.g722"
    path.write_bytes(G722(SAMPLE_RATE_HZ, asterisk.BIT_RATE).encode(tone.tolist()))
    decoded = asterisk.read_g722(path)
    assert len(decoded) == SAMPLE_RATE_HZ
    assert np.argmax(np.abs(np.fft.rfft(decoded))) == pytest.approx(440, abs=1)
    assert np.abs(decoded).max() == pytest.approx(8000 / 32768, rel=0.1)


def test_the_studio_speaker_is_held_out_whole(tmp_path: Path) -> None:
    data = tmp_path / "tests" / "data" / "ljspeech"
    write_sound(data / "wavs" / "LJ001-0001.wav", rate_hz=22_050)
    (data / "metadata.csv").write_text("LJ001-0001|Printing|Printing\n", encoding="utf-8")
    (clip,) = clips.lj_speech(tmp_path)
    assert clip.held_out
    assert clip.text == "Printing"
    assert len(read_sound(clip.path)) == pytest.approx(0.2 * SAMPLE_RATE_HZ, abs=1)


def test_mfa_speakers_are_told_apart_and_copies_left_out(tmp_path: Path) -> None:
    data = tmp_path / "tests" / "data"
    for name in ("61-70968-0000", "multilingual_ipa_us_2", "mfa_apex", "cold_corpus_24bit"):
        write_sound(data / "wav" / f"{name}.wav")
    (data / "lab").mkdir()
    (data / "lab" / "61-70968-0000.lab").write_text("HE BEGAN <NOISE>", encoding="utf-8")
    found = {clip.path.stem: clip for clip in clips.mfa(tmp_path)}
    assert sorted(found) == ["61-70968-0000", "mfa_apex", "multilingual_ipa_us_2"]
    assert found["61-70968-0000"].text == "HE BEGAN"
    assert found["61-70968-0000"].held_out
    assert found["multilingual_ipa_us_2"].held_out
    assert not found["mfa_apex"].held_out
    assert len({clip.speaker for clip in found.values()}) == 3


def test_one_emotional_actor_is_held_out_and_one_trained_on(tmp_path: Path) -> None:
    for name in ("Mark_anger", "Claire_joy_mandarin", "Claire_sadness_16khz_5_sec"):
        write_sound(tmp_path / "example_audio" / f"{name}.wav")
    found = {clip.path.stem: clip for clip in clips.a2f(tmp_path)}
    assert sorted(found) == ["Claire_joy_mandarin", "Mark_anger"]
    assert found["Mark_anger"].held_out
    assert found["Mark_anger"].emotion == "angry"
    assert found["Claire_joy_mandarin"].language == "zh"
    assert not found["Claire_joy_mandarin"].held_out


def test_captured_takes_carry_their_face(tmp_path: Path) -> None:
    names = sorted({pattern.format(side=s) for pattern, _, _ in _read_rows() for s in "lr"})
    weights = np.zeros((3, len(names)))
    weights[:, names.index("mouth_stretch_c")] = 0.5
    takes = {"1114_2_01": weights, "1114_3_16": 0 * weights}
    for take in takes:
        soundfile.write(tmp_path / f"{take}.flac", np.zeros(1600), SAMPLE_RATE_HZ)
    np.savez(tmp_path / "bs_values.npz", names=names, **takes)
    first, last = clips.facegood(tmp_path)
    assert first.captured is not None
    np.testing.assert_allclose(channel_mean(first.captured, "jaw"), np.full(6, 0.5), atol=1e-6)
    assert not first.held_out
    assert last.held_out


def test_a_collection_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert not any(source.available(tmp_path) for source in clips.SOURCES)


@pytest.mark.parametrize(
    ("zhuyin", "ipa"),
    [
        ("ㄅㄚ1", "p a"),
        ("ㄓ4", "ʈʂ ɨ"),
        ("ㄒㄩㄥ2", "ɕ j ʊ ŋ"),
        ("ㄉㄨㄥ", "t ʊ ŋ"),
        ("ㄨㄥ1", "w ə ŋ"),
        ("ㄍㄨㄢ4", "k w a n"),
        ("ㄌㄧㄢ2", "l j ɛ n"),
        ("ㄩㄝ4", "ɥ ɛ"),
    ],
)
def test_zhuyin_becomes_ipa(zhuyin: str, ipa: str) -> None:
    assert gcin_voice.phones_of(zhuyin) == ipa.split()


def test_a_letter_name_is_no_syllable() -> None:
    assert gcin_voice.phones_of("ㄅ") is None


def test_neighbouring_silences_are_joined() -> None:
    segments = [(0.0, 0.1, "sil"), (0.1, 0.2, "sil"), (0.2, 0.2, "p"), (0.2, 0.3, "a")]
    assert joined(segments) == ((0.0, 0.2, "sil"), (0.2, 0.3, "a"))
