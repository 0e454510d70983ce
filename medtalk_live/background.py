"""A thread of its own for what waits beside a run: started, asked to stop, waited for.

What it runs looks at ``stopping`` between two rounds and waits on it rather than
sleeping, so that closing takes a moment. Opened and closed by the main thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Background:
    """A daemon thread that runs once, until its work ends or is told to.

    Args:
        name: Of the thread.
        work: Returns soon after ``stopping`` is set.

    Attributes:
        stopping: Set once the work should end.
    """

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=work, name=name, daemon=True)

    def start(self) -> None:
        """Begin the work."""
        self._thread.start()

    def stop(self, patience_seconds: float = 1.0) -> None:
        """Tell the work to end and wait for it; safe if it never began, and to call twice."""
        self.stopping.set()
        if self._thread.is_alive():
            self._thread.join(patience_seconds)
