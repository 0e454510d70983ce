"""Asks the system to let a live run go before other programs, where it may.

A game engine on the same machine takes every core it gets; frames need few
percent of one, but at once. Windows grants a higher class to anybody; Linux
and macOS only with privileges (``nice`` and ``rtprio`` limits, as audio
workstations have them); without, the run goes on as it is.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys

log = logging.getLogger(__name__)

_NICE = -10
_REALTIME = 5


def raise_priority() -> bool:
    """Raise this process's priority; False where the system does not allow it."""
    import psutil

    priority = _NICE
    if sys.platform == "win32":
        priority = psutil.HIGH_PRIORITY_CLASS
    try:
        psutil.Process().nice(priority)
    except (psutil.Error, OSError):
        log.debug("the priority stays as it is: the system allows no higher one")
        return False
    return True


def urgent_thread() -> None:
    """Let the calling thread go first (Linux, where ``rtprio`` allows it); frames' threads only."""
    if hasattr(os, "sched_setscheduler"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_REALTIME))


def single_blas_thread() -> None:
    """Keep matrix libraries from spreading small products over cores; before numpy is imported."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
