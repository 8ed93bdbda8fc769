"""Schedules that are only remembered, and the trials of a sweep."""

from __future__ import annotations

import msgspec

from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import CommandJob, Job
from jupyter_aml.model.schedule import CreateSchedule, Schedule, ScheduleList
from jupyter_aml.model.sweep import Trial, TrialList

MOMENT = "2026-11-22T02:00:00.000000Z"


class FakeSchedules:
    def __init__(self) -> None:
        self.all: dict[str, Schedule] = {}
        self.asked: list[tuple[str, str]] = []

    def list(self) -> ScheduleList:
        return ScheduleList(list(self.all.values()))

    def get(self, name: str) -> Schedule:
        if name not in self.all:
            raise NotFound(f"There is no schedule {name!r}.", target="name")
        return self.all[name]

    def create(self, body: CreateSchedule) -> Schedule:
        made = Schedule(
            name=body.name,
            trigger=body.trigger,
            job=body.job,
            created_at=MOMENT,
            updated_at=MOMENT,
            since=MOMENT,
            next_run_at=MOMENT,
            warnings=["Azure ML ignores days"],
        )
        self.all[body.name] = made
        return made

    def enable(self, name: str) -> Schedule:
        return self._change(name, enabled=True, next_run_at=MOMENT)

    def disable(self, name: str) -> Schedule:
        return self._change(name, enabled=False, next_run_at=None)

    def delete(self, name: str) -> Schedule:
        found = self.get(name)
        del self.all[name]
        return found

    def trigger(self, name: str, time: str = "") -> Job:
        self.get(name)
        self.asked.append((name, time))
        spec = CommandJob(command="x")
        return Job(name=f"{name}-20261122T020000Z", spec=spec, status="Queued", created_at=MOMENT)

    def _change(self, name: str, **fields: object) -> Schedule:
        self.all[name] = msgspec.structs.replace(self.get(name), **fields)
        return self.all[name]


TRIALS = TrialList(
    value=[
        Trial(number=0, job="s_0", status="Failed", parameters={"lr": 0.1}, cause="It broke."),
        Trial(
            number=1,
            job="s_1",
            status="Completed",
            parameters={"lr": 0.01, "kind": "a"},
            metric=0.93,
            best=True,
        ),
        Trial(number=2, job="s_2", status="Canceled", metric=0.5, terminated="Too slow."),
    ],
    primary_metric="accuracy",
    goal="maximize",
    total=20,
    best="s_1",
)
