"""Replay: every row, at its time, as a live run would send it."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from medtalk_live.clock import VirtualClock
from medtalk_live.errors import TakeError
from medtalk_live.output.sink import SinkHealth, StreamInfo
from medtalk_live.rig.controls import COUNT
from medtalk_live.rig.frames import ControlFrame, Curves
from medtalk_live.takes.replay import replay
from medtalk_live.takes.take import Mark, Take, TakeInfo, read_take
from medtalk_live.takes.writer import write_take

ROWS = 150


class ListSink:
    """A sink that keeps what it is given, with the clock's time."""

    def __init__(self, clock: VirtualClock) -> None:
        self.name, self.health, self.clock = "list", SinkHealth(), clock
        self.frames: list[tuple[float, ControlFrame]] = []
        self.hellos: list[StreamInfo] = []
        self.byes = 0

    def open(self) -> None: ...

    def send(self, frame: ControlFrame) -> None:
        self.frames.append((self.clock.now(), frame))

    def hello(self, info: StreamInfo) -> None:
        self.hellos.append(info)

    def bye(self) -> None:
        self.byes += 1

    def close(self) -> None: ...


@pytest.fixture
def take(tmp_path: Path) -> Take:
    rows = np.random.default_rng(0).uniform(0, 1, (ROWS, COUNT)).astype(np.float32)
    times = (np.arange(ROWS) / 60).astype(np.float32)
    info = TakeInfo("", 0, subject="Ada", start_timecode="01:00:00:00", model="starter")
    info.guidance = [Mark(0.0, "neutral"), Mark(1.5, "happy")]
    curves = Curves(rows, np.ones((ROWS, 6), np.float32), times)
    write_take(tmp_path / "A_001.take", curves, np.zeros(0, np.float32), 16_000, info)
    return read_take(tmp_path / "A_001.take")


@pytest.mark.parametrize("speed", [1.0, 2.0, 0.5])
def test_rows_leave_at_their_own_times(take: Take, speed: float) -> None:
    clock = VirtualClock(1000.0)
    sink = ListSink(clock)
    assert replay(take, [sink], speed, clock) == ROWS
    sent = np.asarray([at for at, _ in sink.frames])
    # take times are float32 (from `animate`): 1e-6 s is far below what anybody sees
    np.testing.assert_allclose(sent - sent[0], np.arange(ROWS) / 60 / speed, atol=1e-6)
    assert [frame.time for _, frame in sink.frames] == sent.tolist()
    assert [frame.index for _, frame in sink.frames] == list(range(ROWS))
    for (_, frame), row in zip(sink.frames, take.controls, strict=True):
        np.testing.assert_array_equal(frame.controls, row)
    assert sink.byes == 1


def test_hello_goes_out_once_a_second_with_guidance_and_timecode_of_that_moment(take: Take) -> None:
    clock = VirtualClock()
    sink = ListSink(clock)
    replay(take, [sink], clock=clock)
    assert [info.guidance for info in sink.hellos] == ["neutral", "neutral", "happy"]
    assert [info.timecode for info in sink.hellos] == ["01:00:00:00", "01:00:01:00", "01:00:02:00"]
    assert {(info.subject, info.model, info.fps) for info in sink.hellos} == {
        ("Ada", "starter", Fraction(60))
    }
    assert len({info.session for info in sink.hellos}) == 1


def test_a_cancelled_replay_says_bye(take: Take) -> None:
    cancel = threading.Event()
    sink = ListSink(VirtualClock())

    def stop_at_ten(sent: int, rows: int) -> None:
        assert rows == ROWS
        if sent == 10:
            cancel.set()

    assert replay(take, [sink], clock=sink.clock, cancel=cancel, progress=stop_at_ten) == 10
    assert (len(sink.frames), sink.byes) == (10, 1)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("inf"), float("nan")])
def test_an_impossible_speed_is_refused(take: Take, speed: float) -> None:
    with pytest.raises(TakeError, match="above 0"):
        replay(take, [], speed)


def test_an_empty_take_is_refused(take: Take) -> None:
    (take.path / "curves.bin").write_bytes(b"")
    with pytest.raises(TakeError, match="nothing to replay"):
        replay(read_take(take.path), [])
