"""A live run as a whole: a session, its control channel, monitor and statistics.

Opens them in an order in which a failure leaves nothing open, and closes them
in the other. The command line and the benchmarks run exactly this. Main thread.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from types import TracebackType
from typing import Self

from medtalk_live.errors import ControlError
from medtalk_live.runtime.control import ControlChannel
from medtalk_live.runtime.desk import TakeDesk
from medtalk_live.runtime.monitor import Monitor
from medtalk_live.runtime.report import Reporter
from medtalk_live.runtime.session import Session

log = logging.getLogger(__name__)


class LiveRun:
    """A context manager: inside it, frames run.

    Args:
        session: The threads.
        desk: Recordings.
        control: The command channel, None where no commands are taken.
        monitor: The delayed voice, None where it is not played.
        slate: Of a take that is recorded from the start, None for none.
    """

    def __init__(
        self,
        session: Session,
        desk: TakeDesk,
        control: ControlChannel | None = None,
        monitor: Monitor | None = None,
        slate: str | None = None,
    ) -> None:
        self.session = session
        self.desk = desk
        self.slate = slate
        self.control = control
        self.monitor = monitor
        self.recorded = ""
        self.reporter = Reporter(
            session,
            None if control is None else control.health,
            lambda: desk.name,
            monitor_delay_ms=None if monitor is None else lambda: monitor.delay_ms,
        )

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

    def _open(self) -> None:
        if self.control is not None:
            self._open_control(self.control)
        self.session.listeners.append(self.desk.recorder.audio)
        self.session.taps.append(self.desk.recorder.frame)
        self.session.open()
        if self.slate is not None:
            self.desk.start(self.slate)
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
        self.recorded = self.desk.close()
        if self.monitor is not None:
            self.monitor.close()
