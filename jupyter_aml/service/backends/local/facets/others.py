"""The small facets: cells, sessions, snapshots."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from jupyter_aml.model import api, job
from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.store import rows


class Cells:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def get(self, *, query: api.FindCell) -> job.CellRun:
        notebook = _as_kernels_say(query.notebook)
        found = rows.find_cell(self._engine.store.reader, notebook, query.cell_id)
        if found is None:
            raise NotFound("This cell has not run on managed compute.", target=query.cell_id)
        live = self._engine.jobs.get(found.job)
        if live is None:
            return found
        return job.CellRun(job=live.name, status=live.job.status, last_seq=live.log.last_seq)


def _as_kernels_say(notebook: str) -> str:
    """A notebook's path as its kernel tells it: pages abbreviate the home folder to ``~``."""
    return os.path.normpath(os.path.expanduser(notebook)) if notebook.startswith("~") else notebook


class Sessions:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def list(self) -> job.SessionList:
        nodes = self._engine.nodes()
        return job.SessionList([one for node in nodes for one in node.sessions.values()])

    async def delete(self, name: str) -> job.SessionList:
        """End a kept process; a cell it runs is canceled."""
        engine = self._engine
        for node in engine.nodes():
            if name not in node.sessions:
                continue
            for live in list(engine.jobs.values()):
                if live.session == name:
                    engine.runs.end(live, "Canceled")
            node.link.send({"op": "end_session", "name": name})
            return await self.list()
        known = [one for node in engine.nodes() for one in node.sessions]
        raise NotFound(
            f"There is no session {name!r}.",
            target="name",
            hint=f"There are: {', '.join(known) or 'none'}.",
        )


class SnapshotsFacet:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def create(self, *, body: api.TakeSnapshot) -> job.Snapshot:
        return await self.take(Path(body.path), body.limit_mb)

    async def take(self, folder: Path, limit_mb: int | None = None) -> job.Snapshot:
        """Of a folder of this machine; without a limit the person's preference holds."""
        engine = self._engine
        limit = limit_mb or engine.snapshot_limit_mb
        return await asyncio.to_thread(engine.snapshots.take, folder, limit)
