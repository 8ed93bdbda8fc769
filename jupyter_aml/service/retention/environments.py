"""The shelf of built environments. One that is removed is built again by the next job that needs
it, so only those go that nobody registered: curated, archived, described by a job itself."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from jupyter_aml.service.environments.manifest import FILE
from jupyter_aml.service.environments.records import Record
from jupyter_aml.service.retention.removal import REMOVED, folders, remove
from jupyter_aml.service.retention.shelf import Alive, Item, allocated
from jupyter_aml.service.store import batch_rows, endpoint_rows, environment_rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.job_rows import active_jobs

LOGS = "logs"


class EnvironmentShelf:
    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._store = store

    def list(self, alive: Alive) -> Iterator[Item]:
        with contextlib.closing(self._store.another_reader()) as reader:
            records = environment_rows.list_environments(reader)
            held = self._held(reader, records, alive)
            known = {build.content for build in environment_rows.list_builds(reader)}
        for path in folders(self._folder):
            content = path.name
            is_known = content in known or content == LOGS
            why = "logs of builds are small" if content == LOGS else held.get(content, "")
            yield Item(
                "environments",
                _name(content, records),
                allocated(path),
                used_at=_used(path),
                held=why or ("" if is_known else "the service does not know it"),
                leftover=content.startswith(REMOVED),
            )

    def _held(
        self, conn: sqlite3.Connection, records: list[Record], alive: Alive
    ) -> dict[str, str]:
        """Content to why it has to stay, in words."""
        found: dict[str, str] = {}
        for record in records:
            if record.content and not record.archived:
                found[record.content] = f"{record.reference} is registered: archive it first"
        for build in environment_rows.list_builds(conn):
            if build.state == "Building":
                found[build.content] = "it is being built"
            elif alive.sessions:
                found.setdefault(build.content, "a kept process may use it")
        for job in active_jobs(conn):
            found[Path(job.spec.python).parent.parent.name] = "a job that has not ended needs it"
        deployments = [*endpoint_rows.list_deployments(conn), *batch_rows.list_deployments(conn)]
        deployed = {name for one in deployments for name in (one.spec.environment, one.environment)}
        for one in deployments:
            found[Path(one.python).parent.parent.name] = "a deployment needs it"
        for record in records:
            if record.content and deployed & {record.reference, record.name}:
                found[record.content] = "a deployment needs it"
        return found

    async def remove(self, item: Item, alive: Alive) -> bool:
        path = self._folder / item.name.rpartition(" ")[2]
        if not item.leftover:
            await self._store.flush()
            reader = self._store.reader
            records = environment_rows.list_environments(reader)
            if path.name in self._held(reader, records, alive):
                return False  # the list may be minutes old
        await remove(path)
        return True


def _name(content: str, records: list[Record]) -> str:
    """``trees:1 0123456789abcdef``: what it is called, and its folder."""
    names = [record.reference for record in records if record.content == content]
    return " ".join([*names[-1:], content])


def _used(path: Path) -> float | None:
    """When a job last began in it (`Builds.used` touches the manifest)."""
    try:
        return (path / FILE).stat().st_mtime
    except OSError:
        return None
