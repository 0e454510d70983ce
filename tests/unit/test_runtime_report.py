import io
import json
from dataclasses import replace

import numpy as np
import pytest
from fakes import speechlike
from live_fakes import ListSink, live_session

from medtalk_live.audio.scripted import ScriptedSource
from medtalk_live.clock import VirtualClock
from medtalk_live.runtime.report import Reporter, StatusLine, level_bar, status_text
from medtalk_live.runtime.simulation import simulate
from medtalk_live.runtime.stats import Meter, Spread


@pytest.fixture(scope="module")
def reporter():
    clock = VirtualClock()
    source = ScriptedSource(speechlike(6.0), clock=clock)
    session = live_session(source, [ListSink(clock)], clock)
    made = Reporter(session, take=lambda: "scene_001.take", monitor_delay_ms=lambda: 71.6)
    session.open()
    simulate(session, clock)
    return made


def test_a_snapshot_tells_the_run_in_plain_json(reporter):
    values = json.loads(json.dumps(reporter.snapshot().as_json(), allow_nan=False))
    assert values["frames"] == 360
    assert 50 < values["latency_ms"]["p50"] < 80
    assert values["interval_ms"]["p50"] == pytest.approx(16.67, abs=0.6)
    assert values["sinks"] == [{"name": "list", "sent": 360, "failed": 0, "last_error": ""}]
    assert values["input"]["dropped_ms"] == 0
    assert values["monitor_ms"] == 72
    assert values["take"] == "scene_001.take"
    assert values["memory_mb"] > 10


def test_the_status_line_says_what_matters_and_only_then_what_went_wrong(reporter):
    snapshot = reporter.snapshot()
    text = status_text(snapshot)
    assert "neutral" in text
    assert "list" in text
    assert "REC scene_001.take" in text
    assert "monitor +72 ms" in text
    assert "dropped" not in text
    assert "holes" not in text
    assert "faults" not in text
    worse = dict(snapshot.input, overflows=2, underflows=1, dropped_ms=40.0)
    text = status_text(replace(snapshot, input=worse, faults=3, held=1))
    assert "3 holes in the sound" in text
    assert "40 ms of sound dropped" in text
    assert "1 held 0 skipped" in text
    assert "3 faults" in text


def test_the_frame_rate_is_that_of_the_last_two_seconds():
    meter = Meter()
    assert meter.frame_rate == 0.0
    for k in range(240):
        meter.sent(k / 60, 0.0)
    for k in range(1, 121):
        meter.sent(240 / 60 + k / 30, 0.0)
    assert meter.frame_rate == pytest.approx(30.0, rel=0.01)


def test_the_level_rises_at_once_and_falls_slowly():
    meter = Meter()
    meter.sound(np.full(160, 0.5, np.float32))
    loud = meter.level_db
    assert loud == pytest.approx(-6.02, abs=0.01)
    meter.sound(np.zeros(160, np.float32))
    assert loud - 1 < meter.level_db < loud
    assert level_bar(-60.0) == ".........."
    assert level_bar(0.0) == "##########"
    assert level_bar(-300.0) == ".........."


def test_a_spread_of_nothing_is_zero():
    assert Spread.of([]) == Spread(0.0, 0.0)
    assert Spread.of([0.001, 0.002, 0.003]).p50 == pytest.approx(2.0)


def test_a_pipe_sees_no_status_line():
    pipe = io.StringIO()
    line = StatusLine(pipe)
    line.show("x" * 500)
    line.end()
    assert pipe.getvalue() == ""


def test_a_terminal_sees_one_line_that_fits_it(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("COLUMNS", "40")
    terminal = Terminal()
    line = StatusLine(terminal)
    line.show("x" * 500)
    line.show("short")
    assert terminal.getvalue().count("\n") == 0
    assert all(len(part) <= 39 for part in terminal.getvalue().split("\r"))
