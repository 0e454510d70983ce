"""When the machine itself stood still: witnesses that do nothing but sleep a millisecond.

One process a core, at the highest priority that the system grants, notes every
sleep that took much longer than asked. Nothing that runs at a lower priority can
delay it; what it sees is the host taking a core away, or the kernel. So a late
frame can be told from a late machine. Linux pins the witnesses to their cores.
"""

from __future__ import annotations

import contextlib
import multiprocessing as mp
import os
import time
from collections.abc import Iterator
from itertools import pairwise
from multiprocessing.connection import Connection

import numpy as np

_SLEEP = 0.001
_LONG = 0.002
"""A sleep that takes this much longer than asked is a pause of the machine."""
_ABOVE_FRAMES = 40

Pauses = list[tuple[float, float]]
"""Begin and end of each pause on ``time.perf_counter``'s clock, seconds."""


@contextlib.contextmanager
def witnessed() -> Iterator[Pauses]:
    """Watch every core meanwhile; the list is filled when the block ends."""
    context = mp.get_context("spawn")
    pauses: Pauses = []
    watchers = []
    for core in range(os.cpu_count() or 1):
        ours, theirs = context.Pipe()
        process = context.Process(target=_watch, args=(core, theirs), daemon=True)
        process.start()
        watchers.append((process, ours))
    for _, ours in watchers:
        ours.recv()
    try:
        yield pauses
    finally:
        for process, ours in watchers:
            ours.send(None)
            pauses += ours.recv()
            process.join()
        pauses.sort()


def _watch(core: int, pipe: Connection) -> None:
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setaffinity(0, {core})
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_ABOVE_FRAMES))
    pipe.send(None)
    found: Pauses = []
    while not pipe.poll():
        before = time.perf_counter()
        time.sleep(_SLEEP)
        after = time.perf_counter()
        if after - before > _SLEEP + _LONG:
            found.append((before, after))
    pipe.send(found)


def during(pauses: Pauses, begin: float, end: float) -> float:
    """Seconds of the longest pause that overlaps a stretch of time; 0 where none does."""
    return max((b - a for a, b in pauses if a < end and b > begin), default=0.0)


def undisturbed(pauses: Pauses, times: np.ndarray) -> np.ndarray:
    """Which of the intervals between ``times`` (n,) no pause of the machine touched, (n - 1,)."""
    return np.array([during(pauses, a, b) == 0.0 for a, b in pairwise(times)])
