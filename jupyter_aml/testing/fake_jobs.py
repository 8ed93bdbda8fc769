"""The jobs facet of `testing.fakes.FakeBackend`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import msgspec

from jupyter_aml.model.api import FollowJob, History, ListJobs, ReadFile
from jupyter_aml.model.compute import SampleList
from jupyter_aml.model.diagnosis import DiagnosisAnswer
from jupyter_aml.model.errors import ComputeNotRunning, Conflict, ErrorBody, Invalid, NotFound
from jupyter_aml.model.event import Event, Kind
from jupyter_aml.model.job import (
    CommandJob,
    CreateJob,
    FileList,
    Job,
    JobPage,
    JobSpec,
    ParentSpec,
    UpdateJob,
)
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.many import CreateJobs, JobList
from jupyter_aml.model.names import LOCAL, check_name, new_job_name
from jupyter_aml.model.pipeline import StepList
from jupyter_aml.model.preflight import CheckJob, Preflight, Problem
from jupyter_aml.model.registry import JobMetrics, Metric
from jupyter_aml.model.sweep import TrialList
from jupyter_aml.model.waiting import Wait, WaitStage
from jupyter_aml.service.backends.local.jobs import expressions
from jupyter_aml.service.store.rows import summary_of
from jupyter_aml.testing.fake_parents import FakeParents
from jupyter_aml.testing.script import Exit, Show, Sleep, Step, Write, steps

if TYPE_CHECKING:
    from jupyter_aml.testing.fakes import FakeBackend


@dataclass
class _Kept:
    """A job, its events as lines, and who waits for the next."""

    job: Job
    asked: JobSpec
    lines: list[bytes] = field(default_factory=list[bytes])
    news: asyncio.Event = field(default_factory=asyncio.Event)
    cancel: asyncio.Event = field(default_factory=asyncio.Event)


class FakeJobs:
    """Jobs start as soon as their compute is ready and do what `testing.script` reads in them."""

    def __init__(self, backend: FakeBackend) -> None:
        self._backend = backend
        self._kept: dict[str, _Kept] = {}
        self._files = backend.files
        self.parents = FakeParents(backend, self)
        self.dies_halfway = False

    # -- the facet --------------------------------------------------------------------------

    async def list(self, *, query: ListJobs) -> JobPage:
        if query.status not in ("", "active", *JOB.states):
            raise Invalid(f"A job's status is never {query.status!r}.", target="status")
        found = [one for one in self.newest_first() if _matches(one, query)]
        start = int(query.after or 0)
        end = start + query.max_results
        following = str(end) if end < len(found) else ""
        return JobPage(value=[summary_of(one) for one in found[start:end]], next=following)

    async def get(self, name: str) -> Job:
        return self._find(name).job

    async def create(self, *, body: CreateJob) -> Job:
        made = self._made(body)
        known = self._kept.get(made.name)
        if known is not None:
            if _runs(known.asked) != _runs(body.spec):
                raise Conflict(
                    f"Job {made.name!r} exists with another spec.",
                    target="name",
                    hint="Leave out the name, or choose another.",
                )
            return known.job
        kept = self._kept[made.name] = _Kept(made, body.spec)
        self._move(kept, "Queued", attempt=1)
        self._backend.spawn(self._live(kept))
        return kept.job

    async def create_many(self, *, body: CreateJobs) -> JobList:
        names = [each.name for each in body.jobs if each.name]
        if len(set(names)) < len(names):
            raise Invalid("Several of the jobs have the same name.", target="name")
        for each in body.jobs:
            known = self._kept.get(self._made(each).name)
            if known is not None and _runs(known.asked) != _runs(each.spec):
                raise Conflict(f"Job {each.name!r} exists with another spec.", target="name")
        return JobList([await self.create(body=each) for each in body.jobs])

    async def run(self, *, body: CreateJob) -> AsyncIterator[bytes]:
        made = await self.create(body=body)
        return self._followed(self._find(made.name), made)

    async def check(self, *, body: CreateJob) -> Job:
        return self._made(body)

    async def preflight(self, *, body: CheckJob) -> Preflight:
        asked = (body.spec.compute if body.spec is not None else body.compute) or LOCAL
        if self._backend.compute.exists(asked):
            return Preflight(compute=asked)
        problem = Problem(code=NotFound.code, cause=f"There is no compute {asked!r}")
        return Preflight(compute=asked, problems=[problem])

    async def wait(self, name: str) -> Wait:
        job = self._find(name).job
        waiting = job.started_at is None and job.ended_at is None
        stage = WaitStage(name="queued", state="current" if waiting else "done")
        return Wait(job=name, waiting=waiting, stages=[stage])

    async def diagnosis(self, name: str) -> DiagnosisAnswer:
        return DiagnosisAnswer(job=name, diagnosis=self._find(name).job.diagnosis)

    async def cancel(self, name: str, *, reason: str = "") -> Job:
        kept = self._find(name)
        if kept.job.status in JOB.final:
            return kept.job
        if kept.job.status != "CancelRequested":
            self._move(kept, "CancelRequested", reason=reason)
        kept.cancel.set()
        self.parents.heard(name)
        return kept.job

    async def update(self, name: str, *, body: UpdateJob) -> Job:
        asked = msgspec.structs.asdict(body)
        told = {key: value for key, value in asked.items() if value is not None}
        kept = self._find(name)
        spec = msgspec.structs.replace(kept.job.spec, **told)
        for tag, value in spec.tags.items():
            if len(tag) > 100 or len(value) > 1000:
                raise Invalid(f"The tag {tag[:40]!r} is too long.", target="tags")
        return self._put(kept, spec=spec)

    async def archive(self, name: str) -> Job:
        return self._put(self._find(name), archived=True)

    async def restore(self, name: str) -> Job:
        return self._put(self._find(name), archived=False)

    async def events(self, name: str, *, query: FollowJob) -> AsyncIterator[bytes]:
        return self._follow(self._find(name), query.after, wait=query.wait)

    async def history(self, name: str, *, query: History) -> SampleList:
        self._find(name)
        return SampleList(value=[])

    async def metrics(self, name: str) -> JobMetrics:
        found: dict[str, Metric] = {}
        for event in self.events_of(name):
            if event.kind == "metric":
                metric = found.setdefault(
                    event.name, Metric(name=event.name, steps=[], times=[], values=[])
                )
                metric.steps.append(event.step or len(metric.steps))
                metric.times.append(self._backend.clock.time())
                metric.values.append(event.value)
        return JobMetrics(metrics=list(found.values()))

    async def trials(self, name: str) -> TrialList:
        return self.parents.trials(self._find(name).job)

    async def steps(self, name: str) -> StepList:
        return self.parents.steps(self._find(name).job)

    async def result(self, name: str) -> AsyncIterator[bytes]:
        self._find(name)
        raise NotFound(f"Job {name!r} left no variables.", target="name")

    async def files(self, name: str) -> FileList:
        return self._files.of(self._find(name).job.name)

    async def read(self, name: str, *, query: ReadFile) -> AsyncIterator[bytes]:
        content = self._files.read(self._find(name).job.name, query.path)
        return _at_once(content[query.offset :])

    # -- for the other facets ---------------------------------------------------------------

    def events_of(self, name: str) -> list[Event]:
        """Everything in a job's log, as it is now."""
        return [msgspec.json.decode(line, type=Event) for line in self._find(name).lines]

    def parts_of(self, parent: str) -> dict[str, Job]:
        """The jobs that it has made, by name, oldest first."""
        return {
            name: kept.job for name, kept in self._kept.items() if kept.job.spec.parent == parent
        }

    def end(self, name: str, status: str, **observed: Any) -> None:
        """The last word of a parent's planner about its job."""
        self._move(self._find(name), status, ended_at=self._backend.now(), **observed)

    def show(self, name: str, **observed: Any) -> None:
        self._put(self._find(name), **observed)

    def now(self, name: str) -> Job:
        return self._find(name).job

    def newest_first(self) -> Sequence[Job]:
        return [kept.job for kept in reversed(self._kept.values())]

    def active(self) -> Sequence[Job]:
        return [kept.job for kept in self._kept.values() if kept.job.status not in JOB.final]

    def say(self, name: str, kind: str, /, **fields: Any) -> None:
        """Add an event to a job's log, as its process or the service would."""
        kept = self._find(name)
        seq = len(kept.lines) + 1
        event = Event(seq=seq, time=self._backend.now(), kind=cast("Kind", kind), **fields)
        kept.lines.append(msgspec.json.encode(event) + b"\n")
        kept.job = msgspec.structs.replace(kept.job, last_seq=seq)
        kept.news.set()
        kept.news = asyncio.Event()
        self.parents.heard(kept.job.spec.parent)

    # -- a job's life -------------------------------------------------------------------------

    def _made(self, body: CreateJob) -> Job:
        name = check_name("job", body.name) if body.name else new_job_name()
        spec = self.checked(body.spec)
        return Job(name=name, spec=spec, status=JOB.initial, created_at=self._backend.now())

    def checked(self, spec: JobSpec) -> JobSpec:
        """`spec` as it is kept. Raises what `create` refuses it by."""
        if isinstance(spec, ParentSpec):
            return self.parents.checked(spec)
        if isinstance(spec, CommandJob):
            expressions.check(spec.command, spec.inputs, spec.outputs, spec.parameters)
        if not self._backend.compute.exists(spec.compute):
            raise NotFound(f"There is no compute {spec.compute!r}.", target="compute")
        if self._backend.compute.is_stopped(spec.compute):
            raise ComputeNotRunning(
                f"Compute {spec.compute!r} is stopped.",
                target="compute",
                hint=f"Start it with `%aml compute start {spec.compute}`.",
            )
        return spec

    async def _live(self, kept: _Kept) -> None:
        if isinstance(kept.job.spec, ParentSpec):
            self._move(kept, "Running", started_at=self._backend.now())
            await self.parents.live(kept.job.name, kept.cancel)
            return
        while not kept.cancel.is_set() and not self._backend.compute.is_ready(
            kept.job.spec.compute
        ):
            await self._backend.clock.sleep(0.01)
        while not kept.cancel.is_set():
            self._move(kept, "Running", started_at=self._backend.now())
            end = await self._act(kept, [*steps(kept.job.spec, self._files.values(kept.job))])
            if end is not None:
                self._finish(kept, end)
                return
            if kept.cancel.is_set():
                break
            if not self._again(kept):
                return
        reason = kept.job.status_reason
        self._move(kept, "Canceled", reason=reason, ended_at=self._backend.now())

    async def _act(self, kept: _Kept, todo: Sequence[Step]) -> Exit | None:
        """The job's end; None when it was canceled or its node died."""
        for number, step in enumerate(todo):
            if kept.cancel.is_set() or (self.dies_halfway and number >= len(todo) // 2):
                return None
            if isinstance(step, Exit):
                return step
            if isinstance(step, Sleep):
                await self._sleep(kept, step.seconds)
            elif isinstance(step, Write):
                self._files.write(kept.job.name, step)
            elif isinstance(step, Show):
                text = self._files.show(kept.job.name, step)
                if text is None:
                    self.say(kept.job.name, "stderr", text=f"cat: {step.path}: not found\n")
                    return Exit(1)
                self.say(kept.job.name, "stdout", text=text)
            else:
                self.say(kept.job.name, step.kind, **step.fields)
                await asyncio.sleep(0)
        return Exit(0)

    async def _sleep(self, kept: _Kept, seconds: float) -> None:
        canceled = asyncio.ensure_future(kept.cancel.wait())
        over = asyncio.ensure_future(self._backend.clock.sleep(seconds))
        try:
            await asyncio.wait({canceled, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            canceled.cancel()
            over.cancel()

    def _again(self, kept: _Kept) -> bool:
        """After its node died: queued again if retries are left."""
        if kept.job.attempt > kept.job.spec.retries:
            error = ErrorBody(code="JobFailed", message="The node of the job went away.")
            self._move(kept, "Failed", reason="NodeLost", error=error, ended_at=self._backend.now())
            return False
        self._move(kept, "Queued", attempt=kept.job.attempt + 1)
        return True

    def _finish(self, kept: _Kept, end: Exit) -> None:
        self._move(kept, "Finalizing", exit_code=end.code)
        ended = self._backend.now()
        if end.code == 0:
            outputs = self._files.outputs(kept.job)
            self._move(kept, "Completed", ended_at=ended, outputs=outputs)
            return
        message = f"The command ended with exit code {end.code}."
        code = "JobFailed"
        if end.ename:
            message, code = f"{end.ename}: {end.evalue}", "RemoteError"
        error = ErrorBody(code=code, message=message)
        self._move(kept, "Failed", reason="UserError", error=error, ended_at=ended)

    def _move(self, kept: _Kept, status: str, *, reason: str = "", **observed: Any) -> None:
        JOB.check(kept.job.status, status, name=kept.job.name)
        kept.job = msgspec.structs.replace(
            kept.job, status=status, status_reason=reason, **observed
        )
        self.say(kept.job.name, "status", status=status, reason=reason, attempt=kept.job.attempt)
        self._put(kept)

    def _put(self, kept: _Kept, **observed: Any) -> Job:
        kept.job = msgspec.structs.replace(kept.job, **observed)
        self._backend.changes.publish("job", kept.job.name, summary_of(kept.job))
        return kept.job

    def _find(self, name: str) -> _Kept:
        kept = self._kept.get(name)
        if kept is None:
            raise NotFound(
                f"There is no job {name!r}.", target="name", hint="List them: `%aml job list`."
            )
        return kept

    async def _followed(self, kept: _Kept, accepted: Job) -> AsyncGenerator[bytes]:
        """The job, its events, and the job as it ended."""
        yield msgspec.json.encode({"job": accepted}) + b"\n"
        async for batch in self._follow(kept, 0, wait=True):
            yield batch
        yield msgspec.json.encode({"job": kept.job}) + b"\n"

    async def _follow(self, kept: _Kept, after: int, *, wait: bool) -> AsyncGenerator[bytes]:
        while True:
            news = kept.news
            ended = kept.job.status in JOB.final
            if batch := b"".join(kept.lines[after:]):
                after = len(kept.lines)
                yield batch
            if ended or not wait:
                return
            if after == len(kept.lines):
                await news.wait()


def _runs(spec: JobSpec) -> JobSpec:
    """What of a request makes it another job: not what `jobs.update` changes."""
    return msgspec.structs.replace(spec, display_name="", description="", tags={}, properties={})


def _matches(one: Job, query: ListJobs) -> bool:
    return (
        (query.include_archived or not one.archived)
        and query.status in ("", one.status, "active" if one.status not in JOB.final else "")
        and query.compute in ("", one.spec.compute)
        and query.experiment_name in ("", one.spec.experiment_name)
        and query.parent == one.spec.parent
    )


async def _at_once(content: bytes) -> AsyncGenerator[bytes]:
    yield content
