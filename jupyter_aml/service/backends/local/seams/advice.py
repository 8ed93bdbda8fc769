"""The facts of a pre-flight strip on the local workspace: the seam to `service.preflight`.

Refuses nothing and keeps nothing. Everything is looked up in memory; walking the folder happens in
a thread and stops when it takes too long.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from jupyter_aml.model.compute import AmlCompute, LocalCompute
from jupyter_aml.model.environment import KERNEL, Environment
from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.job import CellJob, CreateJob, Job, JobSpec
from jupyter_aml.model.pipeline import PipelineJob
from jupyter_aml.model.preflight import (
    CheckJob,
    EnvironmentCheck,
    Preflight,
    Problem,
    QuotaLeft,
    Ships,
)
from jupyter_aml.model.waiting import UsualStart
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.backends.local.jobs.snapshots import PREFIX
from jupyter_aml.service.backends.local.machine import quota
from jupyter_aml.service.backends.local.machine.sizes import price
from jupyter_aml.service.backends.local.seams.waits import size_name
from jupyter_aml.service.backends.local.state import LiveCompute
from jupyter_aml.service.pipelines.steps import environments_of
from jupyter_aml.service.preflight import folder, problems
from jupyter_aml.service.preflight.source import Source, read
from jupyter_aml.service.store.preferences import read_preferences
from jupyter_aml.service.waiting.past import start

_FOLDER_SECONDS = 0.06
"""How long the folder is counted; what is not counted by then is said not to be."""
_MB = 1024 * 1024

Check = Callable[[CreateJob], Awaitable[Job]]


class Advice:
    """Of one engine. `check` is what refuses a job: `Jobs.check`."""

    def __init__(self, engine: Engine, check: Check) -> None:
        self._engine = engine
        self._check = check

    async def preflight(self, body: CheckJob) -> Preflight:
        spec = body.spec or self._spec(body)
        compute = self._engine.computes.get(spec.compute)
        found: list[Problem] = []
        wanted = [] if isinstance(spec, PipelineJob) else [spec.environment]
        try:
            accepted = (await self._check(CreateJob(spec=spec))).spec
            if isinstance(accepted, PipelineJob):
                wanted = list(dict.fromkeys(environments_of(accepted.jobs)))
        except AmlError as error:
            found.append(problems.refused(error))
        if compute is None:
            return Preflight(compute=spec.compute, nodes=spec.instance_count, problems=found)
        source = read(spec.source) if isinstance(spec, CellJob) else Source()
        found += problems.syntax(source)
        if not self._engine.tracking.is_installed:
            found += problems.no_tracking(source, sys.executable)
        ships = await self._ships(spec)
        if ships is not None:
            found += problems.too_large(ships, str(spec.code))
        environments: list[EnvironmentCheck] = []
        for name in wanted:
            known, more = self._environment(name, spec, source, body.folder)
            environments.append(known)
            found += more
        return self._told(compute, spec, ships, environments, _once(found))

    def _spec(self, body: CheckJob) -> JobSpec:
        """What a browser knows of a cell, as the job that its kernel would make of it."""
        preferred = read_preferences(self._engine.store.reader).default_compute
        name = body.compute or preferred
        here = os.path.abspath(os.path.expanduser(body.folder)) if body.folder else ""
        is_local = name == LocalCompute().name
        return CellJob(
            source=body.source or "pass",
            compute=name,
            environment=body.environment,
            python=body.python,
            cwd=here if is_local and os.path.isdir(here) else "",
            code=here if not is_local and os.path.isdir(here) else None,
            instance_count=body.instance_count,
            session=body.session,
        )

    def _told(
        self,
        compute: LiveCompute,
        spec: JobSpec,
        ships: Ships | None,
        environments: list[EnvironmentCheck],
        found: list[Problem],
    ) -> Preflight:
        engine = self._engine
        public = engine.public(compute)
        asked = public.spec
        size = engine.size_of(public)
        tier = asked.tier if isinstance(asked, AmlCompute) else "dedicated"
        each = price(size, tier) if size is not None else None
        machine, attached = engine.sizes.machine, public.machine
        is_pipeline = isinstance(spec, PipelineJob)
        return Preflight(
            compute=compute.name,
            state=public.state,
            type=str(asked.__struct_config__.tag),
            size=size.name if size else "",
            vcpus=size.vcpus if size else (attached or machine).cores,
            memory_gb=size.memory_gb
            if size
            else round((attached or machine).memory_bytes / 2**30, 1),
            gpus=size.gpus if size else 0 if attached else len(machine.gpus),
            gpu_model=size.gpu_model if size else "",
            nodes=spec.instance_count,
            price_per_hour=None if each is None else round(each * spec.instance_count, 4),
            low_priority=tier == "low_priority",
            rehearsal=size is not None and size.rehearsal,
            quota=self._quota(compute),
            start=self._start(compute, spec.environment),
            ships=ships,
            environment=None if is_pipeline else environments[0],
            environments=environments if is_pipeline else [],
            problems=found,
        )

    # -- parts ------------------------------------------------------------------------------

    def _start(self, compute: LiveCompute, environment: str) -> UsualStart | None:
        waits = self._engine.waits
        situation = waits.situation(compute)
        size = size_name(compute)
        found = waits.past.usual(f"start:{situation}", size=size, environment=environment)
        return start(size, environment, situation, found) if found is not None else None

    def _quota(self, compute: LiveCompute) -> QuotaLeft | None:
        """The row that leaves this compute the least, beside what others hold of it."""
        engine = self._engine
        size = engine.size_of(compute.compute)
        if size is None:
            return None
        asked = compute.compute.spec
        own = (
            quota.claim(asked, size)
            if size.rehearsal
            else quota.claim_now(asked, size, len(compute.nodes))
        )
        names = own.rows or (quota.MACHINE,)
        held = [(live.compute.spec, len(live.nodes)) for live in engine.computes.values()]
        cores = engine.sizes.machine.cores
        rows = [
            row
            for row in quota.usages(held, engine.sizes.get, engine.limits, cores)
            if row.name in names
        ]
        if not rows:
            return None
        least = min(rows, key=lambda row: row.limit - row.current_value)
        left = min(least.limit, max(0, least.limit - least.current_value + own.cores))
        others = [words for words in least.holders if words != own.words]
        return QuotaLeft(name=least.name, left=left, limit=least.limit, holders=others)

    async def _ships(self, spec: JobSpec) -> Ships | None:
        """None where nothing travels: on ``local`` a cell runs in its own folder."""
        code = spec.code
        if code is None or code.startswith(PREFIX) or not os.path.isdir(code):
            return None
        engine = self._engine
        until = engine.clock.monotonic() + _FOLDER_SECONDS
        left_out: list[str] = []
        return await asyncio.to_thread(
            folder.measure,
            engine.snapshots.files(Path(code), left_out),
            left_out,
            limit_bytes=engine.snapshot_limit_mb * _MB,
            is_late=lambda: engine.clock.monotonic() > until,
        )

    def _environment(
        self, wanted: str, spec: JobSpec, source: Source, here: str
    ) -> tuple[EnvironmentCheck, list[Problem]]:
        """What a built environment lacks; of ``kernel`` only the kernel itself can tell."""
        unknown = EnvironmentCheck(name=wanted, python=spec.python, checked=False)
        try:
            environment = self._engine.environments.facet.described(wanted)
        except AmlError as error:
            return unknown, [problems.refused(error)]
        if environment.name == KERNEL:
            return unknown, []
        name = environment.reference
        if environment.state != "Succeeded":
            waits = problems.not_built(name, environment.state, environment.usual_seconds)
            return EnvironmentCheck(name=name, python=environment.python, checked=False), waits
        lacking = _lacking(source, environment, spec.code or getattr(spec, "cwd", "") or here)
        check = EnvironmentCheck(name=name, python=environment.python, missing=lacking)
        return check, problems.missing(source, lacking, name)


def _lacking(source: Source, environment: Environment, here: str) -> list[str]:
    if source.installs or not environment.modules:
        return []
    has = {*environment.modules, *sys.stdlib_module_names, "jupyter_aml"}
    return [name for name in source.imports if name not in has and not _is_own(name, here)]


def _is_own(name: str, here: str) -> bool:
    """A module of the person's own, which lies in the folder that travels."""
    folder = os.path.expanduser(here)
    return bool(folder) and (
        os.path.isfile(os.path.join(folder, f"{name}.py"))
        or os.path.isdir(os.path.join(folder, name))
    )


def _once(found: list[Problem]) -> list[Problem]:
    """The same thing is not told twice, by the refusal and by the closer look."""
    seen: dict[tuple[str, str], Problem] = {}
    for problem in found:
        seen.setdefault((problem.code, problem.where), problem)
    return list(seen.values())
