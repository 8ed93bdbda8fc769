"""The facet ``schedules`` of the local workspace."""

from __future__ import annotations

from datetime import datetime, timezone

import msgspec

from jupyter_aml.model.errors import Conflict, Invalid
from jupyter_aml.model.job import CellJob, Job, KernelJob
from jupyter_aml.model.schedule import (
    CreateSchedule,
    DueTimes,
    PreviewSchedule,
    Schedule,
    ScheduledJob,
    ScheduleList,
    TriggerSchedule,
)
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.backends.local.facets.jobs import Jobs
from jupyter_aml.service.backends.local.jobs.acceptance import Acceptance
from jupyter_aml.service.backends.local.schedules.calendar import Calendar
from jupyter_aml.service.clock import iso

MOST_SCHEDULES = 100

_ASKED = tuple(name for name in CreateSchedule.__struct_fields__)


class Schedules:
    """See `service.backends.protocol.SchedulesFacet` for who calls what."""

    def __init__(self, engine: Engine, jobs: Jobs) -> None:
        self._engine = engine
        self._acceptance = Acceptance(engine)
        self.calendar = Calendar(engine, lambda body: jobs.create(body=body))

    def state(self) -> list[tuple[str, str, msgspec.Struct]]:
        """What a new feed is told."""
        return [("schedule", one.name, one) for one in self.calendar.schedules.values()]

    async def list(self) -> ScheduleList:
        return ScheduleList(list(self.calendar.schedules.values()))

    async def get(self, name: str) -> Schedule:
        return self.calendar.find(name)

    async def create(self, *, body: CreateSchedule) -> Schedule:
        from jupyter_aml.service.schedules import times  # with dateutil: see `calendar`

        now = self._engine.clock.now()
        known = self.calendar.schedules.get(body.name)
        if known is None and len(self.calendar.schedules) >= MOST_SCHEDULES:
            raise Conflict(
                f"There are {MOST_SCHEDULES} schedules, which is the most.",
                target="name",
                hint="Delete one that is not needed: `%aml schedule list`.",
            )
        if body.enabled:
            times.check(body.trigger, now)
        body = msgspec.structs.replace(body, job=await self._settled(body.job))
        asked = {name: getattr(body, name) for name in _ASKED}
        if known is not None and asked == {name: getattr(known, name) for name in _ASKED}:
            return known
        made = Schedule(
            **asked,
            created_at=known.created_at if known is not None else iso(now),
            updated_at=iso(now),
            since=iso(now),
            runs=known.runs if known is not None else [],
            warnings=[*times.warnings(body.trigger), *body.job.warnings],
        )
        return await self.calendar.keep(made)

    async def preview(self, *, body: PreviewSchedule) -> DueTimes:
        from jupyter_aml.service.schedules import times  # as above

        now = self._engine.clock.now()
        times.check(body.trigger, now)
        found = times.coming(body.trigger, now, body.count)
        return DueTimes(value=[iso(due) for due in found], warnings=times.warnings(body.trigger))

    async def _settled(self, job: ScheduledJob) -> ScheduledJob:
        """Refused now what would be refused each time; its code is kept. Data is read anew."""
        if job.parent:
            raise Invalid("A part of another job cannot be scheduled.", target="job.parent")
        settled = await self._acceptance.settle(job)
        assert not isinstance(settled, (CellJob, KernelJob))
        return msgspec.structs.replace(settled, inputs=job.inputs)

    async def enable(self, name: str) -> Schedule:
        from jupyter_aml.service.schedules import times  # as above

        found = self.calendar.find(name)
        if found.enabled:
            return found
        now = self._engine.clock.now()
        times.check(found.trigger, now)
        return await self.calendar.keep(
            msgspec.structs.replace(found, enabled=True, since=iso(now), updated_at=iso(now))
        )

    async def disable(self, name: str) -> Schedule:
        found = self.calendar.find(name)
        if not found.enabled:
            return found
        now = iso(self._engine.clock.now())
        return await self.calendar.keep(
            msgspec.structs.replace(found, enabled=False, updated_at=now)
        )

    async def delete(self, name: str) -> Schedule:
        return await self.calendar.forget(name)

    async def trigger(self, name: str, *, body: TriggerSchedule) -> Job:
        found = self.calendar.find(name)
        due = _moment(body.time) if body.time else self._engine.clock.now()
        return await self.calendar.run(found, due, precise=not body.time)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise Invalid(f"{text!r} is no time.", target="time", hint="Write ISO 8601.") from None
    return found.replace(tzinfo=found.tzinfo or timezone.utc).astimezone(timezone.utc)
