"""The workspaces of this service: which backends there are, which are open, which is current.

The first backend (``ServiceSettings.backend``: local) is opened at once. Others come from the
entry-point group ``jupyter_aml.backends``; looking for them takes tens of milliseconds, so that
happens when somebody asks for the list of workspaces, and one is opened when it is first used.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import msgspec

from jupyter_aml.model.errors import AmlError, NotFound
from jupyter_aml.model.workspace import Workspace, WorkspaceList
from jupyter_aml.service.backends.protocol import Backend, Changes
from jupyter_aml.service.money.spending import Spending
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store

log = logging.getLogger(__name__)

GROUP = "jupyter_aml.backends"
FACETS = (
    "compute",
    "jobs",
    "cells",
    "sessions",
    "kernels",
    "snapshots",
    "environments",
    "datastores",
    "data",
    "models",
    "online_endpoints",
    "online_deployments",
    "batch_endpoints",
    "batch_deployments",
    "components",
    "schedules",
    "connections",
)

_KEY = "workspace"

MakeBackend = Callable[[Callable[..., Backend], Changes], Backend]
"""Calls a backend's class with everything a backend is given."""


class CurrentOnly:
    """The `Changes` of one backend: passed on while its workspace is the current one."""

    def __init__(self, registry: Registry, changes: Changes) -> None:
        self._registry = registry
        self._changes = changes
        self.backend: Backend | None = None

    def publish(self, noun: str, name: str, value: msgspec.Struct | None) -> None:
        if self._registry.current is self.backend:
            self._changes.publish(noun, name, value)

    def publish_newest(self, noun: str, name: str, make: Callable[[], msgspec.Struct]) -> None:
        if self._registry.current is self.backend:
            self._changes.publish_newest(noun, name, make)


class Registry:
    """``current`` serves the requests; `open` comes first."""

    def __init__(self, store: Store, make: MakeBackend, changes: Changes, first: str) -> None:
        """`first` names the class of the backend to begin with, as module:class."""
        self._store = store
        self._make = make
        self._changes = changes
        self._first = first
        self._known: dict[str, Backend] = {}
        self._open: list[Backend] = []
        self._discovered = False
        self._choosing = asyncio.Lock()
        self.current: Backend = self._add(_load(first))
        self.first = self.current
        """The one that is always open; the Azure-compatible API is of this."""

    async def open(self) -> None:
        """Open the first workspace, and the one that was current when the last service ended."""
        await self._opened(self.current)
        kept = rows.get_value(self._store.reader, _KEY)
        name = kept.decode() if kept else ""
        if name and name not in self._known:
            try:
                await self.use(name)
            except AmlError as error:
                log.warning("the workspace %s is not opened again: %s", name, error)

    def facet(self, name: str) -> object | None:
        """The current workspace's facet of that name, None if it lacks it."""
        return getattr(self.current, name, None) if name in FACETS else None

    async def workspaces(self) -> WorkspaceList:
        await self._discover()
        value = [self._describe(backend) for backend in self._known.values()]
        return WorkspaceList(value=value, current=self.current.workspace.name)

    async def use(self, name: str) -> WorkspaceList:
        """Make a workspace the current one, opening it if need be. Raises `NotFound`."""
        await self._discover()
        backend = self._known.get(name)
        if backend is None:
            raise NotFound(
                f"There is no workspace {name!r}.",
                target="name",
                hint=f"There are: {', '.join(self._known)}.",
            )
        async with self._choosing:
            await self._opened(backend)
            await self._store.write(lambda conn: rows.set_value(conn, _KEY, name.encode()))
            self._switch(backend)
        return await self.workspaces()

    def spending(self) -> list[Spending]:
        """Of the open workspaces those that cost something."""
        found = [getattr(backend, "spending", None) for backend in self._open]
        return [one for one in found if one is not None]

    def running(self) -> dict[str, int]:
        """What would be ended, over all workspaces that are open."""
        counts = {"jobs": 0, "nodes": 0, "endpoints": 0}
        for backend in self._open:
            for noun, count in backend.running().items():
                counts[noun] = counts.get(noun, 0) + count
        return counts

    async def settled(self) -> None:
        for backend in self._open:
            await backend.settled()

    def state(self) -> list[tuple[str, str, msgspec.Struct]]:
        return self.current.state() if self.current in self._open else []

    async def close(self, *, end_everything: bool) -> None:
        """Close every workspace that is open; one that fails does not keep the others open."""
        while self._open:
            backend = self._open.pop()
            try:
                await backend.close(end_everything=end_everything)
            except Exception:  # somebody else's code; the service ends all the same
                log.exception("the workspace %s did not close", backend.workspace.name)

    def _switch(self, backend: Backend) -> None:
        """Open tabs see one workspace go and the other come."""
        before = {(noun, name) for noun, name, _ in self.state()}
        self.current = backend
        now = self.state()
        for noun, name in before - {(noun, name) for noun, name, _ in now}:
            self._changes.publish(noun, name, None)
        for noun, name, value in now:
            self._changes.publish(noun, name, value)

    async def _opened(self, backend: Backend) -> None:
        if backend not in self._open:
            await backend.open()
            self._open.append(backend)

    async def _discover(self) -> None:
        async with self._choosing:
            if self._discovered:
                return
            for name, made in await asyncio.to_thread(_load_others, self._first):
                if isinstance(made, Exception):
                    log.error("the backend %s cannot be loaded", name, exc_info=made)
                    continue
                self._add(made)
            self._discovered = True

    def _add(self, make: Callable[..., Backend]) -> Backend:
        scope = CurrentOnly(self, self._changes)
        scope.backend = self._make(make, scope)
        return self._known.setdefault(scope.backend.workspace.name, scope.backend)

    def _describe(self, backend: Backend) -> Workspace:
        if backend not in self._open:
            return backend.workspace
        facets = [name for name in FACETS if getattr(backend, name, None) is not None]
        return msgspec.structs.replace(backend.workspace, facets=facets)


def _load(reference: str) -> Callable[..., Backend]:
    from importlib import import_module

    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)


def _load_others(first: str) -> list[tuple[str, Any]]:
    """Every registered backend but the first: its class, or why it cannot be loaded."""
    from importlib.metadata import entry_points

    found: list[tuple[str, Any]] = []
    for point in entry_points(group=GROUP):
        if point.value.replace(" ", "") == first:
            continue
        try:
            found.append((point.name, point.load()))
        except Exception as error:  # somebody else's module: whatever it raises, ours goes on
            found.append((point.name, error))
    return found
