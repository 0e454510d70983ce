from pathlib import Path

import numpy as np
import pytest

from medtalk_live.engine.profile import checked_gain
from medtalk_live.errors import ControlError, GuidanceError, MedTalkError
from medtalk_live.guidance.mixer import checked_blend
from medtalk_live.guidance.request import Guidance
from medtalk_live.runtime.commands import SHAPES, Commands


class Face:
    """Notes what a session is told."""

    def __init__(self):
        self.guided, self.gains, self.muted = [], {}, False

    def guide(self, guidance, blend_seconds):
        checked_blend(blend_seconds)
        if guidance.words == "unreadable":
            raise GuidanceError("no encoder reads this")
        self.guided.append((guidance, blend_seconds))

    def set_gain(self, region, value):
        self.gains[region] = checked_gain(region, value)

    def mute(self, on):
        self.muted = on


class Takes:
    def __init__(self):
        self.calls, self.marks = [], []

    def start(self, slate, take):
        self.calls.append((slate, take))
        return f"{slate} 7 in folder"

    def stop(self):
        self.calls.append("stop")
        return "stopped"

    def mark(self, words):
        self.marks.append(words)


@pytest.fixture
def desk():
    face, takes = Face(), Takes()
    commands = Commands(face, takes, Guidance.neutral())
    return face, takes, commands


def say(desk, name, *arguments):
    return desk[2].execute(f"/medtalk/1/{name}", arguments)


def test_an_emotion_takes_a_mix_an_intensity_and_a_blend(desk):
    assert say(desk, "emotion", "happy:0.7+surprised:0.3", 1.2, 0.8)
    guidance, blend = desk[0].guided[0]
    assert guidance.labels == {"happy": 0.7, "surprised": 0.3}
    assert (guidance.intensity, blend) == (1.2, 0.8)


def test_a_fade_takes_the_runs_own_time_where_the_command_names_none():
    face = Face()
    commands = Commands(face, Takes(), Guidance.neutral(), blend_seconds=1.5)
    commands.execute("/medtalk/1/emotion", ("happy",))
    commands.execute("/medtalk/1/emotion", ("sad", 1.0, 0.2))
    assert [blend for _, blend in face.guided] == [1.5, 0.2]


def test_whole_numbers_are_taken_where_a_float_is_meant(desk):
    say(desk, "emotion", "sad", 2, 1)
    assert desk[0].guided[0][0].intensity == 2.0


def test_an_intensity_alone_keeps_the_expression_and_a_new_expression_keeps_the_intensity(desk):
    say(desk, "emotion", "angry")
    say(desk, "intensity", 0.5)
    say(desk, "text", "a tired smile")
    kept, text = desk[0].guided[1][0], desk[0].guided[2][0]
    assert (kept.labels, kept.intensity) == ({"angry": 1.0}, 0.5)
    assert (text.words, text.intensity) == ("a tired smile", 0.5)


def test_a_refused_expression_leaves_the_one_before_in_force(desk):
    say(desk, "emotion", "happy")
    with pytest.raises(MedTalkError):
        say(desk, "text", "unreadable")
    say(desk, "intensity", 0.3)
    assert desk[0].guided[-1][0].labels == {"happy": 1.0}


