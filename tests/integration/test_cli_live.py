"""The live run from outside: a process, real sockets, real faults."""

import json
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from command_line import (
    ENVIRONMENT,
    interrupt,
    needs_starter,
    one_sentence,
    recording,
    run,
    start,
    until,
)
from fakes import speechlike
from live_fakes import Receiver, free_port

from medtalk_live.clock import SystemClock
from medtalk_live.engine.profile import Profile
from medtalk_live.output.osc import decode_frame
from medtalk_live.rig.controls import NEUTRAL
from medtalk_live.runtime.control import bound_socket, message
from medtalk_live.takes.take import read_take

pytestmark = needs_starter

NOBODY = "127.0.0.1:9"


@pytest.fixture
def receiver():
    listening = Receiver(SystemClock())
    yield listening
    listening.close()


@pytest.fixture
def sound(tmp_path):
    return recording(tmp_path / "voice.wav", 10.0)


def frames_of(receiver):
    return [decode_frame(data).frame for _, data in receiver.of("/medtalk/1/frame")]


def live(sound, receiver, *words, **options):
    osc = f"127.0.0.1:{receiver.port}"
    control = () if "--control" in words else ("--control", "127.0.0.1:0")
    return start("--input", sound, "--osc", osc, *control, *words, **options)


def test_ctrl_c_says_bye_closes_the_take_and_exits_with_0(tmp_path, sound, receiver):
    process = live(sound, receiver, "--loop", "--record", tmp_path / "takes", "--slate", "scene")
    until(lambda: len(receiver.of("/medtalk/1/frame")) > 90)
    out, said = interrupt(process)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert out == ""
    assert len(receiver.of("/medtalk/1/bye")) == 1
    take = read_take(tmp_path / "takes" / "scene_001.take")
    assert take.info.closed
    assert take.lost_rows == 0
    assert len(take) >= 90


def test_frames_come_without_gaps_and_with_the_time_of_their_sound(sound, receiver):
    process = live(sound, receiver, "--duration", "3", "--emotion", "happy")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    frames = frames_of(receiver)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    times = np.array([frame.time for frame in frames])
    # sound times rise by one frame, whatever the scheduler does; holds keep to the grid
    assert np.diff(times).min() > -1e-6
    assert np.median(np.diff(times)) == pytest.approx(1 / 60, abs=1e-4)
    hello = receiver.of("/medtalk/1/hello")
    assert len(hello) >= 3
    assert b"happy" in hello[-1][1]
    assert b"starter" in hello[-1][1]


def test_json_stats_are_one_object_a_second_and_the_pipe_sees_no_status_line(sound, receiver):
    process = live(sound, receiver, "--duration", "3.5", "--json-stats")
    out, said = process.communicate(timeout=60)
    rows = [json.loads(line) for line in out.splitlines()]
    assert len(rows) >= 2
    assert rows[-1]["frames"] > 60
    assert rows[-1]["input"]["connected"] is True
    assert rows[-1]["sinks"][0]["failed"] == 0
    assert 10 < rows[-1]["latency_ms"]["p50"] < 500
    assert "\r" not in said


