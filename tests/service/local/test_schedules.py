"""Schedules by a clock that stands still until it is moved, over a store that outlives services."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_aml.client import Client
from jupyter_aml.model.errors import ComputeNotRunning, Conflict, Invalid
from jupyter_aml.model.job import CommandJob, CreateJob, Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.schedule import (
    CreateSchedule,
    CronTrigger,
    RecurrenceTrigger,
    Schedule,
    Trigger,
)
from jupyter_aml.service.backends.local.schedules.calendar import SCHEDULE, Calendar
from jupyter_aml.service.clock import iso
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.clock import FakeClock
from jupyter_aml.testing.fakes import RecordingChanges
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually, eventually_sync

HOUR = 3600.0
DAILY = CronTrigger(expression="0 6 * * *")
MIDNIGHT = 1_795_305_600.0  # 2026-11-22


class World:
    """What a calendar needs of an engine; `again` is the next service after a kill -9."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock(MIDNIGHT)
        self.store = Store.open(folder / "state.db")
        self.changes = RecordingChanges()
        self.made: list[str] = []
        self.refuse: Exception | None = None
        self.forget = False
        self.calendar = self.again()

    def again(self) -> Calendar:
        engine: Any = SimpleNamespace(
            store=self.store,
            clock=self.clock,
            changes=self.changes,
            closing=False,
            spawn=self._spawn,
        )
        self._engine = engine
        self.calendar = Calendar(engine, self._make)
        self.calendar.open()
        return self.calendar

    def die(self) -> None:
        """The service is gone: its timers are, too."""
        self._engine.closing = True
        self.calendar.close()

    def _spawn(self, work: Coroutine[Any, Any, None], what: str) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(work, name=what)

    async def _make(self, body: CreateJob) -> Job:
        if self.refuse is not None:
            raise self.refuse
        known = rows.get_job(self.store.reader, body.name)
        if known is None:
            self.made.append(body.name)
            known = Job(name=body.name, spec=body.spec, status="Queued", created_at="")
            await self.store.write(lambda conn: rows.save_job(conn, known))
        if self.forget:  # killed before the schedule's row knows of it
            raise asyncio.CancelledError
        return known

    async def schedule(self, trigger: Trigger = DAILY, name: str = "nightly") -> Schedule:
        now = iso(self.clock.now())
        return await self.calendar.keep(
            Schedule(
                name=name,
                trigger=trigger,
                job=CommandJob(command="true"),
                created_at=now,
                updated_at=now,
                since=now,
            )
        )

    async def pass_hours(self, hours: float) -> None:
        """An hour at a time, as a machine that does not sleep."""
        while hours > 0:
            self.clock.advance(min(hours, 1.0) * HOUR)
            hours -= 1.0
            await self.quiet()

    async def quiet(self) -> None:
        """Until the calendar has done what was due."""

        async def is_quiet() -> bool:
            return self.calendar.is_quiet

        await asyncio.sleep(0)
        await eventually(is_quiet)

    def runs(self, name: str = "nightly") -> list[tuple[str, int]]:
        """Jobs and how many times were missed before, oldest first."""
        found = self.calendar.find(name).runs
        return [(run.job.removeprefix(f"{name}-2026"), run.missed) for run in reversed(found)]


@pytest.fixture
async def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.die()
    await made.quiet()
    made.store.close()


async def test_its_job_is_made_when_it_is_due_and_named_after_the_moment(world: World) -> None:
    made = await world.schedule()
    assert made.next_run_at == "2026-11-22T06:00:00.000000Z"
    await world.pass_hours(5.9)
    assert world.made == []
    await world.pass_hours(0.2)
    assert world.made == ["nightly-20261122T060000Z"]
    found = world.calendar.find("nightly")
    assert found.next_run_at == "2026-11-23T06:00:00.000000Z"
    assert world.changes.of("schedule", "nightly")[-1] == found
    job = rows.get_job(world.store.reader, world.made[0])
    assert job is not None
    assert job.spec.properties == {SCHEDULE: "nightly"}
    await world.pass_hours(24)
    assert world.runs() == [("1122T060000Z", 0), ("1123T060000Z", 0)]


async def test_what_passed_while_no_service_lived_is_made_up_for_once(world: World) -> None:
    await world.schedule()
    world.die()
    world.clock.advance(4 * 24 * HOUR)
    world.again()
    await world.quiet()
    assert world.runs() == [("1125T060000Z", 3)]
    await world.pass_hours(6)
    assert world.runs() == [("1125T060000Z", 3), ("1126T060000Z", 0)]


async def test_a_machine_that_slept_makes_up_once(world: World) -> None:
    """Its timers stood still, the clock on the wall did not."""
    await world.schedule()
    world.clock.jump(2.5 * 24 * HOUR)
    await world.pass_hours(0.1)
    assert world.runs() == [("1124T060000Z", 2)]


