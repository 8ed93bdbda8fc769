"""What the doctor is told of a local job, read from its folder: the seam to `service.doctor`.

Called once, when a job has ended badly; what it says is stored with the job.
"""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_aml.model.diagnosis import Diagnosis
from jupyter_aml.model.job import Job, JobSpec, ParentSpec
from jupyter_aml.service.backends.local.jobs.snapshots import PREFIX
from jupyter_aml.service.backends.local.jobs.tasks import Layout, working_folder
from jupyter_aml.service.backends.local.seams.waits import compute_offers
from jupyter_aml.service.backends.local.state import LiveJob
from jupyter_aml.service.doctor.diagnose import diagnose
from jupyter_aml.service.doctor.nearest import files_below
from jupyter_aml.service.doctor.symptoms import TAIL_BYTES, Offer, Symptoms

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

log = logging.getLogger(__name__)


class Doctor:
    """Of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def examine(self, live: LiveJob, ended: Job) -> Diagnosis | None:
        """Why `ended` did not complete; None when no rule is sure. Raises nothing."""
        if ended.status == "Completed" or ended.status_reason == "Canceled":
            return None
        offers = self._offers(live)
        try:
            return await asyncio.to_thread(_diagnose, ended, live, offers)
        except Exception:  # whatever is wrong with a rule, the job must come to its end
            log.exception("the doctor failed on job %s", ended.name)
            return None

    def _offers(self, live: LiveJob) -> tuple[Offer, ...]:
        return tuple(
            Offer(one.name, one.memory_gb, one.gpus, one.price_per_hour or None)
            for one in compute_offers(self._engine, live.job.spec.instance_count)
            if not one.low_priority
        )


def _diagnose(ended: Job, live: LiveJob, offers: tuple[Offer, ...]) -> Diagnosis | None:
    folder = live.layout.attempt(ended.attempt)
    record = live.nodes[0].record if live.nodes else None
    return diagnose(
        Symptoms(
            job=ended,
            stdout=_tail(folder / "stdout.0"),
            stderr=_tail(folder / "stderr.0"),
            stack=_tail(folder / "where.0") if ended.status_reason == "OutOfMemory" else "",
            memory_limit_bytes=record.memory_bytes if record is not None else 0,
            size=record.size if record is not None else "",
            files=_files(ended, live.layout),
            roots=_roots(ended.spec, live.layout),
            offers=offers,
        )
    )


def _files(ended: Job, layout: Layout) -> tuple[str, ...]:
    """Only of a program that ended by itself, which may have looked for a path in vain."""
    spec = ended.spec
    if ended.status_reason not in ("NonZeroExit", "Exception", "") or isinstance(spec, ParentSpec):
        return ()
    return tuple(files_below(working_folder(spec, layout, 0)))


def _roots(spec: JobSpec, layout: Layout) -> tuple[str, ...]:
    """Where the person's own code lay: the working copy, or the folder itself."""
    folders = [getattr(spec, "cwd", ""), str(layout.work(0))]
    if spec.code is not None and not spec.code.startswith(PREFIX):
        folders.append(spec.code)
    real = [os.path.realpath(folder) for folder in folders if folder]
    return tuple(dict.fromkeys([*filter(None, folders), *real]))


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - TAIL_BYTES))
            return stream.read().decode(errors="replace")
    except OSError:
        return ""
