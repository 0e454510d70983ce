"""What the command line refuses: one sentence, the right exit status, before any work is done."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from command_line import needs_starter, one_sentence
from fake_sounddevice import FakeSoundDevice

from medtalk_live.audio.byte_feed import StandardInput
from medtalk_live.cli import live
from medtalk_live.cli.main import main
from medtalk_live.clock import VirtualClock
from medtalk_live.errors import AudioError


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a recording, and folders where files are expected."""
    monkeypatch.chdir(tmp_path)
    soundfile.write("in.wav", np.zeros(1600, np.float32), 16_000)
    for name in ("folder.csv", "folder.take", "folder"):
        Path(name).mkdir()
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str]:
    """Exit status and sentence of a call."""
    try:
        status: object = main(words)
    except SystemExit as ended:
        status = ended.code
    told = capsys.readouterr()
    assert not told.out
    return status, one_sentence(told.err)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "nowhere/out.csv"], "there is no folder nowhere"),
        (["-o", "folder.csv"], "it is a folder"),
        (["-o", "folder.take"], "folder.take exists"),
        (["-o", "out.csv", "--render", "out.avi"], "no kind of film"),
        (["-o", "out.csv", "--render", "nowhere/out.gif"], "there is no folder nowhere"),
        (["-o", "out.csv", "--guidance", "folder"], "is a folder"),
        (["-o", "out.csv", "--image", "folder"], "is a folder"),
        (["-o", "out.csv", "--words", "folder"], "is a folder"),
    ],
)
def test_what_cannot_be_read_or_written_is_refused_before_the_work(
    stage: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    status, sentence = refused(capsys, "animate", "in.wav", *words)
    assert (status, said in sentence) == (1, True), sentence
    assert not (stage / "out.csv").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "-1"], "whole number of at least 0"),
        (["--look-ahead", "²"], "whole number of at least 0"),
        (["--image", ""], "the name is empty"),
        (["--guidance", ""], "the name is empty"),
        (["--profile", ""], "the name is empty"),
        (["--neutral-image", "rest.jpg"], "--neutral-image goes with --image"),
        (["--subject", ""], "the subject '' has 0 bytes"),
        (["--emotion", "happy:0.5+happy:0.5"], "'happy' is named twice"),
        (["--words", "out.csv"], "out.csv is read and would be written over"),
        (["--phones", "a.json", "--text", "a smile"], "--text needs a network"),
        (["--phones", "a.json", "--words", "a.txt"], "--words needs a network"),
        (["--phones", "a.json", "--finish", "none"], "--finish needs a network"),
        (["--phones", "a.json", "--look-ahead", "0"], "--look-ahead needs a network"),
    ],
)
def test_a_wrong_animate_exits_with_2(
    stage: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    status, sentence = refused(capsys, "animate", "in.wav", "-o", "out.csv", *words)
    assert (status, said in sentence) == (2, True), sentence


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["replai"], "'replai' is no command"),
        (["tak", "info"], "did you mean 'take'?"),
        (["in.wav"], "medtalk-live --input in.wav"),
        (["--subject", "x" * 65], "65 bytes"),
        (["--preview", "70000"], "expected a port in 0 to 65535"),
        (["--input", ""], "input is empty"),
        (["--input-rate", "4000"], "expected 8000 to 96000 Hz"),
        (["--neutral-image", "rest.jpg"], "goes with image or watch"),
        (["--control-token", ""], "control-token is empty"),
        (["--tui", "--json-stats"], "exclude each other"),
    ],
)
def test_a_wrong_live_call_exits_with_2(
    stage: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    status, sentence = refused(capsys, *words)
    assert (status, said in sentence) == (2, True), sentence


@needs_starter
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tui"], "--tui needs a terminal"),
        (["--image-folder", "in.wav"], "in.wav is no folder"),
        (["--watch", "in.wav"], "does not end as a photo does"),
        (["--watch", "nowhere"], "does not end as a photo does"),
        (["--profile", "nowhere/ada.yaml"], "there is no folder nowhere"),
        (["--timecode", "ltc"], "--timecode"),
    ],
)
def test_a_live_run_that_cannot_be_as_asked_says_so_before_it_starts(
    stage: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    no_devices = FakeSoundDevice(VirtualClock(), [], default_input=-1)
    monkeypatch.setitem(sys.modules, "sounddevice", no_devices)
    for name in ("raise_priority", "_end_on_signals"):  # of the tests' own process
        monkeypatch.setattr(live, name, lambda: None)
    sound = ("--input", "in.wav", "--osc", "none", "--control", "none")
    status, sentence = refused(capsys, *sound, *words)
    assert (status, said in sentence) == (1, True), sentence


def test_a_csv_may_be_called_in_capitals(stage: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, sentence = refused(capsys, "animate", "nowhere.wav", "-o", "OUT.CSV")
    assert (status, "nowhere.wav does not exist" in sentence) == (1, True)


def test_a_program_without_standard_streams_still_ends_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert main(["animate", "nowhere.wav", "-o", "out.csv"]) == 1
    with pytest.raises(AudioError, match="standard input is closed"):
        StandardInput().open()


def test_statistics_that_nobody_reads_end_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Closed(io.TextIOWrapper):
        def write(self, text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    descriptor = os.open(tmp_path / "out", os.O_CREAT | os.O_WRONLY)
    monkeypatch.setattr(sys, "stdout", Closed(os.fdopen(descriptor, "wb")))
    snapshot = SimpleNamespace(as_json=lambda: {"fps": 60.0})
    assert not live.told(snapshot)  # type: ignore[arg-type]
