from fractions import Fraction
from pathlib import Path

import pytest

from medtalk_live.errors import ConfigError, GuidanceError, MedTalkError
from medtalk_live.runtime.settings import LiveSettings, load_settings, parse_address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1:5000", ("192.0.2.1", 5000)),
        ("192.0.2.1", ("192.0.2.1", 11111)),
        (":5000", ("127.0.0.1", 5000)),
        ("5000", ("127.0.0.1", 5000)),
        ("stage-pc:0", ("stage-pc", 0)),
        ("[::1]:5000", ("::1", 5000)),
        ("[::1]", ("::1", 11111)),
    ],
)
def test_addresses_are_read_in_every_usual_form(text, expected):
    assert parse_address(text, 11111) == expected


@pytest.mark.parametrize("text", ["host:port", "host:70000", "host:-1", "host:1:2x"])
def test_an_address_without_a_port_number_is_refused(text):
    with pytest.raises(ConfigError, match="HOST:PORT"):
        parse_address(text, 1)


def test_the_call_wins_over_the_file_and_the_file_over_the_defaults(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(
        "subject: Ada\nfps: 29.97\nlivelink: 192.0.2.1\nosc: none\n"
        "look_ahead: 80\nlivelink_head: 57.3\n"
    )
    settings = load_settings(file, {"look_ahead": 0})
    assert settings.subject == "Ada"
    assert settings.fps == Fraction(30_000, 1001)
    assert settings.livelink == ("192.0.2.1",)
    assert settings.livelink_head == "57.3"
    assert settings.osc == ()
    assert settings.look_ahead == 0
    assert settings.control == LiveSettings().control


def test_guidance_of_the_call_replaces_that_of_the_file(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("emotion: sad\nintensity: 1.5\n")
    settings = load_settings(file, {"text": "a smile"})
    assert (settings.emotion, settings.text, settings.intensity) == (None, "a smile", 1.5)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("emotoin: sad", "did you mean 'emotion'"),
        ("intensity: strong", "intensity is 'strong'"),
        ("look_ahead: yes", "look-ahead is True"),
        ("finish: half", "not one of full, limits, none"),
        ("fps: 61", "frame rate '61'"),
        ("emotion: sad\ntext: x", "exclude each other"),
        (f"subject: {'x' * 65}", "65 bytes"),
        ("osc: 'host:port'", "HOST:PORT"),
        ("livelink_head: sideways", "the head's axes 'sideways'"),
        ("- a list", "expected 'name: value' lines"),
        ("duration: -5", "duration is -5; expected seconds above zero"),
        ("duration: .nan", "duration is nan"),
        ("monitor_offset: .inf", "monitor-offset is inf"),
        ("seed: -1", "seed is -1"),
        ("look_ahead: -40", "look-ahead is -40"),
        ("input_rate: 0", "input-rate is 0; expected 8000 to 96000 Hz"),
        ("preview: 70000", "preview is 70000; expected a port"),
        ("compute: gpu", "compute 'gpu' is not one of auto, cpu, cuda"),
        ("image: ''", "image is empty"),
        ("text: ''", "text is empty"),
        ("control_token: ''", "control-token is empty"),
        ("control_token: 1234", "in quotes"),
        ("neutral_image: rest.jpg", "neutral-image goes with image or watch"),
        ("monitor_offset: 1e9", "expected a number"),
        ("monitor_offset: 100000", "at most 10000"),
        ("tui: true\njson_stats: true", "exclude each other"),
        ("[" * 2000 + "]" * 2000, "cannot be read as YAML"),
        ("emotion: sad\nfps: 60\nemotion: happy", "sets 'emotion' more than once"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(tmp_path, line, said):
    file = tmp_path / "a.yaml"
    file.write_text(line)
    with pytest.raises(MedTalkError) as refusal:
        load_settings(file, {})
    assert said in str(refusal.value)
    assert str(refusal.value).count(str(file)) <= 1


def test_a_problem_names_the_file_it_was_found_in_and_the_call_has_none(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("intensity: 3")
    with pytest.raises(GuidanceError, match=r"a\.yaml: an intensity of 3 "):
        load_settings(file, {})
    with pytest.raises(GuidanceError, match=r"^an intensity of 3 "):
        load_settings(None, {"intensity": 3})


@pytest.mark.parametrize("line", ["control: none", "control: null", "control: ''"])
def test_a_file_switches_the_commands_off_as_the_call_does(tmp_path, line):
    file = tmp_path / "a.yaml"
    file.write_text(line)
    assert load_settings(file, {}).control == ""


def test_a_port_alone_is_an_address_in_a_file_too(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("control: 9872\nosc: 9000\n")
    settings = load_settings(file, {})
    assert (settings.control, settings.osc) == ("9872", ("9000",))


def test_the_users_folder_is_named_in_a_file_as_in_a_shell(tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    file = tmp_path / "a.yaml"
    file.write_text("record: ~/takes\ninput: mic\n")
    settings = load_settings(file, {})
    assert settings.record is not None
    assert Path(settings.record) == tmp_path / "takes"
    assert settings.input == "mic"


def test_a_folder_is_no_file_of_settings(tmp_path):
    with pytest.raises(ConfigError, match="is a folder"):
        load_settings(tmp_path, {})


def test_an_unknown_emotion_in_a_file_is_refused(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("emotion: hapy")
    with pytest.raises((ConfigError, GuidanceError), match="did you mean 'happy'"):
        load_settings(file, {})