async def test_a_service_killed_after_the_job_was_made_makes_no_second(world: World) -> None:
    await world.schedule()
    world.forget = True
    await world.pass_hours(7)
    assert world.made == ["nightly-20261122T060000Z"]
    assert world.runs() == []
    world.die()
    world.forget = False
    world.again()
    await world.quiet()
    assert world.made == ["nightly-20261122T060000Z"]
    assert world.runs() == [("1122T060000Z", 0)]


async def test_a_job_made_before_from_other_data_is_the_same_run(world: World) -> None:
    made = await world.schedule()
    job = await world.calendar.run(made, world.clock.now(), precise=False)
    world.refuse = Conflict("There is a job of that name already, with another spec.")
    again = await world.calendar.run(made, world.clock.now(), precise=False)
    assert again.name == job.name
    world.clock.advance(1)
    with pytest.raises(Conflict):
        await world.calendar.run(made, world.clock.now(), precise=False)


async def test_a_refused_job_is_told_and_the_next_is_tried(world: World) -> None:
    await world.schedule()
    world.refuse = ComputeNotRunning("It is stopped.", target="compute")
    await world.pass_hours(7)
    (run,) = world.calendar.find("nightly").runs
    assert run.job == ""
    assert run.error is not None
    assert run.error.message == "It is stopped."
    world.refuse = None
    await world.pass_hours(24)
    assert world.made == ["nightly-20261123T060000Z"]


async def test_a_defect_in_one_leaves_the_others(world: World) -> None:
    await world.schedule(name="first")
    world.refuse = ZeroDivisionError()
    await world.pass_hours(7)
    (run,) = world.calendar.find("first").runs
    assert run.error is not None
    world.refuse = None
    await world.schedule(name="second")
    await world.pass_hours(24)
    assert world.made == ["first-20261123T060000Z", "second-20261123T060000Z"]


async def test_one_that_has_ended_waits_for_nothing(world: World) -> None:
    hourly = RecurrenceTrigger(frequency="hour", end_time="2026-11-22T02:30:00")
    await world.schedule(hourly)
    assert world.calendar.enabled == 1
    await world.pass_hours(5)
    assert len(world.made) == 2
    assert world.calendar.enabled == 0
    assert world.clock.timers == 0


async def test_deleting_one_ends_it(world: World) -> None:
    await world.schedule()
    await world.calendar.forget("nightly")
    assert world.changes.of("schedule", "nightly")[-1] is None
    await world.pass_hours(24)
    assert world.made == []
    assert world.again().schedules == {}


async def test_by_hand_it_leaves_the_next_run_alone(world: World) -> None:
    made = await world.schedule()
    world.clock.advance(1.25)
    await world.calendar.run(made, world.clock.now(), precise=True)
    assert world.made == ["nightly-20261122T000001250Z"]
    found = world.calendar.find("nightly")
    assert found.runs[0].by_hand
    assert found.next_run_at == made.next_run_at


# -- on a real service ----------------------------------------------------------------------


def test_a_schedule_on_a_real_service(
    aml_service: ServiceProcess, client: Client, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "say.txt").write_text("as it was\n")
    job = CommandJob(command="cat say.txt", code=str(code))
    trigger = CronTrigger(expression="0 0 1 1 *", time_zone="Europe/Berlin")
    body = CreateSchedule(name="yearly", trigger=trigger, job=job)
    made = client.schedules.create(body)
    assert made.next_run_at is not None
    assert made.next_run_at.endswith("12-31T23:00:00.000000Z")
    assert client.schedules.create(body) == made, "the same again is the same"
    assert client.service.status().running["schedules"] == 1
    (code / "say.txt").write_text("as it is now\n")
    aml_service.kill()
    aml_service.start()
    name = client.schedules.trigger("yearly").name

    def ended() -> bool:
        return client.jobs.get(name).status in JOB.final

    eventually_sync(ended)
    assert "as it was\n" in "".join(event.text for event in client.jobs.follow(name))
    found = client.schedules.get("yearly")
    assert [(run.job, run.by_hand) for run in found.runs] == [(name, True)]
    assert client.schedules.disable("yearly").next_run_at is None
    assert "schedules" not in client.service.status().running
    assert client.schedules.enable("yearly").next_run_at == made.next_run_at
    never = CreateSchedule(name="no", trigger=CronTrigger(expression="0 0 30 2 *"), job=job)
    with pytest.raises(Invalid, match="never due"):
        client.schedules.create(never)
    wrong = CreateSchedule(name="no", trigger=trigger, job=CommandJob(command="${{inputs.x}}"))
    with pytest.raises(Invalid, match=r"inputs\.x"):
        client.schedules.create(wrong)
    client.schedules.delete("yearly")
    assert client.schedules.list().value == []
