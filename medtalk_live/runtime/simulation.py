"""Drives a session without threads, on a virtual clock: an hour of live running in minutes.

The steps are those that the threads repeat; only the waiting is gone. Used by
the soak test, the benchmarks and the fault tests. Caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable

from medtalk_live.clock import VirtualClock
from medtalk_live.runtime.session import Session

_PATIENCE = 0.1


def simulate(
    session: Session, clock: VirtualClock, each_frame: Callable[[], None] = lambda: None
) -> None:
    """Run an opened session to the end of its sound.

    Args:
        session: Opened, not started; its clock and its source's are ``clock``.
        clock: Moves from deadline to deadline.
        each_frame: Called after every frame that was sent.
    """
    hearing = True
    while hearing:
        wake = session.pacer.wake(clock.now())
        patience = _PATIENCE if wake is None else min(_PATIENCE, wake - clock.now())
        hearing = session.capture_step(patience)
        while session.queue.waiting:
            session.engine_step(0.0)
        _send_due(session, clock, each_frame)
    session.engine_step(0.0)
    while session.pacer.waiting and session.pacer.deadline is not None:
        clock.wait_until(session.pacer.deadline)
        _send_due(session, clock, each_frame)


def _send_due(session: Session, clock: VirtualClock, each_frame: Callable[[], None]) -> None:
    while session.pacer.due(clock.now()):
        session.pace_step()
        each_frame()
