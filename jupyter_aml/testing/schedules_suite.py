"""What every backend with schedules must do; part of `BackendSuite`."""

from __future__ import annotations

import pytest

from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.job import CommandJob
from jupyter_aml.model.schedule import CreateSchedule, CronTrigger, TriggerSchedule
from jupyter_aml.service.backends.protocol import Backend, JobsFacet, SchedulesFacet
from jupyter_aml.testing.suite import Suite

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
