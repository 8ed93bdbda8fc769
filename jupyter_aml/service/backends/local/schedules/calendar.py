"""The schedules that there are, and the one timer that makes their jobs.

A run is a job whose name says which moment it is for, and it is made before the schedule's row
knows of it: a service that is killed in between makes the same job again, which is the same job.
What passed while no service lived, or the machine slept, is made up for once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import msgspec

from jupyter_aml.model.errors import AmlError, Conflict, Internal, NotFound
from jupyter_aml.model.job import CreateJob, Job
from jupyter_aml.model.nearest import nearest
from jupyter_aml.model.schedule import Schedule, ScheduledJob, ScheduleRun
from jupyter_aml.service.clock import Timer, iso
from jupyter_aml.service.store import rows, schedule_rows

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

log = logging.getLogger(__name__)

MOST_RUNS = 20
"""Kept with a schedule; all of its jobs are in the list of jobs."""

_LOOK_SECONDS = 30.0
"""The longest between two looks: a timer stands still while the machine sleeps."""

SCHEDULE = "schedule"
"""The property of a job that names the schedule which made it."""

Make = Callable[[CreateJob], Awaitable[Job]]


class Calendar:
    """Of one engine. `make` accepts a job durably."""

    def __init__(self, engine: Engine, make: Make) -> None:
        self._engine = engine
        self._make = make
        self.schedules: dict[str, Schedule] = {}
        self._timer: Timer | None = None
        self._turn: asyncio.Task[None] | None = None

    # -- life ---------------------------------------------------------------------------------

    def open(self) -> None:
        """Before the first request, and after jobs were taken up."""
        for one in schedule_rows.list_schedules(self._engine.store.reader):
            self.schedules[one.name] = one
        self.look()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    @property
    def is_quiet(self) -> bool:
        """Nothing is being made at the moment."""
        return self._turn is None

    @property
    def enabled(self) -> int:
        """How many will make another job: the service does not end by itself meanwhile."""
        return sum(one.next_run_at is not None for one in self.schedules.values())

    # -- keeping ------------------------------------------------------------------------------

    def find(self, name: str) -> Schedule:
        """Raises `NotFound`."""
        found = self.schedules.get(name)
        if found is None:
            raise NotFound(
                f"There is no schedule {name!r}.",
                target="name",
                hint=f"{nearest(name, self.schedules)}List them with `%aml schedule list`.",
            )
        return found

    async def keep(self, schedule: Schedule) -> Schedule:
        """Durable before it returns, with its next run."""
        schedule = msgspec.structs.replace(schedule, next_run_at=_next(schedule))
        self.schedules[schedule.name] = schedule
        await self._engine.store.write(
            lambda conn: schedule_rows.save_schedule(conn, schedule), durable=True
        )
        self._engine.changes.publish("schedule", schedule.name, schedule)
        self.look()
        return schedule

    async def forget(self, name: str) -> Schedule:
        found = self.find(name)
        del self.schedules[name]
        await self._engine.store.write(
            lambda conn: schedule_rows.delete_schedule(conn, name), durable=True
        )
        self._engine.changes.publish("schedule", name, None)
        return found

    # -- making jobs --------------------------------------------------------------------------

    async def run(self, schedule: Schedule, due: datetime, *, precise: bool) -> Job:
        """Make its job of that moment by hand. Raises what `jobs.create` does."""
        job = await self._job(schedule, due, precise=precise)
        run = ScheduleRun(due=iso(due), made_at=iso(self._now()), job=job.name, by_hand=True)
        await self._note(schedule.name, due, run)
        return job

    def look(self) -> None:
        """See what is due, now and whenever the next one is."""
        if self._turn is None and not self._engine.closing:
            self._turn = self._engine.spawn(self._look(), "look at the schedules")

    async def _look(self) -> None:
        try:
            for name in list(self.schedules):
                if (schedule := self.schedules.get(name)) is not None:
                    await self._make_up(schedule)
        finally:
            self._turn = None
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting = [one.next_run_at for one in self.schedules.values() if one.next_run_at]
        if waiting and not self._engine.closing:
            seconds = (_moment(min(waiting)) - self._now()).total_seconds()
            wait = max(0.01, min(seconds, _LOOK_SECONDS))
            self._timer = self._engine.clock.call_later(wait, self.look)

    async def _make_up(self, schedule: Schedule) -> None:
        """Its job of the last moment that has passed, if one has."""
        now = self._now()
        if schedule.next_run_at is None or _moment(schedule.next_run_at) > now:
            return
        due, missed = await asyncio.to_thread(_missed, schedule, now)
        if due is None or self.schedules.get(schedule.name) is not schedule:
            return
        job, error = None, None
        try:
            job = await self._job(schedule, due)
        except AmlError as refused:
            error = refused.body()
        except Exception:  # a defect with one must not end the others, nor be tried without end
            log.exception("the schedule %s could not make its job", schedule.name)
            error = Internal("Something is wrong with the service itself.").body()
        made = job.name if job is not None else ""
        run = ScheduleRun(due=iso(due), made_at=iso(now), job=made, error=error, missed=missed)
        await self._note(schedule.name, due, run)

    async def _job(self, schedule: Schedule, due: datetime, *, precise: bool = False) -> Job:
        name = job_name(schedule.name, due, precise=precise)
        try:
            return await self._make(CreateJob(name=name, spec=_spec(schedule, name)))
        except Conflict:
            # Made already, by a service that was killed: what it read (data@latest) has changed.
            found = rows.get_job(self._engine.store.reader, name)
            if found is None or found.spec.properties.get(SCHEDULE) != schedule.name:
                raise
            return found

    async def _note(self, name: str, due: datetime, run: ScheduleRun) -> None:
        """The schedule may have been changed or deleted meanwhile."""
        current = self.schedules.get(name)
        if current is None:
            return
        since = current.since if run.by_hand else max(current.since, iso(due))
        runs = [run, *current.runs][:MOST_RUNS]
        await self.keep(msgspec.structs.replace(current, since=since, runs=runs))

    def _now(self) -> datetime:
        return self._engine.clock.now()


def job_name(schedule: str, due: datetime, *, precise: bool = False) -> str:
    """Azure's: ``nightly-20261122T060000Z``; `precise` tells two of one second apart."""
    second = due.strftime("%Y%m%dT%H%M%S")
    part = f"{due.microsecond // 1000:03}" if precise else ""
    return f"{schedule}-{second}{part}Z"


def _spec(schedule: Schedule, name: str) -> ScheduledJob:
    job = schedule.job
    return msgspec.structs.replace(
        job,
        display_name=job.display_name or name,
        properties={**job.properties, SCHEDULE: schedule.name},
    )


# dateutil is imported with the first schedule: who has none does not wait for it at the start.


def _missed(schedule: Schedule, until: datetime) -> tuple[datetime | None, int]:
    from jupyter_aml.service.schedules import times

    since, anchor = _moment(schedule.since), _moment(schedule.created_at)
    return times.missed(schedule.trigger, since, until, anchor=anchor)


def _next(schedule: Schedule) -> str | None:
    from jupyter_aml.service.schedules import times

    if not schedule.enabled:
        return None
    found = times.next_after(
        schedule.trigger, _moment(schedule.since), anchor=_moment(schedule.created_at)
    )
    return None if found is None else iso(found)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)
