"""Shared memory that killed notebooks left behind.

A notebook removes its segments when it ends, and those of others with its first large variable
(`client.pool`). One that was killed leaves gigabytes of memory, and perhaps nobody comes after it:
so the service looks too, every now and then.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil

log = logging.getLogger(__name__)

GRACE_SECONDS = 60.0
"""A younger segment may be on its way to a job that maps it."""


def sweep(
    folder: Path,
    *,
    exists: Callable[[int], bool] = psutil.pid_exists,
    now: Callable[[], float] = time.time,
) -> None:
    """Remove segments (``<pid>.<start>.<number>``) whose process is gone. A job keeps its map.

    A process that got the number of another keeps that one's segments a little longer.
    """
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return  # no notebook has sent anything large
    for entry in entries:
        pid, _, rest = entry.name.partition(".")
        if not pid.isdigit() or not rest or exists(int(pid)):
            continue
        try:
            if now() - entry.stat(follow_symlinks=False).st_mtime >= GRACE_SECONDS:
                os.unlink(entry.path)
                log.info("removed %s, which a notebook left that is gone", entry.path)
        except OSError:
            continue  # another notebook was faster
