"""SIGINT, the signal of ■: held back except while a cell runs, so that none hits the wrong one.

A process that waits for work holds it; one that was sent for the cell before is dropped when a new
order comes; one that comes before the new cell's first line waits until then.
"""

from __future__ import annotations

import signal
import sys
from typing import Any

WAKE: int = getattr(signal, "SIGURG", 0)
"""Ends a system call that waits, and means nothing; `interruption` sends it. 0 where there is none.

Who has no handler for it never hears of it: programs that a cell starts.
"""

_HOLDS = hasattr(signal, "pthread_sigmask")
_SIGINT = {int(signal.SIGINT)}
bare: Any = sys.modules.get("_signal", signal)
"""What `signal` itself calls: its own functions look for an enumeration's name of each answer.

Of a handler that is a function there is none: that takes an exception, and 60 pages in a new fork.
"""


def begin() -> None:
    """Called once by a process that will run cells: hold, and have a handler for later."""
    hold()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if WAKE:
        signal.signal(WAKE, _nothing)


def _nothing(number: int, frame: object) -> None:
    """That Python heard of it is all: it has looked for signals, and found the other one."""


def hold() -> None:
    if _HOLDS:
        bare.pthread_sigmask(signal.SIG_BLOCK, _SIGINT)


def drop() -> None:
    """Forget one that is held."""
    if _HOLDS and signal.SIGINT in bare.sigpending():
        signal.sigwait(_SIGINT)


def allow() -> None:
    """Raises `KeyboardInterrupt` at once if one was held."""
    if _HOLDS:
        bare.pthread_sigmask(signal.SIG_UNBLOCK, _SIGINT)


def leave_to_program() -> None:
    """Before an exec of somebody's command: everything as a shell would have it."""
    for ignored in ("SIGINT", "SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, ignored):
            signal.signal(getattr(signal, ignored), signal.SIG_DFL)
    allow()
