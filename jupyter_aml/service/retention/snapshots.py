"""The shelf of code folders. One is needed while a job that travels with it has not ended; later
it is kept so that the same folder need not be copied again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from jupyter_aml.service.retention.removal import changed, folders, is_new, remove
from jupyter_aml.service.retention.shelf import Alive, Item, allocated
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.retained import (
    code_of_deployments,
    code_of_jobs,
    code_of_plans,
    is_code_needed,
)

PREFIX = "snapshot:"


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
        for path in folders(self._folder):
            held = "a job that has not ended needs it" if path.name in needed else ""
            if path.name in planned:
                held = "a pipeline or a schedule needs it"
            if path.name in deployed:
                held = "a deployment needs it"
            yield Item(
                "snapshots",
                path.name,
                allocated(path),
                used_at=changed(path, alive.now),
                held=held or ("it is new" if is_new(path, alive.now) else ""),
                leftover=path.name.startswith("."),
            )

    async def remove(self, item: Item, alive: Alive) -> bool:
        path = self._folder / item.name
        if not item.leftover and await self._is_wanted(path, alive.now):
            return False
        await remove(path)
        return True

    async def _is_wanted(self, path: Path, now: float) -> bool:
        """Look again: the list may be minutes old."""
        if is_new(path, now):
            return True
        await self._store.flush()
        return is_code_needed(self._store.reader, PREFIX + path.name)
