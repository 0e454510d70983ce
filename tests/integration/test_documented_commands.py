"""Every command in README and docs: its options exist, and it runs, on a real recording.

What cannot run here stands in ``NOT_RUN`` with its reason; its options are
still read by the real parser. Live runs are ended after a second; ports are
moved to free ones, and a recording takes the microphone's place.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command_line import ENVIRONMENT, ROOT, needs_starter, until
from command_line import command as called
from documented import PAGES, Command, commands
from live_fakes import free_port
from PIL import Image

from medtalk_live.audio.file import read_sound
from medtalk_live.cli.main import COMMANDS, _run, main
from medtalk_live.errors import GuidanceError
from medtalk_live.face.drawing import picture
from medtalk_live.model.fetch import find_face_model
from medtalk_live.rig.controls import NEUTRAL, pair

SPEECH = ROOT / "examples" / "amiable.flac"
SECONDS = 1.0  # of the recording that is put in its place here

NOT_RUN = {
    r"python -m pip|pip install": "installs packages; that its extras exist is tested below",
    r"npm |cd ": "fetches the peers' packages",
    r"my-tts": "stands for the reader's own synthesiser; its sound is made here",
    r"bash \.ci/run": "runs this suite",
    r"python -m pytest|pytest": "runs this suite",
    r"UnrealEditor|'C:\\|foreach": "needs Unreal Engine",
    r"cmake|build/medtalk_dump": "run by test_unreal_dump.py and the plugin's check.sh",
    r"python( -m)? benchmarks": "takes minutes or a corpus; run by hand for the figures",
    r"python docs/": "writes the pictures of these pages",
    r"python -m medtalk_live\.training\.(label_times|teach)": "needs the whole corpus",
    r"python -c": "needs Whisper's weights",
    r"medtalk-live train (starter|official|teacher)": "takes hours",
    r"medtalk-live train corpus --from-video": "needs videos of faces",
    r"medtalk-live evaluate": "needs captured curves; run by test_evaluate*.py",
    r"medtalk-live models (fetch|import|verify)": "needs the network or the authors' files",
    r"medtalk-live .*--model official": "needs the authors' files",
    r"medtalk-live --tui": "needs a terminal; driven by test_face_tui.py",
    r"medtalk-live --version": "ends while the options are read",
}
ALL = commands()
RUN = [c for c in ALL if not c.is_mention and not any(re.match(r, str(c)) for r in NOT_RUN)]
RUN += [Command("", ("medtalk-live", word)) for word in ("doctor", "devices", "bench")]
RUN += [Command("", ("medtalk-live", "models", "list")), Command("", ("medtalk-live",))]
FOR_LIVE = [c for c in RUN if c.is_ours and c.words[1:2] and c.words[1].startswith("--")]
FOR_LIVE += [c for c in RUN if c.words == ("medtalk-live",)]
SENT = [c for c in RUN if c.words[1:2] == ("send",)]
SCRIPTS = [c for c in RUN if c.is_script]
OTHERS = [c for c in RUN if c not in FOR_LIVE + SENT + SCRIPTS]


class ReadError(BaseException):
    """Thrown out of a program once it has read its options."""


@pytest.fixture
def parsers(monkeypatch) -> None:
    """Programs end when they have read their options."""
    read = argparse.ArgumentParser.parse_args

    def only_read(self, args=None, namespace=None):
        read(self, args, namespace)
        raise ReadError

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", only_read)


def complaint_about(program: Callable[[], object]) -> str:
    """What a program says against its options; empty where it takes them."""
    said = io.StringIO()
    try:
        with redirect_stderr(said), redirect_stdout(said):
            program()
    except ReadError:
        return ""
    except SystemExit as end:
        return "" if end.code in (0, None) else said.getvalue()
    return "it read no options"


def by_text(command: Command) -> str:
    return str(command).replace(str(ROOT), "")


@pytest.mark.parametrize("command", [c for c in ALL if c.is_ours], ids=by_text)
def test_the_options_of_a_command_exist(command, parsers):
    words = list(command.words[1:])
    complaint = complaint_about(lambda: _run(words))
    if complaint and command.is_mention:
        complaint = missing_from_help(words)
    assert not complaint, f"{command.page}: {command}: {complaint}"


def missing_from_help(words: list[str]) -> str:
    names = [word for word in words if not word.startswith("--")]
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said), pytest.raises(SystemExit) as end:
        _run([*names, "--help"])
    absent = [word for word in words if word.startswith("--") and word not in said.getvalue()]
    return ", ".join(absent) if end.value.code == 0 else said.getvalue()


@pytest.mark.parametrize("command", [c for c in ALL if c.is_script], ids=by_text)
def test_the_options_of_a_script_exist(command, parsers, monkeypatch):
    words = list(command.words[1:])
    if words[0] != "-m" and "argparse" not in (ROOT / words[0]).read_text(encoding="utf-8"):
        assert len(words) == 1, f"{command.page}: {words[0]} takes no options"
        return
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", words[1:] if words[0] == "-m" else words)
    # as Python itself has it: a script finds what lies beside it, not the clone's root
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p not in ("", str(ROOT))])
    monkeypatch.delitem(sys.modules, "benchmarks", raising=False)
    monkeypatch.syspath_prepend(str(ROOT if words[0] == "-m" else (ROOT / words[0]).parent))

    def program() -> object:
        if words[0] == "-m":
            return runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        return runpy.run_path(words[0], run_name="__main__")

    try:
        complaint = complaint_about(program)
    except ImportError as error:
        if str(error.name).startswith(("medtalk_live", "benchmarks")):
            raise
        pytest.skip(f"{error.name} is not installed")
    if len(words) == 1 + (words[0] == "-m") and "required" in complaint:
        return  # named without what it needs
    assert not complaint, f"{command.page}: {command}: {complaint}"


def test_what_is_not_run_stands_in_the_docs():
    stale = [rule for rule in NOT_RUN if not any(re.match(rule, str(c)) for c in ALL)]
    assert set(stale) <= {r"medtalk-live train corpus --from-video", r"medtalk-live evaluate"}


def test_every_command_is_run_or_said_why_not():
    known = set(COMMANDS) | {""}
    strange = [
        f"{c.page}: {c}"
        for c in OTHERS
        if not c.is_ours or (c.words[1] if len(c.words) > 1 else "") not in known
    ]
    assert strange == []


def test_extras_that_the_docs_name_exist():
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = set(setup["options.extras_require"])
    text = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    named = re.findall(r"(?:medtalk-live|[\"' ]\.)\[([\w,]+)\]", text)
    assert named
    assert {extra for names in named for extra in names.split(",")} <= extras


def test_links_lead_to_files():
    broken = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            if not ((ROOT / page).parent / link).exists():
                broken.append(f"{page}: {link}")
    assert broken == []


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Path]:
    """A folder like the reader's: the recording, takes, photos, timed phones."""
    folder = tmp_path_factory.mktemp("reader")
    sound, rate = read_sound(SPEECH)
    short = sound[: int(SECONDS * rate)]
    (folder / "examples").mkdir()
    soundfile.write(folder / "examples" / SPEECH.name, short, rate)
    for script in (ROOT / "examples").glob("*.py"):
        shutil.copy(script, folder / "examples")
    voice = folder / "SOURCES" / "own" / "en-US" / "anna"
    voice.mkdir(parents=True)
    soundfile.write(voice / "line_0001.wav", sound, rate)
    (voice / "line_0001.txt").write_text(SENTENCE)
    (folder / "amiable.txt").write_text(SENTENCE)
    make_photo(folder)
    (folder / "line.TextGrid").write_text(TEXTGRID)
    before = os.getcwd()
    os.chdir(folder)
    assert main(["animate", f"examples/{SPEECH.name}", "-o", "SLATE_001.take"]) == 0
    for name in ("OTHER", "LIVE_001", "LIVE_002", "SHOT_003", "takes/hello_001", "takes/take_001"):
        shutil.copytree(folder / "SLATE_001.take", folder / f"{name}.take")
    yield folder
    os.chdir(before)


