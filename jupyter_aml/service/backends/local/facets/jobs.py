"""The facet ``jobs``: accept, look up, follow, cancel."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec

from jupyter_aml.model import (
    api,
    diagnosis,
    job,
    many,
    pipeline,
    preflight,
    registry,
    sweep,
    waiting,
)
from jupyter_aml.model.compute import Sample, SampleList
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.names import check_name, new_job_name
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.backends.local.facets.accepting import Accepting, Known
from jupyter_aml.service.backends.local.jobs.acceptance import Acceptance, check_words
from jupyter_aml.service.backends.local.jobs.runs import new_job
from jupyter_aml.service.backends.local.parents import pipelines, sweeps
from jupyter_aml.service.backends.local.parents.step_rows import step_list
from jupyter_aml.service.backends.local.seams.advice import Advice
from jupyter_aml.service.backends.local.state import LiveJob
from jupyter_aml.service.store import rows

_BLOCK = 256 * 1024
_MOST_FILES = 10_000
_COMPANY_SECONDS = 0.01
"""How long the answer to `run` waits for the job's first output: one wake-up for both."""
_encode = msgspec.json.encode


class Jobs:
    """See `service.backends.protocol.JobsFacet` for who calls what."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._acceptance = Acceptance(engine)
        self._advice = Advice(engine, lambda body: self.check(body=body))
        self._accepting = Accepting(engine, self._acceptance)
        engine.parents.use(self._accepting)

    # -- looking ----------------------------------------------------------------------------

    async def list(self, *, query: api.ListJobs) -> msgspec.Raw:
        await self._engine.saving.now()
        return msgspec.Raw(rows.list_jobs(self._engine.store.reader, query))

    async def get(self, name: str) -> job.Job:
        found = _lean(self._find(name))
        models = self._engine.models.of_job(name)
        return msgspec.structs.replace(found, models=models) if models else found

    def _find(self, name: str) -> job.Job:
        live = self._engine.jobs.get(name)
        if live is not None:
            return live.job
        found = rows.get_job(self._engine.store.reader, name)
        if found is None:
            raise NotFound(
                f"There is no job {name!r}.", target="name", hint="List them with `%aml job list`."
            )
        return found

    # -- accepting --------------------------------------------------------------------------

    async def check(self, *, body: job.CreateJob) -> job.Job:
        name = check_name("job", body.name) if body.name else new_job_name()
        spec = self._acceptance.check(body.spec)
        return _lean(new_job(name, spec, self._engine.now()))

    async def preflight(self, *, body: preflight.CheckJob) -> preflight.Preflight:
        return await self._advice.preflight(body)

    async def wait(self, name: str) -> waiting.Wait:
        live = self._engine.jobs.get(name)
        is_over = live is None or live.is_parent or live.finished.is_set()
        return self._engine.waits.wait(self._find(name), None if is_over else live)

    async def diagnosis(self, name: str) -> diagnosis.DiagnosisAnswer:
        return diagnosis.DiagnosisAnswer(job=name, diagnosis=self._find(name).diagnosis)

    async def create(self, *, body: job.CreateJob) -> job.Job:
        _check_whole(body)
        return _lean((await self._accepting.one(body)).job)

    async def create_many(self, *, body: many.CreateJobs) -> many.JobList:
        for each in body.jobs:
            _check_whole(each)
        return many.JobList([_lean(each.job) for each in await self._accepting.many(body.jobs)])

    async def run(self, *, body: job.CreateJob) -> AsyncIterator[bytes]:
        _check_whole(body)
        accepted = await self._accepting.followed(body)
        if isinstance(accepted, LiveJob):
            await accepted.log.next_event(_COMPANY_SECONDS)
        return self._followed(accepted)

    # -- following --------------------------------------------------------------------------

    async def events(self, name: str, *, query: api.FollowJob) -> AsyncIterator[bytes]:
        self._find(name)
        return self._log_lines(name, query.after, wait=query.wait)

    async def _log_lines(self, name: str, after: int, *, wait: bool) -> AsyncIterator[bytes]:
        engine = self._engine
        log = engine.logs.open(name, engine.folders.layout(name).folder)
        async for lines in log.follow(after, wait=wait):
            yield lines

    async def _followed(self, accepted: Known) -> AsyncIterator[bytes]:
        """The job, its events to the end, and the job as it ended."""
        yield b'{"job":%b}\n' % _encode(_lean(accepted.job))
        is_live = isinstance(accepted, LiveJob)
        events = accepted.log.follow(0) if is_live else self._log_lines(accepted.name, 0, wait=True)
        async for lines in events:
            yield lines
        ended = accepted.job if is_live else self._find(accepted.name)
        yield b'{"job":%b}\n' % _encode(_lean(ended))

    async def history(self, name: str, *, query: api.History) -> SampleList:
        self._find(name)
        live = self._engine.jobs.get(name)
        if live is not None:
            return SampleList(list(live.samples)[-query.seconds :])
        path = self._engine.folders.layout(name).samples
        return SampleList((await asyncio.to_thread(_read_samples, path))[-query.seconds :])

    async def metrics(self, name: str) -> registry.JobMetrics:
        self._find(name)
        return await self._engine.tracking.metrics(name)

    async def trials(self, name: str) -> sweep.TrialList:
        found = self._find(name)
        if not isinstance(found.spec, job.SweepJob):
            raise Invalid(
                f"Job {name} is no sweep, so it has no trials.",
                target="name",
                hint=f"It is a {found.spec.__struct_config__.tag} job: `%aml job show {name}`.",
            )
        return sweeps.trials(await self._engine.parents.view_of(found))

    async def steps(self, name: str) -> pipeline.StepList:
        found = self._find(name)
        pipelines.spec_of_job(found)
        return step_list(await self._engine.parents.view_of(found))

    # -- ending, describing and hiding ------------------------------------------------------

    async def cancel(self, name: str) -> job.Job:
        found = self._find(name)
        live = self._engine.jobs.get(name)
        if live is None:
            return _lean(found)
        self._engine.runs.end(live, "Canceled")
        asked = live.job
        await self._engine.saving.now()  # else a service that is killed now had said it for nothing
        return _lean(asked)

    async def update(self, name: str, *, body: job.UpdateJob) -> job.Job:
        asked = msgspec.structs.asdict(body)
        told = {key: value for key, value in asked.items() if value is not None}
        spec = msgspec.structs.replace(self._find(name).spec, **told)
        check_words(spec)
        return await self._change(name, spec=spec)

    async def archive(self, name: str) -> job.Job:
        return await self._change(name, archived=True)

    async def restore(self, name: str) -> job.Job:
        return await self._change(name, archived=False)

    async def _change(self, name: str, **told: Any) -> job.Job:
        live = self._engine.jobs.get(name)
        if live is not None and live.finished.is_set():
            await self._engine.saving.now()  # else how it ended would be stored after this
        changed = msgspec.structs.replace(self._find(name), **told)
        if live is not None:
            live.job = changed
        await self._engine.store.write(lambda conn: rows.save_job(conn, changed))
        self._engine.changes.publish("job", name, rows.summary_of(changed))
        return _lean(changed)

    # -- what it left -----------------------------------------------------------------------

    async def result(self, name: str) -> AsyncIterator[bytes]:
        found = self._find(name)
        if found.result is None or not found.result.path:
            raise NotFound(
                f"Job {name} left no variables.",
                target="name",
                hint=f"It is {found.status}. Only a cell that ended brings variables back.",
            )
        path = Path(found.result.path)
        buffers = path.with_name("result.buf")
        return _blocks([path, *([buffers] if found.result.lengths else [])], 0)

    async def files(self, name: str) -> job.FileList:
        self._find(name)
        folder = self._engine.folders.layout(name).folder
        return job.FileList(await asyncio.to_thread(_left_files, folder))

    async def read(self, name: str, *, query: api.ReadFile) -> AsyncIterator[bytes]:
        self._find(name)
        folder = self._engine.folders.layout(name).folder.resolve()
        path = (folder / query.path).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise NotFound(
                f"Job {name} has no file {query.path!r}.",
                target="path",
                hint=f"List them with `jupyter aml job show {name}`.",
            )
        if query.offset < 0:
            raise Invalid("offset is negative.", target="offset")
        return _blocks([path], query.offset)


def _check_whole(body: job.CreateJob) -> None:
    """Parts of a sweep or pipeline are made by it alone."""
    if body.spec.parent:
        raise Invalid(
            "A job cannot be made as a part of another: the service sets that itself.",
            target="spec.parent",
            hint="Leave it out.",
        )


def _lean(found: job.Job) -> job.Job:
    """Without the variables that came in: nobody reads them back."""
    spec = found.spec
    if not isinstance(spec, job.CellJob) or not spec.variables.pickle:
        return found
    variables = msgspec.structs.replace(spec.variables, pickle=b"")
    return msgspec.structs.replace(found, spec=msgspec.structs.replace(spec, variables=variables))


def _read_samples(path: Path) -> list[Sample]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Sample])
    except FileNotFoundError:
        return []


def _left_files(folder: Path) -> list[job.FileEntry]:
    """Outputs, working folders and raw streams; inputs and internal files stay hidden."""
    entries: list[job.FileEntry] = []
    for base, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(base, name)
            inner = path.relative_to(folder).as_posix()
            if _shown(inner) and len(entries) < _MOST_FILES and path.is_file():
                entries.append(job.FileEntry(path=inner, bytes=path.stat().st_size))
    return entries


def _shown(path: str) -> bool:
    first, _, rest = path.partition("/")
    if first.isdigit():
        return rest.startswith(("stdout.", "stderr."))
    return first == "outputs" or first == "work" or first.startswith("work-")


async def _blocks(paths: list[Path], offset: int) -> AsyncIterator[bytes]:
    """The bytes of files one after the other, read in a thread."""
    for path in paths:
        with path.open("rb") as stream:
            stream.seek(offset)
            offset = 0
            while block := await asyncio.to_thread(stream.read, _BLOCK):
                yield block
