"""The moments at which a trigger is due.

Days, weeks, months and cron lines are counted on the clock on the wall of the trigger's time zone.
A time that a change to summer time leaves out is that much later on that day; of a time that comes
twice in autumn the first counts, unless the line says every hour. Minutes and hours are counted
in time that passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from itertools import takewhile

from dateutil import rrule, tz
from dateutil.parser import isoparse

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.schedule import CronTrigger, RecurrencePattern, RecurrenceTrigger, Trigger
from jupyter_aml.service.schedules import cron
from jupyter_aml.service.schedules.zones import zone

MOST_COUNTED = 100
"""Missed times beyond that are only told to be as many."""

_CRON_YEARS = 9
"""How far a cron line is searched: the 29th of February may be eight years away."""

_OVERLAP = timedelta(hours=3)
"""More than any change of a zone's offset: times near one are looked at together."""

_STEPS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def check(trigger: Trigger, now: datetime) -> None:
    """Raise `Invalid` for one that cannot be read, or is never due again."""
    if isinstance(trigger, RecurrenceTrigger):
        _check_pattern(trigger)
    if next_after(trigger, now, anchor=now) is None:
        raise Invalid(
            "This trigger is never due.",
            target="trigger",
            hint="Its end has passed, or there is no such day in any month.",
        )


def _check_pattern(trigger: RecurrenceTrigger) -> None:
    pattern, frequency = trigger.schedule, trigger.frequency
    if pattern is None:
        return
    if frequency in _STEPS and pattern != RecurrencePattern():
        raise Invalid(
            f"A pattern of hours and days does not go with the frequency {frequency}.",
            target="trigger.schedule",
            hint="Leave it out, or take the frequency day, week or month.",
        )
    given = {"week_days": bool(pattern.week_days), "month_days": bool(pattern.month_days)}
    for name, is_given in given.items():
        if is_given and frequency != name.partition("_")[0]:
            raise Invalid(
                f"{name} does not go with the frequency {frequency}.",
                target=f"trigger.schedule.{name}",
                hint=f"Take the frequency {name.partition('_')[0]}.",
            )
    if 0 in pattern.month_days:
        raise Invalid("No month has a day 0.", target="trigger.schedule.month_days")


def warnings(trigger: Trigger) -> list[str]:
    """What works here and not in Azure ML."""
    if not isinstance(trigger, CronTrigger):
        return []
    line = cron.read(trigger.expression)
    if line.days is None and line.months is None:
        return []
    return ["Azure ML ignores days and months in a cron line; here they count"]


def next_after(trigger: Trigger, after: datetime, *, anchor: datetime) -> datetime | None:
    """The first moment later than `after` (both UTC) at which it is due, or None.

    `anchor` is where one without a start counts from: when the schedule was made.
    """
    place = zone(trigger.time_zone)
    start = _moment(trigger.start_time, place, "start_time")
    end = _moment(trigger.end_time, place, "end_time")
    if start is not None:
        after = max(after, start - timedelta(microseconds=1))
    found = next(_due(trigger, after, start or anchor, place), None)
    return None if found is None or (end is not None and found > end) else found


def coming(trigger: Trigger, now: datetime, most: int) -> list[datetime]:
    """The first times that it is due, if it was made `now`."""
    found: list[datetime] = []
    due = next_after(trigger, now, anchor=now)
    while due is not None and len(found) < most:
        found.append(due)
        due = next_after(trigger, due, anchor=now)
    return found


def missed(
    trigger: Trigger, after: datetime, until: datetime, *, anchor: datetime
) -> tuple[datetime | None, int]:
    """The last due moment in (after, until], and how many others there were before it."""
    last, count = None, 0
    while (due := next_after(trigger, last or after, anchor=anchor)) is not None and due <= until:
        last = due
        count += 1
        if count > MOST_COUNTED:
            return _last_before(trigger, until, last, anchor), MOST_COUNTED
    return last, max(0, count - 1)


def _last_before(trigger: Trigger, until: datetime, known: datetime, anchor: datetime) -> datetime:
    """The last one up to `until`, by halving: there are too many to go through."""
    low, high = known, until
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        due = next_after(trigger, middle, anchor=anchor)
        if due is not None and due <= until:
            low = due
        else:
            high = middle
    return low


