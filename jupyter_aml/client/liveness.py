"""Whether a process is still the one we knew: pid and start time, since a pid alone is reused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

TOLERANCE_SECONDS = 2.0
"""psutil derives start times from the boot time, which moves a little as the clock is adjusted."""


def is_alive(pid: int, created: float) -> bool:
    """Whether `pid` runs and was started at `created` (seconds, as psutil gives it)."""
    started = started_at(pid)
    return started is not None and abs(started - created) <= TOLERANCE_SECONDS


def started_at(pid: int) -> float | None:
    """When the process was started, in seconds since the epoch; None if there is none (left).

    A zombie is dead: it only waits for its parent to look.
    """
    if sys.platform == "linux":
        try:
            return _from_proc(pid)
        except (OSError, ValueError, IndexError):
            return None
    return _from_psutil(pid)


def boot_id() -> str:
    """Names this run of the machine; "" where the system has no such thing."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def host() -> str:
    import socket

    return socket.gethostname()


def _from_proc(pid: int) -> float | None:
    # The name of the program, in parentheses, may itself hold spaces and parentheses.
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    fields = stat[stat.rindex(")") + 2 :].split()
    if fields[0] in "ZX":
        return None
    ticks = int(fields[19])
    return _boot_time() + ticks / os.sysconf("SC_CLK_TCK")


def _boot_time() -> float:
    for line in Path("/proc/stat").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    raise ValueError("no btime in /proc/stat")


def _from_psutil(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None
