"""The schedules of `testing.fakes.FakeBackend`: due by the backend's clock, kept in memory."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import msgspec

from jupyter_aml.model.errors import AmlError, NotFound
from jupyter_aml.model.job import CreateJob, Job
from jupyter_aml.model.schedule import (
    CreateSchedule,
    DueTimes,
    PreviewSchedule,
    Schedule,
    ScheduleList,
    ScheduleRun,
    TriggerSchedule,
)
from jupyter_aml.service.backends.local.schedules.calendar import job_name
from jupyter_aml.service.clock import iso

if TYPE_CHECKING:
    from jupyter_aml.testing.fakes import FakeBackend

_ASKED = CreateSchedule.__struct_fields__


class FakeSchedules:
    """Each makes its job when the clock has come to its next run, and not again for it."""

    def __init__(self, backend: FakeBackend) -> None:
        self._backend = backend
        self._kept: dict[str, Schedule] = {}

    async def list(self) -> ScheduleList:
        return ScheduleList([*self._kept.values()])

    async def get(self, name: str) -> Schedule:
        return self._find(name)

    async def create(self, *, body: CreateSchedule) -> Schedule:
        from jupyter_aml.service.schedules import times  # with dateutil

        times.check(body.trigger, self._backend.clock.now())
        self._backend.jobs.checked(body.job)
        known = self._kept.get(body.name)
        asked = {name: getattr(body, name) for name in _ASKED}
        if known is not None and asked == {name: getattr(known, name) for name in _ASKED}:
            return known
        now = self._backend.now()
        return self._put(
            Schedule(
                **asked,
                created_at=known.created_at if known is not None else now,
                updated_at=now,
                since=now,
                runs=known.runs if known is not None else [],
                warnings=times.warnings(body.trigger),
            )
        )

    async def preview(self, *, body: PreviewSchedule) -> DueTimes:
        from jupyter_aml.service.schedules import times

        now = self._backend.clock.now()
        times.check(body.trigger, now)
        value = [iso(due) for due in times.coming(body.trigger, now, body.count)]
        return DueTimes(value=value, warnings=times.warnings(body.trigger))

    async def enable(self, name: str) -> Schedule:
        return self._change(name, enabled=True)

    async def disable(self, name: str) -> Schedule:
        return self._change(name, enabled=False)

    async def delete(self, name: str) -> Schedule:
        found = self._find(name)
        del self._kept[name]
        self._backend.changes.publish("schedule", name, None)
        return found

    async def trigger(self, name: str, *, body: TriggerSchedule) -> Job:
        found = self._find(name)
        due = _moment(body.time) if body.time else self._backend.clock.now()
        return await self._run(found, due, by_hand=True)

    # -- the clock --------------------------------------------------------------------------

    async def _run(self, schedule: Schedule, due: datetime, *, by_hand: bool) -> Job:
        name = job_name(schedule.name, due)
        job = await self._backend.jobs.create(body=CreateJob(name=name, spec=schedule.job))
        run = ScheduleRun(due=iso(due), made_at=self._backend.now(), job=job.name, by_hand=by_hand)
        since = schedule.since if by_hand else iso(due)
        self._put(msgspec.structs.replace(schedule, since=since, runs=[run, *schedule.runs]))
        return job

    async def _when_due(self, schedule: Schedule, due: datetime) -> None:
        wait = (due - self._backend.clock.now()).total_seconds()
        await self._backend.clock.sleep(max(0.0, wait))
        if self._kept.get(schedule.name) is not schedule:
            return  # it was changed meanwhile, and waits anew
        try:
            await self._run(schedule, due, by_hand=False)
        except AmlError as error:
            run = ScheduleRun(due=iso(due), made_at=self._backend.now(), error=error.body())
            runs = [run, *schedule.runs]
            self._put(msgspec.structs.replace(schedule, since=iso(due), runs=runs))

    def _change(self, name: str, *, enabled: bool) -> Schedule:
        found = self._find(name)
        if found.enabled == enabled:
            return found
        now = self._backend.now()
        return self._put(msgspec.structs.replace(found, enabled=enabled, since=now, updated_at=now))

    def _put(self, schedule: Schedule) -> Schedule:
        """Keep it with its next run, and wait for that."""
        from jupyter_aml.service.schedules import times

        since, anchor = _moment(schedule.since), _moment(schedule.created_at)
        due = times.next_after(schedule.trigger, since, anchor=anchor) if schedule.enabled else None
        told = iso(due) if due is not None else None
        schedule = self._kept[schedule.name] = msgspec.structs.replace(schedule, next_run_at=told)
        self._backend.changes.publish("schedule", schedule.name, schedule)
        if due is not None:
            self._backend.spawn(self._when_due(schedule, due))
        return schedule

    def _find(self, name: str) -> Schedule:
        if name not in self._kept:
            raise NotFound(f"There is no schedule {name!r}.", target="name")
        return self._kept[name]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)
