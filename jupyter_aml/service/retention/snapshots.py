"""The shelf of code folders. One is needed while a job that travels with it has not ended; later
it is kept so that the same folder need not be copied again."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from jupyter_aml.service.retention.shelf import Alive, Item, allocated
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.retained import (
    code_of_deployments,
    code_of_jobs,
    code_of_plans,
    is_code_needed,
)

PREFIX = "snapshot:"
_NEW_SECONDS = 3600.0
"""One that was taken or used so lately may belong to a job in the making."""


class SnapshotShelf:
    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._store = store

    def list(self, alive: Alive) -> Iterator[Item]:
        with contextlib.closing(self._store.another_reader()) as reader:
            used = code_of_jobs(reader)
            planned = {code.removeprefix(PREFIX) for code in code_of_plans(reader)}
            deployed = {code.removeprefix(PREFIX) for code in code_of_deployments(reader)}
        needed = {code.removeprefix(PREFIX) for code, live in used.values() if live}
        for path in _entries(self._folder):
            changed = _changed(path, alive.now)
            is_new = alive.now - changed < _NEW_SECONDS
            held = "a job that has not ended needs it" if path.name in needed else ""
            if path.name in planned:
                held = "a pipeline or a schedule needs it"
            if path.name in deployed:
                held = "a deployment needs it"
            yield Item(
                "snapshots",
                path.name,
                allocated(path),
                used_at=changed,
                held=held or ("it is new" if is_new else ""),
                leftover=path.name.startswith("."),
            )

    async def remove(self, item: Item, alive: Alive) -> bool:
        path = self._folder / item.name
        if not item.leftover:
            if await self._is_wanted(path, alive.now):
                return False
            unnamed = path.with_name(f".removed-{item.name}")
            with contextlib.suppress(FileNotFoundError):
                path.rename(unnamed)
            path = unnamed
        await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)
        return True

    async def _is_wanted(self, path: Path, now: float) -> bool:
        """Look again: the list may be minutes old."""
        if now - _changed(path, now) < _NEW_SECONDS:
            return True
        await self._store.flush()
        return is_code_needed(self._store.reader, PREFIX + path.name)


def _changed(path: Path, now: float) -> float:
    """When it was made or last asked for (`Snapshots.take` touches it)."""
    try:
        return path.stat().st_mtime
    except OSError:
        return now


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except FileNotFoundError:
        return []
