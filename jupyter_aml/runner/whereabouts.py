"""Where a cell is, told by its own process when the node is about to end it for its memory.

Two ends of one signal: the process registers `faulthandler`, which writes the stack into
``where.<rank>`` without running any Python; what the signal meant before follows (`chain`), and
that is the end of the process. So it gets no moment to go on, and nothing is left to be undone.

Linux only: a real-time signal is one that no program uses by itself.
"""

from __future__ import annotations

import faulthandler
import os
import signal

from . import interrupts

SIGNAL: int = getattr(signal, "SIGRTMAX", 0) and signal.SIGRTMAX - 7
"""0 where there is none."""

SECONDS = 0.5
"""The longest that the node waits for the answer, which usually takes a few milliseconds.

The thread that answers takes no more memory meanwhile; others of the process might.
"""


class Whereabouts:
    """In the job's process, while one cell runs."""

    def __init__(self, folder: str, rank: int) -> None:
        self._fd = -1
        if not SIGNAL or interrupts.bare.getsignal(SIGNAL) != interrupts.bare.SIG_DFL:
            return  # the program has a use for it: then nobody asks, as there is no file
        try:
            self._fd = os.open(path(folder, rank), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError:
            return  # a full disk: the cell runs all the same
        faulthandler.register(SIGNAL, file=self._fd, all_threads=False, chain=True)

    def forget(self) -> None:
        """The cell is done: nobody will ask where it is."""
        if self._fd >= 0:
            theirs = interrupts.bare.getsignal(SIGNAL)
            faulthandler.unregister(SIGNAL)
            if theirs != interrupts.bare.SIG_DFL:
                signal.signal(SIGNAL, theirs)  # the cell has set it meanwhile, for later ones
            os.close(self._fd)
            self._fd = -1


def ask(pid: int, folder: str, rank: int) -> bool:
    """In the node: make a stopped process write where it is and end. False where it cannot.

    It runs again for the moment that this takes; a signal sent before would go to any thread.
    """
    if not SIGNAL or not os.path.exists(path(folder, rank)):
        return False
    try:
        os.kill(pid, signal.SIGCONT)
        os.kill(pid, SIGNAL)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def told_as(number: int | None) -> int | None:
    """The signal that ended a process, as others hear of it: how it was killed is no news."""
    return signal.SIGKILL if number is not None and number == SIGNAL else number


def path(folder: str, rank: int) -> str:
    return os.path.join(folder, f"where.{rank}")