def test_takes_gains_mute_and_ping_reach_their_place(desk):
    assert "7" in say(desk, "take/start", "scene_1")
    say(desk, "take/start", "scene_1", 9)
    say(desk, "take/stop")
    assert desk[1].calls == [("scene_1", None), ("scene_1", 9), "stop"]
    say(desk, "gain", "jaw", 1.25)
    assert desk[0].gains == {"jaw": 1.25}
    say(desk, "mute", 1)
    assert desk[0].muted is True
    assert say(desk, "ping", 41) == "pong 41"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("emotion", ()),
        ("emotion", (3,)),
        ("emotion", ("happy", "much")),
        ("emotion", ("joyful",)),
        ("emotion", ("happy", 1.0, -2.0)),
        ("emotion", ("happy", 1.0, 1.0, 1.0)),
        ("emotion", ("happy", float("nan"))),
        ("text", ("",)),
        ("intensity", (2.5,)),
        ("intensity", (True,)),
        ("intensity", (float("inf"),)),
        ("gain", ("jaw",)),
        ("gain", ("toes", 1.0)),
        ("gain", ("jaw", -1.0)),
        ("gain", ("jaw", [1.0])),
        ("mute", (0.5,)),
        ("mute", (2,)),
        ("mute", (-1,)),
        ("mute", (float("nan"),)),
        ("mute", (float("inf"),)),
        ("mute", (10**400,)),
        ("intensity", (10**400,)),
        ("image", ("",)),
        ("image", ("a" * 5000,)),
        ("ping", ("x",)),
        ("take/start", ()),
        ("frame", (1,)),
    ],
)
def test_what_is_wrong_is_refused_in_words_and_changes_nothing(desk, name, arguments):
    with pytest.raises(MedTalkError) as refusal:
        say(desk, name, *arguments)
    assert len(str(refusal.value)) > 20
    assert desk[0].guided == []
    assert desk[0].gains == {}
    assert desk[1].calls == []


def test_a_program_that_sends_floats_alone_can_mute_and_its_gains_are_as_it_meant_them(desk):
    say(desk, "mute", 1.0)
    assert desk[0].muted is True
    say(desk, "mute", 0.0)
    assert desk[0].muted is False
    say(desk, "gain", "jaw", float(np.float32(1.2)))
    assert desk[0].gains == {"jaw": 1.2}


def test_a_refusal_does_not_repeat_pages_of_what_it_was_sent(desk):
    with pytest.raises(MedTalkError) as refusal:
        say(desk, "emotion", "x" * 5000)
    assert len(str(refusal.value)) < 300


def test_an_address_outside_the_prefix_is_no_command(desk):
    for address in ("emotion", "/medtalk/2/emotion", "/emotion"):
        with pytest.raises(ControlError, match="is not a command"):
            desk[2].execute(address, ("happy",))


def test_a_strangers_photo_must_lie_in_the_image_folder(tmp_path: Path):
    face = Face()
    commands = Commands(face, Takes(), Guidance.neutral(), tmp_path / "photos")
    for path in ("../secret.png", "/etc/passwd"):
        with pytest.raises(ControlError, match="outside the image folder"):
            commands.execute("/medtalk/1/image", (path,), trusted=False)
    commands.execute("/medtalk/1/image", ("smile.png",), trusted=False)
    assert face.guided[0][0].path == (tmp_path / "photos" / "smile.png").resolve()


def test_a_local_photo_may_lie_anywhere_and_is_looked_for_in_the_folder_first(tmp_path: Path):
    (tmp_path / "smile.png").touch()
    face = Face()
    commands = Commands(face, Takes(), Guidance.neutral(), tmp_path)
    for path in ("smile.png", "/somewhere/else.png"):
        commands.execute("/medtalk/1/image", (path,))
    assert [guidance.path for guidance, _ in face.guided] == [
        (tmp_path / "smile.png").resolve(),
        Path("/somewhere/else.png"),
    ]


def test_a_change_of_guidance_is_marked_in_the_take(desk):
    say(desk, "emotion", "happy", 1.5)
    assert desk[1].marks == ["happy x1.5"]


def test_strangers_photos_are_refused_without_an_image_folder(desk):
    with pytest.raises(ControlError, match="--image-folder"):
        desk[2].execute("/medtalk/1/image", ("smile.png",), trusted=False)


def test_every_command_of_the_table_has_a_handler(desk):
    samples = {"s": "happy", "f": 1.0, "i": 1}
    for name, shape in SHAPES.items():
        arguments = [samples[kind] for kind in shape.types.split("|")[0]]
        if name == "gain":
            arguments[0] = "jaw"
        assert isinstance(say(desk, name, *arguments), str)
