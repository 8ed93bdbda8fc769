"""What the parts of `BackendSuite` share: fixtures a subclass gives, and waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import msgspec
import pytest

from jupyter_aml.model.api import FollowJob, ListJobs
from jupyter_aml.model.compute import Compute
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import CellJob, CommandJob, CreateJob, Job, JobPage
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.service.backends.protocol import Backend, ComputeFacet, JobsFacet
from jupyter_aml.testing.clock import MovableClock
from jupyter_aml.testing.waiting import eventually

NAME_TRAPS = ("", "a/b", "../up", "a b", "ä", "a\n", "a\x00", "x" * 300, "-x", "a;b", "%41")


async def read_events(follow: AsyncIterator[bytes]) -> list[Event]:
    """Every event of a stream, heartbeats and the job line aside."""
    lines = b"".join([batch async for batch in follow]).splitlines()
    found = [msgspec.json.decode(line) for line in lines]
    return [msgspec.convert(one, Event) for one in found if one and "job" not in one]


async def page_of(jobs: JobsFacet, page: JobPage | msgspec.Raw | None = None) -> JobPage:
    """`page`, or the first one of all, whichever form the backend answers in."""
    found = page if page is not None else await jobs.list(query=ListJobs())
    return found if isinstance(found, JobPage) else msgspec.json.decode(found, type=JobPage)


class Suite:
    """What the parts share."""

    patience: ClassVar[float] = 60.0
    """Seconds until something must have happened."""
    here: ClassVar[str] = "local"
    """A compute that is always there and runs jobs at once; "" where there is none."""
    size: ClassVar[str] = ""
    """A size that fits twice; "" is the recommended one."""

    @pytest.fixture
    def backend(self) -> Backend:
        """A subclass opens its backend here, and closes it."""
        pytest.fail(f"{type(self).__name__} gives no fixture `backend`", pytrace=False)

    @pytest.fixture
    def clock(self, backend: Backend) -> MovableClock:
        """The clock that `backend` was given, where a subclass gave it one that can be moved."""
        pytest.skip(f"{type(self).__name__} gives no fixture `clock`")

    @pytest.fixture
    def computes(self, backend: Backend) -> ComputeFacet:
        if backend.compute is None:
            pytest.skip("this backend has no compute")
        return backend.compute

    @pytest.fixture
    def jobs(self, backend: Backend) -> JobsFacet:
        if backend.jobs is None:
            pytest.skip("this backend has no jobs")
        if not self.here:
            pytest.skip("this backend has no compute that is always there")
        return backend.jobs

    def command(self, line: str, *, name: str = "", **spec: Any) -> CreateJob:
        return CreateJob(name=name, spec=CommandJob(command=line, compute=self.here, **spec))

    def cell(self, source: str, **spec: Any) -> CreateJob:
        return CreateJob(spec=CellJob(source=source, compute=self.here, **spec))

    async def done(self, jobs: JobsFacet, name: str) -> Job:
        """The job, once its status is final."""

        async def look() -> Job | None:
            one = await jobs.get(name)
            return one if one.status in JOB.final else None

        found = await eventually(look, seconds=self.patience)
        assert found is not None
        return found

    async def becomes(self, computes: ComputeFacet, name: str, state: str) -> Compute:
        async def look() -> Compute | None:
            one = await computes.get(name)
            return one if one.state == state else None

        found = await eventually(look, seconds=self.patience)
        assert found is not None
        return found

    async def gone(self, computes: ComputeFacet, name: str) -> None:
        async def look() -> bool:
            return name not in [one.name for one in (await computes.list()).value]

        await eventually(look, seconds=self.patience)

    async def prints(self, jobs: JobsFacet, name: str, text: str) -> None:
        """Wait until the job has printed `text`."""

        async def look() -> bool:
            found = await self.events_of(jobs, name, wait=False)
            return text in "".join(event.text for event in found if event.kind == "stdout")

        await eventually(look, seconds=self.patience)

    async def events_of(self, jobs: JobsFacet, name: str, **query: Any) -> list[Event]:
        return await asyncio.wait_for(
            read_events(await jobs.events(name, query=FollowJob(**query))), self.patience
        )
