"""The fakes pass the suite that real backends pass, and misbehave as their names say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from jupyter_aml.model.api import FollowJob
from jupyter_aml.model.compute import ComputeInstance
from jupyter_aml.model.job import CommandJob, CreateJob
from jupyter_aml.testing.backend_suite import BackendSuite, read_events
from jupyter_aml.testing.clock import FakeClock, MovableClock
from jupyter_aml.testing.fakes import (
    DiesHalfway,
    FakeBackend,
    ForgetsItsNodes,
    RecordingChanges,
    SlowToStart,
)


class TestFakeBackend(BackendSuite):
    @pytest.fixture
    async def backend(self) -> AsyncIterator[FakeBackend]:
        backend = FakeBackend(clock=MovableClock())
        await backend.open()
        yield backend
        await backend.close(end_everything=True)

    @pytest.fixture
    def clock(self, backend: FakeBackend) -> MovableClock:
        assert isinstance(backend.clock, MovableClock)
        return backend.clock


def echo(line: str = "echo one; echo two", **spec: object) -> CreateJob:
    return CreateJob(spec=CommandJob(command=line, **spec))


async def test_changes_tell_every_state_of_a_job() -> None:
    changes = RecordingChanges()
    backend = FakeBackend(changes=changes)
    await backend.open()
    made = await backend.jobs.create(body=echo())
    await read_events(await backend.jobs.events(made.name, query=FollowJob()))
    statuses = [summary.status for summary in changes.of("job", made.name)]
    assert statuses == ["Queued", "Running", "Finalizing", "Completed"]
    await backend.close(end_everything=True)


async def test_slow_to_start_takes_an_hour_by_the_clock() -> None:
    clock = FakeClock()
    backend = SlowToStart(clock=clock)
    await backend.open()
    await backend.compute.create(body=ComputeInstance(name="dev-box"))
    made = await backend.jobs.create(body=echo(compute="dev-box"))
    await clock.pass_time(60)
    assert (await backend.compute.get("dev-box")).state == "Creating"
    assert (await backend.jobs.get(made.name)).status == "Queued"
    await clock.pass_time(3600)
    assert (await backend.compute.get("dev-box")).state == "Running"
    await clock.pass_time(1, turns=50)
    assert (await backend.jobs.get(made.name)).status == "Completed"
    await backend.close(end_everything=True)


@pytest.mark.parametrize("retries", [0, 2])
async def test_dies_halfway_loses_the_node_until_retries_are_used_up(retries: int) -> None:
    backend = DiesHalfway()
    await backend.open()
    made = await backend.jobs.create(body=echo(retries=retries))
    found = await asyncio.wait_for(
        read_events(await backend.jobs.events(made.name, query=FollowJob())), 60
    )
    ended = await backend.jobs.get(made.name)
    assert (ended.status, ended.status_reason, ended.attempt) == (
        "Failed",
        "NodeLost",
        retries + 1,
    )
    assert [event.text for event in found if event.kind == "stdout"] == ["one\n"] * (retries + 1)
    await backend.close(end_everything=True)


async def test_forgets_its_nodes_says_there_are_none() -> None:
    backend = ForgetsItsNodes()
    await backend.open()
    await backend.compute.create(body=ComputeInstance(name="dev-box"))
    await asyncio.sleep(0.01)
    assert (await backend.compute.nodes("dev-box")).nodes == []
    assert not [noun for noun, _, _ in backend.state() if noun == "node"]
    await backend.close(end_everything=True)


def test_a_fake_clock_moves_only_when_told() -> None:
    clock = FakeClock()
    fired: list[float] = []
    clock.call_later(2, lambda: fired.append(clock.monotonic()))
    clock.call_later(1, lambda: fired.append(clock.monotonic()))
    clock.call_later(3, lambda: fired.append(-1)).cancel()
    clock.advance(0.5)
    assert fired == []
    before = clock.time()
    clock.advance(10)
    assert fired == [1, 2]
    assert clock.time() == before + 10
    clock.jump(-100)
    assert clock.time() == before - 90
    assert clock.monotonic() == 10.5
