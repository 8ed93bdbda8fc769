"""``az ml`` schedule files, with the job file that they name or hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

from jupyter_aml.client import jobfile, yamlfile
from jupyter_aml.client.jobdata import local_path
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.schedule import (
    CreateSchedule,
    CronTrigger,
    Frequency,
    RecurrencePattern,
    RecurrenceTrigger,
    ScheduledJob,
    Trigger,
    WeekDay,
)

_SHOWN = ("id", "creation_context", "provisioning_state", "created_at", "updated_at", "since")
_OBSERVED = ("next_run_at", "runs", "warnings")
"""What ``show`` says beside; a file may hold it, to no effect."""

_FREQUENCIES: tuple[Frequency, ...] = ("minute", "hour", "day", "week", "month")


def load(
    path: str, settings: Mapping[str, Any] | None = None, *, home: Path | None = None
) -> tuple[CreateSchedule, list[str]]:
    """The schedule of the file `path`, and what of it is not used here, in words."""
    fields, folder = yamlfile.load_fields(path, settings)
    fields.pass_over((*_SHOWN, *_OBSERVED))
    for key in ("create_monitor", "import_data"):
        if key in fields:
            fields.refuse(key, "is not done here", "Schedules create jobs: create_job: ./job.yml")
    name = fields.text("name")
    if not name:
        fields.refuse("name", "is missing", "Write name: NAME, or add --name NAME.")
    enabled = [fields.take(key) for key in ("is_enabled", "enabled")]
    made = CreateSchedule(
        name=name,
        display_name=fields.text("display_name"),
        description=fields.text("description"),
        tags=fields.texts("tags"),
        properties=fields.texts("properties"),
        enabled=False not in enabled,
        trigger=_trigger(fields),
        job=_job(fields, folder, home),
    )
    fields.finish()
    return made, []


def of_job(
    name: str, cron: str, job_file: str, *, time_zone: str = "", home: Path | None = None
) -> CreateSchedule:
    """The job file `job_file` by a cron line: what options describe."""
    job, _ = jobfile.load(job_file, home=home)
    trigger = CronTrigger(expression=cron, time_zone=time_zone or "UTC")
    return CreateSchedule(name=name, trigger=trigger, job=_schedulable(job, job_file))


def _trigger(fields: Fields) -> Trigger:
    inner = fields.fields("trigger")
    if inner is None:
        fields.refuse("trigger", "is missing: when it is due", "type: cron, or type: recurrence.")
    when = {
        "time_zone": inner.text("time_zone") or "UTC",
        "start_time": inner.text("start_time"),
        "end_time": inner.text("end_time"),
    }
    kind = inner.choice("type", ("cron", "recurrence"))
    if kind == "cron" or (not kind and "expression" in inner):
        expression = inner.text("expression")
        if not expression:
            inner.refuse("expression", "is missing", "As in  expression: '0 6 * * 1-5'")
        inner.finish()
        return CronTrigger(expression=expression, **when)
    frequency = inner.choice("frequency", _FREQUENCIES)
    if not frequency:
        inner.refuse("frequency", "is missing", f"One of {', '.join(_FREQUENCIES)}.")
    interval = inner.integer("interval", 1, 10_000) or 1
    pattern = _pattern(inner)
    inner.finish()
    return msgspec.convert(
        {"frequency": frequency, "interval": interval, "schedule": pattern, **_camel(when)}
        | {"type": "recurrence"},
        RecurrenceTrigger,
    )


def _camel(when: Mapping[str, str]) -> dict[str, str]:
    names = {"time_zone": "timeZone", "start_time": "startTime", "end_time": "endTime"}
    return {names[name]: value for name, value in when.items()}


def _pattern(trigger: Fields) -> RecurrencePattern | None:
    inner = trigger.fields("schedule")
    if inner is None:
        return None
    given = {
        "hours": _listed(inner, "hours"),
        "minutes": _listed(inner, "minutes"),
        "weekDays": [str(day).lower() for day in _listed(inner, "week_days")],
        "monthDays": _listed(inner, "month_days"),
    }
    inner.finish()
    try:
        return msgspec.convert(given, RecurrencePattern, strict=False)
    except msgspec.ValidationError as error:
        days = ", ".join(WeekDay.__args__)
        hint = f"hours 0 to 23, minutes 0 to 59, week_days of {days}."
        inner.refuse("", f"cannot be read: {error}", hint)


def _listed(inner: Fields, key: str) -> list[Any]:
    """One value, or a list of them."""
    value: Any = inner.take(key)
    if value is None:
        return []
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _job(fields: Fields, folder: Path, home: Path | None) -> ScheduledJob:
    """``create_job``: a file, a job written out, or a file with changes to it."""
    told: Any = fields.take("create_job")
    where = fields.where("create_job")
    if told is None:
        fields.refuse("create_job", "is missing: which job is made", "create_job: ./job.yml")
    changes: dict[str, Any] = {}
    if isinstance(told, dict):
        held = cast("dict[str, Any]", told)
        if "job" not in held:
            job, _ = jobfile.from_document(held, folder, label=where, home=home)
            return _schedulable(job, where)
        changes = {key: value for key, value in held.items() if key not in ("job", "type")}
        told = held["job"]
    if not isinstance(told, str):
        fields.refuse("create_job", "names a job file, or holds a job")
    if told.startswith("azureml:"):
        hint = "Write the job into a file: `jupyter aml job show NAME -o yaml`."
        fields.refuse("create_job", "cannot name a job that has run", hint)
    path = str(local_path(told.removeprefix("file:"), folder))
    job, _ = jobfile.load(path, _dotted(changes), home=home)
    return _schedulable(job, path)


def _dotted(changes: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """``{"inputs": {"a": 1}}`` as ``{"inputs.a": 1}``: only what is said changes."""
    found: dict[str, Any] = {}
    for key, value in changes.items():
        inner = f"{before}{key}"
        if isinstance(value, dict):
            found |= _dotted(cast("dict[str, Any]", value), f"{inner}.")
        else:
            found[inner] = value
    return found


def _schedulable(job: object, where: str) -> ScheduledJob:
    if not isinstance(job, ScheduledJob):
        raise Invalid("This kind of job cannot be scheduled.", target=where)
    return job
