"""An in-memory backend that honours `service.backends.protocol`, and ones that misbehave.

Its jobs run no process: `testing.script` turns a command line or a cell into steps. So the HTTP
layer, clients and user interfaces can be tested in milliseconds, and mishaps can be had on
demand. Give it a `FakeClock` to decide when things happen, or none to have them happen at once.

A real daemon runs on it when ``ServiceSettings.backend`` is
``jupyter_aml.testing.fakes:FakeBackend``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from jupyter_aml.model.api import FindCell
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import CellJob, CellRun
from jupyter_aml.model.workspace import Workspace
from jupyter_aml.service.backends.protocol import Changes
from jupyter_aml.service.clock import Clock, SystemClock, iso
from jupyter_aml.service.store.rows import summary_of
from jupyter_aml.testing.fake_components import FakeComponents
from jupyter_aml.testing.fake_compute import FakeCompute
from jupyter_aml.testing.fake_files import FakeFiles
from jupyter_aml.testing.fake_jobs import FakeJobs
from jupyter_aml.testing.fake_schedules import FakeSchedules


class RecordingChanges:
    """The `Changes` of a test: remembers what was published, newest last."""

    def __init__(self) -> None:
        self.published: list[tuple[str, str, msgspec.Struct | None]] = []

    def publish(self, noun: str, name: str, value: msgspec.Struct | None) -> None:
        self.published.append((noun, name, value))

    def publish_newest(self, noun: str, name: str, make: Callable[[], msgspec.Struct]) -> None:
        self.publish(noun, name, make())

    def of(self, noun: str, name: str) -> list[Any]:
        """Every state that was published of one thing."""
        return [value for n, known, value in self.published if (n, known) == (noun, name)]


class FakeBackend:
    """A whole workspace in memory. Takes, and mostly ignores, what every backend is given."""

    start_seconds = 0.0
    """How long a machine takes to start, by the clock."""

    def __init__(
        self, *, changes: Changes | None = None, clock: Clock | None = None, **_given: Any
    ) -> None:
        self.workspace = Workspace(name="fake", kind="fake", description="In memory, for tests")
        self.clock: Clock = clock or SystemClock()
        self.changes: Changes = changes or RecordingChanges()
        self.files = FakeFiles()
        self.compute = FakeCompute(self)
        self.jobs = FakeJobs(self)
        self.cells = FakeCells(self.jobs)
        self.sessions = None
        self.kernels = None
        self.snapshots = None
        self.codes = None
        self.environments = None
        self.batch_endpoints = None
        self.batch_deployments = None
        self.datastores = None
        self.data = None
        self.models = None
        self.components = FakeComponents(self)
        self.online_endpoints = None
        self.online_deployments = None
        self.schedules = FakeSchedules(self)
        self.connections = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self.changes.publish("compute", "local", await self.compute.get("local"))

    async def close(self, *, end_everything: bool) -> None:
        if end_everything:
            for one in self.jobs.active():
                await self.jobs.cancel(one.name)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.files.close()

    async def settled(self) -> None:
        pass

    def running(self) -> dict[str, int]:
        nodes = self.compute.all_nodes()
        return {"jobs": len(self.jobs.active()), "nodes": len(nodes), "endpoints": 0}

    def state(self) -> list[tuple[str, str, msgspec.Struct]]:
        computes = [("compute", one.name, one) for one in self.compute.all()]
        nodes = [("node", one.name, one) for one in self.compute.all_nodes()]
        jobs = [("job", one.name, summary_of(one)) for one in self.jobs.active()]
        return [*computes, *nodes, *jobs]

    def now(self) -> str:
        return iso(self.clock.time())

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class FakeCells:
    def __init__(self, jobs: FakeJobs) -> None:
        self._jobs = jobs

    async def get(self, *, query: FindCell) -> CellRun:
        for one in self._jobs.newest_first():
            spec = one.spec
            if isinstance(spec, CellJob) and query.cell_id:
                wanted = query.notebook, query.cell_id
                if (spec.notebook, spec.cell_id) == wanted:
                    return CellRun(job=one.name, status=one.status, last_seq=one.last_seq)
        raise NotFound("This cell has not run here.", target="cellId")


class SlowToStart(FakeBackend):
    """Machines take an hour; until then jobs are Queued and computes are Creating."""

    start_seconds = 3600.0


class DiesHalfway(FakeBackend):
    """Every job's node dies in the middle of it: queued again while retries are left."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.jobs.dies_halfway = True


class ForgetsItsNodes(FakeBackend):
    """Says that there are no nodes while jobs run on them."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.compute.forgets_nodes = True
