"""Money on a real service: real nodes, real jobs, and services that are killed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import msgspec
import pytest

from jupyter_aml.client import Client
from jupyter_aml.model.compute import AmlCompute, ComputeInstance, VmSize
from jupyter_aml.model.errors import BudgetReached
from jupyter_aml.model.job import CellJob, CommandJob, Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon where the service runs: at midnight, budgets begin anew."""
    monkeypatch.setenv("TZ", f"NOON{datetime.now(timezone.utc).hour - 12:+d}")


def dear(client: Client) -> VmSize:
    """An Azure size that uses a cent up in seconds, two of which fit the quota."""
    both = {"amlcompute", "computeinstance"}
    sizes = [
        size
        for size in client.compute.sizes().value
        if size.rehearsal and size.vcpus <= 12 and both.issubset(size.supported_compute_types)
    ]
    return max(sizes, key=lambda size: size.price_per_hour or 0)


def ended(client: Client, name: str) -> Job:
    def look() -> Job | None:
        job = client.jobs.get(name)
        return job if job.status in JOB.final else None

    return eventually_sync(look)


def prints(client: Client, name: str, word: str) -> None:
    def look() -> bool:
        return word in "".join([e.text for e in client.jobs.follow(name, wait=False)])

    eventually_sync(look)


def prefer(client: Client, **fields: object) -> None:
    client.preferences.update(msgspec.structs.replace(client.preferences.get(), **fields))


def guard_is(client: Client, state: str) -> Callable[[], bool]:
    return lambda: client.costs.summary().guard.state == state


def test_the_ledger_sums_to_the_receipts_though_services_are_killed(
    aml_service: ServiceProcess, client: Client
) -> None:
    client.compute.create(AmlCompute(name="gpu", size=dear(client).name))
    names = [
        client.jobs.create(CommandJob(command=command, compute="gpu")).name
        for command in ("true", "echo up; sleep 3", "exit 3")
    ]
    prints(client, names[1], "up")
    aml_service.kill()
    aml_service.start()
    jobs = [ended(client, name) for name in names]
    spent = client.costs.summary().spent_today
    client.compute.delete("gpu")
    eventually_sync(lambda: client.costs.summary().rate_per_hour == 0)
    aml_service.kill()
    aml_service.start()

    found = client.costs.ledger()
    prices = [job.receipt.list_price for job in jobs if job.receipt is not None]
    assert len(prices) == 3
    assert found.job_amount == pytest.approx(sum(price or 0 for price in prices), abs=5e-9)
    assert jobs[1].receipt is not None
    assert jobs[1].receipt.seconds > 2.9, "the time in which no service ran counts"
    assert found.amount == pytest.approx(sum(entry.amount for entry in found.entries), abs=5e-9)
    assert client.costs.summary().spent_today == found.amount >= spent
    by_job = {group.name: group.amount for group in client.costs.ledger(group_by="job").groups}
    assert by_job[names[2]] == pytest.approx(prices[2], abs=1e-9)
    assert by_job[""] == pytest.approx(found.amount - found.job_amount, abs=5e-9)


def test_parts_of_this_machine_cost_nothing(client: Client) -> None:
    client.compute.create(AmlCompute(name="free"))
    job = ended(client, client.jobs.create(CommandJob(command="true", compute="free")).name)
    assert job.receipt is not None
    assert job.receipt.list_price is None
    assert client.costs.ledger().entries == []
    summary = client.costs.summary()
    assert (summary.rate_per_hour, summary.spent_today, summary.rehearsal) == (0, 0, True)


