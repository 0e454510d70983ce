"""``medtalk-live take`` in this process: odd speeds, sound that is gone, wrong calls."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from command_line import ROOT, one_sentence

from medtalk_live.cli.main import main
from medtalk_live.output.sink import FrameSink
from medtalk_live.takes.take import Take


@pytest.fixture
def take(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "protocol" / "SAMPLE_001.take", tmp_path / "S_001.take"))


def one_frame(take: Take, sinks: Sequence[FrameSink], *_: object, **__: object) -> int:
    for sink in sinks:
        sink.send(next(take.frames()))
    return 1


@pytest.mark.parametrize("speed", ["0.3", "0.01", "1.0001", "100"])
def test_a_frame_rate_of_any_speed_fits_the_protocols(
    take: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], speed: str
) -> None:
    monkeypatch.setattr("medtalk_live.takes.replay.replay", one_frame)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5.0)
        port = receiver.getsockname()[1]
        words = ["replay", str(take), "--osc", "none", "--livelink", f"127.0.0.1:{port}"]
        assert main(["take", *words, "--speed", speed]) == 0, capsys.readouterr().err
        assert receiver.recv(2048)[0] == 6  # the version of a Live Link Face packet


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["replay", "--speed", "0"], 2, "give 0.01 to 100"),
        (["replay", "--speed", "1e9"], 2, "give 0.01 to 100"),
        (["replay", "--subject", ""], 2, "expected 1 to 64"),
        (["replay", "--osc", "none"], 1, "no receiver is left"),
        (["info", "--plot", "out"], 2, "must end with .png"),
        (["export", "-o", "."], 1, "it is a folder"),
        (["render", "-o", "nowhere/out.gif"], 1, "there is no folder nowhere"),
    ],
)
def test_what_cannot_be_done_with_a_take_is_one_sentence(
    take: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int, said: str
) -> None:
    try:
        ended: object = main(["take", words[0], str(take), *words[1:]])
    except SystemExit as call:
        ended = call.code
    assert ended == status
    assert said in one_sentence(capsys.readouterr().err)


def test_a_take_whose_sound_is_gone_is_still_drawn(
    take: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr("medtalk_live.cli.film.render", lambda *a, **k: drawn.append(a))
    (take / "audio.wav").write_bytes((take / "audio.wav").read_bytes()[:44])
    assert main(["take", "render", str(take), "-o", "out.gif"]) == 0
    assert drawn[0][2] is None
    assert "shown without sound" in caplog.text
