"""The phone inventory reads every alphabet it names, and labels become gapless segments."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from medtalk_live.errors import PhoneError
from medtalk_live.procedural import phones
from medtalk_live.procedural.labels import read_phones, segments_from_labels
from medtalk_live.procedural.phones import parse_symbol, phone

# One line a language: symbols that its transcriptions use, with the class each belongs to.
INVENTORIES = {
    "english": "aɪ:ay eɪ:ey oʊ:ow aʊ:aw ɔɪ:oy ɚ:er ɝ:er tʃ:ch dʒ:jh θ:th ŋ:ng ɹ:r æ:ae ʌ:ah ə:ax",
    "mandarin": "tɕʰ:ch ʈʂ:ch ʂ:sh y:ue ɤ:ax ai:ay ɑu:aw ou:ow ei:ey ɻ:r x:x tsʰ:ts",
    "spanish": "β:b ɾ:rr r:rr ɲ:n ʎ:l x:x e:ey o:ow ɣ:x",
    "french": "ɑ̃:aa ɔ̃:ao ɛ̃:eh œ̃:oe ʁ:x y:ue ø:oe ɥ:w",
    "italian": "ts:ts dz:ts ɲː:n ʎ:l tʃ:ch",
    "german": "pf:f ç:hh x:x øː:oe yː:ue ʏ:ue ɐ:ah ʀ:x",
    "russian": "pʲ:p ɕː:sh ɨ:ix ʐ:zh lʲ:l tɕ:ch",
    "japanese": "ɯᵝ:ix ɕ:sh ɸ:f ɴ:ng ɾ:rr dʑ:jh ç:hh",
}


@pytest.mark.parametrize("language", INVENTORIES)
def test_every_symbol_of_a_language_finds_its_class(language: str) -> None:
    for entry in INVENTORIES[language].split():
        symbol, phone_class = entry.split(":")
        assert phone(symbol).phone_class == phone_class, symbol


def test_arpabet_covers_its_39_phones_with_a_class_each() -> None:
    symbols = [p for p in phones.PHONE_CLASSES if ("arpabet", p) in phones._SPELLINGS]
    for extra in ("ax", "ix"):
        symbols.remove(extra)
    assert len(symbols) == 39
    for symbol in symbols:
        assert phone(symbol + "1", "arpabet").phone_class == symbol.lower()


def test_stress_is_read_from_digits_and_from_ipa_marks() -> None:
    assert parse_symbol("AH0", "arpabet").stress == 0
    assert parse_symbol("OW2", "arpabet").stress == 2
    assert parse_symbol("ˈaɪ").stress == 1
    assert parse_symbol("aa", "ru-festvox").stress == 1


def test_marks_change_the_features_and_not_the_identity() -> None:
    assert phone("tʲ").palatalised
    assert phone("ɔ̃").nasal
    assert phone("iː").long
    assert phone("kʷ").rounding > 0.5
    assert phone("ç").place == "palatal"


def test_a_label_with_several_phones_is_split_and_an_opening_pair_starts_with_a_semivowel() -> None:
    assert [p.symbol for p in parse_symbol("aɪə").phones] == ["aɪ", "ə"]
    assert [p.symbol for p in parse_symbol("iɑu5").phones] == ["j", "ɑu"]


def test_every_phone_has_a_class_a_viseme_and_vowels_an_openness_rank() -> None:
    for p in phones._IPA.values():
        assert phones.VISEMES[phones.CLASS_TO_VISEME[p.class_index]]
        if p.is_vowel:
            assert p.phone_class in phones.OPENNESS_RANK


@pytest.mark.parametrize(("symbol", "alphabet"), [("@@", "ipa"), ("QX", "arpabet"), ("b", "sampa")])
def test_an_unknown_symbol_or_alphabet_is_refused_by_name(symbol: str, alphabet: str) -> None:
    with pytest.raises(PhoneError, match=r"expected one of"):
        parse_symbol(symbol, alphabet)


def test_characters_join_into_diphthongs_affricates_and_stressed_vowels() -> None:
    rows = [(0, 0.1, "t"), (0.1, 0.2, "ʃ"), (0.2, 0.21, "ˈ"), (0.21, 0.3, "a"), (0.3, 0.4, "ɪ")]
    run = segments_from_labels(rows)
    assert [s.phone.symbol for s in run] == ["tʃ", "aɪ"]
    assert run[1].stress == 1
    assert (run[1].start_s, run[1].end_s) == (0.2, 0.4)


def test_a_word_space_keeps_its_neighbours_apart() -> None:
    run = segments_from_labels([(0, 0.1, "t"), (0.1, 0.12, " "), (0.12, 0.2, "ʃ")])
    assert [s.phone.symbol for s in run] == ["t", "ʃ"]


def test_a_closure_label_joins_its_burst() -> None:
    run = segments_from_labels([(0, 0.06, "pcl"), (0.06, 0.08, "p"), (0.08, 0.2, "iy")], "arpabet")
    assert [(s.phone.symbol, s.start_s, s.end_s) for s in run[:1]] == [("p", 0.0, 0.08)]


def test_segments_cover_the_recording_without_gaps() -> None:
    run = segments_from_labels([(0.5, 0.6, "a"), (0.9, 1.0, "m")], duration_s=1.5)
    assert run[0].start_s == 0
    assert run[-1].end_s == 1.5
    assert all(a.end_s == b.start_s for a, b in pairwise(run))
    assert [s.phone.is_silence for s in run] == [True, False, True, False, True]


def test_labels_that_run_backwards_are_refused() -> None:
    with pytest.raises(PhoneError, match="times that rise"):
        segments_from_labels([(0.5, 0.6, "a"), (0.1, 0.2, "m")])


LONG_GRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 0.5
tiers? <exists>
size = 1
item []:
    item [1]:
        class = "IntervalTier"
        name = "phones"
        xmin = 0
        xmax = 0.5
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 0.2
            text = "M"
        intervals [2]:
            xmin = 0.2
            xmax = 0.4
            text = "AA1"
"""
SHORT_GRID = """File type = "ooTextFile"
Object class = "TextGrid"

0
0.5
<exists>
1
"IntervalTier"
"phones"
0
0.5
2
0
0.2
"M"
0.2
0.4
"AA1"
"""


