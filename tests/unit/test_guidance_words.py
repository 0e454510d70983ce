import numpy as np
import pytest
from fakes import SMILE, TinyModel, speechlike

from medtalk_live.engine.animator import Animator, animate
from medtalk_live.engine.profile import Profile
from medtalk_live.guidance.request import Guidance
from medtalk_live.guidance.transcript import spread
from medtalk_live.guidance.words import HOLD_SECONDS, LEAD_SECONDS, Emphasis, FeltWord, felt_words
from medtalk_live.model.encoders.transcriber import TimedWord


def strengths(text):
    return {word.word: word.strength for word in felt_words(spread(text, 0.0, 4.0))}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("I hate this so much.", "hate"),
        ("What a wonderful day", "wonderful"),
        ("she was terrified of him", "terrified"),
        ("Oh my God, it is on fire", "oh my god"),
        ("我真的非常生气", "生气"),
        ("太可怕了", "可怕"),
        ("我爱你", "爱"),
    ],
)
def test_emotional_words_of_english_and_chinese_are_felt(text, word):
    assert strengths(text)[word] >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "in being comparatively modern, produced the block books",
        "the train leaves at ten from platform two",
        "我们明天去北京开会",
        "",
    ],
)
def test_plain_words_are_not(text):
    assert strengths(text) == {}


def test_degrees_negations_and_exclamations_count():
    plain = strengths("I am sad.")["sad"]
    assert strengths("I am very sad.")["sad"] > plain
    assert strengths("I am sad!")["sad"] > plain
    assert strengths("I am a bit sad.")["sad"] < plain
    assert strengths("I am not sad.")["sad"] < 0.5 * plain
    assert strengths("我不生气")["生气"] < 0.5 * strengths("我生气")["生气"]


def test_a_degree_of_another_clause_does_not():
    assert strengths("Not today. I am sad.")["sad"] == strengths("I am sad.")["sad"]


def test_a_word_has_the_time_of_its_pieces():
    pieces = [TimedWord(t, i, i + 1.0) for i, t in enumerate(["我", "非常", "生", "气", "了"])]
    (word,) = felt_words(pieces)
    assert (word.start_seconds, word.end_seconds) == (2.0, 4.0)


def curve(emphasis, seconds=4.0):
    return np.array([emphasis.advance(k) for k in range(round(60 * seconds))])


def test_a_word_is_found_among_pieces_of_both_languages_and_marks_alone():
    pieces = ["", "我", "生", "气", "！", "so", "'", "furious", "!", ""]
    words = [TimedWord(piece, float(k), k + 0.5) for k, piece in enumerate(pieces)]
    felt = [(one.word, one.start_seconds, one.end_seconds) for one in felt_words(words)]
    assert felt == [("生气", 2.0, 3.5), ("furious", 7.0, 7.5)]


def test_the_face_is_ready_as_the_word_begins_and_comes_down_slowly_after_it():
    level = curve(Emphasis([FeltWord("hate", 1.0, 1.4, 0.8)]))
    assert level[: round(60 * (1.0 - LEAD_SECONDS))].max() == 0.0
    assert level[60] > 0.7
    assert level[61] == pytest.approx(0.8)
    assert level[round(60 * (1.4 + HOLD_SECONDS)) - 1] == pytest.approx(0.8)
    assert 0.0 < level[150] < 0.8
    assert level[-1] == 0.0


def test_emphasis_never_jumps_and_never_exceeds_the_strongest_word():
    words = [FeltWord("x", float(a), float(a) + 0.3, s) for a, s in ((0, 1), (0.2, 0.5), (2, 0.7))]
    level = curve(Emphasis(reversed(words)))
    assert level.max() <= 1.0
    assert np.abs(np.diff(level)).max() <= 1 / 9 + 1e-9  # 0.15 s from nothing to all


def test_a_word_that_was_heard_late_counts_from_then_on():
    emphasis = Emphasis()
    before = curve(emphasis, 1.0)
    emphasis.feel(0.6)
    after = [emphasis.advance(k) for k in range(60, 120)]
    assert before.max() == 0.0
    assert max(after) == pytest.approx(0.6)


def smile(words, dynamics=1.0):
    sound = speechlike(3.0)
    happy, profile = Guidance.label("happy", 0.8), Profile(dynamics=dynamics)
    curves = animate(
        sound,
        16_000,
        model=TinyModel(),
        guidance=happy,
        words=words,
        finish="none",
        profile=profile,
    )
    return curves.controls[:, SMILE[0]]


def test_words_raise_the_emotion_where_they_are_said_as_far_as_dynamics_say():
    words = [TimedWord("I", 0.9, 1.0), TimedWord("hate", 1.0, 1.3), TimedWord("it", 1.3, 1.5)]
    np.testing.assert_allclose(smile(()), 0.8)
    said = smile(words)
    np.testing.assert_allclose(said[:45], 0.8)
    assert said[62] == pytest.approx(1.2)  # half as much again for the strongest word
    assert smile(words, 0.5)[62] == pytest.approx(1.0)
    np.testing.assert_allclose(smile(words, 0.0), 0.8)


def test_words_live_are_words_offline_and_a_new_stream_says_them_again():
    words = [TimedWord("hate", 0.5, 0.8)]
    animator = Animator(TinyModel(), Guidance.label("happy", 0.8), finish="none", words=words)
    sound = speechlike(3.0)
    for _ in range(2):
        frames = [f for part in np.array_split(sound, 91) for f in animator.push(part)]
        frames += animator.flush()
        row = np.array([frame.controls[SMILE[0]] for frame in frames])
        np.testing.assert_array_equal(row, smile(words))


def test_what_is_heard_while_live_reaches_the_frames():
    animator = Animator(TinyModel(), Guidance.label("happy", 0.8), finish="none")
    animator.push(np.zeros(16_000, np.float32))
    animator.feel(1.0)
    frames = animator.push(np.zeros(8_000, np.float32))
    assert max(frame.controls[SMILE[0]] for frame in frames) == pytest.approx(1.2)
