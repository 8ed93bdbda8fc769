"""■ as the node sends it: SIGINT to the process of a cell, and then what makes it heard.

Python looks for signals between two steps of a program. One that comes after the last look before
a system call that waits is heard when that call ends: a cell that has just begun to sleep for ten
minutes would sleep them all. So another signal follows, which means nothing, but ends the call;
and again, ever later, because it may come at just such a moment itself.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from . import interrupts
from .loop import Loop

_FIRST, _LAST = 0.05, 3.2
"""Seconds until the next one follows, each time twice as many."""


def interrupt(loop: Loop, pid: int, goes_on: Callable[[], bool]) -> None:
    """Nothing follows any more once the process is gone, or `goes_on` says no: `pid` is another's
    by then, or runs another cell."""
    if _is_sent(pid, signal.SIGINT) and interrupts.WAKE:
        _wake_later(loop, pid, goes_on, _FIRST)


def _wake_later(loop: Loop, pid: int, goes_on: Callable[[], bool], seconds: float) -> None:
    def wake() -> None:
        if goes_on() and _is_sent(pid, interrupts.WAKE) and seconds < _LAST:
            _wake_later(loop, pid, goes_on, seconds * 2)

    loop.call_later(seconds, wake)


def _is_sent(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False  # it is ending, or became a setuid program
    return True
