"""The wall clock is set while things run: nothing is lost, nothing ends early or late."""

from __future__ import annotations

from typing import Any

import msgspec
import psutil
import pytest

from jupyter_aml.model.api import FollowJob, ListJobs
from jupyter_aml.model.compute import Compute, ComputeInstance
from jupyter_aml.model.job import CommandJob, CreateJob, JobPage
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.backends.local.nodes import processes
from jupyter_aml.testing.backend_suite import read_events
from jupyter_aml.testing.clock import FakeClock
from jupyter_aml.testing.waiting import eventually

HOUR = 3600.0


def _set_clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """As psutil sees it: start times and the boot time are wall-clock times."""
    create_time, boot_time = psutil.Process.create_time, psutil.boot_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: create_time(self) + seconds)
    monkeypatch.setattr(psutil, "boot_time", lambda: boot_time() + seconds)


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_a_process_is_known_again(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    own = psutil.Process()
    pid, created = own.pid, own.create_time()
    _set_clock(monkeypatch, seconds)
    assert processes.alive(pid, created), "it was recorded before"
    assert processes.alive(pid, created + seconds), "it was recorded after"
    assert not processes.alive(pid, created + 60), "another process of the same number"


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
async def test_the_next_service_adopts_what_runs(
    backend_parts: Any, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    first = LocalBackend(**backend_parts)
    await first.open()
    command = "echo started; sleep 1; echo done"
    job = await first.jobs.create(body=CreateJob(spec=CommandJob(command=command)))

    async def has_started() -> bool:
        found = await read_events(await first.jobs.events(job.name, query=FollowJob(wait=False)))
        return any(event.text == "started\n" for event in found)

    await eventually(has_started)
    await first.close(end_everything=False)
    _set_clock(monkeypatch, seconds)
    monkeypatch.setattr(processes, "_BOOTED", psutil.boot_time())  # it begins now
    second = LocalBackend(**backend_parts)
    await second.open()
    found = await read_events(await second.jobs.events(job.name, query=FollowJob()))
    assert "".join(event.text for event in found if event.kind == "stdout") == "started\ndone\n"
    assert found[-1].status == "Completed"
    await second.close(end_everything=True)


async def test_only_time_that_passed_shuts_an_idle_instance_down(backend_parts: Any) -> None:
    clock = FakeClock()
    backend = LocalBackend(**{**backend_parts, "clock": clock})
    await backend.open()
    spec = ComputeInstance(name="dev-box", idle_time_before_shutdown_minutes=1)
    await backend.compute.create(body=spec)
    await _becomes(backend, "Running")
    clock.jump(24 * HOUR)
    await clock.pass_time(30)
    assert (await backend.compute.get("dev-box")).state == "Running"
    clock.jump(-48 * HOUR)
    await clock.pass_time(31)
    stopped = await _becomes(backend, "Stopped")
    assert "idle" in stopped.reason
    await backend.close(end_everything=True)


async def test_jobs_stay_newest_first_when_the_clock_goes_back(backend_parts: Any) -> None:
    clock = FakeClock()
    backend = LocalBackend(**{**backend_parts, "clock": clock})
    await backend.open()
    for name in ("first", "second", "third"):
        spec = CommandJob(command="echo")
        await backend.jobs.create(body=CreateJob(name=name, spec=spec))
        clock.jump(-HOUR)
    page = msgspec.json.decode(await backend.jobs.list(query=ListJobs()), type=JobPage)
    assert [job.name for job in page.value] == ["third", "second", "first"]
    await backend.close(end_everything=True)


async def _becomes(backend: LocalBackend, state: str) -> Compute:
    async def look() -> Compute | None:
        found = await backend.compute.get("dev-box")
        return found if found.state == state else None

    found = await eventually(look)
    assert found is not None
    return found
