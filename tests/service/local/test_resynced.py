"""A node's connection comes back: what was missed is taken in, and nothing that began since is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from jupyter_aml.model.job import CommandJob, CreateJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.names import LOCAL
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.testing.waiting import eventually


@pytest.fixture
async def backend(backend_parts: Any) -> AsyncIterator[LocalBackend]:
    local = LocalBackend(**backend_parts)
    await local.open()
    yield local
    await local.close(end_everything=True)


async def begin(backend: LocalBackend, name: str, command: str) -> None:
    spec = CommandJob(command=command)
    await backend.jobs.create(body=CreateJob(name=name, spec=spec))


async def test_a_job_that_a_missed_exit_let_begin_is_not_taken_for_lost(
    backend: LocalBackend,
) -> None:
    engine = backend._engine
    assert engine is not None
    await begin(backend, "first", "sleep 600")

    async def runs() -> bool:
        return (await backend.jobs.get("first")).status == "Running"

    await eventually(runs)
    compute = engine.computes[LOCAL]
    [node] = compute.nodes.values()
    node.record = msgspec.structs.replace(node.record, max_jobs=1)
    await begin(backend, "second", "echo hello")
    assert (await backend.jobs.get("second")).status == "Queued"

    exited = {"job": "first", "attempt": 1, "rank": 0, "code": 0, "signal": None, "reason": ""}
    engine.runs.resynced(compute, node, {"exits": [exited], "jobs": []})

    async def has_ended() -> bool:
        return (await backend.jobs.get("second")).status in JOB.final

    await eventually(has_ended)
    assert (await backend.jobs.get("second")).status == "Completed"
