"""A take after kill -9 and after a disk with no room left, tried on the real thing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from medtalk_live.takes.repair import repair
from medtalk_live.takes.rows import ROW_BYTES
from medtalk_live.takes.take import read_take

REPOSITORY = Path(__file__).parents[2]

RECORD = """
import sys, time
from fractions import Fraction
from pathlib import Path
import numpy as np
from medtalk_live.audio.source import AudioChunk
from medtalk_live.output.sink import StreamInfo
from medtalk_live.rig.frames import ControlFrame
from medtalk_live.rig.controls import NEUTRAL
from medtalk_live.takes.recorder import TakeRecorder

folder, frames, limit = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
if limit:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
recorder = TakeRecorder(folder)
info = StreamInfo("Ada", 1, "0.1.0", Fraction(60), 80.0, 0, "starter", "happy")
current = recorder.start("CRASH", info)
samples = np.full(267, 0.25, np.float32)
for k in range(frames):
    recorder.audio(AudioChunk(samples, 267 * k, 16_000, 10 + k / 60))
    values = NEUTRAL * 0 + np.float32(k / 1e4)
    recorder.frame(ControlFrame(k, 10 + k / 60, values, np.zeros(6, np.float32)))
    if k % 100 == 99:
        time.sleep(0.02)
    if k % 500 == 0:
        print("recorded", k, flush=True)
recorder.stop()
health = current.health
print("stopped", health.rows, health.dropped, health.errors, health.last_error, flush=True)
"""


def recording(folder: Path, frames: int, limit: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RECORD, str(folder), str(frames), str(limit)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_a_take_is_readable_after_kill_9_and_whole_after_repair(tmp_path: Path) -> None:
    process = recording(tmp_path, 10**6)
    path = tmp_path / "CRASH_001.take"
    for _ in range(1200):
        if (path / "curves.bin").exists() and (
            path / "curves.bin"
        ).stat().st_size > 1200 * ROW_BYTES:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    take = read_take(path)
    assert not take.info.closed
    assert len(take) >= 1200
    assert take.broken_bytes < ROW_BYTES
    np.testing.assert_array_equal(take.index, np.arange(len(take)))
    assert take.controls[1000, 0] == np.float32(0.1)
    assert repair(path)
    mended = read_take(path)
    assert mended.info.closed
    assert len(mended) == len(take)
    sound, rate = soundfile.read(path / "audio.wav", dtype="int16")
    assert rate == 16_000
    assert abs(len(sound) / 267 - len(take)) < 5, "sound and rows end together"
    assert set(np.unique(sound)) == {round(0.25 * 32767)}
    assert [mark.words for mark in mended.info.guidance] == ["happy"]


@pytest.mark.skipif(sys.platform != "linux", reason="file size limits are set the Linux way")
def test_a_file_that_may_not_grow_leaves_a_readable_take_and_a_sentence(tmp_path: Path) -> None:
    limit = 100 * ROW_BYTES + 400
    process = recording(tmp_path, 600, limit)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    _, rows, dropped, errors, *words = out.splitlines()[-1].split(" ")
    assert (int(rows), int(dropped)) == (100, 500)
    assert int(errors) >= 500
    assert "File too large" in " ".join(words)
    assert err.count("CRASH_001: File too large") == 1, "said once"
    take = read_take(tmp_path / "CRASH_001.take")
    assert (len(take), take.broken_bytes) == (100, 0)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Path:
    """256 KiB of memory file system, where this machine lets us mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    try:
        done = subprocess.run(mount, capture_output=True, timeout=10, check=False)
    except OSError as error:
        pytest.skip(f"no mount on this machine ({error})")
    if done.returncode != 0:
        pytest.skip("mounting needs root, which this run is not")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], timeout=10, check=True)


def test_a_full_disk_leaves_a_readable_take_and_the_process_lives(tiny_disk: Path) -> None:
    process = recording(tiny_disk, 600)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "No space left on device" in out.splitlines()[-1]
    assert err.count("No space left") == 1, "said once"
    take = read_take(tiny_disk / "CRASH_001.take")
    assert 50 < len(take) < 256 * 1024 // ROW_BYTES
    assert take.broken_bytes == 0
    np.testing.assert_array_equal(take.controls[:, 0], (take.index / 1e4).astype(np.float32))
