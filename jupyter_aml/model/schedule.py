"""Schedules: jobs that are made by the clock, in Azure ML's own words.

A schedule of the local workspace works only while the service lives: the service does not end by
itself while one is enabled, and a machine that is off or asleep makes nothing.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.job import CommandJob, NotebookJob, ParentSpec
from jupyter_aml.model.names import AssetName

WeekDay = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Frequency = Literal["minute", "hour", "day", "week", "month"]

# -- when ---------------------------------------------------------------------------------


class _Trigger(msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type"):
    time_zone: str = "UTC"
    """``Europe/Berlin``, or Windows' name of one as Azure has it: ``W. Europe Standard Time``."""
    start_time: str = ""
    """Not before: ISO 8601, in that time zone where it names no other. Empty is at once."""
    end_time: str = ""
    """Not after. Empty is never."""


class CronTrigger(_Trigger, frozen=True, kw_only=True, tag="cron"):
    """By a line of five fields: minutes, hours, days, months, days of the week."""

    expression: Annotated[str, Meta(min_length=1, max_length=200)]


class RecurrencePattern(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """At which times of a day, week or month."""

    hours: list[Annotated[int, Meta(ge=0, le=23)]] = []
    minutes: list[Annotated[int, Meta(ge=0, le=59)]] = []
    week_days: list[WeekDay] = []
    month_days: list[Annotated[int, Meta(ge=-1, le=31)]] = []
    """Of each month; -1 is its last."""


class RecurrenceTrigger(_Trigger, frozen=True, kw_only=True, tag="recurrence"):
    """Every so many minutes, hours, days, weeks or months, counted from the start."""

    frequency: Frequency
    interval: Annotated[int, Meta(ge=1, le=10_000)] = 1
    schedule: RecurrencePattern | None = None
    """Of days, weeks and months; without it the time of day is that of the start."""


Trigger = CronTrigger | RecurrenceTrigger

ScheduledJob = CommandJob | NotebookJob | ParentSpec
"""Cells and kernels belong to a notebook that is open; they cannot be scheduled."""

# -- asked for ----------------------------------------------------------------------------


class CreateSchedule(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `schedules.create`. The same name again replaces what there was."""

    name: AssetName
    trigger: Trigger
    job: ScheduledJob
    """What is made each time. Its code folder is kept as it is now."""
    display_name: str = ""
    description: str = ""
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    enabled: bool = True
    azure: dict[str, Any] = {}
    """What a request in ARM's words said beyond the fields here. Nothing is done with it."""


class TriggerSchedule(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `schedules.trigger`."""

    time: str = ""
    """The moment that the run is for, ISO 8601; empty is now. The same moment is the same job."""


class PreviewSchedule(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `schedules.preview`."""

    trigger: Trigger
    count: Annotated[int, Meta(ge=1, le=50)] = 3


# -- observed -----------------------------------------------------------------------------


class ScheduleRun(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One time that a schedule was due, or triggered by hand."""

    due: str
    made_at: str
    job: str = ""
    """Empty if the job was refused."""
    error: ErrorBody | None = None
    missed: int = 0
    """So many earlier times passed while no service lived: they are made up for by this one."""
    by_hand: bool = False


class Schedule(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A schedule as it is."""

    name: str
    trigger: Trigger
    job: ScheduledJob
    display_name: str = ""
    description: str = ""
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    enabled: bool = True
    azure: dict[str, Any] = {}
    created_at: str
    updated_at: str
    since: str
    """Times before this are not made up for: when it was made, changed or enabled last."""
    next_run_at: str | None = None
    """None while it is disabled, and when its end has passed."""
    runs: list[ScheduleRun] = []
    """The last 20, newest first."""
    warnings: list[str] = []


class ScheduleList(msgspec.Struct, rename="camel", frozen=True):
    value: list[Schedule]


class DueTimes(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """When a trigger would be due, if it was made now."""

    value: list[str]
    """ISO 8601, UTC; fewer than were asked for where its end comes before."""
    warnings: list[str] = []
    """What works here and not in Azure ML."""
