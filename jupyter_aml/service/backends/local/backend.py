"""The local workspace: the embedded default. Assembles the parts; has no logic of its own."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

from jupyter_aml.model.api import FindAsset
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.names import LOCAL
from jupyter_aml.model.registry import Model
from jupyter_aml.model.workspace import Workspace
from jupyter_aml.service.backends.local.batch.facets import BatchEndpoints
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.backends.local.facets.components import component_state, components_of
from jupyter_aml.service.backends.local.facets.computes import Computes
from jupyter_aml.service.backends.local.facets.jobs import Jobs
from jupyter_aml.service.backends.local.facets.others import Cells, Sessions, SnapshotsFacet
from jupyter_aml.service.backends.local.jobs.tasks import Keys
from jupyter_aml.service.backends.local.kernels.facet import Kernels
from jupyter_aml.service.backends.local.machine.probe import probe
from jupyter_aml.service.backends.local.machine.sizes import Sizes
from jupyter_aml.service.backends.local.recovery import Recovery
from jupyter_aml.service.backends.local.schedules.facet import Schedules
from jupyter_aml.service.backends.local.seams.endpoints import EndpointsSeam
from jupyter_aml.service.backends.local.seams.spending import LocalSpending
from jupyter_aml.service.backends.local.state import Folders
from jupyter_aml.service.backends.protocol import Changes
from jupyter_aml.service.clock import Clock
from jupyter_aml.service.codes.facet import Codes
from jupyter_aml.service.connections.facet import FOLDER, Connections
from jupyter_aml.service.joblog import JobLogs
from jupyter_aml.service.settings import LocalSettings
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store

_SETTLED_SECONDS = 5.0
"""The longest that `LocalBackend.settled` waits; an end usually takes milliseconds to store."""


class LocalBackend:
    """Real processes on this machine, no account. See `service.backends.protocol.Backend`."""

    def __init__(
        self,
        *,
        home: Path,
        store: Store,
        logs: JobLogs,
        changes: Changes,
        clock: Clock,
        settings: LocalSettings,
        run_folder: Path,
    ) -> None:
        self._folders = Folders(home, run_folder)
        self._store = store
        self._logs = logs
        self._changes = changes
        self._clock = clock
        self._settings = settings
        self._engine: Engine | None = None
        self._endpoints: EndpointsSeam | None = None
        self.workspace = Workspace(
            name="local", kind="local", location="this machine", user=_user()
        )

    async def open(self) -> None:
        folders = self._folders
        for folder in (folders.jobs, folders.snapshots, folders.node_logs, folders.run):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        machine = await probe()
        self.workspace = msgspec.structs.replace(
            self.workspace, description=f"{machine.summary}. Free, no account."
        )
        engine = Engine(
            folders,
            self._store,
            self._logs,
            self._changes,
            self._clock,
            self._settings,
            Sizes(machine),
            Keys(_secret(folders.home)),
        )
        self._engine = engine
        self.compute = Computes(engine)
        self.jobs = Jobs(engine)
        self.cells = Cells(engine)
        self.sessions = Sessions(engine)
        self.kernels = Kernels(engine, self.jobs)
        self.snapshots = SnapshotsFacet(engine)
        self.codes = Codes(self._store, self._clock, folders.snapshots, self.snapshots.take)
        self.connections = Connections(self._store, self._clock, folders.home / FOLDER)
        self.environments = engine.environments.facet
        self.datastores = engine.data.datastores_facet
        self.data = engine.data.facet
        self.models = engine.models.facet
        self.components = components_of(engine)
        endpoints = self._endpoints = EndpointsSeam(engine, self._find_model)
        self.online_endpoints = endpoints.endpoints
        self.online_deployments = endpoints.deployments
        self.spending = LocalSpending(engine, self.compute, endpoints.engine.metering)
        engine.models.served = endpoints.engine.serving
        self.batch_endpoints = BatchEndpoints(engine, self.jobs)
        self.batch_deployments = self.batch_endpoints.deployments
        self.schedules = Schedules(engine, self.jobs)
        engine.data.open()
        engine.models.open()
        self.batch_endpoints.open()
        await engine.tracking.open()
        await engine.environments.open()
        await Recovery(engine, self.compute).run()
        engine.sync_kernelspecs()
        await endpoints.open()
        self.schedules.calendar.open()

    async def _find_model(self, name: str, version: str) -> Model:
        return await self.models.get(name, query=FindAsset(version=version))

    async def close(self, *, end_everything: bool) -> None:
        engine = self._engine
        if engine is None:
            return
        engine.closing = True
        self.schedules.calendar.close()
        if self._endpoints is not None:
            await self._endpoints.close(end_everything=end_everything)
        await engine.environments.close()
        if end_everything:
            engine.kernelspecs.sync(())
            engine.parents.end_all()
            for live in list(engine.computes.values()):
                await engine.fleet.empty(live)
            await engine.parents.ended(_SETTLED_SECONDS)
            await engine.fleet.settle_starts()
            await engine.fleet.nursery.end()
        for node in engine.nodes():
            node.link.close()
        await engine.attached.close()
        engine.fleet.nursery.close()
        await engine.tracking.close(end_everything=end_everything)
        engine.waits.past.save()
        await engine.settle()
        engine.nodetime.meter.close()
        await engine.saving.now()
        await self._store.flush()
        await asyncio.sleep(0)  # the turn of the loop in which closed connections are let go

    def tell_jobs(self, variables: Mapping[str, str]) -> None:
        """Give these to every job that starts from now on; none to those that run already."""
        if self._engine is not None:
            self._engine.runs.variables = variables

    async def settled(self) -> None:
        engine = self._engine
        live = list(engine.jobs.values()) if engine is not None else []
        ending = [one.closed.wait() for one in live if one.job.status in JOB.final]
        # A full disk keeps them from ending, and whoever waits here may be about to make room.
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.gather(*ending), _SETTLED_SECONDS)

    def running(self) -> dict[str, int]:
        engine = self._engine
        if engine is None:
            return {"jobs": 0, "nodes": 0, "endpoints": 0}
        nodes = [n for n in engine.nodes() if n.record.compute != LOCAL or n.sessions]
        # A job that has ended stays for the moment until the store knows its end.
        going = [job for job in engine.jobs.values() if not job.finished.is_set()]
        kernels = sum(job.takes_no_place for job in going)
        endpoints = self._endpoints.running() if self._endpoints is not None else 0
        counts = {"jobs": len(going) - kernels, "nodes": len(nodes), "endpoints": endpoints}
        if kernels:
            counts["kernels"] = kernels
        if enabled := self.schedules.calendar.enabled:
            counts["schedules"] = enabled
        building = engine.environments.building
        return {**counts, "builds": building} if building else counts

    def state(self) -> list[tuple[str, str, msgspec.Struct]]:
        engine = self._engine
        if engine is None:
            return []
        computes = [("compute", c.name, engine.public(c)) for c in engine.computes.values()]
        nodes = [("node", n.name, n.public()) for n in engine.nodes()]
        sessions = [("session", s, one) for n in engine.nodes() for s, one in n.sessions.items()]
        jobs = [("job", j.name, rows.summary_of(j.job)) for j in engine.jobs.values()]
        return [
            *computes,
            *nodes,
            *sessions,
            *jobs,
            *engine.environments.state(),
            *engine.data.state(),
            *engine.models.state(),
            *component_state(engine),
            *self.batch_endpoints.state(),
            *self.schedules.state(),
            *(self._endpoints.state() if self._endpoints is not None else ()),
        ]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user id without a name.
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def _secret(home: Path) -> bytes:
    """32 random bytes of this home, made on first use."""
    path = home / "secret"
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, 0o600), "wb") as stream:
            stream.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    return path.read_bytes()
