"""Which processes are ours: by pid and start time, and by the marker in their environment."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

MARKER = "JUPYTER_AML_MARKER"
_SLACK_SECONDS = 1.0
"""How far two readings of one process's start time may lie apart."""

_ROUNDS = 300
"""A killed process stays in the table until it is reaped; past this many looks we give up."""


_BOOTED = psutil.boot_time()
"""The boot time as the wall clock had it when this service began: it moves when that is set."""


def alive(pid: int | None, created: float | None) -> bool:
    """Whether that very process still runs, also after the clock was set. A zombie is dead."""
    if not pid or created is None:
        return False
    try:
        process = psutil.Process(pid)
        late = process.create_time() - created
        was_set = psutil.boot_time() - _BOOTED
        same = min(abs(late), abs(late - was_set)) < _SLACK_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def created(pid: int) -> float | None:
    """When `pid` started, as the clock has it now; None if there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None


def kill(pid: int | None, created: float | None) -> None:
    """SIGKILL it if it is still that very process."""
    if pid and alive(pid, created):
        try:
            psutil.Process(pid).kill()
        except psutil.Error:
            return


def end_all(those: Iterable[tuple[int, float]]) -> None:
    """Kill each, by pid and start time, and wait until it is gone. Blocks, for 3 s at most."""
    left = [each for each in those if alive(*each)]
    for _ in range(_ROUNDS):
        for each in left:
            kill(*each)
        left = [each for each in left if alive(*each)]
        if not left:
            return
        time.sleep(0.01)


def kill_marked(markers: Iterable[str]) -> int:
    """Kill every process whose environment holds one of `markers`; return how many.

    Blocks while it reads the process table: call it in a thread. A process that forks while we
    look is caught by the next round, so it looks until a round finds none.
    """
    wanted = {marker for marker in markers if marker}
    count = 0
    for _ in range(_ROUNDS):
        found = [pid for pid in psutil.pids() if _marker(pid) in wanted] if wanted else []
        if not found:
            break
        for pid in found:
            try:
                psutil.Process(pid).kill()
                count += 1
            except psutil.Error:
                continue
        time.sleep(0.01)
    return count


def _marker(pid: int) -> str:
    """The marker in the environment of `pid`; "" for one without, or not ours to read."""
    if pid == os.getpid():
        return ""
    try:
        block = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return _marker_elsewhere(pid)
    needle = MARKER.encode() + b"="
    at = block.find(needle)
    if at < 0:
        return ""
    start = at + len(needle)
    return block[start : start + 32].decode("ascii", "replace")


def _marker_elsewhere(pid: int) -> str:
    """Without /proc (macOS, Windows), or for a process that just ended."""
    if os.path.isdir("/proc/self"):
        return ""
    try:
        return psutil.Process(pid).environ().get(MARKER, "")
    except (psutil.Error, OSError):
        return ""
