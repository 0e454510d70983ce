import json

import numpy as np
import pytest

from medtalk_live.errors import GuidanceError
from medtalk_live.guidance.transcript import lay_over, read_transcript, spread

SRT = "1\n00:00:01,000 --> 00:00:02,000\nI\nhate it\n\n2\n00:00:03,0 --> 00:00:04,0\nno\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000 align:start\nI hate <i>it</i>\n\n3.0 --> 4.0\nno"
SEGMENTS = [
    {"start": 1, "end": 2, "text": " I hate it"},
    {"start": 3, "end": 4, "words": [{"word": " no", "start": 3, "end": 4}]},
]
TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

0
2
<exists>
1
"IntervalTier"
"speaker - words"
0
2
3
0
0.5
""
0.5
1.1
"hate"
1.1
2
"it"
"""


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def row(words):
    return [(w.text, round(w.start_seconds, 3), round(w.end_seconds, 3)) for w in words]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.srt", SRT),
        ("a.vtt", VTT),
        ("a.tsv", "start\tend\ttext\n1000\t2000\tI hate it\n3000\t4000\tno\n"),
        ("a.json", json.dumps({"segments": SEGMENTS})),
    ],
)
def test_every_form_that_whisper_writes_gives_the_same_words(tmp_path, name, text):
    words = read_transcript(written(tmp_path, name, text))
    expected = [("I", 1, 1.143), ("hate", 1.143, 1.714), ("it", 1.714, 2), ("no", 3, 4)]
    assert row(words) == expected


def test_a_textgrid_gives_its_tier_of_words(tmp_path):
    words = read_transcript(written(tmp_path, "a.TextGrid", TEXTGRID))
    assert row(words) == [("hate", 0.5, 1.1), ("it", 1.1, 2.0)]


def test_chinese_is_cut_into_characters_that_keep_their_marks():
    assert [w.text for w in spread("我爱你！OK?", 0, 1)] == ["我", "爱", "你！", "OK?"]


def test_plain_text_is_laid_over_the_voice_and_skips_pauses(tmp_path):
    text = read_transcript(written(tmp_path, "a.txt", "aaaa bbbb\ncccc dddd\n"))
    assert text == "aaaa bbbb cccc dddd"
    rng = np.random.default_rng(0)
    sound = 0.001 * rng.standard_normal(16_000 * 6)
    for start in (1, 4):  # two seconds of voice, with two of room between and around
        sound[start * 16_000 : (start + 1) * 16_000] *= 300
    words = lay_over(text, sound.astype(np.float32), 16_000)
    starts = [word.start_seconds for word in words]
    np.testing.assert_allclose(starts, [1.0, 1.5, 4.0, 4.5], atol=0.03)  # steps of 10 ms
    assert [words[1].end_seconds, words[3].end_seconds] == pytest.approx([2.0, 5.0], abs=0.03)


def test_silence_still_gives_every_word_a_time():
    words = lay_over("one two", np.zeros(16_000, np.float32), 16_000)
    assert [word.text for word in words] == ["one", "two"]
    assert 0.0 <= words[0].start_seconds <= words[-1].end_seconds <= 1.0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("no.srt", None, "does not exist"),
        ("a.srt", "no times in here", "holds no words"),
        ("a.txt", " \n", "holds no words"),
        ("a.json", "{", "cannot be read"),
        ("a.json", "[]", "cannot be read"),
        ("a.json", "[" * 100_000, "cannot be read"),
        ("a.json", '{"segments": [{"start": NaN, "end": 1, "text": "hi"}]}', "no numbers"),
        ("a.json", '{"segments": [{"start": 0, "end": Infinity, "text": "hi"}]}', "no numbers"),
        ("a.TextGrid", "nothing", "cannot be read"),
        ("a.srt", "1:x --> 2\nhi\n", "holds no words"),
        ("a.vtt", "1:.: --> 2\nhi\n", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(GuidanceError, match=words):
        read_transcript(path)


def test_a_file_in_another_code_is_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("très bien".encode("utf-16"))
    with pytest.raises(GuidanceError, match="cannot be read"):
        read_transcript(path)
