"""Plans, edges, texts and parsers of the synthetic sources; no engine is run."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medtalk_live.training.sources import synth, synth_texts
from medtalk_live.training.sources.synth import SILENCE, Spoken, SynthSource, Voice
from medtalk_live.training.sources.synth_espeak import Espeak, in_parts, phones_of, with_closures
from medtalk_live.training.sources.synth_festival import Festival, parse_segments
from medtalk_live.training.sources.synth_flite import Flite, parse_psdur
from medtalk_live.training.sources.synth_hibari import Hibari, Manner, Parts, in_manner, manner_of
from medtalk_live.training.sources.synth_kokoro import (
    Kokoro,
    KokoroLanguages,
    blended,
    letters,
    with_tones,
)

RATE_HZ = 16_000
LANGUAGES = ("en", "zh", "es", "fr", "it", "de", "ru", "ja")


def spoken(*phones: tuple[float, float, str]) -> Spoken:
    """A hum as long as the phones, so that cuts are where the times say."""
    samples = np.full(round(phones[-1][1] * RATE_HZ), 0.1, np.float32)
    return Spoken(samples, RATE_HZ, phones)


class Hum(SynthSource):
    """An engine that hums; counts how often it was asked."""

    name = "hum"
    asked = 0

    def voices(self) -> list[Voice]:
        return [Voice("a", "en", "en", 2), Voice("b", "en", "en", 40, heldout=True)]

    def speak(self, text: str, voice: Voice, draw: random.Random) -> Spoken:
        self.asked += 1
        return spoken((0.0, 0.1, SILENCE), (0.1, 0.3, "m"), (0.3, 0.4, SILENCE))


def test_flite_ends_become_gapless_segments_in_arpabet() -> None:
    printed = "pau:0.200 m:0.260 ay:0.392 ax:0.450 pau:0.600 "
    assert parse_psdur(printed) == (
        (0.0, 0.2, "sil"),
        (0.2, 0.26, "M"),
        (0.26, 0.392, "AY"),
        (0.392, 0.45, "AH"),
        (0.45, 0.6, "sil"),
    )


def test_flite_sentences_that_count_from_zero_again_are_put_in_a_row() -> None:
    phones = parse_psdur("pau:0.2 b:0.3 pau:0.2 p:0.4")
    assert [round(end, 3) for _, end, _ in phones] == [0.2, 0.3, 0.5, 0.7]


def test_festival_segments_are_read_after_their_header() -> None:
    printed = "separator ;\n#\n0.2200 100 pau\n0.3127 100 b\n0.4000 100 ax\n"
    assert parse_segments(printed) == ((0.0, 0.22, "sil"), (0.22, 0.3127, "B"), (0.3127, 0.4, "AH"))


def test_espeak_beginnings_become_segments_and_nameless_ones_silence() -> None:
    phones = phones_of([(0.0, ""), (0.1, "b"), (0.2, ""), (0.2, "a")], 0.5)
    assert phones == ((0.0, 0.1, "sil"), (0.1, 0.2, "b"), (0.2, 0.5, "a"))


def test_espeak_stops_begin_where_the_vowel_before_them_dies_away() -> None:
    closed = np.zeros(500, np.bool_)
    closed[230:300] = True
    moved = with_closures(((0.0, 0.3, "a"), (0.3, 0.34, "p"), (0.34, 0.5, "a")), closed)
    assert moved[0] == (0.0, 0.23, "a")
    assert moved[1] == (0.23, 0.34, "p")


def test_a_stop_after_a_pause_gets_fifty_milliseconds_of_closure() -> None:
    moved = with_closures(((0.0, 0.3, "sil"), (0.3, 0.34, "b")), np.ones(400, np.bool_))
    assert moved[1][0] == pytest.approx(0.25)
    assert moved[1][1:] == (0.34, "b")


def test_espeak_names_of_several_phones_share_their_time() -> None:
    phones = in_parts(((0.0, 0.1, "ph"), (0.1, 0.3, "əl"), (0.3, 0.4, "sil")))
    assert [symbol for _, _, symbol in phones] == ["pʰ", "ə", "l", "sil"]
    assert [end_s for _, end_s, _ in phones] == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_english_ipa_is_brought_to_the_networks_letters() -> None:
    assert letters("bˈɑːb bᵻfˌoː\u200dɹ t\u200dʃa\u200dɪ mʌðɚ\n", "en") == "bˈɑb bᵻfˌoɹ ʧI mʌðəɹ"


def test_mandarin_tones_come_from_the_pinyin_and_language_switches_are_dropped() -> None:
    ipa = letters("nˈiɜ (en)χˈɑu2(cmn) t\u200ds.\u200dhˈi.5", "zh")
    assert with_tones(ipa, "ni3 hao3 chi1") == "nˈi↓xˈɑu↓ꭧʰˈɨ→"


def test_japanese_vowels_keep_their_letter_when_espeak_marks_them_as_centred() -> None:
    assert letters("kˌo̞nnit\u200dɕˈihä", "ja") == "konniʨiha"


def test_french_nasal_vowels_keep_their_tilde() -> None:
    assert letters("bɔ̃ʒˈuʁ", "fr") == "bɔ̃ʒˈuʁ"


def test_blends_are_the_same_each_time_and_between_the_styles() -> None:
    names = ("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo")
    styles = {name: np.full((2, 1, 4), k, np.float32) for k, name in enumerate(names)}
    mixed = blended(styles, "blend03")
    assert np.array_equal(mixed, blended(styles, "blend03"))
    assert 0 < mixed[0, 0, 0] < 4
    assert np.array_equal(blended(styles, "jm_kumo"), styles["jm_kumo"])


def flat_parts(peak_bin: int) -> Parts:
    """Ten frames with one resonance and a pitch of 200 Hz."""
    voice = np.full((601, 10), -6.0, np.float32)
    voice[peak_bin - 3 : peak_bin + 4] = 0.0
    rest = np.full((601, 10), -9.0, np.float32)
    return Parts((voice, rest * 0, rest, rest, rest * 0), np.full(10, 200.0, np.float32))


def test_a_longer_vocal_tract_lowers_resonances_and_pitch_is_scaled_apart() -> None:
    moved = in_manner(flat_parts(100), Manner(pitch=0.5, formants=0.8))
    assert abs(int(np.argmax(moved.spectra[0][:, 5])) - 80) <= 3
    assert moved.pitch_hz == pytest.approx(100.0)


def test_a_whisper_has_no_voice_and_keeps_the_resonance_in_its_noise() -> None:
    moved = in_manner(flat_parts(200), Manner(whisper=True))
    assert not moved.pitch_hz.any()
    assert abs(int(np.argmax(moved.spectra[2][:, 5])) - 200) <= 3


def test_made_speakers_differ_and_stay_the_same() -> None:
    made = [manner_of(f"made{k:02d}") for k in range(40)]
    assert len(set(made)) == 40
    assert made[7] == manner_of("made07")
    assert min(m.pitch for m in made) < 0.7 < 1.1 < max(m.pitch for m in made)


def test_silence_at_the_edges_is_exactly_what_was_asked_for() -> None:
    said = spoken((0.0, 0.1, SILENCE), (0.1, 0.3, "m"), (0.3, 0.4, SILENCE))
    longer = synth.with_edges(said, 0.3, 0.5)
    assert len(longer.samples) == round(1.0 * RATE_HZ)
    assert [symbol for _, _, symbol in longer.phones] == [SILENCE, "m", SILENCE]
    assert [end_s for _, end_s, _ in longer.phones] == pytest.approx([0.3, 0.5, 1.0])
    bare = synth.with_edges(said, 0.0, 0.0)
    assert [symbol for _, _, symbol in bare.phones] == ["m"]
    assert len(bare.samples) == round(0.2 * RATE_HZ)


def test_neighbouring_silences_are_one() -> None:
    assert synth.merged_silence([(0, 1, "sil"), (1, 2, "sil"), (2, 3, "a")]) == [
        (0, 2, "sil"),
        (2, 3, "a"),
    ]


def test_resampling_keeps_length_and_times() -> None:
    said = replace(spoken((0.0, 0.5, "a")), rate_hz=24_000)
    at_16k = synth.at_corpus_rate(said)
    assert at_16k.rate_hz == RATE_HZ
    assert len(at_16k.samples) == pytest.approx(len(said.samples) * 2 / 3, abs=2)
    assert at_16k.phones == said.phones


def test_voices_take_turns_and_what_is_done_is_not_said_again() -> None:
    source = Hum()
    ids = [u.id for u in source.utterances(Path(), done={"a-00000", "b-00001"})]
    assert ids[:3] == ["b-00000", "a-00001", "b-00002"]
    assert source.asked == len(ids) == 40
    assert all(u.split == "heldout" for u in Hum().utterances(Path()) if u.id[0] == "b")


def test_one_utterance_in_thirty_two_is_held_out_of_a_training_voice() -> None:
    class LongHum(Hum):
        def voices(self) -> list[Voice]:
            return [Voice("a", "en", "en", 64)]

    splits = [u.split for u in LongHum().utterances(Path())]
    assert splits.count("heldout") == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_sentences_and_keeps_some_from_training(language: str) -> None:
    trained = synth_texts.sentences(language)
    heldout = synth_texts.sentences(language, heldout=True)
    assert len(trained) >= 30
    assert heldout
    assert not set(trained) & set(heldout)


def test_texts_are_the_same_for_a_seed_and_varied_over_seeds() -> None:
    texts = [synth_texts.text("en", f"seed {k}") for k in range(300)]
    assert texts == [synth_texts.text("en", f"seed {k}") for k in range(300)]
    assert len(set(texts)) > 240
    assert not any("{" in text for text in texts)


def test_rows_of_words_come_from_the_dictionary_and_repeat_with_their_seed() -> None:
    pytest.importorskip("pocketsphinx", reason="the dictionary comes with pocketsphinx")
    rows = [synth_texts.text(synth_texts.WORDS, f"seed {k}") for k in range(50)]
    assert rows == [synth_texts.text(synth_texts.WORDS, f"seed {k}") for k in range(50)]
    assert len(set(rows)) == 50
    assert all(4 <= len(row.split()) <= 9 for row in rows)
    assert synth_texts.text(synth_texts.WORDS, "x", heldout=True) in {
        synth_texts.text("en", "x", heldout=True)
    }


def test_a_missing_engine_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for source in (Flite(), Festival(), Espeak(), Kokoro(), KokoroLanguages(), Hibari()):
        assert not source.available(Path())
        assert "nstall" in source.how_to_get
        assert source.licence
        assert source.minutes > 0
