"""Takes of a live run: starts and stops the recorder and answers in words.

Frames, sound and changes of guidance reach the recorder through here, whether
or not one is running. ``start`` and ``stop`` touch the disk: control thread.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from medtalk_live.clock import Clock
from medtalk_live.errors import TakeError
from medtalk_live.output.sink import StreamInfo
from medtalk_live.takes.recorder import RecordedTake, TakeRecorder


class TakeDesk:
    """One folder of takes.

    Args:
        folder: Where takes are made; created when it is needed.
        info: The stream as the hello would tell it now.
        clock: The session's.

    Attributes:
        finished: Takes of this run, newest first: ``name`` and ``seconds``.
    """

    def __init__(self, folder: Path, info: Callable[[], StreamInfo], clock: Clock) -> None:
        self.recorder = TakeRecorder(folder)
        self.finished: list[dict[str, Any]] = []
        self._info = info
        self._clock = clock

    @property
    def name(self) -> str:
        """The running take, or nothing."""
        current = self.recorder.current
        return "" if current is None else current.path.name

    def start(self, slate: str, take: int | None = None) -> str:
        """Begin a take; answers slate, take number and folder.

        Raises:
            TakeError: one is running, it exists already, or the folder cannot be written.
        """
        started = self.recorder.start(slate, self._info(), take)
        return f"{started.slate} {started.take} {started.path.resolve()}"

    def stop(self) -> str:
        """Close the running take; answers what is on disk.

        Raises:
            TakeError: none is running.
        """
        done = self.recorder.stop()
        seconds = round(float(done.health.rows / self._info().fps), 2)
        self.finished.insert(0, {"name": done.path.name, "seconds": seconds})
        return describe(done)

    def mark(self, words: str) -> None:
        """The guidance has changed."""
        self.recorder.mark(self._clock.now(), words)

    def close(self) -> str:
        """Close the running take, if any; answers as ``stop`` does."""
        with contextlib.suppress(TakeError):
            return self.stop()
        return ""


def describe(take: RecordedTake) -> str:
    """A recorded take in words."""
    health = take.health
    words = f"{take.path.resolve()}: {health.rows} frames"
    return words + (f", {health.dropped} lost ({health.last_error})" if health.errors else "")
