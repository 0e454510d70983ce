"""Runs ``medtalk-live`` as a user does: a process of its own, its words and its exit status."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "examples" / "amiable.flac"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
WAIT_SECONDS = 60.0

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # started in a shell's background, where Ctrl-C is ignored and children inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)

needs_starter = pytest.mark.skipif(
    not (ROOT / "checkpoints" / "starter" / "manifest.json").is_file(),
    reason="the starter checkpoint is not in this checkout",
)


def run(*words: str | Path, timeout: float = WAIT_SECONDS) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*words), capture_output=True, text=True, timeout=timeout, env=ENVIRONMENT
    )


def start(*words: str | Path, **options: object) -> subprocess.Popen[str]:
    """Start a command and leave it running."""
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(
        command(*words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        creationflags=flags,
        **options,  # type: ignore[call-overload]
    )


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "medtalk_live", *map(str, words)]


def interrupt(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Press Ctrl-C (Ctrl-Break on Windows); returns what it said."""
    process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))
    try:
        return process.communicate(timeout=WAIT_SECONDS)
    finally:
        process.kill()


def until(happened: Callable[[], object], seconds: float = WAIT_SECONDS) -> None:
    """Wait for something; fails where it never comes."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            pytest.fail(f"nothing happened within {seconds:g} s")
        time.sleep(0.02)


def one_sentence(words: str) -> str:
    """The single line that a problem is said in, checked to be one and no traceback."""
    lines = words.strip().splitlines()
    assert len(lines) == 1, words
    assert lines[0].startswith("medtalk-live: ")
    assert "Traceback" not in words
    return lines[0]


def recording(path: Path, seconds: float = 3.0, rate: int = 16_000, channels: int = 1) -> Path:
    """A file of real speech: the sample recording, over and over, at that rate."""
    speech, own_rate = soundfile.read(SAMPLE, dtype="float32")
    if rate != own_rate:
        speech = soxr.resample(speech, own_rate, rate)
    sound = np.resize(speech, round(seconds * rate))
    soundfile.write(path, np.repeat(sound[:, None], channels, axis=1), rate)
    return path
