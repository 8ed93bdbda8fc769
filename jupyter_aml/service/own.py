"""The facets that are the service's own: itself, the preferences, the workspaces."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from jupyter_aml.model.api import StopService, UseWorkspace
from jupyter_aml.model.errors import Conflict
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.model.storage import PruneReport, PruneStorage
from jupyter_aml.model.workspace import ServiceStatus, WorkspaceList
from jupyter_aml.service.backends.registry import Registry
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.preferences import read_preferences, write_preferences


class Process(Protocol):
    """What `ServiceFacet` needs of the daemon."""

    def status(self) -> ServiceStatus: ...

    async def end_everything(self) -> None:
        """End all jobs and nodes; the process itself ends after the answer was sent."""
        ...


Prune = Callable[[PruneStorage], Awaitable[PruneReport]]


class ServiceFacet:
    """``service.*``"""

    def __init__(self, process: Process, prune: Prune) -> None:
        self._process = process
        self._prune = prune

    async def prune(self, *, body: PruneStorage) -> PruneReport:
        return await self._prune(body)

    async def status(self) -> ServiceStatus:
        return self._process.status()

    async def stop(self, *, body: StopService) -> ServiceStatus:
        """Refuse while work is under way unless forced; else end it, then answer, then exit."""
        status = self._process.status()
        # A schedule does not end: it goes on with the next service.
        ending = {noun: n for noun, n in status.running.items() if noun != "schedules"}
        if any(ending.values()) and not body.force:
            raise Conflict(
                f"Stopping the service would end {_words(ending)}.",
                target="service",
                hint="Wait until they are done, or end them: `jupyter aml service stop --force`.",
            )
        await self._process.end_everything()
        return ServiceStatus(
            state="stopped",
            pid=status.pid,
            version=status.version,
            home=status.home,
            started_at=status.started_at,
        )


class PreferencesFacet:
    """``preferences.*``"""

    def __init__(self, store: Store, publish: Callable[[str, str, Preferences], None]) -> None:
        self._store = store
        self._publish = publish

    async def get(self) -> Preferences:
        return read_preferences(self._store.reader)

    async def update(self, *, body: Preferences) -> Preferences:
        await self._store.write(lambda conn: write_preferences(conn, body), durable=True)
        self._publish("preferences", "preferences", body)
        return body


class WorkspacesFacet:
    """``workspaces.*``"""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def list(self) -> WorkspaceList:
        return await self._registry.workspaces()

    async def use(self, *, body: UseWorkspace) -> WorkspaceList:
        """Open tabs are told the state of the workspace that became current."""
        return await self._registry.use(body.name)


def _words(running: dict[str, int]) -> str:
    """``{"jobs": 2, "nodes": 1}`` as "2 jobs and 1 node"."""
    parts = [
        f"{count} {noun if count != 1 else noun.removesuffix('s')}"
        for noun, count in running.items()
        if count
    ]
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
