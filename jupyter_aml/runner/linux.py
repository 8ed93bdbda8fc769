"""Ties between processes that the kernel keeps for us. Each does nothing where there is none."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from .process_table import MARKER

LINUX = sys.platform == "linux"
FORKS = LINUX and os.environ.get("JUPYTER_AML_START_METHOD") != "spawn"
"""Whether a process may be forked and go on in Python: macOS's frameworks do not survive that.

JUPYTER_AML_START_METHOD=spawn gives it up here too.
"""

PLACEHOLDER = "0" * 32
"""The nursery's value of the marker's variable; a forked job writes its own over it."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_OOM_SCORE = b"500"  # of 1000: a job goes before the notebook, the service and the node


_LIBC = ctypes.CDLL(None) if LINUX else None
# Looked up once: ctypes keeps what it found only after a search, which each fork would repeat.
_PRCTL = _LIBC.prctl if _LIBC is not None else None


def _prctl(option: int, value: int) -> None:
    if _PRCTL is not None:
        _PRCTL(option, value, 0, 0, 0)


def adopt_orphans() -> None:
    """Descendants of this process whose parents die become its children."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """Be killed when `parent`, who made this process, ends; at once if it ended already."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if LINUX and os.getppid() != parent:
        os._exit(1)


def offer_to_oom_killer() -> None:
    """When the machine itself runs out of memory, let this process be the one that goes."""
    if not LINUX:
        return
    try:
        file = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(file, _OOM_SCORE)
        os.close(file)
    except OSError:
        pass  # a container may forbid it


def set_affinity(cpus: list[int] | None) -> None:
    """Run on these CPUs only; on those of them that exist."""
    if not cpus or not hasattr(os, "sched_setaffinity"):
        return
    try:
        os.sched_setaffinity(0, cpus)
    except OSError:
        pass  # none of them may be used here any more: better everywhere than not at all


def thread_ids() -> set[str]:
    """Of this process's threads; empty where nobody can say."""
    return set(os.listdir("/proc/self/task")) if LINUX else set()


def threads() -> int:
    """How many threads this process has; 1 where nobody can say."""
    return len(os.listdir("/proc/self/task")) if LINUX else 1


class MarkerPlace:
    """Where the marker stands in this process's own ``/proc/self/environ``.

    Made in a process that was started with a marker or the placeholder, before the environment
    is touched; a fork has the same address. The service looks there for processes that outlived
    their node.
    """

    def __init__(self) -> None:
        self._place: ctypes.Array[ctypes.c_char] | None = None
        if _LIBC is not None and len(os.environ.get(MARKER, "")) == len(PLACEHOLDER):
            getenv = _LIBC.getenv
            getenv.restype = ctypes.c_void_p
            address = getenv(MARKER.encode())
            self._place = (ctypes.c_char * len(PLACEHOLDER)).from_address(address)

    def write(self, marker: str) -> None:
        """`marker` has 32 characters, as the placeholder has."""
        if self._place is not None and len(marker) == len(PLACEHOLDER):
            self._place.value = marker.encode("ascii")
