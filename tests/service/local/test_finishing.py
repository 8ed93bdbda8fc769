"""The moment of a job's end: what was told of it holds at once, whatever is still written."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jupyter_aml.model.job import CommandJob, CreateJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.backends.local.jobs.finishing import Finishing
from jupyter_aml.service.joblog import JobLog
from jupyter_aml.testing.waiting import eventually
from tests.service.local.sessions_ahead import Line


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


PLAIN = "print('I am plain')"
NOT_PLAIN = {
    "shown": "from IPython.display import display; display('I am', 'shown')",
    "left": "kept = 'I am left'",
    "both": "import sys; print('I am'); print('both', file=sys.stderr)",
    "grown": "os.write(1, b'I am '); late()",
    "failed": "raise ValueError('I am failed')",
}


async def test_what_a_plain_cell_wrote_is_not_read_and_what_any_other_wrote_is(
    backend: LocalBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written behind the cell's own end, by one of its threads say, is not left out."""
    read: list[str] = []
    drain = JobLog.drain

    async def noted(log: JobLog, attempt: int, rank: int) -> dict[str, object] | None:
        read.append(log.name)
        return await drain(log, attempt, rank)

    monkeypatch.setattr(JobLog, "drain", noted)
    line = Line(backend, tmp_path)
    await line.hold(LATE)
    await line.send("plain", PLAIN, collect=[])
    for name, source in NOT_PLAIN.items():
        await line.send(name, source, collect=["kept"] if name == "left" else [])
    await line.open_gate("held")
    *_, failed = await line.ended("held", "plain", *NOT_PLAIN)

    assert "plain" not in read
    assert set(NOT_PLAIN) <= set(read)
    assert failed.status == "Failed"
    assert (await line.get("left")).result is not None
    plain = await line.get("plain")
    assert (plain.status, plain.exit_code, plain.result) == ("Completed", 0, None)
    assert plain.receipt is not None
    assert "I am plain" in await line.output("plain")
    assert "late" in await line.output("grown")
    await backend.settled()
    assert backend.running()["jobs"] == 0


LATE = """
import os
from jupyter_aml.runner.frames import Frames
close = Frames.close
def late():
    def closing(self):
        os.write(1, b'late')
        Frames.close = close
        close(self)
    Frames.close = closing
"""
