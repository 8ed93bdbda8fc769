"""From a request to jobs that are durable and in line: what `jobs.create` and its kin do.

Accepted means: a row of the store that a power cut cannot undo. A job that only waits is nothing
but that row; its folder is made when it starts, or when there is something to keep in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from jupyter_aml.model import job
from jupyter_aml.model.errors import Conflict, Invalid, TooLarge
from jupyter_aml.model.many import MOST_AT_ONCE
from jupyter_aml.model.names import check_name, new_job_name
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.backends.local.jobs.acceptance import Acceptance
from jupyter_aml.service.backends.local.jobs.runs import make_folder, new_job
from jupyter_aml.service.backends.local.jobs.tasks import Layout
from jupyter_aml.service.backends.local.scheduling import JobView
from jupyter_aml.service.backends.local.state import LiveJob
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.trouble import from_os

log = logging.getLogger(__name__)

_SYNC_SECONDS = 0.02
"""Until the row of a followed job is on the disk: quick ones that follow each other share that."""


class Ended(msgspec.Struct, frozen=True):
    """A job that is only in the store any more."""

    name: str
    job: job.Job


Known = LiveJob | Ended


class Accepting:
    """Of one engine. Idempotent by name and spec: the same words again are the same job."""

    def __init__(self, engine: Engine, acceptance: Acceptance) -> None:
        self._engine = engine
        self._acceptance = acceptance
        self._under_way: dict[str, asyncio.Future[None]] = {}

    async def one(self, body: job.CreateJob) -> Known:
        """Durable before it returns: a power cut cannot undo it."""
        known = await self._committed(body, followed=False)
        await _durable(known)
        return known

    async def followed(self, body: job.CreateJob) -> Known:
        """Committed before it returns, so that a killed service does not lose it, and durable
        `_SYNC_SECONDS` later. For a caller who follows it, and loses more by a power cut."""
        return await self._committed(body, followed=True)

    async def _committed(self, body: job.CreateJob, *, followed: bool) -> Known:
        if not body.name:
            return (await self._admit([(new_job_name(), body.spec)], followed=followed))[0]
        name = check_name("job", body.name)
        async with self._alone(name):
            known = self._known(name)
            if known is not None:
                return await self._same(known, body.spec)
            return (await self._admit([(name, body.spec)], followed=followed))[0]

    async def many(self, bodies: Sequence[job.CreateJob]) -> list[Known]:
        """All of them or none, in one commit; in the order that was given. Durable as `one`."""
        names = [check_name("job", body.name) if body.name else new_job_name() for body in bodies]
        _check_names(names)
        async with self._alone(*names):
            ended = rows.ended_among(self._engine.store.reader, names)
            found: dict[str, Known] = {}
            for name, body in zip(names, bodies, strict=True):
                known = self._known(name) if name in ended else self._engine.jobs.get(name)
                if known is not None:
                    found[name] = await self._same(known, body.spec)
            new = [(n, b.spec) for n, b in zip(names, bodies, strict=True) if n not in found]
            made = await self._admit(new) if new else []
            found |= {live.name: live for live in made}
        if made:
            await _durable(made[0])  # they share a commit
        return [found[name] for name in names]

    @asynccontextmanager
    async def _alone(self, *names: str) -> AsyncGenerator[None]:
        """Of two requests for one name the second sees what became of the first."""
        while busy := {self._under_way[name] for name in names if name in self._under_way}:
            await asyncio.wait(busy)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._under_way |= dict.fromkeys(names, turn)
        try:
            yield
        finally:
            for name in names:
                del self._under_way[name]
            turn.set_result(None)

    def _known(self, name: str) -> Known | None:
        live = self._engine.jobs.get(name)
        if live is not None:
            return live
        if not os.path.exists(self._engine.folders.layout(name).text):
            return None  # what has ended has left its log there
        found = rows.get_job(self._engine.store.reader, name, payload=True)
        return Ended(name, found) if found is not None else None

    async def _same(self, known: Known, spec: job.JobSpec) -> Known:
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

    async def _admit(
        self, wanted: Sequence[tuple[str, job.JobSpec]], *, followed: bool = False
    ) -> list[LiveJob]:
        """Every check of every spec comes before anything of any of them is kept.

        They are committed, and may run already; `LiveJob.synced` tells what comes of the disk.
        """
        engine = self._engine
        specs = await self._acceptance.settle_all(spec for _, spec in wanted)
        settled = zip((name for name, _ in wanted), specs, strict=True)
        alone = len(wanted) == 1
        lives = [await self._open(*each, alone=alone, followed=followed) for each in settled]
        accepted = [live.job for live in lives]
        synced = await engine.store.write_and_sync(
            lambda conn: _save_all(conn, accepted), within=_SYNC_SECONDS if followed else 0.0
        )
        engine.data.used(accepted)
        for live in lives:
            with contextlib.suppress(OSError):
                # Another may have taken its place meanwhile. If this copy fails, the segment of
                # the notebook is still there, and the job is stored: too late to refuse it.
                await self._keep_what_waits(live.name, live.job.spec, live.layout)
            engine.jobs[live.name] = live
            live.log.append_later("status", status="Queued", reason="", attempt=1)
        engine.enqueue(*lives)
        for live in lives:
            live.synced = synced
            engine.publish_job(live.job)
        synced.add_done_callback(lambda done: self._synced(lives, done))
        return lives

    def _synced(self, lives: Sequence[LiveJob], done: asyncio.Future[None]) -> None:
        """Jobs that the disk refuses are none: who waits for them gets the error."""
        if done.cancelled() or (error := done.exception()) is None:
            return
        for live in lives:
            log.error("job %s is not on the disk, so it ends: %s", live.name, error)
            self._engine.runs.end(live, "Canceled")

    async def _open(self, name: str, spec: job.JobSpec, *, alone: bool, followed: bool) -> LiveJob:
        """The job with its log; with its folders too if it will likely start at once.

        `alone`: no other comes with it.
        """
        engine = self._engine
        layout = engine.folders.layout(name)
        try:
            at_once = alone and not isinstance(spec, job.ParentSpec)
            at_once = at_once and not engine.computes[spec.compute].queue
            is_new = make_folder(layout.text) if at_once else not os.path.exists(layout.text)
            await self._keep_what_waits(name, spec, layout)
            log = engine.logs.open(name, layout.text, is_new=is_new)
            if followed:
                log.expect_follower()
            live = LiveJob(job=new_job(name, spec, engine.now()), log=log, layout=layout)
            if at_once:
                engine.runs.make_ready(live)
        except OSError as error:
            raise from_os(error, layout.folder) or error from error
        return live

    async def _keep_what_waits(self, name: str, spec: job.JobSpec, layout: Layout) -> None:
        """Copy large variables to disk, unless the job would start at once, never to run again.

        What starts at once maps them before anybody can take them away (`runner.variables`).
        """
        if not isinstance(spec, job.CellJob) or spec.variables.segment is None:
            return
        view = JobView(name, spec.instance_count, spec.session)
        may_wait = spec.retries > 0 or not self._engine.starts_at_once(spec.compute, view)
        if may_wait and not (layout.folder / "inputs.buf").exists():
            make_folder(layout.text)
            segment = Path(spec.variables.segment.path)
            await asyncio.to_thread(_keep_segment, segment, layout.folder)


async def _durable(known: Known) -> None:
    """Wait until the disk has its row; raises what the disk says."""
    if isinstance(known, LiveJob) and known.synced is not None:
        await asyncio.shield(known.synced)  # others may wait for the same


def _check_names(names: Sequence[str]) -> None:
    if len(names) > MOST_AT_ONCE:
        raise TooLarge(
            f"{len(names):,} jobs in one request are more than {MOST_AT_ONCE:,}.",
            target="jobs",
            hint="Send them in parts; each part is accepted as a whole.",
        )
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise Invalid(
            f"{count} of the jobs are called {name!r}.",
            target="name",
            hint="Leave the names out, or give each job its own.",
        )


def _save_all(conn: sqlite3.Connection, jobs: Sequence[job.Job]) -> None:
    for each in jobs:
        rows.save_job(conn, each)


def _keep_segment(segment: Path, folder: Path) -> None:
    unfinished = folder / ".inputs.buf"
    shutil.copyfile(segment, unfinished)
    with unfinished.open("rb+") as stream:
        os.fsync(stream.fileno())
    unfinished.rename(folder / "inputs.buf")


def _asked(spec: job.JobSpec) -> job.JobSpec:
    """The words of a request, without what differs between two sendings of the same one."""
    if isinstance(spec, job.CellJob) and spec.variables.segment is not None:
        variables = msgspec.structs.replace(spec.variables, segment=None)
        spec = msgspec.structs.replace(spec, variables=variables)
    if isinstance(spec, job.CellJob):
        spec = msgspec.structs.replace(spec, preload=[])
    # what `jobs.update` changes is no part of what runs
    return msgspec.structs.replace(spec, display_name="", description="", tags={}, properties={})
