"""A connection or a service comes back: what was missed is taken in, and nothing else is judged."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_aml.model.job import CommandJob, CreateJob, Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.names import LOCAL
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.backends.local.recovery import Recovery
from jupyter_aml.testing.waiting import eventually


async def begin(backend: LocalBackend, name: str, command: str) -> None:
    spec = CommandJob(command=command)
    await backend.jobs.create(body=CreateJob(name=name, spec=spec))


async def has_ended(backend: LocalBackend, name: str) -> bool:
    return (await backend.jobs.get(name)).status in JOB.final


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
    engine.reports.resynced(compute, node, {"exits": [exited], "jobs": []})

    await eventually(lambda: has_ended(backend, "second"))
    assert (await backend.jobs.get("second")).status == "Completed"


async def test_nothing_begins_before_all_that_was_left_is_known(
    backend_parts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that ended meanwhile frees a place that another, not yet looked at, may have."""
    names = ("one", "two", "three")
    earlier = LocalBackend(**backend_parts)
    await earlier.open()
    assert earlier._engine is not None
    await begin(earlier, "zero", "true")
    await eventually(lambda: has_ended(earlier, "zero"))
    earlier._engine.taking_up = True  # it takes jobs, and starts none
    for name in names:
        await begin(earlier, name, "true")
    await earlier.close(end_everything=False)

    begun: list[str] = []
    take_up = Recovery._take_up

    async def and_free_a_place(self: Recovery, job: Job) -> None:
        await take_up(self, job)
        self._engine.wake_all()
        begun.extend(live.name for live in self._engine.jobs.values() if live.nodes)

    monkeypatch.setattr(Recovery, "_take_up", and_free_a_place)
    local = LocalBackend(**backend_parts)
    await local.open()
    assert begun == []

    for name in names:
        await eventually(lambda name=name: has_ended(local, name))
    await local.close(end_everything=True)