def _moment(text: str, place: tzinfo, name: str) -> datetime | None:
    """Raises `Invalid`."""
    if not text:
        return None
    try:
        found = isoparse(text.strip())
    except ValueError:
        raise Invalid(
            f"{name} {text!r} is no time.",
            target=f"trigger.{name}",
            hint="Write it as 2026-11-22T06:00:00, with the time zone apart.",
        ) from None
    return _utc(found, place) if found.tzinfo is None else found.astimezone(timezone.utc)


def _due(trigger: Trigger, after: datetime, anchor: datetime, place: tzinfo) -> Iterator[datetime]:
    """Due moments later than `after`; the first one is exact, those behind it may come doubly."""
    if isinstance(trigger, RecurrenceTrigger) and trigger.frequency in _STEPS:
        step = _STEPS[trigger.frequency] * trigger.interval
        passed = max(0, (after - anchor) // step + 1) if after >= anchor else 0
        yield anchor + passed * step
        return
    near: list[datetime] = []
    first: datetime | None = None
    for wall, is_hourly in _walls(trigger, after, anchor, place):
        if first is not None and wall > first + _OVERLAP:
            break
        moments = [_utc(wall, place)]
        if is_hourly and tz.datetime_ambiguous(wall, place):
            moments.append(_utc(wall.replace(fold=1), place))
        later = [moment for moment in moments if moment > after]
        if later and first is None:
            first = wall
        near += later
    if near:
        yield min(near)


def _walls(
    trigger: Trigger, after: datetime, anchor: datetime, place: tzinfo
) -> Iterator[tuple[datetime, bool]]:
    """Times on the wall, in order, from some time before `after` on; whether every hour has one."""
    since = after.astimezone(place).replace(tzinfo=None) - _OVERLAP
    if isinstance(trigger, RecurrenceTrigger):
        begin = anchor.astimezone(place).replace(tzinfo=None)
        rule = _recurrence(trigger, begin)
        yield from ((wall, False) for wall in rule.xafter(since, inc=True))
        return
    line = cron.read(trigger.expression)
    rules = _rules(line, since)
    last = since + timedelta(days=366 * _CRON_YEARS)
    for wall in takewhile(lambda wall: wall <= last, rules.xafter(since, inc=True)):
        yield wall, line.hours is None


def _recurrence(trigger: RecurrenceTrigger, begin: datetime) -> rrule.rrule:
    pattern = trigger.schedule or RecurrencePattern()
    timed = bool(pattern.hours or pattern.minutes)
    if timed:  # else a time of the first day that is before the start would be left out
        begin = begin.replace(second=0, microsecond=0)
    daily, weekly, monthly = rrule.DAILY, rrule.WEEKLY, rrule.MONTHLY
    kind = trigger.frequency
    return rrule.rrule(
        monthly if kind == "month" else weekly if kind == "week" else daily,
        interval=trigger.interval,
        dtstart=begin.replace(microsecond=0),
        byhour=(pattern.hours or [0]) if timed else None,
        byminute=(pattern.minutes or [0]) if timed else None,
        bysecond=0 if timed else None,
        byweekday=[_WEEK.index(day) for day in pattern.week_days] or None,
        bymonthday=pattern.month_days or None,
    )


def _rules(line: cron.Cron, since: datetime) -> rrule.rruleset:
    """Of days and days of the week that are both given, either is enough: as cron has it."""
    week = [(day - 1) % 7 for day in line.week_days or ()]
    chosen = [(line.days, None)] if line.days is not None or not week else []
    begin = since.replace(hour=0, minute=0, second=0, microsecond=0)
    rules = rrule.rruleset()
    for days, week_days in [*chosen, *([(None, week)] if week else [])]:
        rules.rrule(
            rrule.rrule(
                rrule.DAILY,
                dtstart=begin,
                until=begin + timedelta(days=366 * _CRON_YEARS),
                bymonth=line.months,
                bymonthday=days,
                byweekday=week_days,
                byhour=line.hours if line.hours is not None else range(24),
                byminute=line.minutes if line.minutes is not None else range(60),
                bysecond=0,
            )
        )
    return rules


def _utc(wall: datetime, place: tzinfo) -> datetime:
    """A time on the wall as a moment; one that is left out in spring comes that much later."""
    return tz.resolve_imaginary(wall.replace(tzinfo=place)).astimezone(timezone.utc)
