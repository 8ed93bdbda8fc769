"""One service per home: the lock that is held for as long as the service lives."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from jupyter_aml.model.errors import Conflict, Forbidden, Invalid
from jupyter_aml.service import runtime
from jupyter_aml.service.store.filesystem import is_network
from jupyter_aml.service.store.trouble import from_os

FILE = "service.lock"
ENDING_SECONDS = 15.0
"""How long a service that was told to end everything may take for it."""
STEP_SECONDS = 0.01


class HomeLock:
    """Use `claim`. The kernel lets go of it when the process ends, however it ends."""

    def __init__(self, home: Path, fd: int) -> None:
        self._path = home / FILE
        self._fd = fd

    def in_place(self) -> bool:
        """Whether the lock file is still the one that is held: False after `rm -r HOME`."""
        try:
            there, held = self._path.stat(), os.fstat(self._fd)
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino)

    def release(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def claim(home: Path, *, network_filesystem: bool | None = None) -> HomeLock:
    """Make the home if need be and become its only service.

    Raises `Conflict` when a service lives there already, on this host or another, `Forbidden`
    for a folder of another user, `StorageFull` or `Invalid` where no home can be.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _keep_private(home)
        fd = os.open(home / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise from_os(error, home) or _no_home(home, error) from error
    network = is_network(home) if network_filesystem is None else network_filesystem
    if not _lock(fd, home) or (network and _lives_elsewhere(home)):
        os.close(fd)
        raise _already_there(home)
    return HomeLock(home, fd)


def _lock(fd: int, home: Path) -> bool:
    """Take the lock, after a while if it is held by nobody who serves.

    That is a service that is just ending (it removes its runtime file first), or a client that
    looks whether the lock is held, which it does by taking it for a moment.
    """
    deadline = time.monotonic() + ENDING_SECONDS
    while not _try_lock(fd):
        found = runtime.read(home)
        if (found is not None and runtime.may_live(found)) or time.monotonic() > deadline:
            return False
        time.sleep(STEP_SECONDS)
    return True


def _no_home(home: Path, error: OSError) -> Invalid:
    return Invalid(
        f"{home} cannot be the service's home: {error.strerror}.",
        target=str(home),
        hint="Set JUPYTER_AML_HOME to a folder of your own.",
        details=[str(error)],
    )


def _keep_private(home: Path) -> None:
    """Everything here is trusted: settings are executed, the database is believed."""
    if not hasattr(os, "getuid"):
        return
    found = home.stat()
    if found.st_uid != os.getuid() and os.getuid() != 0:
        raise Forbidden(
            f"{home} belongs to another user.",
            target=str(home),
            hint="Set JUPYTER_AML_HOME to a folder of your own.",
        )
    if found.st_mode & 0o077:
        home.chmod(0o700)


def _lives_elsewhere(home: Path) -> bool:
    """Whether another host's service is alive here.

    Locks of a network filesystem may reach this host's processes only, so holding one proves
    nothing about others; but a live service touches its runtime file.
    """
    found = runtime.read(home)
    if found is None or found.host == runtime.host():
        return False
    return runtime.seconds_since_touch(home) < runtime.STALE_SECONDS


def _already_there(home: Path) -> Conflict:
    found = runtime.read(home)
    if found is None:
        return Conflict(
            f"Another service is starting or ending in {home}.",
            target=str(home),
            hint="Try again in a moment; `jupyter aml service status` shows it.",
        )
    if found.host != runtime.host():
        return Conflict(
            f"The service of {home} runs on another machine: {found.host} (process {found.pid}).",
            target=str(home),
            hint="Work there, stop it there with `jupyter aml service stop`, or set "
            "JUPYTER_AML_HOME to a folder of this machine.",
        )
    return Conflict(
        f"A service runs in {home} already (process {found.pid}).",
        target=str(home),
        hint="Use it as it is, or end it with `jupyter aml service stop`.",
    )


if sys.platform == "win32":
    import msvcrt

    def _try_lock(fd: int) -> bool:
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # this filesystem knows no locks at all: the runtime file is all there is
            return True
        return True
