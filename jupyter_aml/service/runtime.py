"""The runtime file ``service.json``: how everybody finds the live service of a home.

The service writes it once it answers, touches it every few seconds and removes it when it ends.
Clients have a small reader of their own (`client.discovery`), since they import nothing of ours.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path

import msgspec
import psutil

FILE = "service.json"
TOUCH_SECONDS = 20.0
STALE_SECONDS = 90.0
"""A file of another host that was not touched for this long belongs to a service that is gone."""


class Runtime(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """``created`` is the start time of the process: a pid alone proves nothing."""

    url: str
    token: str
    pid: int
    created: float
    version: str
    api: int
    host: str
    boot_id: str
    home: str
    started_at: str

    def __repr__(self) -> str:
        return f"Runtime(pid={self.pid}, host={self.host!r}, url={self.url!r})"  # no token


def read(home: Path) -> Runtime | None:
    """The runtime file, or None when there is none that can be read."""
    try:
        return msgspec.json.decode((home / FILE).read_bytes(), type=Runtime)
    except (OSError, msgspec.MsgspecError):
        return None


def write(home: Path, runtime: Runtime) -> None:
    """Put it in place whole and private, so that no reader ever sees half a token."""
    temporary = home / f".{FILE}.{runtime.pid}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(msgspec.json.encode(runtime) + b"\n")
        temporary.replace(home / FILE)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def remove(home: Path, runtime: Runtime) -> None:
    """Remove our own; another service's stays."""
    if read(home) == runtime:
        (home / FILE).unlink(missing_ok=True)


def may_live(runtime: Runtime) -> bool:
    """False if its process is known to be gone; another host's cannot be seen from here."""
    if runtime.host != host():
        return True
    try:
        # clocks that jump move the start time of what was started before by up to a second
        return abs(psutil.Process(runtime.pid).create_time() - runtime.created) < 2.0
    except psutil.Error:
        return False


def seconds_since_touch(home: Path) -> float:
    """Age of the file by the clock of the filesystem itself: another host's may be wrong."""
    probe = home / f".touch.{os.getpid()}"
    try:
        probe.write_bytes(b"")
        return probe.stat().st_mtime - (home / FILE).stat().st_mtime
    except FileNotFoundError:
        return float("inf")
    finally:
        probe.unlink(missing_ok=True)


def host() -> str:
    return platform.node()


def boot_id() -> str:
    """Differs after every start of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return str(int(psutil.boot_time()))


def created() -> float:
    return psutil.Process().create_time()