@pytest.mark.parametrize("text", [LONG_GRID, SHORT_GRID])
def test_long_and_short_textgrids_read_alike(text: str, tmp_path: Path) -> None:
    path = tmp_path / "clip.TextGrid"
    path.write_text(text, encoding="utf-8")
    run = read_phones(path)
    assert [s.phone.phone_class for s in run] == ["m", "aa", "sil"]
    assert run[-1].end_s == 0.5


def test_json_rows_and_objects_read_alike(tmp_path: Path) -> None:
    rows = tmp_path / "rows.json"
    rows.write_text(json.dumps([[0, 0.1, "m"], [0.1, 0.3, "aɪ"]]), encoding="utf-8")
    named = tmp_path / "named.json"
    body = [{"start": 0, "end": 0.1, "phone": "m"}, {"start": 0.1, "end": 0.3, "phone": "aɪ"}]
    named.write_text(json.dumps({"alphabet": "ipa", "phones": body}), encoding="utf-8")
    assert read_phones(rows) == read_phones(named)


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        "not json",
        "[]",
        '[["a", 1, "m"]]',
        '[[0, Infinity, "m"]]',
        '[[NaN, 1, "m"]]',
        '[[0, 1e12, "m"]]',
        '[[0, 0, "m"]]',
        '{"phones": [[0, 1, "m"]], "duration_s": "long"}',
        '{"phones": [[0, 1, "m"]], "duration_s": 1e300}',
    ],
)
def test_a_broken_json_file_is_named_with_what_was_expected(content: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(PhoneError, match="expected"):
        read_phones(path)
