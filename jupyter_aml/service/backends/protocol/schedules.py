"""Jobs that are made by the clock."""

from __future__ import annotations

from typing import Protocol

from jupyter_aml.model import job, schedule


class SchedulesFacet(Protocol):
    """Jobs that are made by the clock: see `model.schedule`."""

    async def list(self) -> schedule.ScheduleList: ...
    async def get(self, name: str) -> schedule.Schedule: ...
    async def create(self, *, body: schedule.CreateSchedule) -> schedule.Schedule:
        """Durable before it returns. Refused if its job would be, or if it is never due."""
        ...

    async def preview(self, *, body: schedule.PreviewSchedule) -> schedule.DueTimes:
        """Refused as `create` refuses the trigger. For who fills in a form."""
        ...

    async def enable(self, name: str) -> schedule.Schedule: ...
    async def disable(self, name: str) -> schedule.Schedule: ...
    async def delete(self, name: str) -> schedule.Schedule: ...
    async def trigger(self, name: str, *, body: schedule.TriggerSchedule) -> job.Job:
        """Return when its job is on disk."""
        ...