def make_photo(folder: Path) -> None:
    """A face that the landmarker takes for one, under every name in the docs."""
    smiling = NEUTRAL.copy()
    smiling[list(pair("mouth_cornerPull"))] = 0.9
    smiling[list(pair("mouth_lowerLipDepress"))] = 0.4
    for name in ("ref.png", "reference.png", "face.jpg", "rest.jpg"):
        Image.fromarray(picture(smiling, None, 640)).save(folder / name)


SENTENCE = (
    "Had he married a more amiable woman he might have been made still more respectable than he was"
)
TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

0
0.8
<exists>
1
"IntervalTier"
"phones"
0
0.8
4
0
0.2
"sil"
0.2
0.35
"m"
0.35
0.6
"aɪ"
0.6
0.8
"sil"
"""


@pytest.fixture(scope="module")
def live_runs(desk) -> dict[Command, subprocess.CompletedProcess[bytes]]:
    """Every live run of the docs, three at a time, each of a second."""

    def run(command: Command) -> subprocess.CompletedProcess[bytes]:
        words = [*command.words[1:], "--duration", "1"]
        words += ["--control", f"127.0.0.1:{free_port()}"]
        if "--preview" in words:
            words += ["--preview", "0"]
        if "--input" not in words:
            words += ["--input", f"examples/{SPEECH.name}"]
        silence = np.zeros(2 * 24_000, "<i2").tobytes()
        return subprocess.run(
            called(*words), input=silence, capture_output=True, timeout=120, env=ENVIRONMENT
        )

    with ThreadPoolExecutor(3) as pool:
        return dict(zip(FOR_LIVE, pool.map(run, FOR_LIVE), strict=True))


@needs_starter
@pytest.mark.parametrize("command", FOR_LIVE, ids=by_text)
def test_a_live_run_sends_frames(command, live_runs):
    done = live_runs[command]
    said = done.stderr.decode(errors="replace")
    assert done.returncode == 0, f"{command.page}: {command}: {said}"
    sent = re.search(r"(\d+) frames sent", said)
    assert sent, said
    assert int(sent[1]) > 0, said


@pytest.fixture(scope="module")
def listening(desk) -> Iterator[str]:
    """A live run that takes commands."""
    address = f"127.0.0.1:{free_port()}"
    words = ["--input", f"examples/{SPEECH.name}", "--loop", "--control", address]
    run = subprocess.Popen(called(*words), stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    until(lambda: send(("ping",), address)[0] == 0)
    yield address
    run.terminate()
    run.wait(30)


def send(words: tuple[str, ...], address: str) -> tuple[int, str]:
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        status = main(["send", *words, "--control", address])
    return status, said.getvalue()


@needs_starter
@pytest.mark.parametrize("command", SENT, ids=by_text)
def test_a_command_that_is_sent_is_carried_out(command, listening):
    words = command.words[2:]
    if words[0] == "image" and not photos_can_be_read():
        pytest.skip("photos need the extra [image] and  medtalk-live models fetch face")
    if words[:2] == ("take", "stop"):
        send(("take", "start", "before"), listening)

    status, said = send(words, listening)

    if words[:2] == ("take", "start"):
        send(("take", "stop"), listening)
    assert status == 0, f"{command.page}: {command}: {said}"
    assert said.strip()


def photos_can_be_read() -> bool:
    try:
        find_face_model()
    except GuidanceError:
        return False
    return importlib.util.find_spec("mediapipe") is not None


MORE = {"bench": ("--seconds", "1"), "take replay": ("--speed", "4")}
NEEDS = {"render": "imageio_ffmpeg", "--render": "imageio_ffmpeg", "--plot": "matplotlib"}


@needs_starter
@pytest.mark.parametrize("command", OTHERS, ids=by_text)
def test_a_command_does_what_the_docs_say(command, desk, capsys):
    words = list(command.words[1:])
    for word, package in NEEDS.items():
        if word in words and importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    if words[0] == "train" and importlib.util.find_spec("pocketsphinx") is None:
        pytest.skip("pocketsphinx is not installed (the extra [train])")
    if words[0] == "devices" and importlib.util.find_spec("_sounddevice_data") is None:
        pytest.importorskip("sounddevice", reason="PortAudio is not installed", exc_type=OSError)
    for start, more in MORE.items():
        if " ".join(words).startswith(start):
            words += more

    status = main(words)

    said = capsys.readouterr()
    # doctor answers 1 where this machine has a fault; that it says so is what is wanted
    assert status in ((0, 1) if words[0] == "doctor" else (0,)), f"{command}: {said.err}"
    assert said.out.strip()
    if "-o" in words:
        assert (desk / words[words.index("-o") + 1]).exists()


@needs_starter
@pytest.mark.parametrize("command", SCRIPTS, ids=by_text)
def test_a_script_does_what_the_docs_say(command, desk):
    words = list(command.words[1:])
    if "read_frames" in words[0] or "vmc_to_vrm" in words[0]:
        port = "--port" if "read_frames" in words[0] else "--listen"
        words += ["--seconds", "1", port, str(free_port())]
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, timeout=120, env=ENVIRONMENT
    )
    assert done.returncode == 0, f"{command.page}: {command}: {done.stderr}"
    assert done.stdout.strip()
