"""Where a cell is, told by its own process when the node is about to end it for its memory.

Two ends of one signal: the process registers `faulthandler`, which writes the stack into a file
without a name and without running any Python; what the signal meant before follows (`chain`), and
that is the end of the process. So it gets no moment to go on, and nothing is left to be undone.
The node has opened the same file before it sends the signal, and keeps what it finds there as
``where.<rank>`` of the attempt: cells that end otherwise, nearly all, need no file for it.

Linux only: a real-time signal is one that no program uses by itself.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys

from . import interrupts

SIGNAL: int = getattr(signal, "SIGRTMAX", 0) and signal.SIGRTMAX - 7
"""0 where there is none."""

SECONDS = 0.5
"""The longest that the node waits for the answer, which usually takes a few milliseconds.

The thread that answers takes no more memory meanwhile; others of the process might.
"""

_NAME = "jupyter_aml-where"
_MOST = 1 << 20
"""Bytes; a stack as faulthandler writes it is a tenth of that at most."""


class Whereabouts:
    """In a process that runs cells: the file, made with the first of them, or before."""

    def __init__(self) -> None:
        self._fd = -1
        self._is_ready = False

    def be_ready(self) -> None:
        """Called before each cell, and ahead of the first where there is time for it."""
        is_ours = bool(SIGNAL) and interrupts.bare.getsignal(SIGNAL) == interrupts.bare.SIG_DFL
        if is_ours == self._is_ready:
            return
        if not is_ours:
            self._close()  # the program has a use for it: then nobody asks
            return
        try:
            self._fd = _nameless()
        except OSError:
            return  # no descriptors, or no space: the cell runs all the same
        self._is_ready = True
        faulthandler.unregister(SIGNAL)  # what a program has put in its place, and given up again
        faulthandler.register(SIGNAL, file=self._fd, all_threads=False, chain=True)

    def forget(self) -> None:
        """Only before a fork: each process has a file of its own."""
        if self._is_ready:
            faulthandler.unregister(SIGNAL)
            self._close()

    def _close(self) -> None:
        self._is_ready = False
        if _is_one(f"/proc/self/fd/{self._fd}"):  # a program may have closed it, and opened another
            os.close(self._fd)


class Answer:
    """In the node: what a process was asked for. `keep` it when the process is gone."""

    def __init__(self, file: int, folder: str, rank: int) -> None:
        self._file = file
        self._path = path(folder, rank)

    def keep(self) -> None:
        """Afterwards ``where.<rank>`` is there, if anything was said. Once."""
        text = os.pread(self._file, _MOST, 0)
        os.close(self._file)
        if not text:
            return
        try:
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.write(fd, text)
            os.close(fd)
        except OSError as error:  # a full disk: that it took too much is told all the same
            print(f"{self._path}: {error}", file=sys.stderr)


def ask(pid: int, folder: str, rank: int) -> Answer | None:
    """In the node: make a stopped process write where it is and end. None where it cannot.

    It runs again for the moment that this takes; a signal sent before would go to any thread.
    """
    file = _file_of(pid) if SIGNAL else -1
    if file < 0:
        return None
    try:
        os.kill(pid, signal.SIGCONT)
        os.kill(pid, SIGNAL)
    except (ProcessLookupError, PermissionError):
        os.close(file)
        return None
    return Answer(file, folder, rank)


def told_as(number: int | None) -> int | None:
    """The signal that ended a process, as others hear of it: how it was killed is no news."""
    return signal.SIGKILL if number is not None and number == SIGNAL else number


def path(folder: str, rank: int) -> str:
    return os.path.join(folder, f"where.{rank}")


def _nameless() -> int:
    """A file that `_file_of` finds by what it would be called."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(_NAME)
    import tempfile  # an interpreter that was built for old systems has no such call

    fd, place = tempfile.mkstemp(suffix=_NAME)
    os.unlink(place)
    return fd


def _file_of(pid: int) -> int:
    """Of that process, opened here. -1 if it has none: it runs no cell, or uses the signal."""
    folder = f"/proc/{pid}/fd"
    try:
        for number in os.listdir(folder):
            if _is_one(place := f"{folder}/{number}"):
                return os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        pass  # it is gone
    return -1


def _is_one(place: str) -> bool:
    try:
        return os.readlink(place).removesuffix(" (deleted)").endswith(_NAME)
    except OSError:
        return False  # closed
