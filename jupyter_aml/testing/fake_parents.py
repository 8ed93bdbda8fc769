"""Sweeps and pipelines of a fake: the planners of the local backend, driven in memory.

What is planned is real (sampling, early termination, bindings, conditions, reuse); the jobs that
are made of it are a fake's.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from jupyter_aml.model.errors import AmlError, ErrorBody, Invalid
from jupyter_aml.model.job import (
    CommandJob,
    CreateJob,
    Job,
    JobSpec,
    ParentSpec,
    PipelineJob,
    ReusedJob,
    SweepJob,
)
from jupyter_aml.model.pipeline import StepList
from jupyter_aml.model.sweep import TrialList
from jupyter_aml.service.backends.local.parents import sweeps
from jupyter_aml.service.backends.local.parents.kind import Kind
from jupyter_aml.service.backends.local.parents.kinds import BOOT
from jupyter_aml.service.backends.local.parents.pipelines import Pipelines, spec_of_job
from jupyter_aml.service.backends.local.parents.planning import (
    Action,
    Cancel,
    Create,
    End,
    Show,
    View,
    plan_end,
)
from jupyter_aml.service.backends.local.parents.reuse import KEY, Reuse, Reused, reused
from jupyter_aml.service.backends.local.parents.step_rows import step_list
from jupyter_aml.service.backends.local.parents.sweeps import Sweeps

if TYPE_CHECKING:
    from jupyter_aml.testing.fake_jobs import FakeJobs
    from jupyter_aml.testing.fakes import FakeBackend


class _ReuseInMemory(Reuse):
    """Knows the steps of this backend alone."""

    def __init__(self) -> None:
        super().__init__(cast("Any", None), Path())
        self._done: dict[str, Job] = {}

    def of(self, spec: JobSpec) -> JobSpec:
        if not isinstance(spec, CommandJob):
            return spec
        key = self.key(spec)
        if (earlier := self._done.get(key)) is not None:
            return reused(spec, earlier)
        return msgspec.structs.replace(spec, properties={**spec.properties, KEY: key})

    def keep(self, job: Job) -> None:
        if (key := job.spec.properties.get(KEY)) and job.status == "Completed":
            self._done[key] = job


class FakeParents:
    """Of one backend; `FakeJobs` asks it about jobs that are made of others."""

    def __init__(self, backend: FakeBackend, jobs: FakeJobs) -> None:
        self._jobs = jobs
        self._news: dict[str, asyncio.Event] = {}
        self._refused: dict[str, dict[str, ErrorBody]] = {}
        self._kinds: dict[type, Kind] = {
            SweepJob: Sweeps(),
            PipelineJob: Pipelines(
                lambda text: backend.components.find(text), BOOT, _ReuseInMemory()
            ),
            ReusedJob: Reused(),
        }

    def checked(self, spec: ParentSpec) -> JobSpec:
        """Raises what is known to fail of it, and of the jobs that it would make."""
        return self._kinds[type(spec)].check(spec, self._jobs.checked)

    def heard(self, name: str) -> None:
        """Something happened to a part of the job `name`."""
        if (news := self._news.get(name)) is not None:
            news.set()

    def trials(self, job: Job) -> TrialList:
        if not isinstance(job.spec, SweepJob):
            raise Invalid(f"Job {job.name} is no sweep, so it has no trials.", target="name")
        return sweeps.trials(self._view(job))

    def steps(self, job: Job) -> StepList:
        spec_of_job(job)
        return step_list(self._view(job))

    async def live(self, name: str, cancel: asyncio.Event) -> None:
        """Make its jobs until it ends. `cancel` is set, and `heard` told, when it is to."""
        self._news[name] = asyncio.Event()
        try:
            while True:
                news = self._news[name] = asyncio.Event()
                view = self._view(self._jobs.now(name))
                kind = self._kinds[type(view.job.spec)]
                actions = plan_end(view, "Canceled") if cancel.is_set() else kind.plan(view)
                if await self._perform(kind, view, actions):
                    return
                await news.wait()
        finally:
            del self._news[name]

    def _view(self, job: Job) -> View:
        assert isinstance(job.spec, ParentSpec)
        children = self._jobs.parts_of(job.name)
        metric = self._kinds[type(job.spec)].metric(job.spec)
        reports = {
            child: [event.value for event in self._jobs.events_of(child) if event.name == metric]
            for child in children
        }
        told = {
            child: [one for one in values if one is not None] for child, values in reports.items()
        }
        return View(job, children, told, self._refused.get(job.name, {}))

    async def _perform(self, kind: Kind, view: View, actions: list[Action]) -> bool:
        """Whether the job has ended."""
        name = view.job.name
        for action in actions:
            match action:
                case Create():
                    await self._create(kind, view, action)
                case Cancel(child, reason):
                    await self._jobs.cancel(child, reason=reason)
                case Show(progress, doing, best):
                    self._jobs.show(name, progress=progress, doing=doing, best_child=best)
                case End(status, reason, error, outputs, registered):
                    for child in view.children.values():
                        kind.ended(child)
                    self._jobs.end(
                        name,
                        status,
                        reason=reason,
                        error=error,
                        outputs=dict(outputs),
                        registered=dict(registered),
                    )
                    return True
        return False

    async def _create(self, kind: Kind, view: View, create: Create) -> None:
        name = view.job.name
        try:
            spec = create.spec or kind.spec_of(view, create)
            spec = msgspec.structs.replace(spec, parent=name)
            await self._jobs.create(body=CreateJob(name=create.name, spec=spec))
        except AmlError as error:
            self._refused.setdefault(name, {})[create.name] = error.body()
        self.heard(name)
