"""Recording: numbering, alignment of sound and rows, a slow disk, a failing disk."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from medtalk_live.audio.source import AudioChunk
from medtalk_live.errors import TakeError
from medtalk_live.output.sink import StreamInfo
from medtalk_live.rig.controls import FloatArray
from medtalk_live.rig.frames import ControlFrame
from medtalk_live.takes import writer as writer_module
from medtalk_live.takes.files import AppendFile
from medtalk_live.takes.recorder import TakeRecorder
from medtalk_live.takes.take import Mark, read_take
from medtalk_live.takes.writer import TakeWriter

INFO = StreamInfo(
    "Ada", 1, "0.1.0", Fraction(60), 80.0, 9871, "starter", "happy", "10:00:00:00", 100.0
)
RATE = 16_000
CHUNK = 160
LATENCY = 0.08


def counting(start: int, count: int) -> FloatArray:
    """Sound whose values tell its position (exact in 16 bits)."""
    return ((np.arange(start, start + count) % 20_000) / 32_767).astype(np.float32)


def hear(position: int, time: float) -> AudioChunk:
    return AudioChunk(counting(position, CHUNK), position, RATE, time)


def perform(
    recorder: TakeRecorder, seconds: float, start_after: float, begin: Callable[[], object]
) -> None:
    """A live run at steady time 100: sound in 10 ms chunks, frames 80 ms late, 50 a second."""
    for k in range(round(seconds * 100)):
        now = 100 + k / 100
        recorder.audio(hear(k * CHUNK, now))
        if k == round(start_after * 100):
            begin()
        if k % 2 == 0:
            recorder.frame(ControlFrame.neutral(k // 2, now - LATENCY))


def test_the_first_sample_belongs_to_the_first_row(tmp_path: Path) -> None:
    recorder = TakeRecorder(tmp_path)
    perform(recorder, 3.0, 1.0, lambda: recorder.start("A", INFO))
    recorded = recorder.stop()
    take = read_take(recorded.path)
    assert (len(take), recorded.health.rows, recorded.health.dropped) == (100, 100, 0)
    assert take.start_time == pytest.approx(101 - LATENCY)
    assert take.audio_path is not None
    samples, rate = soundfile.read(take.audio_path, dtype="int16")
    position = round((take.start_time - 100) * RATE)
    expected = np.arange(position, 3 * RATE) % 20_000
    assert rate == RATE
    np.testing.assert_array_equal(samples, expected)


def test_the_start_timecode_is_that_of_the_first_row(tmp_path: Path) -> None:
    recorder = TakeRecorder(tmp_path)
    perform(recorder, 2.0, 1.0, lambda: recorder.start("A", INFO))
    take = read_take(recorder.stop().path)
    assert take.info.start_timecode == "10:00:00:55"  # 0.92 s at 60 frames a second


def test_guidance_is_noted_with_its_times(tmp_path: Path) -> None:
    recorder = TakeRecorder(tmp_path)
    recorder.mark(99.0, "before the take")
    perform(recorder, 2.0, 1.0, lambda: recorder.start("A", INFO))
    recorder.mark(102.5, "sad")
    take = read_take(recorder.stop().path)
    assert take.info.guidance == [Mark(take.start_time, "happy"), Mark(102.5, "sad")]
    assert (take.info.model, take.info.subject) == ("starter", "Ada")


def test_takes_are_numbered_and_one_runs_at_a_time(tmp_path: Path) -> None:
    recorder = TakeRecorder(tmp_path / "new" / "folder")
    first = recorder.start("My shot", INFO)
    assert (first.slate, first.take, first.path.name) == ("My_shot", 1, "My_shot_001.take")
    assert recorder.current == first
    with pytest.raises(TakeError, match="stop it first"):
        recorder.start("B", INFO)
    recorder.stop()
    assert recorder.current is None
    assert recorder.start("My shot", INFO).take == 2
    recorder.stop()
    assert recorder.start("My shot", INFO, 40).path.name == "My_shot_040.take"
    recorder.stop()
    with pytest.raises(TakeError, match="exists"):
        recorder.start("My shot", INFO, 40)
    with pytest.raises(TakeError, match="expected 1 to 999999999"):
        recorder.start("My shot", INFO, -1)
    with pytest.raises(TakeError, match="no take is running"):
        recorder.stop()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(TakeError, match="another folder"):
        TakeRecorder(tmp_path / "file").start("A", INFO)


def test_frames_and_sound_outside_a_take_leave_nothing(tmp_path: Path) -> None:
    recorder = TakeRecorder(tmp_path)
    perform(recorder, 0.5, 9.0, lambda: None)
    assert list(tmp_path.iterdir()) == []


def test_a_clock_that_jumps_back_does_not_hoard_sound(tmp_path: Path) -> None:
    recorder = TakeRecorder(tmp_path)
    for k in range(5000):
        recorder.audio(hear(k * CHUNK, 1e6 if k == 0 else k / 100))
    assert len(recorder._history) <= 1000


@pytest.mark.parametrize("lost", ["position", "time"])
def test_lost_sound_becomes_silence_of_its_length(tmp_path: Path, lost: str) -> None:
    """A jump in position is an overflow, one in time alone a device that came back."""
    take = TakeWriter(tmp_path / "A_001.take", read_info())
    take.row(100.0, b"")
    take.audio(hear(0, 100.0))
    take.audio(hear(CHUNK + 4000 if lost == "position" else CHUNK, 100.01 + 0.25))
    take.close()
    samples, _ = soundfile.read(tmp_path / "A_001.take" / "audio.wav", dtype="int16")
    assert len(samples) == 2 * CHUNK + 4000
    assert not samples[CHUNK : CHUNK + 4000].any()


def test_jitter_of_the_capture_clock_leaves_the_sound_whole(tmp_path: Path) -> None:
    take = TakeWriter(tmp_path / "A_001.take", read_info())
    take.row(100.0, b"")
    rng = np.random.default_rng(0)
    for k in range(200):
        take.audio(hear(k * CHUNK, 100 + k / 100 + (rng.uniform(-0.02, 0.02) if k else 0)))
    take.close()
    samples, _ = soundfile.read(tmp_path / "A_001.take" / "audio.wav", dtype="int16")
    np.testing.assert_array_equal(samples, np.arange(200 * CHUNK) % 20_000)


def test_sound_that_begins_after_the_first_row_is_led_in_by_silence(tmp_path: Path) -> None:
    take = TakeWriter(tmp_path / "A_001.take", read_info())
    take.row(100.0, b"")
    take.audio(hear(0, 100.5))
    take.close()
    samples, _ = soundfile.read(tmp_path / "A_001.take" / "audio.wav", dtype="int16")
    assert len(samples) == 8000 + CHUNK
    assert not samples[:8000].any()


def test_a_take_without_frames_keeps_its_sound(tmp_path: Path) -> None:
    take = TakeWriter(tmp_path / "A_001.take", read_info())
    take.audio(hear(0, 7.0))
    take.close()
    samples, _ = soundfile.read(tmp_path / "A_001.take" / "audio.wav", dtype="int16")
    np.testing.assert_array_equal(samples, np.arange(CHUNK))


def read_info() -> writer_module.TakeInfo:
    return writer_module.TakeInfo("A", 1)


class _SlowFile(AppendFile):
    """A disk that answers only when it is allowed to."""

    asked = threading.Event()
    gate = threading.Event()

    def append(self, data: bytes) -> None:
        self.asked.set()
        self.gate.wait()
        super().append(data)


def test_a_slow_disk_costs_counted_rows_and_never_a_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _SlowFile.asked.clear()
    _SlowFile.gate.clear()
    monkeypatch.setattr(writer_module, "AppendFile", _SlowFile)
    recorder = TakeRecorder(tmp_path, queue_items=50)
    current = recorder.start("A", INFO)
    recorder.frame(ControlFrame.neutral(0, 100))
    assert _SlowFile.asked.wait(60)  # or the queue may be full before its first row is taken
    for k in range(1, 200):  # would hang here if it waited
        recorder.frame(ControlFrame.neutral(k, 100 + k / 60))
    assert current.health.dropped == 149
    assert "too slow" in current.health.last_error
    assert len(caplog.records) == 1, "said once"
    _SlowFile.gate.set()
    recorded = recorder.stop()
    take = read_take(recorded.path)
    assert len(take) == recorded.health.rows == 200 - recorded.health.dropped
    assert take.lost_rows == 0, "what was kept is the beginning"


class _FullFile(AppendFile):
    """A disk with room for ten rows and a half, and later for more."""

    room = 0

    def append(self, data: bytes) -> None:
        if type(self).room < len(data):
            self._file.write(data[: type(self).room])
            type(self).room = 0
            self._file.truncate(self.size)
            self._file.seek(self.size)
            raise OSError(errno.ENOSPC, "No space left on device")
        type(self).room -= len(data)
        super().append(data)


def test_a_full_disk_is_counted_said_once_and_writing_resumes_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer_module, "AppendFile", _FullFile)
    take = TakeWriter(tmp_path / "A_001.take", read_info())
    _FullFile.room = 736 * 10 + 300
    frames = [ControlFrame.neutral(k, k / 60) for k in range(40)]
    for frame in frames[:30]:
        take.row(frame.time, writer_module.encode_row(frame))
    assert (take.health.rows, take.health.dropped, take.health.errors) == (10, 20, 20)
    assert len([r for r in caplog.records if "No space left" in r.message]) == 1
    _FullFile.room = 10**9
    for frame in frames[30:]:
        take.row(frame.time, writer_module.encode_row(frame))
    take.close()
    read = read_take(tmp_path / "A_001.take")
    assert (len(read), read.broken_bytes, read.lost_rows) == (20, 0, 20)


class _Partial:
    """A raw file that takes 100 bytes at a time, then has no room."""

    def __init__(self, room: int) -> None:
        self.content, self.room = b"", room

    def write(self, data: memoryview) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = bytes(data[: min(100, self.room)])
        self.content += taken
        self.room -= len(taken)
        return len(taken)

    def truncate(self, size: int) -> None:
        self.content = self.content[:size]

    def seek(self, position: int) -> None:
        assert position == len(self.content)


def test_half_a_row_is_cut_off_again() -> None:
    file = AppendFile.__new__(AppendFile)
    disk = _Partial(1000)
    file._file, file.size = disk, 0  # type: ignore[assignment]
    file.append(b"a" * 736)
    with pytest.raises(OSError, match="No space"):
        file.append(b"b" * 736)
    assert disk.content == b"a" * 736
    assert file.size == 736


def test_a_stream_without_timecode_gives_a_take_without_one(tmp_path: Path) -> None:
    recorder = TakeRecorder(tmp_path)
    path = recorder.start("A", replace(INFO, timecode="")).path
    recorder.frame(ControlFrame.neutral(0, 5.0))
    recorder.stop()
    assert read_take(path).info.start_timecode == ""


@pytest.mark.parametrize("ppm", [-100.0, 100.0])
def test_sound_of_a_crystal_that_is_off_stays_with_the_rows(tmp_path: Path, ppm: float) -> None:
    take = TakeWriter(tmp_path / "A_001.take", read_info())
    take.row(100.0, b"")
    rng = np.random.default_rng(0)
    pace = 1.0 / (1.0 + ppm * 1e-6)
    clicks = range(500, 30_000, 500)  # one every five seconds
    for k in range(30_000):  # five minutes by the device's own clock
        sound = np.zeros(CHUNK, np.float32)
        sound[CHUNK // 2] = 0.9 * (k in clicks)
        late = rng.uniform(0.0, 0.004)
        take.audio(AudioChunk(sound, k * CHUNK, RATE, 100 + k / 100 * pace + late))
    take.close()
    samples, _ = soundfile.read(tmp_path / "A_001.take" / "audio.wav", dtype="float32")
    # a click between two samples is shared by them: below half its height is none
    found = np.flatnonzero(np.abs(samples) > 0.3)
    found = found[np.diff(found, prepend=-RATE) > 1]
    assert len(found) == len(clicks)
    heard = (np.array(clicks) * CHUNK + CHUNK // 2) / RATE * pace + 0.002
    # 30 ms would part them without; 1 ms is the dead band, 1 ms the mean's lag at 100 ppm
    assert np.abs(found / RATE - heard).max() < 0.003
