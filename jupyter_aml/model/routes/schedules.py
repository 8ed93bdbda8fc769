"""Schedules: jobs that are made by the clock."""

from __future__ import annotations

from jupyter_aml.model.job import Job
from jupyter_aml.model.route import Route, route
from jupyter_aml.model.schedule import (
    CreateSchedule,
    DueTimes,
    PreviewSchedule,
    Schedule,
    ScheduleList,
    TriggerSchedule,
)

ROUTES: tuple[Route, ...] = (
    route("schedules.list", "GET /schedules", "Every schedule.", returns=ScheduleList),
    route("schedules.get", "GET /schedules/{name}", "One schedule.", returns=Schedule),
    route(
        "schedules.create",
        "POST /schedules",
        "Have jobs made by the clock; the same name again replaces what there was.",
        body=CreateSchedule,
        returns=Schedule,
    ),
    route(
        "schedules.preview",
        "POST /schedules/preview",
        "When a trigger would be due; nothing is kept.",
        body=PreviewSchedule,
        returns=DueTimes,
    ),
    route(
        "schedules.enable",
        "POST /schedules/{name}/enable",
        "Go on from now; times that have passed are not made up for.",
        returns=Schedule,
    ),
    route(
        "schedules.disable",
        "POST /schedules/{name}/disable",
        "Make no more jobs.",
        returns=Schedule,
    ),
    route(
        "schedules.delete",
        "DELETE /schedules/{name}",
        "Delete it; the jobs that it made stay.",
        returns=Schedule,
    ),
    route(
        "schedules.trigger",
        "POST /schedules/{name}/trigger",
        "Make its job now, also while it is disabled.",
        body=TriggerSchedule,
        returns=Job,
    ),
)
