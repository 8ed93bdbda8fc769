"""Start the service as a process of its own, which outlives whoever started it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from jupyter_aml.client.home import VARIABLE
from jupyter_aml.model.errors import StorageFull

_TAIL_BYTES = 4096

# What a kernel was given for itself. A service started by it must not hand it to its jobs.
_NOT_PASSED_ON = ("JPY_", "JUPYTER_AML_", "MPLBACKEND", "PYDEVD_", "JUPYTER_SERVER_")

_MARKER = "JUPYTER_AML_MARKER"
"""By it a node knows that this is no part of the job that started it (a kernel on an instance)."""

_ours: set[int] = set()
"""Services started by this process: its children, to be reaped when they end."""


class Launch:
    """One start of the service of `home`."""

    def __init__(self, home: Path) -> None:
        self._errors = home / "service.err"
        self._arguments = arguments(home)
        process = _popen(self._arguments, self._errors, home)
        self._pid = process.pid
        # It is meant to outlive this process; Popen need not warn about that.
        process.returncode = 0
        _ours.add(self._pid)

    @property
    def command(self) -> str:
        return shlex.join(self._arguments)

    def has_ended(self) -> bool:
        _reap()
        return self._pid not in _ours

    def end(self) -> None:
        """Give up on a service that never answered."""
        if not self.has_ended():
            import signal

            os.kill(self._pid, signal.SIGTERM)

    def last_words(self) -> str:
        """The end of what it printed on stderr."""
        try:
            return self._errors.read_bytes()[-_TAIL_BYTES:].decode("utf-8", "replace").strip()
        except OSError:
            return ""


def arguments(home: Path) -> list[str]:
    """The command line of the service of `home`."""
    return [sys.executable, "-m", "jupyter_aml.service", "--home", str(home)]


def _popen(arguments: list[str], errors: Path, home: Path) -> subprocess.Popen[bytes]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_NOT_PASSED_ON)}
    environment[VARIABLE] = str(home)
    environment[_MARKER] = "service"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    try:
        with open(os.open(errors, flags, 0o600), "wb") as stderr:
            return subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                cwd=home,
                env=environment,
                start_new_session=True,
                creationflags=_detached(),
            )
    except OSError as error:
        raise StorageFull(
            f"The compute service cannot be started: {error.strerror or error}.",
            target=str(home),
            hint="Check that the folder is yours and that its disk has room.",
            details=[str(error)],
        ) from error


def _detached() -> int:
    if sys.platform != "win32":
        return 0
    return subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP


def _reap() -> None:
    """Take note of services of ours that ended; a zombie would look alive to others."""
    for pid in list(_ours):
        if sys.platform == "win32":
            from jupyter_aml.client.liveness import started_at

            has_ended = started_at(pid) is None
        else:
            try:
                has_ended = os.waitpid(pid, os.WNOHANG)[0] != 0
            except ChildProcessError:
                has_ended = True
        if has_ended:
            _ours.discard(pid)
