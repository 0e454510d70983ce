"""``medtalk-live animate`` from outside: files in, files out, one sentence where it cannot."""

import numpy as np
import pytest
from command_line import needs_starter, one_sentence, recording, run

from medtalk_live.rig.controls import MAXIMUM, MINIMUM, NAMES
from medtalk_live.takes.take import read_take

pytestmark = needs_starter


def table(path):
    return np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)


@pytest.mark.parametrize(
    ("rate", "channels", "seconds", "ending"),
    [(8_000, 1, 1.0, "wav"), (44_100, 2, 7.3, "flac"), (48_000, 1, 1.37, "ogg")],
)
def test_rows_fit_the_sound_and_every_value_its_range(tmp_path, rate, channels, seconds, ending):
    sound = recording(tmp_path / f"in.{ending}", seconds, rate, channels)
    done = run("animate", sound, "-o", tmp_path / "out.csv", "--emotion", "happy")
    assert done.returncode == 0, done.stderr
    values = table(tmp_path / "out.csv")
    assert values.shape == (round(seconds * rate) * 60 // rate, 1 + 174 + 6)
    # times are written with five digits
    np.testing.assert_allclose(values[:, 0], np.arange(len(values)) / 60, atol=1e-5)
    controls = values[:, 1:175]
    assert np.isfinite(values).all()
    assert (controls >= MINIMUM - 1e-5).all()
    assert (controls <= MAXIMUM + 1e-5).all()
    assert controls.std(axis=0).max() > 0.01
    assert "\r" not in done.stdout + done.stderr, "a progress bar went into a pipe"


def test_the_header_names_time_controls_and_head(tmp_path):
    sound = recording(tmp_path / "in.wav", 1.0)
    run("animate", sound, "-o", tmp_path / "out.csv")
    names = (tmp_path / "out.csv").read_text().splitlines()[0].split(",")
    assert names[0] == "time"
    assert tuple(names[1:175]) == NAMES
    assert names[175:] == ["head_yaw", "head_pitch", "head_roll", "head_x", "head_y", "head_z"]


def test_txt_and_take_hold_the_same_curves(tmp_path):
    sound = recording(tmp_path / "in.wav", 2.0)
    for ending in ("csv", "txt", "take"):
        done = run("animate", sound, "-o", tmp_path / f"out.{ending}", "--emotion", "sad")
        assert done.returncode == 0, done.stderr
    expected = table(tmp_path / "out.csv")
    plain = np.loadtxt(tmp_path / "out.txt", delimiter=",")
    take = read_take(tmp_path / "out.take")
    np.testing.assert_array_equal(plain, expected[:, 1:175])
    # files are written with five digits
    np.testing.assert_allclose(take.controls, plain, atol=1e-5)
    assert take.audio_path is not None
    assert take.info.model == "starter"
    assert take.info.guidance[0].words == "sad"


def test_an_emotion_changes_the_face_and_the_same_seed_repeats_it(tmp_path):
    sound = recording(tmp_path / "in.wav", 2.0)
    for name, emotion in (("a", "angry"), ("b", "angry"), ("c", "happy")):
        run("animate", sound, "-o", tmp_path / f"{name}.csv", "--emotion", emotion)
    a, b, c = (table(tmp_path / f"{name}.csv") for name in "abc")
    np.testing.assert_array_equal(a, b)
    assert np.abs(a - c).max() > 0.1


def test_ntsc_rates_give_their_number_of_rows(tmp_path):
    sound = recording(tmp_path / "in.wav", 3.0)
    run("animate", sound, "-o", tmp_path / "out.csv", "--fps", "29.97")
    assert len(table(tmp_path / "out.csv")) == 48_000 * 30_000 // (1001 * 16_000)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.wav", b"", "empty.wav"),
        ("junk.wav", b"RIFF" + bytes(range(256)) * 9, "junk.wav"),
        ("text.ogg", b"this is no sound", "text.ogg"),
        (None, b"", "does not exist"),
    ],
)
def test_a_file_that_is_no_sound_is_one_sentence(tmp_path, name, content, said):
    path = tmp_path / (name or "nowhere.wav")
    if name is not None:
        path.write_bytes(content)
    done = run("animate", path, "-o", tmp_path / "out.csv")
    assert done.returncode == 1
    assert said in one_sentence(done.stderr)
    assert not (tmp_path / "out.csv").exists()


def test_a_recording_of_no_samples_is_one_sentence(tmp_path):
    path = recording(tmp_path / "in.wav", 0.0)
    done = run("animate", path, "-o", tmp_path / "out.csv")
    assert done.returncode == 1
    assert "no samples" in one_sentence(done.stderr)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--emotion", "hapy"], "did you mean 'happy'"),
        (["--emotion", "happy", "--text", "x"], "not allowed with"),
        (["--intensity", "3"], "expected 0 to 2"),
        (["--fps", "61"], "frame rate '61'"),
        (["--finish", "half"], "half"),
        (["--no-such-option"], "no-such-option"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exits_with_2(tmp_path, words, said):
    sound = recording(tmp_path / "in.wav", 0.5)
    done = run("animate", sound, "-o", tmp_path / "out.csv", *words)
    assert done.returncode == 2
    assert said in one_sentence(done.stderr)


def test_an_unknown_ending_is_a_wrong_call(tmp_path):
    done = run("animate", recording(tmp_path / "in.wav", 0.5), "-o", tmp_path / "out.xlsx")
    assert done.returncode == 2
    assert ".csv, .txt, .take" in one_sentence(done.stderr)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--model", "nowhere"], "no model 'nowhere'"),
        (["--look-ahead", "55"], "offers 0, 40, 80 ms"),
    ],
)
def test_a_missing_checkpoint_or_look_ahead_is_one_sentence(tmp_path, words, said):
    sound = recording(tmp_path / "in.wav", 0.5)
    done = run("animate", sound, "-o", tmp_path / "out.csv", *words)
    assert done.returncode == 1
    assert said in one_sentence(done.stderr)


def test_without_a_recording_timed_phones_are_needed(tmp_path):
    done = run("animate", "-o", tmp_path / "out.csv")
    assert done.returncode == 2
    assert "the recording IN is missing" in one_sentence(done.stderr)


def test_timed_phones_alone_give_frames_to_their_end(tmp_path):
    phones = tmp_path / "line.json"
    phones.write_text('[[0.0, 0.2, "sil"], [0.2, 0.3, "m"], [0.3, 0.5, "a"]]')
    done = run("animate", "--phones", phones, "-o", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 1 + 30  # half a second
