"""What the shelves share: reading their folders, how new a thing is, and removing it whole."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from pathlib import Path

REMOVED = ".removed-"
"""Begins the name of what is being removed: a leftover, if the service is killed meanwhile."""

_NEW_SECONDS = 3600.0


def entries(folder: Path) -> list[Path]:
    """What lies in `folder`, by name; nothing where that is not there."""
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []


def folders(folder: Path) -> list[Path]:
    return [path for path in entries(folder) if path.is_dir()]


def changed(path: Path, now: float) -> float:
    """When it was made or last asked for, which touches it; `now` if it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return now


def is_new(path: Path, now: float) -> bool:
    """It may belong to something in the making, which does not name it yet."""
    return now - changed(path, now) < _NEW_SECONDS


def bury(path: Path) -> Path:
    """Take the name from what `path` is, in one step; where it lies then. Gone is no error."""
    if path.name.startswith(REMOVED):
        return path
    grave = path.with_name(f"{REMOVED}{path.name}")
    with contextlib.suppress(FileNotFoundError):
        path.rename(grave)
    return grave


async def remove(path: Path) -> None:
    """All of it: under a name that says so first, so nobody finds half of it."""
    await asyncio.to_thread(shutil.rmtree, bury(path), ignore_errors=True)
