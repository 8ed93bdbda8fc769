"""Which files a cell left in its working folder: one walk after it, none before."""

from __future__ import annotations

import os
import sys
import time
from collections import deque

_COARSE = 5  # CLOCK_REALTIME_COARSE, for which `time` has no name
_COARSEST = 4_000_000_000
"""Nanoseconds. Some filesystems count time in steps of two seconds."""
_COARSE_OF_FINE = 100_000_000
"""Where stamps have nanoseconds they are the kernel's clock, whose steps are 10 ms at most."""
_MOST = 200
_SECONDS = 0.02
"""Of CPU time. A notebook's folder may be a home folder with a million files."""
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})


def moment() -> int:
    """Now, by the clock that the kernel stamps files with; nanoseconds."""
    return time.clock_gettime_ns(_COARSE) if sys.platform == "linux" else time.time_ns()


def since(folder: str, start: int) -> list[str]:
    """Files below `folder` that came after `start`, relative to it; hidden ones aside.

    A folder in which nothing was created since has an older time stamp and is not looked into
    file by file; so a file that is rewritten in place is not new.
    """
    stamp = _stamp(folder)
    if _flat.get(folder) == stamp:
        return []
    found: list[str] = []
    deadline = time.thread_time() + _SECONDS
    pending = deque([""])
    while pending and len(found) < _MOST and time.thread_time() < deadline:
        inside = pending.popleft()  # the nearest first
        try:
            folders, files = _look(folder, inside, start)
        except OSError:
            continue  # not ours to read, or gone
        if not inside and not folders and _is_old(stamp):
            _flat[folder] = stamp
        pending.extend(folders)
        found.extend(files)
    return sorted(found)[:_MOST]


_Stamp = tuple[int, int, int]

_flat: dict[str, _Stamp] = {}
"""Folders that had none in them when they were looked into: as long as such a folder stays as it
was, there is nothing new in it. A session has one, mostly."""


def _stamp(folder: str) -> _Stamp:
    try:
        status = os.stat(folder)
    except OSError:
        return 0, 0, 0  # the walk will find nothing either
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def _is_old(stamp: _Stamp) -> bool:
    """Whether another change would show: those that follow at once may bear the same stamp."""
    newest = max(stamp[1:])
    return moment() - newest > (_COARSE_OF_FINE if newest % 1000 else _COARSEST)


def _look(folder: str, inside: str, start: int) -> tuple[list[str], list[str]]:
    path = os.path.join(folder, inside)
    changed = os.stat(path).st_mtime_ns >= start
    folders: list[str] = []
    files: list[str] = []
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name in _SKIPPED:
                continue
            name = os.path.join(inside, entry.name)
            if entry.is_dir(follow_symlinks=False):
                folders.append(name)
            elif changed and entry.stat(follow_symlinks=False).st_ctime_ns >= start:
                files.append(name)
    return folders, files
