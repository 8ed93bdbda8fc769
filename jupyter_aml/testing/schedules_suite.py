"""What every backend with schedules must do; part of `BackendSuite`."""

from __future__ import annotations

import pytest

from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.job import CommandJob
from jupyter_aml.model.schedule import (
    CreateSchedule,
    CronTrigger,
    PreviewSchedule,
    RecurrenceTrigger,
    Schedule,
    TriggerSchedule,
)
from jupyter_aml.service.backends.protocol import Backend, JobsFacet, SchedulesFacet
from jupyter_aml.testing.clock import MovableClock
from jupyter_aml.testing.suite import Suite
from jupyter_aml.testing.waiting import eventually

LATER = CronTrigger(expression="0 0 1 1 *")


class SchedulesSuite(Suite):
    @pytest.fixture
    def schedules(self, backend: Backend) -> SchedulesFacet:
        if backend.schedules is None:
            pytest.skip("this backend has no schedules")
        return backend.schedules

    def yearly(self, command: str = "echo hi") -> CreateSchedule:
        job = CommandJob(command=command, compute=self.here)
        return CreateSchedule(name="yearly", trigger=LATER, job=job)

    async def test_a_schedule_is_kept_under_its_name(self, schedules: SchedulesFacet) -> None:
        made = await schedules.create(body=self.yearly())
        assert made.next_run_at is not None
        assert await schedules.create(body=self.yearly()) == made
        assert (await schedules.create(body=self.yearly("echo ho"))).job != made.job
        assert [one.name for one in (await schedules.list()).value] == ["yearly"]

    async def test_a_schedule_can_pause(self, schedules: SchedulesFacet) -> None:
        made = await schedules.create(body=self.yearly())
        assert (await schedules.disable("yearly")).next_run_at is None
        assert not (await schedules.disable("yearly")).enabled
        assert (await schedules.enable("yearly")).next_run_at == made.next_run_at

    async def test_a_schedule_makes_its_job_on_demand(
        self, schedules: SchedulesFacet, jobs: JobsFacet
    ) -> None:
        await schedules.create(body=self.yearly())
        moment = TriggerSchedule(time="2026-11-22T06:00:00Z")
        job = await schedules.trigger("yearly", body=moment)
        assert (await jobs.get(job.name)).name == job.name
        again = await schedules.trigger("yearly", body=moment)
        assert again.name == job.name, "the same moment is the same job"

    async def test_a_schedule_makes_its_jobs_by_the_clock(
        self, schedules: SchedulesFacet, jobs: JobsFacet, clock: MovableClock
    ) -> None:
        hourly = RecurrenceTrigger(frequency="hour", interval=1)
        job = CommandJob(command="echo hi", compute=self.here)
        body = CreateSchedule(name="hourly", trigger=hourly, job=job)
        made = await schedules.create(body=body)
        clock.advance(3601)
        first = await self.made(schedules, 1)
        assert first.runs[0].due == made.next_run_at
        assert not first.runs[0].by_hand
        assert (await self.done(jobs, first.runs[0].job)).status == "Completed"
        clock.advance(3600)
        second = await self.made(schedules, 2)
        assert second.runs[0].job != first.runs[0].job
        assert second.runs[1] == first.runs[0]
        assert (await self.done(jobs, second.runs[0].job)).status == "Completed"

    async def test_nothing_is_made_while_it_is_disabled(
        self, schedules: SchedulesFacet, jobs: JobsFacet, clock: MovableClock
    ) -> None:
        await schedules.create(body=self.yearly())
        hourly = RecurrenceTrigger(frequency="hour", interval=1)
        job = CommandJob(command="echo hi", compute=self.here)
        await schedules.create(body=CreateSchedule(name="hourly", trigger=hourly, job=job))
        await schedules.create(body=CreateSchedule(name="idle", trigger=hourly, job=job))
        await schedules.disable("idle")
        clock.advance(3601)
        ended = await self.made(schedules, 1)  # the other one's turn has come and gone
        await self.done(jobs, ended.runs[0].job)
        assert (await schedules.get("idle")).runs == []

    async def test_due_times_are_told_before_there_is_a_schedule(
        self, schedules: SchedulesFacet
    ) -> None:
        told = await schedules.preview(body=PreviewSchedule(trigger=LATER, count=2))
        assert len(told.value) == 2
        assert told.value[0] < told.value[1]
        assert (await schedules.list()).value == []
        over = CronTrigger(expression="0 0 1 1 *", end_time="2001-01-01T00:00:00Z")
        with pytest.raises(Invalid):
            await schedules.preview(body=PreviewSchedule(trigger=over))

    async def made(self, schedules: SchedulesFacet, count: int) -> Schedule:
        """The schedule ``hourly``, once it has made so many jobs."""

        async def look() -> Schedule | None:
            one = await schedules.get("hourly")
            return one if len(one.runs) >= count else None

        found = await eventually(look, seconds=self.patience)
        assert found is not None
        return found

    async def test_a_job_that_cannot_run_is_refused_with_the_schedule(
        self, schedules: SchedulesFacet
    ) -> None:
        with pytest.raises(Invalid):
            await schedules.create(body=self.yearly("echo ${{inputs.none}}"))
        assert (await schedules.list()).value == []

    async def test_what_is_gone_is_not_found(self, schedules: SchedulesFacet) -> None:
        await schedules.create(body=self.yearly())
        await schedules.delete("yearly")
        with pytest.raises(NotFound):
            await schedules.get("yearly")
        with pytest.raises(NotFound):
            await schedules.delete("yearly")
