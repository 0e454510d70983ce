"""The view in the terminal: keys become commands, the run becomes bars and numbers."""

from __future__ import annotations

import asyncio
import threading
import time

import numpy as np
import pytest

from medtalk_live.audio.source import AudioChunk
from medtalk_live.errors import GuidanceError
from medtalk_live.face.tui import TerminalView
from medtalk_live.rig.controls import NEUTRAL, index
from medtalk_live.rig.frames import ControlFrame

pytest.importorskip("textual", reason="textual is not installed")


class Run:
    def __init__(self) -> None:
        self.commands: list[tuple[str, tuple[object, ...]]] = []
        self.take = ""
        self.finished = threading.Event()
        self.view = TerminalView(self.report, self.execute, self.finished)

    def report(self):
        return {
            "fps": 59.9,
            "latency_ms": {"p50": 61.2, "p99": 70.0},
            "guidance": "happy",
            "take": self.take,
            "sinks": [
                {"name": "osc", "sent": 12, "failed": 0},
                {"name": "vmc", "sent": 0, "failed": 2},
            ],
        }

    def execute(self, address, arguments):
        self.commands.append((address, tuple(arguments)))
        if address.endswith("take/start"):
            self.take = "live_001"
        elif address.endswith("take/stop"):
            self.take = ""
        elif address.endswith("text") and not arguments[0]:
            raise GuidanceError("a description of 0 characters was given")
        elif address.endswith("mute"):
            raise RuntimeError("a bug")
        return f"{address} done"


def play(run: Run, *keys: str):
    """Press keys one after the other; answers what the screen says at the end."""

    async def session():
        app = run.view.app()
        async with app.run_test(size=(120, 40)) as pilot:
            for key in keys:
                await pilot.press(key)
                await app.workers.wait_for_complete()
                await pilot.pause(0.6 if key == "space" else 0.0)  # the report comes by then
            await pilot.pause()
            return {name: str(app.query_one(f"#{name}").content) for name in SHOWN}

    return asyncio.run(session())


SHOWN = ("meter", "bars", "status", "answer")


def test_keys_one_to_seven_choose_the_emotions():
    run = Run()
    play(run, *"1234567")

    labels = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprised")
    assert run.commands == [("/medtalk/1/emotion", (label,)) for label in labels]


def test_space_starts_and_stops_a_take():
    run = Run()
    play(run, "space", "space")

    assert run.commands == [("/medtalk/1/take/start", ("live",)), ("/medtalk/1/take/stop", ())]


def test_plus_and_minus_change_the_intensity_within_its_range():
    run = Run()
    play(run, "plus", "minus", *["minus"] * 12)

    values = [arguments[0] for _, arguments in run.commands]
    assert values[:2] == [1.1, 1.0]
    assert min(values) == 0.0


def test_a_sentence_can_be_typed_without_its_letters_being_keys():
    run = Run()
    play(run, "t", *"mq1", "enter")

    assert run.commands == [("/medtalk/1/text", ("mq1",))]


def test_a_refusal_is_shown_in_words():
    shown = play(Run(), "t", "enter")

    assert "0 characters" in shown["answer"]


def test_mute_is_switched_on_and_off_and_a_command_that_breaks_ends_nothing():
    run = Run()
    shown = play(run, "m", "m")
    assert "a bug" in shown["answer"]

    assert run.commands == [("/medtalk/1/mute", (1,)), ("/medtalk/1/mute", (0,))]


def test_the_numbers_of_the_run_are_shown():
    shown = play(Run())

    assert "61 ms" in shown["status"]
    assert "59.9 fps" in shown["status"]
    assert "vmc: 0 sent, 2 failed" in shown["status"]


def test_controls_are_bars_from_the_middle():
    run = Run()
    controls = NEUTRAL.copy()
    controls[index("C_jaw.ty")] = 0.5
    controls[index("C_eye.ty")] = -1.0
    run.view.frame(ControlFrame(0, 0.0, controls, np.zeros(6, np.float32)))

    lines = {line[:16].strip(): line[17:] for line in play(run)["bars"].splitlines()}

    assert lines["jaw open"].startswith("··········│█████·····")
    assert lines["look up"].startswith("██████████│··········")
    assert lines["jaw open"].endswith("0.50")


def test_the_meter_rises_at_once_and_falls_slowly():
    run = Run()
    loud = AudioChunk(np.full(160, 0.5, np.float32), 0, 16_000, 0.0)
    quiet = AudioChunk(np.zeros(160, np.float32), 160, 16_000, 0.01)
    run.view.audio(loud)
    assert run.view.meter().endswith("-6.0 dB")
    run.view.audio(quiet)

    assert run.view.meter().endswith("-7.0 dB")


def test_the_view_ends_with_the_run():
    run = Run()
    threading.Timer(0.5, run.finished.set).start()

    async def session():
        app = run.view.app()
        async with app.run_test():
            deadline = time.monotonic() + 30
            while app.is_running and time.monotonic() < deadline:
                await asyncio.sleep(0.05)
        return app.is_running

    assert asyncio.run(session()) is False
