"""The shelf of what data assets and models hold. It stays as long as a version names it that is
not archived; an archived one whose files went gets them back by being registered again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from jupyter_aml.model.data import FILES, UNFINISHED, UPLOADS
from jupyter_aml.service.retention.removal import REMOVED, changed, entries, is_new, remove
from jupyter_aml.service.retention.shelf import Alive, Item, allocated
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.retained import contents, is_mentioned


class ContentShelf:
    """`folder` is the default datastore's. What else lies there is counted, and stays."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._store = store

    def list(self, alive: Alive) -> Iterator[Item]:
        with contextlib.closing(self._store.another_reader()) as reader:
            named = contents(reader)
            for path in entries(self._folder / UPLOADS):
                references = [name for name, _ in named.get(path.name, ())]
                held = self._why(reader, path.name, named)
                yield Item(
                    "data",
                    " ".join([*references[-1:], path.name]),
                    _share(path),
                    used_at=changed(path, alive.now),
                    held=held or ("it is new" if is_new(path, alive.now) else ""),
                    archived=bool(references) and not held,
                    leftover=path.name.startswith((UNFINISHED, REMOVED)) or not references,
                )
        unused = sum(allocated(path) for path in self._unused())
        if unused:
            yield Item("data", FILES, unused, leftover=True)
        for path in entries(self._folder):
            if path.name not in (UPLOADS, FILES):
                why = "jobs wrote it there, or somebody put it there"
                yield Item("data", path.name, allocated(path), held=why)

    def _unused(self) -> Iterator[Path]:
        """Files that no content holds any more."""
        for folder in entries(self._folder / FILES):
            yield from (path for path in entries(folder) if _links(path) == 1)

    def _remove_unused(self) -> None:
        for path in self._unused():
            path.unlink(missing_ok=True)  # who has linked it meanwhile keeps the file

    def _why(
        self, conn: sqlite3.Connection, key: str, named: dict[str, list[tuple[str, bool]]]
    ) -> str:
        """Why it has to stay, in words; "" if it may go."""
        for reference, archived in named.get(key, ()):
            if not archived:
                return f"{reference} is registered: archive it first"
            if is_mentioned(conn, f"azureml:{reference}"):
                return f"a job or a deployment needs {reference}"
        return "a job that has not ended needs it" if is_mentioned(conn, key) else ""

    async def remove(self, item: Item, alive: Alive) -> bool:
        if item.name == FILES:
            await asyncio.to_thread(self._remove_unused)
            return True
        path = self._folder / UPLOADS / item.name.rpartition(" ")[2]
        if not path.name.startswith((UNFINISHED, REMOVED)):
            await self._store.flush()
            reader = self._store.reader
            if is_new(path, alive.now) or self._why(reader, path.name, contents(reader)):
                return False  # the list may be minutes old
        await remove(path)
        return True


def _links(path: Path) -> int:
    try:
        return path.stat().st_nlink
    except OSError:
        return 0  # gone meanwhile


def _share(path: Path) -> int:
    """Bytes on the disk; a file that several contents hold counts in parts. What nobody else
    holds has two links, its own and the one in `FILES`."""
    total = 0.0
    for base, _, names in os.walk(path):
        for name in names:
            file = Path(base, name)
            total += allocated(file) / max(1, _links(file) - 1)
    return int(total)
