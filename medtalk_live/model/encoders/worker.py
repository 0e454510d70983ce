"""A slow encoder in a process of its own: one JSON line a request, one an answer.

MediaPipe and Whisper take seconds and hold the interpreter's lock, so they
never run in the process that sends frames. ``WorkerProcess`` is the caller's
side: it blocks, so any thread but the engine's; it starts the worker when it is
first needed and again where it died. ``serve`` is the worker's own side.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

Answer = Callable[[Any], dict[str, Any]]
"""Makes an answer of a request; what it raises becomes ``{"error": words}``."""

_NICE = 5


class WorkerError(Exception):
    """The worker does not start, hangs or has died; the text says why."""


class WorkerProcess:
    """A worker and the pipe to it; one request at a time.

    Args:
        module: Run with ``python -m``; its main function calls ``serve``.
        arguments: Gives the worker's own arguments when it is started.
        start_seconds: Patience with its start.
        answer_seconds: Patience with an answer; a worker that hangs is ended.
    """

    def __init__(
        self,
        module: str,
        arguments: Callable[[], Sequence[str]],
        start_seconds: float,
        answer_seconds: float,
    ) -> None:
        self._module, self._arguments = module, arguments
        self._start_seconds, self._answer_seconds = start_seconds, answer_seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._closing = threading.Event()

    def start(self) -> None:
        """Wait until the worker runs and is ready.

        Raises:
            WorkerError: it does not start.
        """
        with self._lock:
            self._running()

    def ask(self, request: Any) -> dict[str, Any]:
        """The answer to a request, which JSON can carry.

        Raises:
            WorkerError: the worker does not start, hangs or dies; the next request starts anew.
        """
        with self._lock:
            process = self._running()
            return self._exchange(process, json.dumps(request) + "\n", self._answer_seconds)

    def close(self) -> None:
        """End the worker, at once also where it is still starting or looks at something."""
        self._closing.set()
        process = self._process
        if process is not None:
            process.kill()  # whoever waits for its answer holds the lock until its pipe closes
        with self._lock:
            self._end()
            self._closing.clear()

    def _running(self) -> subprocess.Popen[str]:
        if self._closing.is_set():
            raise WorkerError("it is being closed")
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        process = self._process = subprocess.Popen(
            [sys.executable, "-m", self._module, *self._arguments()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env=_environment(),
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            start_new_session=True,  # Ctrl-C is for whoever asks, and reaches no group but its own
        )
        if self._closing.is_set():
            process.kill()
        atexit.register(process.kill)  # one that is still starting would not see the pipe close
        started = self._exchange(process, "", self._start_seconds)
        if "error" in started:
            self._end()
            raise WorkerError(started["error"])
        return process

    def _exchange(
        self, process: subprocess.Popen[str], line: str, seconds: float
    ) -> dict[str, Any]:
        """Write a line, read the next; a worker that hangs is ended, which closes its pipe."""
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(seconds, process.kill)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(line)
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline() or "null") or {}
        except (OSError, ValueError) as error:
            self._end()
            raise WorkerError(str(error)) from None
        finally:
            timer.cancel()
        if not answer:
            self._end()
            raise WorkerError("its process ended")
        return answer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # what was never flushed has no reader any more
                if pipe is not None:
                    pipe.close()


def serve(start: Callable[[], Answer]) -> None:
    """The worker's main loop: get ready, then answer line by line until the pipe closes."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not mix with the answers
    step_back()

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    try:
        answer = start()
    except Exception as error:
        say({"error": str(error) or type(error).__name__})
        return
    say({"ready": True})
    for line in sys.stdin:
        try:
            say(answer(json.loads(line)))
        except Exception as error:
            say({"error": str(error) or type(error).__name__})


def step_back() -> None:
    """Let everything else on the machine go first, where the system allows it.

    A live run may have raised its own priority, which children inherit, so
    the value is set and not only lowered.
    """
    process = psutil.Process()
    with contextlib.suppress(psutil.Error, OSError):
        if sys.platform == "win32":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
            return
        if hasattr(os, "sched_setscheduler"):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        process.nice(max(_NICE, int(process.nice())))


def _environment() -> dict[str, str]:
    """The worker imports this package from wherever it is imported here."""
    root = str(Path(__file__).resolve().parents[3])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
