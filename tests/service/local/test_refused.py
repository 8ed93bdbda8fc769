"""A node that says it has no place: what a service finds that follows a killed one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model.job import CommandJob, CreateJob, Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.testing.waiting import eventually

pytestmark = pytest.mark.slow


async def test_a_job_that_finds_its_place_taken_stands_in_line(
    backend: LocalBackend, tmp_path: Path
) -> None:
    jobs, gate = backend.jobs, tmp_path / "gate"
    assert jobs is not None
    command = f"echo once; while [ ! -e {gate} ]; do sleep 0.01; done"
    name = (await jobs.create(body=CreateJob(spec=CommandJob(command=command)))).name

    async def is_running() -> bool:
        return (await jobs.get(name)).status == "Running"

    await eventually(is_running)
    engine: Any = backend._engine
    compute = engine.computes["local"]
    [node] = compute.nodes.values()
    about = {"job": name, "attempt": 1, "rank": 0, "message": "the node runs 4 jobs already"}
    engine.messages.received(compute, node, {"op": "refused", "code": "Busy", **about})
    found = await jobs.get(name)
    assert (found.status, found.nodes) == ("Queued", [])
    # Sent again, the node knows it: it runs there, and is not started twice.
    await eventually(is_running)
    gate.touch()

    async def ended() -> Job | None:
        found = await jobs.get(name)
        return found if found.status in JOB.final else None

    done = await eventually(ended)
    assert done is not None
    assert (done.status, done.attempt) == ("Completed", 1)
