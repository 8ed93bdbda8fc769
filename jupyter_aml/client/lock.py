"""Locks between processes that the kernel drops when their holder dies.

`flock` where there is one; on Windows a lock on the file's first byte. Both are released by the
end of the process, however it comes, so no lock is ever stale.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from jupyter_aml.model.errors import Unavailable

_STEP_SECONDS = 0.01


@contextmanager
def held(path: Path, *, timeout: float, what: str) -> Generator[None]:
    """Hold the lock of `path`; wait for it for at most `timeout` seconds.

    Raise `Unavailable` after that; `what` says what the holder is busy with.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    deadline = time.monotonic() + timeout
    try:
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"Another process has been {what} for over {timeout:.0f} s.",
                    target=str(path),
                    hint="See how it is: jupyter aml service status",
                )
            time.sleep(_STEP_SECONDS)
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a process holds the lock of `path` right now."""
    try:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return False
    try:
        return not _try_lock(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
