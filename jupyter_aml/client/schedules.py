"""The client's facet ``schedules``."""

from __future__ import annotations

from jupyter_aml.client.facet import Facet
from jupyter_aml.model.job import Job
from jupyter_aml.model.schedule import (
    CreateSchedule,
    DueTimes,
    PreviewSchedule,
    Schedule,
    ScheduleList,
    Trigger,
    TriggerSchedule,
)


class Schedules(Facet):
    """Jobs that are made by the clock, while the service lives."""

    def list(self) -> ScheduleList:
        return self._call("schedules.list", ScheduleList)

    def get(self, name: str) -> Schedule:
        return self._call("schedules.get", Schedule, name=name)

    def create(self, body: CreateSchedule) -> Schedule:
        """Refused if its job would be. The same name again replaces what there was."""
        return self._call("schedules.create", Schedule, body=body)

    def preview(self, trigger: Trigger, count: int = 3) -> list[str]:
        """The next moments at which it would be due, ISO 8601 and UTC; nothing is kept."""
        body = PreviewSchedule(trigger=trigger, count=count)
        return self._call("schedules.preview", DueTimes, body=body).value

    def enable(self, name: str) -> Schedule:
        """Go on from now; times that have passed are not made up for."""
        return self._call("schedules.enable", Schedule, name=name)

    def disable(self, name: str) -> Schedule:
        return self._call("schedules.disable", Schedule, name=name)

    def delete(self, name: str) -> Schedule:
        """Delete it; the jobs that it made stay."""
        return self._call("schedules.delete", Schedule, name=name)

    def trigger(self, name: str, time: str = "") -> Job:
        """Make its job now, or the one of `time`; also while it is disabled."""
        body = TriggerSchedule(time=time)
        return self._call("schedules.trigger", Job, body=body, name=name)
