import pytest

from medtalk_live.cli.send import command


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["emotion", "happy"], ("emotion", ("happy",))),
        (["emotion", "happy", "1.2", "0.5"], ("emotion", ("happy", 1.2, 0.5))),
        (["text", "a sly half smile"], ("text", ("a sly half smile",))),
        (["text", "a", "sly", "half", "smile"], ("text", ("a sly half smile",))),
        (["text", "a", "smile", "1.2", "0.5"], ("text", ("a smile", 1.2, 0.5))),
        (["text", "7", "7", "7", "7"], ("text", ("7 7", 7.0, 7.0))),
        (["image", "nowhere.png"], ("image", ("nowhere.png",))),
        (["intensity", "0.7"], ("intensity", (0.7,))),
        (["neutral"], ("neutral", ())),
        (["take", "start", "scene"], ("take/start", ("scene",))),
        (["take", "start", "scene", "3"], ("take/start", ("scene", 3))),
        (["take", "stop"], ("take/stop", ())),
        (["gain", "jaw", "1.5"], ("gain", ("jaw", 1.5))),
        (["mute", "1"], ("mute", (1,))),
        (["ping"], ("ping", (1,))),
    ],
)
def test_words_become_a_command_with_typed_values(words, expected):
    name, values = command(words)
    assert (name, values) == expected
    assert [type(value) for value in values] == [type(value) for value in expected[1]]


@pytest.mark.parametrize(
    "words",
    [
        ["dance"],
        ["take"],
        ["take", "eject"],
        ["emotion"],
        ["intensity", "much"],
        ["neutral", "x"],
        ["text"],
    ],
)
def test_words_that_are_no_command_are_refused(words):
    with pytest.raises(ValueError, match=r".{10}"):
        command(words)


def test_a_photo_that_is_here_is_sent_with_its_full_path(tmp_path, monkeypatch):
    (tmp_path / "face.png").touch()
    monkeypatch.chdir(tmp_path)
    assert command(["image", "face.png"])[1] == (str((tmp_path / "face.png").resolve()),)
