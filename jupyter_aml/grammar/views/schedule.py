"""Schedules as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.model.schedule import CronTrigger, Schedule, ScheduleRun, Trigger


def table(found: Sequence[Schedule], now: float, *, empty: str) -> Table:
    columns = [
        Column(title="Schedule"),
        Column(title="State", state=True),
        Column(title="When", flexible=True),
        Column(title="Next run"),
        Column(title="Last run", flexible=True),
        Column(title="Job", flexible=True),
    ]
    return Table(columns=columns, rows=[_row(one, now) for one in found], empty=empty)


def _row(one: Schedule, now: float) -> list[str]:
    return [
        one.name,
        state(one),
        when(one.trigger),
        phrases.local_time(one.next_run_at),
        _last(one.runs[0], now) if one.runs else "",
        one.job.display_name or str(one.job.__struct_config__.tag),
    ]


def state(one: Schedule) -> str:
    if not one.enabled:
        return "Disabled"
    return "Enabled" if one.next_run_at else "Ended"


def when(trigger: Trigger) -> str:
    """``cron 0 6 * * 1-5, Europe/Berlin``; ``every 2 days at 4:00, 16:00, UTC``."""
    if isinstance(trigger, CronTrigger):
        return f"cron {trigger.expression}, {trigger.time_zone}"
    count, unit = trigger.interval, trigger.frequency
    words = f"every {unit if count == 1 else f'{count} {unit}s'}"
    pattern = trigger.schedule
    if pattern is not None:
        days = [*pattern.week_days, *(str(day) for day in pattern.month_days)]
        words += f" on {', '.join(days)}".replace("-1", "the last day") if days else ""
        times = [f"{h}:{m:02}" for h in pattern.hours or [0] for m in pattern.minutes or [0]]
        words += f" at {', '.join(times)}"
    return f"{words}, {trigger.time_zone}"


def _last(run: ScheduleRun, now: float) -> str:
    words = phrases.ago(run.made_at, now)
    if run.error is not None:
        words += f", refused: {run.error.message}"
    if run.missed:
        words += f", for {phrases.plural(run.missed + 1, 'time')} that had passed"
    return f"{words}, by hand" if run.by_hand else words


def shown(one: Schedule, now: float, *notes: str) -> Result:
    fields = [
        ("State", state(one)),
        ("Display name", one.display_name),
        ("Description", one.description),
        ("When", when(one.trigger)),
        ("Not before", one.trigger.start_time),
        ("Not after", one.trigger.end_time),
        ("Next run", phrases.local_time(one.next_run_at)),
        ("Job", f"{one.job.__struct_config__.tag}, {one.job.display_name}"),
        ("Compute", one.job.compute),
        ("Tags", ", ".join(f"{key}={value}" for key, value in one.tags.items())),
        ("Warnings", "\n".join(one.warnings)),
        ("Created", phrases.local_time(one.created_at)),
    ]
    columns = [
        Column(title="Due"),
        Column(title="Job", flexible=True),
        Column(title="How it went", flexible=True),
    ]
    rows = [[phrases.local_time(run.due), run.job, _last(run, now)] for run in one.runs]
    runs = Table(columns=columns, rows=rows, title="Runs", empty="It has not run yet.")
    parts = [Record(fields=fields, title=one.name), runs]
    return Result(value=one, document=document(one), parts=parts, notes=notes)
