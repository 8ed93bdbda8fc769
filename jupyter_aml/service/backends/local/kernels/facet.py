"""The facet ``kernels``: Jupyter Server's provisioner asks for kernels here.

A kernel is a job. This facet finds the job of a kernel's name, and says of it what Jupyter has to
know; starting, ending, limits and recovery are those of jobs.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from jupyter_aml.model import kernel
from jupyter_aml.model.compute import ComputeInstance
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.job import CreateJob, Job, KernelJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.names import check_name
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.backends.local.facets.jobs import Jobs
from jupyter_aml.service.backends.local.kernels import files
from jupyter_aml.service.backends.local.state import LiveJob
from jupyter_aml.service.clock import iso
from jupyter_aml.service.store import rows


class Kernels:
    """See `service.backends.protocol.KernelsFacet` for who calls what."""

    def __init__(self, engine: Engine, jobs: Jobs) -> None:
        self._engine = engine
        self._jobs = jobs

    async def list(self) -> kernel.KernelList:
        living = [live.job for live in self._living().values()]
        return kernel.KernelList(
            [self._public(job) for job in living if job.status not in JOB.final]
        )

    async def get(self, name: str) -> kernel.Kernel:
        return self._public(self._job(name))

    async def start(self, *, body: kernel.StartKernel) -> kernel.Kernel:
        check_name("kernel", body.name)
        if (known := self._living().get(body.name)) is not None:
            if not known.ending:
                return self._taken_up(known, body)
            await known.finished.wait()  # it was asked to end: this is its restart
        self._check_compute(body.compute)
        home = self._engine.folders.home
        await asyncio.to_thread(_make_room, home, body.name, set(self._living()))
        made = await self._jobs.create(body=CreateJob(spec=_spec(body)))
        await asyncio.to_thread(files.remember, home, body.name, made.name)
        return self._public(self._job(body.name))

    async def delete(self, name: str) -> kernel.Kernel:
        """Ask it to end: SIGTERM, and SIGKILL after the grace of every cancelled job."""
        job = self._job(name)
        live = self._engine.jobs.get(job.name)
        if live is not None:
            self._engine.runs.end(live, "Canceled")
            job = live.job
        return self._public(job)

    # -- finding ----------------------------------------------------------------------------

    def _living(self) -> dict[str, LiveJob]:
        """Also one whose end is told already and not yet stored."""
        return {
            live.job.spec.kernel: live
            for live in self._engine.jobs.values()
            if isinstance(live.job.spec, KernelJob) and not live.finished.is_set()
        }

    def _job(self, name: str) -> Job:
        """Of the kernel that lives, else of the one of this name that ended last."""
        live = self._living().get(name)
        if live is not None:
            return live.job
        newest = files.newest_job(self._engine.folders.home, check_name("kernel", name))
        ended = self._engine.jobs.get(newest)  # so lately that the store has not heard of it
        if ended is not None:
            return ended.job
        found = rows.get_job(self._engine.store.reader, newest) if newest else None
        if found is None:
            raise NotFound(
                f"There is no kernel {name!r}.",
                target="name",
                hint="It ended a while ago. Choose a kernel for the notebook again.",
            )
        return found

    # -- refusing ---------------------------------------------------------------------------

    def _check_compute(self, name: str) -> None:
        if not isinstance(self._engine.compute(name).compute.spec, ComputeInstance):
            raise Invalid(
                f"A kernel runs on a compute instance, which {name} is not.",
                target="compute",
                hint="Create one with `%aml compute create NAME --type computeinstance`, or send "
                f"single cells there with `%%aml -c {name}`.",
            )

    def _taken_up(self, known: LiveJob, body: kernel.StartKernel) -> kernel.Kernel:
        if known.job.spec.compute != body.compute:
            raise Conflict(
                f"Kernel {body.name} runs on {known.job.spec.compute} already.",
                target="compute",
                hint="End it first, then choose the other instance.",
            )
        return self._public(known.job)

    # -- telling ----------------------------------------------------------------------------

    def _public(self, job: Job) -> kernel.Kernel:
        spec = job.spec
        assert isinstance(spec, KernelJob)
        engine = self._engine
        has_ended = job.status in JOB.final
        pulse = files.pulse(engine.folders.layout(job.name).attempt(job.attempt))
        state = "ended" if has_ended else pulse.state if pulse is not None else "starting"
        return kernel.Kernel(
            name=spec.kernel,
            job=job.name,
            compute=spec.compute,
            notebook=spec.notebook,
            state=state,
            reason=self._why_ended(job) if has_ended else job.status_reason,
            error=job.error,
            exit_code=job.exit_code,
            can_restart=self._takes_work(spec.compute),
            connection_file=str(files.connection(engine.folders.home, spec.kernel)),
            created_at=job.created_at,
            last_activity_at=iso(pulse.at) if pulse is not None else job.created_at,
        )

    def _takes_work(self, compute: str) -> bool:
        live = self._engine.computes.get(compute)
        return live is not None and live.compute.state in ("Running", "Restarting", "Starting")

    def _why_ended(self, job: Job) -> str:
        if job.error is not None:
            return job.error.message
        live = self._engine.computes.get(job.spec.compute)
        if live is None:
            return f"{job.spec.compute} was deleted."
        if not self._takes_work(live.name):
            because = f" ({live.compute.reason})" if live.compute.reason else ""
            return f"{live.name} was stopped{because}."
        return "It was shut down."


def _spec(body: kernel.StartKernel) -> KernelJob:
    where = Path(body.notebook).name
    return KernelJob(
        compute=body.compute,
        display_name=f"Kernel of {where}" if where else "Kernel",
        python=body.python,
        environment_variables=body.environment_variables,
        kernel=body.name,
        notebook=body.notebook,
        cwd=body.cwd,
    )


def _make_room(home: Path, name: str, living: set[str]) -> None:
    files.sweep(home, {*living, name})
    files.folder(home, name).mkdir(mode=0o700, parents=True, exist_ok=True)
