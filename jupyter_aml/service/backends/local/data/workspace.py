"""Datastores and data assets of the local workspace, put together for the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING

import msgspec

from jupyter_aml.model.data import Data, Datastore
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import Job, ParentSpec
from jupyter_aml.service.backends.local.data.acceptance import assets_of
from jupyter_aml.service.backends.local.jobs import tasks
from jupyter_aml.service.data.catalogue import Catalogue
from jupyter_aml.service.data.facet import DataFacet, DatastoresFacet
from jupyter_aml.service.data.locator import Locator
from jupyter_aml.service.data.places import Datastores
from jupyter_aml.service.store import data_rows, rows

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

ARTIFACTS = ("artifacts", "default")
"""Azure's own names of the output that is the working folder: ``outputs/model`` lies below it."""


class LocalData:
    """Of one engine. ``facet`` and ``datastores_facet`` serve the routes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        folders, store, clock = engine.folders, engine.store, engine.clock
        self.datastores = Datastores(folders.blob, folders.home, store, clock, self._datastore)
        self.catalogue = Catalogue(store, clock, self._data)
        self.locator = Locator(self.datastores, self.catalogue.get, self._output)
        self.facet = DataFacet(self.catalogue, self.locator, engine.content, store)
        self.datastores_facet = DatastoresFacet(self.datastores, engine.content)

    def open(self) -> None:
        """Before jobs are taken up."""
        self.datastores.open()
        self.catalogue.open()

    def state(self) -> list[tuple[str, str, msgspec.Struct]]:
        """What a new feed is told."""
        return [
            *(("data", _name(one), one) for one in self.catalogue.newest(archived=False)),
            *(("datastore", one.name, one) for one in self.datastores.list()),
        ]

    def used(self, jobs: Sequence[Job]) -> None:
        """Note which versions of assets these accepted jobs read."""
        uses = {job.name: references for job in jobs if (references := assets_of(job.spec))}
        if uses:
            self._engine.store.post(lambda conn: _add_uses(conn, uses))

    def _data(self, data: Data) -> None:
        self._engine.changes.publish("data", _name(data), data)

    def _datastore(self, name: str, datastore: Datastore | None) -> None:
        self._engine.changes.publish("datastore", name, datastore)

    def _output(self, name: str, output: str) -> Path:
        """Where an output of a job lies, or will lie. Raises `NotFound`."""
        live = self._engine.jobs.get(name)
        job = live.job if live else rows.get_job(self._engine.store.reader, name)
        if job is None:
            raise NotFound(
                f"There is no job {name!r}.", target="path", hint="List them with `%aml job list`."
            )
        layout = self._engine.folders.layout(name)
        is_parent = isinstance(job.spec, ParentSpec)
        paths = {**({} if is_parent else tasks.output_paths(job.spec, layout)), **job.outputs}
        if output in paths:
            return Path(paths[output])
        if job.best_child:
            return self._output(job.best_child, output)
        if output in ARTIFACTS and not isinstance(job.spec, ParentSpec):
            return Path(tasks.working_folder(job.spec, layout, 0))
        known = ", ".join([*paths, ARTIFACTS[0]])
        raise NotFound(
            f"Job {name} has no output {output!r}.", target="path", hint=f"It has: {known}."
        )


def _add_uses(conn: Connection, uses: Mapping[str, Sequence[str]]) -> None:
    for job, references in uses.items():
        data_rows.add_uses(conn, references, job)


def _name(data: Data) -> str:
    return f"{data.name}:{data.version}"
