"""A live run as a whole: a session, its control channel, monitor and statistics.

Opens them in an order in which a failure leaves nothing open, and closes them
in the other. The command line and the benchmarks run exactly this. Main thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Protocol, Self

from medtalk_live.errors import ControlError
from medtalk_live.runtime.commands import Commands
from medtalk_live.runtime.control import ControlChannel
from medtalk_live.runtime.desk import TakeDesk
from medtalk_live.runtime.monitor import Monitor
from medtalk_live.runtime.report import Reporter
from medtalk_live.runtime.session import Session
from medtalk_live.runtime.stats import Snapshot

log = logging.getLogger(__name__)


class Part(Protocol):
    """Something that is opened before the session starts and closed after it."""

    def open(self) -> None:
        """Make ready; raises ``MedTalkError`` with a remedy."""
        ...

    def close(self) -> None:
        """Free everything; safe to call twice."""
        ...


class LiveRun:
    """A context manager: inside it, frames run.

    Args:
        session: The threads.
        desk: Recordings.
        commands: What can be asked for while it runs.
        control: The command channel, None where no commands are taken.
        monitor: The delayed voice, None where it is not played.
        parts: Whatever else lives as long as the run.
        slate: Of a take that is recorded from the start, None for none.

    Attributes:
        reporter: Statistics.
        watchers: Called with every snapshot that ``report`` takes.
        recorded: What the take that ran at the end came to, in words.
    """

    def __init__(
        self,
        session: Session,
        desk: TakeDesk,
        commands: Commands,
        *,
        control: ControlChannel | None = None,
        monitor: Monitor | None = None,
        parts: Sequence[Part] = (),
        slate: str | None = None,
    ) -> None:
        self.session = session
        self.desk = desk
        self.commands = commands
        self.control = control
        self.monitor = monitor
        self.recorded = ""
        self.reporter = Reporter(
            session,
            None if control is None else control.health,
            lambda: desk.name,
            None if monitor is None else lambda: monitor.delay_ms,
        )
        self.watchers: list[Callable[[Snapshot], None]] = []
        self._parts = tuple(parts)
        self._slate = slate

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def report(self) -> Snapshot:
        """Once a second: take the statistics, pass them on, look after the monitor."""
        if self.monitor is not None:
            self.monitor.keep_alive()
        snapshot = self.reporter.snapshot()
        for watcher in self.watchers:
            watcher(snapshot)
        return snapshot

    def _open(self) -> None:
        if self.control is not None:
            self._open_control(self.control)
        self.session.listeners.append(self.desk.recorder.audio)
        self.session.taps.append(self.desk.recorder.frame)
        for part in self._parts:
            part.open()
        self.session.open()
        if self._slate is not None:
            self.desk.start(self._slate)
        if self.monitor is not None:
            self.monitor.open(self.session.source.sample_rate)
            self.session.listeners.append(self.monitor.audio)
        self.session.start()

    def _open_control(self, control: ControlChannel) -> None:
        """A taken port costs the commands, not the run."""
        try:
            control.open()
        except ControlError as problem:
            log.warning("%s; the run goes on without commands", problem)
            self.control = None
            return
        self.session.info = replace(self.session.info, control_port=control.port)

    def _close(self) -> None:
        if self.control is not None:
            self.control.close()
        self.session.close()
        self.recorded = self.desk.close() or self.recorded
        if self.monitor is not None:
            self.monitor.close()
        for part in reversed(self._parts):  # what asks goes before what answers
            part.close()
