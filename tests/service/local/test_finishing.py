"""The moment of a job's end: what was told of it holds at once, whatever is still written."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_aml.model.job import CommandJob, CreateJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.backends.local.jobs.finishing import Finishing
from jupyter_aml.testing.waiting import eventually


async def test_a_job_that_is_told_to_have_ended_neither_runs_nor_waits(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its measurements are written after that, in a thread: a slow disk holds nobody up."""
    written = asyncio.Event()
    monkeypatch.setattr(Finishing, "_keep_samples", lambda *_: written.wait())
    spec = CommandJob(command="echo hello")
    job = (await backend.jobs.create(body=CreateJob(name="j", spec=spec))).name

    async def has_ended() -> bool:
        return (await backend.jobs.get(job)).status in JOB.final

    await eventually(has_ended)
    assert backend.running()["jobs"] == 0
    stages = (await backend.jobs.wait(job)).stages
    assert "current" not in {stage.state for stage in stages}
    written.set()
    await backend.settled()
