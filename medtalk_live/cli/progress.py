"""A progress bar on a terminal; nothing in a pipe."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_WIDTH = 30
_REDRAW_SECONDS = 0.1


class ProgressBar:
    """Shows the share of a long work that is done, and about how long it still takes.

    Args:
        what: In front of the bar.
        stream: Where it is drawn, if that is a terminal (standard error).
    """

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        self._what = what
        self._stream = sys.stderr if stream is None else stream
        self._shown = self._stream.isatty()
        self._start = time.monotonic()
        self._next = self._start

    def __call__(self, share: float) -> None:
        """Draw the bar at ``share`` in 0..1; at 1 the line ends."""
        now = time.monotonic()
        if not self._shown or (share < 1.0 and now < self._next):
            return
        self._next = now + _REDRAW_SECONDS
        filled = round(share * _WIDTH)
        left = (now - self._start) * (1.0 - share) / share if share > 0.0 else 0.0
        bar = "#" * filled + "." * (_WIDTH - filled)
        end = "\n" if share >= 1.0 else ""
        self._stream.write(f"\r{self._what} [{bar}] {share:4.0%}  {left:4.0f} s left{end}")
        self._stream.flush()

    def count(self, done: int, total: int) -> None:
        """Draw the bar after ``done`` of ``total`` pieces."""
        self(done / total if total else 1.0)
