"""What the idle timers and the guard do to a local workspace, in this process."""

from __future__ import annotations

import pytest

from jupyter_aml.model.compute import AmlCompute, Compute, ComputeInstance
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import CommandJob, CreateJob
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.money.hold import FREE, Hold
from jupyter_aml.testing.waiting import eventually

SIZE = "Standard_D2s_v3"


@pytest.fixture
def local(backend: LocalBackend) -> LocalBackend:
    return backend


async def nodes(local: LocalBackend, name: str, count: int) -> Compute:
    async def look() -> Compute | None:
        found = await local.compute.get(name)
        return found if found.current_nodes == count == found.target_nodes else None

    return await eventually(look)


async def costs_nothing(local: LocalBackend) -> None:
    """A node costs until its process has ended, a moment after it was told to leave."""

    async def look() -> bool:
        return not local.spending.costing()

    await eventually(look)


async def status(local: LocalBackend, name: str, *wanted: str) -> str:
    async def look() -> str:
        job = await local.jobs.get(name)
        return job.status_reason or job.status if job.status in wanted else ""

    return await eventually(look)


async def queue(local: LocalBackend, compute: str) -> str:
    body = CreateJob(spec=CommandJob(command="true", compute=compute))
    return (await local.jobs.create(body=body)).name


async def test_a_forgotten_cluster_lets_its_kept_nodes_go_until_there_is_work(
    local: LocalBackend,
) -> None:
    await local.compute.create(body=AmlCompute(name="gpu", size=SIZE, min_instances=1))
    await nodes(local, "gpu", 1)
    (use,) = local.spending.uses()
    assert (use.compute, use.costs, use.busy) == ("gpu", True, False)
    await local.spending.stop_idle("gpu", "nobody used it")
    await nodes(local, "gpu", 0)
    await costs_nothing(local)
    await status(local, await queue(local, "gpu"), "Completed")
    assert (await nodes(local, "gpu", 1)).state == "Steady"


async def test_a_forgotten_instance_stops_and_one_that_nobody_used_is_deleted(
    local: LocalBackend,
) -> None:
    spec = ComputeInstance(name="box", size=SIZE, idle_time_before_shutdown_minutes=None)
    await local.compute.create(body=spec)
    await nodes(local, "box", 1)
    await local.spending.stop_idle("box", "nobody used it")
    await costs_nothing(local)
    stopped = await nodes(local, "box", 0)
    assert stopped.reason == "nobody used it"
    assert not local.spending.uses()[0].costs
    await local.spending.delete_unused("box")

    async def gone() -> bool:
        try:
            await local.compute.get("box")
        except NotFound:
            return True
        return False

    await eventually(gone)


async def test_held_work_waits_with_its_reason_and_lets_idle_nodes_go(
    local: LocalBackend,
) -> None:
    """The job came before the hold and was to start on the one node, which is busy."""
    spec = AmlCompute(name="gpu", size=SIZE, idle_time_before_scale_down=0)
    await local.compute.create(body=spec)
    running = await local.jobs.create(
        body=CreateJob(spec=CommandJob(command="sleep 600", compute="gpu"))
    )
    await status(local, running.name, "Running")
    waiting = await queue(local, "gpu")
    await local.spending.hold(Hold(everything="the budget is nearly used up"))
    assert await status(local, waiting, "Queued") == "waits: the budget is nearly used up"
    assert (await local.jobs.get(running.name)).status == "Running"
    await local.jobs.cancel(running.name)
    await nodes(local, "gpu", 0)
    assert (await local.jobs.get(waiting)).status == "Queued"
    await local.spending.hold(FREE)
    await status(local, waiting, "Completed")


async def test_what_is_announced_stands_on_what_costs_and_on_nothing_else(
    local: LocalBackend,
) -> None:
    await local.compute.create(body=AmlCompute(name="gpu", size=SIZE))
    await local.compute.create(body=AmlCompute(name="free"))
    await local.spending.hold(Hold(note="to be stopped at $20.00, the budget of the day"))
    reasons = {one.name: one.reason for one in (await local.compute.list()).value}
    assert reasons == {
        "local": "",
        "gpu": "to be stopped at $20.00, the budget of the day",
        "free": "",
    }