def test_the_starters_live_run_never_imports_torch(sound, receiver):
    osc = f"127.0.0.1:{receiver.port}"
    code = (
        "import sys; from medtalk_live.cli.main import main; "
        f"main(['--input', {str(sound)!r}, '--osc', {osc!r}, '--control', 'none', "
        "'--duration', '1']); print(sorted(m for m in sys.modules if m.startswith('torch')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, timeout=60
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_send_steers_a_running_face(tmp_path, sound, receiver):
    port = free_port()
    control = f"127.0.0.1:{port}"
    profile = tmp_path / "ada.yaml"
    takes = tmp_path / "takes"
    words = ("--control", control, "--record", takes, "--profile", profile)
    process = live(sound, receiver, "--loop", *words)
    until(lambda: receiver.of("/medtalk/1/frame"))

    def send(*words):
        done = run("send", "--control", control, *words)
        assert "Traceback" not in done.stderr
        return done.returncode, (done.stdout or done.stderr).strip()

    assert send("emotion", "angry", "1.2", "0.2") == (0, "angry x1.2 in 0.2 s")
    assert send("take", "stop")[0] == 0
    code, words = send("take", "start", "scene", "7")
    assert code == 0
    assert words.startswith("scene 7 ")
    assert words.endswith("scene_007.take")
    assert send("gain", "jaw", "1.5") == (0, "jaw 1.5")
    assert send("mute", "1") == (0, "muted")
    time.sleep(0.7)
    assert np.abs(frames_of(receiver)[-1].controls - NEUTRAL).max() < 1e-6
    assert send("mute", "0") == (0, "unmuted")
    assert send("emotion", "hapy")[0] == 1
    assert send("neutral")[0] == 0
    interrupt(process)
    take = read_take(tmp_path / "takes" / "scene_007.take")
    assert take.info.guidance[-1].words == "neutral x1.2"
    assert Profile.load(profile).jaw == 1.5


def test_send_waits_for_a_run_that_is_just_starting(sound, receiver):
    control = f"127.0.0.1:{free_port()}"
    asking = start("send", "--control", control, "emotion", "sad")
    process = live(sound, receiver, "--loop", "--control", control)
    said, complaint = asking.communicate(timeout=60)
    assert (asking.returncode, complaint) == (0, "")
    assert said.startswith("sad in ")
    interrupt(process)


def test_send_to_nobody_is_one_sentence_within_a_few_seconds():
    done = run("send", "--control", f"127.0.0.1:{free_port()}", "neutral")
    assert done.returncode == 1
    assert "nobody answers" in one_sentence(done.stderr)


def test_a_taken_control_port_costs_the_commands_and_not_the_run(sound, receiver):
    holder = bound_socket("127.0.0.1", 0)
    port = holder.getsockname()[1]
    process = live(sound, receiver, "--control", f"127.0.0.1:{port}", "--duration", "2")
    _, said = process.communicate(timeout=60)
    holder.close()
    assert process.returncode == 0
    assert f"{port} cannot be bound" in said
    assert "goes on without commands" in said
    assert len(frames_of(receiver)) > 60


def test_ten_thousand_malformed_datagrams_do_not_stop_the_stream(sound, receiver):
    port = free_port()
    process = live(sound, receiver, "--loop", "--control", f"127.0.0.1:{port}", "--json-stats")
    until(lambda: receiver.of("/medtalk/1/frame"))
    rng = np.random.default_rng(0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
        for number in range(10_000):
            junk = rng.bytes(int(rng.integers(0, 300)))
            attacker.sendto(
                (b"/medtalk/1/emotion\0\0" + junk, junk)[number % 2], ("127.0.0.1", port)
            )
            if number % 50 == 0:
                time.sleep(0.002)  # or the system's own buffer drops them before us
        attacker.settimeout(5.0)
        attacker.sendto(message("/medtalk/1/ping", 5), ("127.0.0.1", port))
        while b"pong 5" not in attacker.recv(2048):
            pass  # answers to those that could be read; a time-out fails the test
    until(lambda: len(frames_of(receiver)) > 180)
    out, said = interrupt(process)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    frames = frames_of(receiver)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    counts = json.loads(out.splitlines()[-1])["control"]
    assert counts["received"] > 5_000
    assert counts["malformed"] + counts["refused"] >= counts["received"] - 10


def test_a_receiver_that_is_away_costs_the_others_nothing(sound, receiver):
    process = live(
        sound, receiver, "--osc", NOBODY, "--livelink", NOBODY, "--vmc", NOBODY, "--duration", "2"
    )
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    frames = frames_of(receiver)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert len(frames) > 60


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX; Windows ends it otherwise")
def test_a_take_survives_kill_9(tmp_path, sound, receiver):
    process = live(sound, receiver, "--loop", "--record", tmp_path / "takes")
    until(lambda: len(receiver.of("/medtalk/1/frame")) > 150)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    path = tmp_path / "takes" / "take_001.take"
    before = read_take(path)
    assert not before.info.closed
    # rows are handed to the system frame by frame: little can be on its way
    assert len(before) >= 90
    assert before.lost_rows == 0
    done = run("take", "repair", path)
    assert done.returncode == 0, done.stderr
    after = read_take(path)
    assert after.info.closed
    assert len(after) == len(before)
    assert run("take", "export", path).returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_costs_rows_and_not_the_run(tmp_path, sound, receiver):
    import resource

    def small_disk():
        """Every file may grow to 100 kB: a write beyond fails as on a full disk."""
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    process = live(
        sound, receiver, "--record", tmp_path / "takes", "--duration", "5", preexec_fn=small_disk
    )
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "lost" in said
    assert len(frames_of(receiver)) > 200
    take = read_take(tmp_path / "takes" / "take_001.take")
    assert 100 < len(take) <= 100_000 // 736
    assert take.broken_bytes == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--input", "nowhere.wav"], "does not exist"),
        (["--input", "empty.wav"], "empty.wav cannot be read as sound"),
        (["--input", "silent.wav"], "holds no samples"),
        (["--input", "mic", "--loop"], "only a recording can be looped"),
        (["--model", "nowhere"], "no model 'nowhere'"),
        (["--config", "nowhere.yaml"], "nowhere.yaml"),
        (["--control", "0.0.0.0:0"], "--control-token"),
        (["--osc", "no.such.host.invalid:1"], "no.such.host.invalid"),
    ],
)
def test_what_cannot_start_says_so_in_one_sentence(tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.wav").touch()
    recording(tmp_path / "silent.wav", 0.0)
    done = run("--input", recording(tmp_path / "a.wav", 0.5), *words)
    assert done.returncode == 1
    assert said in one_sentence(done.stderr)


def test_a_recording_that_breaks_off_ends_the_run_and_not_with_a_traceback(tmp_path, receiver):
    path = recording(tmp_path / "voice.flac", 6.0)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    process = live(path, receiver)
    _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
    assert len(frames_of(receiver)) > 60
    assert len(receiver.of("/medtalk/1/bye")) == 1


def test_settings_come_from_a_file_and_the_call_wins(tmp_path, receiver):
    (tmp_path / "live.yaml").write_text(
        f"input: {json.dumps(str(recording(tmp_path / 'a.wav', 2.0)))}\n"
        f"osc: 127.0.0.1:{receiver.port}\ncontrol: ''\ntext: a tired smile\nsubject: Ada\nfps: 30\n"
    )
    process = start("--config", tmp_path / "live.yaml", "--emotion", "angry")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert len(frames_of(receiver)) == pytest.approx(60, abs=6)
    hello = receiver.of("/medtalk/1/hello")[-1][1]
    assert b"Ada" in hello
    assert b"angry" in hello


def test_an_unknown_setting_is_named_with_its_neighbour(tmp_path):
    (tmp_path / "live.yaml").write_text("emotoin: sad\n")
    done = run("--config", tmp_path / "live.yaml")
    assert done.returncode == 1
    assert "did you mean 'emotion'" in one_sentence(done.stderr)


def test_standard_input_is_a_source(receiver):
    process = live("-", receiver, "--input-rate", "24000", stdin=-1)
    pcm = (speechlike(2.0, 24_000) * 32767).astype("<i2").tobytes()
    assert process.stdin is not None
    process.stdin.buffer.write(pcm)
    process.stdin.close()
    process.stdin = None
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert len(frames_of(receiver)) >= 118