def test_the_guard_holds_and_stops_a_cluster_and_a_higher_budget_goes_on(
    aml_service: ServiceProcess, client: Client
) -> None:
    client.compute.create(AmlCompute(name="gpu", size=dear(client).name))
    running = client.jobs.create(CommandJob(command="echo up; sleep 600", compute="gpu"))
    queued = client.jobs.create(CommandJob(command="echo at last", compute="gpu"))
    prints(client, running.name, "up")  # starting it costs as well, and may take its time
    prefer(client, budget_per_day=0.001)
    done = ended(client, running.name)
    assert (done.status, done.status_reason) == ("Canceled", "BudgetReached")
    assert done.error is not None
    assert "budget" in done.error.message

    def waits() -> bool:
        job = client.jobs.get(queued.name)
        assert job.status == "Queued"
        return job.status_reason == "waits: the budget of $0.0010 a day is used up"

    eventually_sync(waits)
    eventually_sync(lambda: client.costs.summary().rate_per_hour == 0)
    assert "used up" in client.compute.get("gpu").reason
    with pytest.raises(BudgetReached) as refused:
        client.jobs.create(CommandJob(command="true", compute="gpu"))
    assert "$0.0010 a day" in refused.value.message
    assert "local" in refused.value.hint
    local = ended(client, client.jobs.create(CommandJob(command="true")).name)
    assert local.status == "Completed"

    aml_service.kill()
    aml_service.start()
    assert client.costs.summary().guard.state == "stopping"
    with pytest.raises(BudgetReached):
        client.jobs.create(CommandJob(command="true", compute="gpu"))
    assert client.jobs.get(queued.name).status == "Queued"

    prefer(client, budget_per_day=100.0)
    assert ended(client, queued.name).status == "Completed"
    assert client.costs.summary().guard.state == "watching"


def test_the_guard_stops_an_instance_and_does_not_start_another(client: Client) -> None:
    size = dear(client).name
    client.compute.create(ComputeInstance(name="box", size=size))
    eventually_sync(lambda: client.compute.get("box").state == "Running")
    prefer(client, budget_per_day=0.0001)
    eventually_sync(lambda: client.compute.get("box").state == "Stopped")
    with pytest.raises(BudgetReached, match="box is not started"):
        client.compute.start("box")
    with pytest.raises(BudgetReached, match="other is not started"):
        client.compute.create(ComputeInstance(name="other", size=size))
    assert [one.name for one in client.compute.list().value] == ["local", "box"]


def test_a_session_ends_with_the_budget(client: Client) -> None:
    client.compute.create(AmlCompute(name="gpu", size=dear(client).name))
    cell = CellJob(source="x = 1", compute="gpu", session="work")
    assert ended(client, client.jobs.create(cell).name).status == "Completed"
    assert [one.name for one in client.sessions.list().value] == ["work"]
    prefer(client, budget_per_day=0.0001)
    eventually_sync(lambda: client.costs.summary().rate_per_hour == 0)
    assert client.sessions.list().value == []


def test_one_notebook_uses_its_budget_up_and_another_goes_on(client: Client) -> None:
    client.compute.create(AmlCompute(name="gpu", size=dear(client).name, max_instances=2))
    prefer(client, budget_per_notebook=0.002)

    def cell(notebook: str, source: str) -> CellJob:
        return CellJob(source=source, compute="gpu", notebook=notebook)

    greedy = client.jobs.create(cell("greedy.ipynb", "import time; time.sleep(600)"))
    assert ended(client, greedy.name).status_reason == "BudgetReached"
    with pytest.raises(BudgetReached, match="notebook's budget"):
        client.jobs.create(cell("greedy.ipynb", "1"))
    modest = client.jobs.create(cell("modest.ipynb", "1"))
    assert ended(client, modest.name).status == "Completed"
    states = {one.notebook: one.state for one in client.costs.summary().per_notebook}
    assert states["greedy.ipynb"] == "stopping"


def test_a_guard_that_only_warns_stops_nothing(client: Client) -> None:
    prefer(client, budget_per_day=0.0005, budget_action="warn")
    client.compute.create(AmlCompute(name="gpu", size=dear(client).name))
    job = client.jobs.create(CommandJob(command="echo up; sleep 600", compute="gpu"))
    prints(client, job.name, "up")  # its node costs before it begins
    eventually_sync(guard_is(client, "warned"))
    eventually_sync(lambda: client.costs.summary().spent_today > 0.0005)
    assert client.jobs.get(job.name).status == "Running"
    assert any("would be spent today" in text for text in client.service.status().warnings)


def test_an_open_tab_is_told_the_costs(aml_service: ServiceProcess, client: Client) -> None:
    lines = aml_service.lines("GET", "/feed/tab-of-a-test")
    try:
        assert next(lines)["type"] == "hello"
        first = next(line for line in lines if line.get("noun") == "costs")
        assert first["object"]["ratePerHour"] == 0
        client.compute.create(AmlCompute(name="gpu", size=dear(client).name, min_instances=1))
        later = next(
            line for line in lines if line.get("noun") == "costs" and line["object"]["ratePerHour"]
        )
        assert later["object"]["perCompute"][0]["compute"] == "gpu"
    finally:
        lines.close()
