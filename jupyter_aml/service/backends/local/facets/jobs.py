"""The facet ``jobs``: accept, look up, follow, cancel."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from jupyter_aml.model import api, diagnosis, job, preflight, waiting
from jupyter_aml.model.compute import Sample, SampleList
from jupyter_aml.model.errors import AmlError, Conflict, Invalid, NotFound
from jupyter_aml.model.names import check_name, new_job_name
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.backends.local.jobs.acceptance import Acceptance
from jupyter_aml.service.backends.local.jobs.runs import new_job
from jupyter_aml.service.backends.local.scheduling import JobView
from jupyter_aml.service.backends.local.seams.advice import Advice
from jupyter_aml.service.backends.local.state import LiveJob
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.trouble import from_os

_BLOCK = 256 * 1024
_MOST_FILES = 10_000
_encode = msgspec.json.encode


class Jobs:
    """See `service.backends.protocol.JobsFacet` for who calls what."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._acceptance = Acceptance(engine)
        self._advice = Advice(engine, lambda body: self.check(body=body))
        self._accepting: dict[str, asyncio.Future[None]] = {}

    # -- looking ----------------------------------------------------------------------------

    async def list(self, *, query: api.ListJobs) -> msgspec.Raw:
        return msgspec.Raw(rows.list_jobs(self._engine.store.reader, query))

    async def get(self, name: str) -> job.Job:
        return _lean(self._find(name))

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
        return self._engine.waits.wait(self._find(name), self._engine.jobs.get(name))

    async def diagnosis(self, name: str) -> diagnosis.DiagnosisAnswer:
        return diagnosis.DiagnosisAnswer(job=name, diagnosis=self._find(name).diagnosis)

    async def create(self, *, body: job.CreateJob) -> job.Job:
        return _lean((await self._accept(body)).job)

    async def run(self, *, body: job.CreateJob) -> AsyncIterator[bytes]:
        live = await self._accept(body)
        return self._followed(live.name, live.job)

    async def _accept(self, body: job.CreateJob) -> LiveJob | _Ended:
        """Durable before it returns. Idempotent by name and spec."""
        if not body.name:
            return await self._admit(new_job_name(), body.spec)
        name = check_name("job", body.name)
        while name in self._accepting:
            await asyncio.wait([self._accepting[name]])
        known = self._engine.jobs.get(name) or self._ended(name)
        if known is not None:
            return await self._same(known, body.spec)
        turn = self._accepting[name] = asyncio.get_running_loop().create_future()
        try:
            return await self._admit(name, body.spec)
        finally:
            del self._accepting[name]
            turn.set_result(None)

    def _ended(self, name: str) -> _Ended | None:
        found = rows.get_job(self._engine.store.reader, name, payload=True)
        return _Ended(name, found) if found is not None else None

    async def _same(self, known: LiveJob | _Ended, spec: job.JobSpec) -> LiveJob | _Ended:
        """The job that has this name already, if it was asked for in the same words."""
        if _asked(known.job.spec) == _asked(spec):
            return known
        settled = await self._acceptance.settle(spec)
        if _asked(known.job.spec) != _asked(settled):
            raise Conflict(
                f"There is a job {known.name!r} already, with another spec.",
                target="name",
                hint="Leave --name out, or take a new name.",
            )
        return known

    async def _admit(self, name: str, spec: job.JobSpec) -> LiveJob:
        engine = self._engine
        spec = await self._acceptance.settle(spec)
        accepted = new_job(name, spec, engine.now())
        layout = engine.folders.layout(name)
        try:
            is_new = _make(layout.folder)
            await self._keep_what_waits(name, spec, layout.folder)
            log = engine.logs.open(name, layout.folder, is_new=is_new)
            live = LiveJob(job=accepted, log=log, layout=layout)
            if not engine.computes[spec.compute].queue:
                engine.runs.make_ready(live)
        except OSError as error:
            raise from_os(error, layout.folder) or error from error
        synced = await engine.store.write_and_sync(lambda conn: rows.save_job(conn, accepted))
        with contextlib.suppress(OSError):
            # Another may have taken its place meanwhile. If this copy fails, the segment of the
            # notebook is still there, and the job is stored: too late to refuse it.
            await self._keep_what_waits(name, spec, layout.folder)
        engine.jobs[name] = live
        with live.log.together():
            live.log.append("status", status="Queued", reason="", attempt=1)
            engine.enqueue(live)
        engine.changes.publish("job", name, rows.summary_of(live.job))
        try:
            # Committed, it may run already; accepted it is when a power cut cannot undo it.
            await synced
        except (AmlError, OSError):
            engine.runs.end(live, "Canceled")
            raise
        return live

    async def _keep_what_waits(self, name: str, spec: job.JobSpec, folder: Path) -> None:
        """Copy large variables to disk, unless the job would start at once, never to run again.

        What starts at once maps them before anybody can take them away (`runner.variables`).
        """
        if not isinstance(spec, job.CellJob) or spec.variables.segment is None:
            return
        view = JobView(name, spec.instance_count, spec.session)
        may_wait = spec.retries > 0 or not self._engine.starts_at_once(spec.compute, view)
        if may_wait and not (folder / "inputs.buf").exists():
            await asyncio.to_thread(_keep_segment, Path(spec.variables.segment.path), folder)

    # -- following --------------------------------------------------------------------------

    async def events(self, name: str, *, query: api.FollowJob) -> AsyncIterator[bytes]:
        self._find(name)
        return self._log_lines(name, query.after, wait=query.wait)

    async def _log_lines(self, name: str, after: int, *, wait: bool) -> AsyncIterator[bytes]:
        engine = self._engine
        log = engine.logs.open(name, engine.folders.layout(name).folder)
        async for lines in log.follow(after, wait=wait):
            yield lines

    async def _followed(self, name: str, accepted: job.Job) -> AsyncIterator[bytes]:
        """The job, its events to the end, and the job as it ended."""
        yield b'{"job":%b}\n' % _encode(_lean(accepted))
        async for lines in self._log_lines(name, 0, wait=True):
            yield lines
        yield b'{"job":%b}\n' % _encode(_lean(self._find(name)))

    async def history(self, name: str, *, query: api.History) -> SampleList:
        self._find(name)
        live = self._engine.jobs.get(name)
        if live is not None:
            return SampleList(list(live.samples)[-query.seconds :])
        path = self._engine.folders.layout(name).samples
        return SampleList((await asyncio.to_thread(_read_samples, path))[-query.seconds :])

    # -- ending and hiding ------------------------------------------------------------------

    async def cancel(self, name: str) -> job.Job:
        found = self._find(name)
        live = self._engine.jobs.get(name)
        if live is None:
            return _lean(found)
        self._engine.runs.end(live, "Canceled")
        return _lean(live.job)

    async def archive(self, name: str) -> job.Job:
        return await self._set_archived(name, archived=True)

    async def restore(self, name: str) -> job.Job:
        return await self._set_archived(name, archived=False)

    async def _set_archived(self, name: str, *, archived: bool) -> job.Job:
        changed = msgspec.structs.replace(self._find(name), archived=archived)
        live = self._engine.jobs.get(name)
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


def _keep_segment(segment: Path, folder: Path) -> None:
    unfinished = folder / ".inputs.buf"
    shutil.copyfile(segment, unfinished)
    with unfinished.open("rb+") as stream:
        os.fsync(stream.fileno())
    unfinished.rename(folder / "inputs.buf")


class _Ended(msgspec.Struct, frozen=True):
    """A job that is only in the store any more."""

    name: str
    job: job.Job


def _make(folder: Path) -> bool:
    """Make a job's folder; False if it was there already."""
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        return False
    return True


def _asked(spec: job.JobSpec) -> job.JobSpec:
    """The words of a request, without what differs between two sendings of the same one."""
    if isinstance(spec, job.CellJob) and spec.variables.segment is not None:
        variables = msgspec.structs.replace(spec.variables, segment=None)
        spec = msgspec.structs.replace(spec, variables=variables)
    return (
        msgspec.structs.replace(spec, display_name="", preload=[])
        if isinstance(spec, job.CellJob)
        else msgspec.structs.replace(spec, display_name="")
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
