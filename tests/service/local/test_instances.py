"""An instance that is told something else while it does what it was told before."""

from __future__ import annotations

import logging

import pytest

from jupyter_aml.model.compute import ComputeInstance
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.names import LOCAL
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.backends.local.state import LiveCompute
from jupyter_aml.testing.waiting import eventually

NAME = "dev-box"


async def made(local: LocalBackend) -> LiveCompute:
    await local.compute.create(body=ComputeInstance(name=NAME, size="local.1cpu-2gb"))
    assert local._engine is not None
    return local._engine.computes[NAME]


async def becomes(local: LocalBackend, state: str) -> None:
    async def is_so() -> bool:
        return (await local.compute.get(NAME)).state == state

    await eventually(is_so)


@pytest.mark.parametrize("told", [[], ["stop"], ["restart"], ["stop", "start"]])
async def test_one_that_is_deleted_meanwhile_is_gone_with_its_node(
    backend: LocalBackend, told: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    live = await made(backend)
    for before, verb in zip(("Running", "Stopped"), told, strict=False):
        await becomes(backend, before)
        await getattr(backend.compute, verb)(NAME)
    await backend.compute.delete(NAME)

    async def is_gone() -> bool:
        return NAME not in [one.name for one in (await backend.compute.list()).value]

    await eventually(is_gone)
    assert backend._engine is not None
    under_way = [task for task in backend._engine._tasks if NAME in task.get_name()]

    async def is_over() -> bool:
        return all(task.done() for task in under_way)

    await eventually(is_over)
    assert live.nodes == {}
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    ("verb", "done"), [("start", "started"), ("stop", "stopped"), ("restart", "restarted")]
)
async def test_this_machine_is_no_instance(backend: LocalBackend, verb: str, done: str) -> None:
    with pytest.raises(Invalid, match=f"cannot be {done}"):
        await getattr(backend.compute, verb)(LOCAL)
