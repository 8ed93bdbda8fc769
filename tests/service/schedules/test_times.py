"""When triggers are due."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.schedule import (
    CronTrigger,
    RecurrencePattern,
    RecurrenceTrigger,
    Trigger,
)
from jupyter_aml.service.schedules import times
from jupyter_aml.service.schedules.zones import zone

BERLIN = "Europe/Berlin"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def due(trigger: Trigger, after: str, count: int, anchor: str = "") -> list[str]:
    found: list[str] = []
    moment = utc(after)
    while len(found) < count:
        following = times.next_after(trigger, moment, anchor=utc(anchor or after))
        if following is None:
            break
        moment = following
        found.append(moment.strftime("%m-%d %H:%M"))
    return found


def cron(expression: str, **more: str) -> CronTrigger:
    return CronTrigger(expression=expression, **more)


def every(frequency: str, interval: int = 1, **more: object) -> RecurrenceTrigger:
    return RecurrenceTrigger(frequency=frequency, interval=interval, **more)  # type: ignore[arg-type]


def test_workdays_at_six() -> None:
    # 2026-11-21 is a Saturday
    assert due(cron("0 6 * * 1-5"), "2026-11-20T12:00", 2) == ["11-23 06:00", "11-24 06:00"]
    assert due(cron("0 6 * * mon,SUN"), "2026-11-20T12:00", 2) == ["11-22 06:00", "11-23 06:00"]
    assert due(cron("0 6 * * 7"), "2026-11-20T12:00", 1) == ["11-22 06:00"]


def test_of_days_and_days_of_the_week_either_is_enough() -> None:
    assert due(cron("0 0 1 * fri"), "2026-11-25T00:00", 3) == [
        "11-27 00:00",
        "12-01 00:00",
        "12-04 00:00",
    ]


def test_a_leap_day_is_found() -> None:
    assert due(cron("0 0 29 2 *"), "2026-11-25T00:00", 1) == ["02-29 00:00"]


def test_the_clock_goes_forward_over_a_time() -> None:
    """There is no 2:30 in Berlin on 2026-03-29: it comes an hour later on that day."""
    trigger = cron("30 2 * * *", time_zone=BERLIN)
    assert due(trigger, "2026-03-28T00:00", 3) == ["03-28 01:30", "03-29 01:30", "03-30 00:30"]


def test_the_clock_goes_back_over_a_time() -> None:
    """2:30 comes twice in Berlin on 2026-10-25: once is enough."""
    trigger = cron("30 2 * * *", time_zone=BERLIN)
    assert due(trigger, "2026-10-24T12:00", 2) == ["10-25 00:30", "10-26 01:30"]
    assert due(
        every("day", start_time="2026-10-01T02:30:00", time_zone=BERLIN), "2026-10-24T12:00", 2
    ) == ["10-25 00:30", "10-26 01:30"]


def test_every_hour_means_every_hour_also_when_the_clock_goes_back() -> None:
    trigger = cron("0 * * * *", time_zone=BERLIN)
    hours = ["10-25 00:00", "10-25 01:00", "10-25 02:00", "10-25 03:00"]
    assert due(trigger, "2026-10-24T23:30", 4) == hours
    forward = ["03-29 00:00", "03-29 01:00", "03-29 02:00"]
    assert due(trigger, "2026-03-28T23:30", 3) == forward


def test_recurrences() -> None:
    pattern = RecurrencePattern(hours=[4, 16], minutes=[0])
    assert due(every("day", 2, schedule=pattern), "2026-11-22T05:00", 3) == [
        "11-22 16:00",
        "11-24 04:00",
        "11-24 16:00",
    ]
    week = RecurrencePattern(hours=[9], minutes=[30], week_days=["monday", "friday"])
    assert due(every("week", schedule=week), "2026-11-22T05:00", 2) == [
        "11-23 09:30",
        "11-27 09:30",
    ]
    last = RecurrencePattern(hours=[0], minutes=[0], month_days=[-1])
    assert due(every("month", schedule=last), "2026-11-22T05:00", 2) == [
        "11-30 00:00",
        "12-31 00:00",
    ]


def test_minutes_and_hours_count_from_the_start() -> None:
    trigger = every("hour", 6, start_time="2026-11-20T01:00:00")
    assert due(trigger, "2026-11-22T00:00", 2) == ["11-22 01:00", "11-22 07:00"]
    assert due(every("minute", 15), "2026-11-22T00:07", 2) == ["11-22 00:22", "11-22 00:37"]


def test_not_before_the_start_nor_after_the_end() -> None:
    trigger = cron("0 0 * * *", start_time="2026-12-01T00:00:00", end_time="2026-12-02T00:00:00")
    assert due(trigger, "2026-11-22T00:00", 5) == ["12-01 00:00", "12-02 00:00"]


def test_a_start_is_in_the_time_zone_unless_it_names_another() -> None:
    line = "0 0 * * *"
    there = cron(line, time_zone=BERLIN, start_time="2026-12-01T00:00:00")
    assert due(there, "2026-11-22T00:00", 1) == ["11-30 23:00"]
    own = cron(line, time_zone=BERLIN, start_time="2026-12-01T00:00:00Z")
    assert due(own, "2026-11-22T00:00", 1) == ["12-01 23:00"]


def test_azures_names_of_time_zones() -> None:
    assert zone("W. Europe Standard Time") == zone(BERLIN)
    assert zone("Pacific Standard Time") == zone("America/Los_Angeles")
    with pytest.raises(Invalid, match="no time zone") as caught:
        zone("Pacific Standart Time")
    assert "Pacific Standard Time" in caught.value.hint
    with pytest.raises(Invalid):
        zone("")


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        (cron("0 6 * *"), "has 4"),
        (cron("60 6 * * *"), "no way to write minutes"),
        (cron("0 6 * * mo"), "no way to write days of the week"),
        (cron("0 5-2 * * *"), "no way to write hours"),
        (cron("*/0 * * * *"), "no way to write minutes"),
        (cron("0 0 31 2 *"), "never due"),
        (cron("0 6 * * *", end_time="2020-01-01T00:00:00"), "never due"),
        (cron("0 6 * * *", start_time="soon"), "is no time"),
        (cron("0 6 * * *", time_zone="Mars"), "no time zone"),
        (every("hour", schedule=RecurrencePattern(hours=[1])), "does not go with"),
        (every("day", schedule=RecurrencePattern(week_days=["monday"])), "week_days does not"),
        (every("week", schedule=RecurrencePattern(month_days=[1])), "month_days does not"),
        (every("month", schedule=RecurrencePattern(month_days=[0])), "day 0"),
    ],
)
def test_what_is_never_due_or_cannot_be_read_is_refused(trigger: Trigger, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        times.check(trigger, utc("2026-11-22T00:00"))


def test_missed_times_are_counted_and_the_last_one_named() -> None:
    def missed(trigger: Trigger, after: str, until: str) -> tuple[datetime | None, int]:
        return times.missed(trigger, utc(after), utc(until), anchor=utc(after))

    daily = cron("0 6 * * *")
    assert missed(daily, "2026-11-20T07:00", "2026-11-21T05:00") == (None, 0)
    assert missed(daily, "2026-11-20T07:00", "2026-11-21T06:00") == (utc("2026-11-21T06:00"), 0)
    assert missed(daily, "2026-11-20T07:00", "2026-11-25T00:00") == (utc("2026-11-24T06:00"), 3)
    minutely = cron("* * * * *")
    last, count = missed(minutely, "2026-01-01T00:00", "2026-11-25T00:00")
    assert (last, count) == (utc("2026-11-25T00:00"), times.MOST_COUNTED)


TRIGGERS: list[Trigger] = [
    cron("*/20 1-4 * * *", time_zone=BERLIN),
    cron("30 2 * * sun", time_zone="America/New_York"),
    cron("15 * * * *", time_zone="Australia/Lord_Howe"),
    every("day", 3, schedule=RecurrencePattern(hours=[2], minutes=[30]), time_zone=BERLIN),
    every("week", 2, schedule=RecurrencePattern(hours=[1, 2, 3], week_days=["sunday"])),
    every("hour", 5),
]


@settings(max_examples=60, deadline=None)
@given(
    some.sampled_from(TRIGGERS),
    some.integers(0, 400 * 24 * 60).map(lambda n: utc("2026-01-01T00:00") + timedelta(minutes=n)),
    some.floats(0.01, 1),
)
def test_looking_more_often_finds_nothing_else(
    trigger: Trigger, after: datetime, part: float
) -> None:
    """Between a moment and the next due one there is nothing due, wherever one looks from."""
    anchor = utc("2026-01-01T00:00")
    following = times.next_after(trigger, after, anchor=anchor)
    assert following is not None
    assert following > after
    between = after + (following - after) * (1 - part)
    assert times.next_after(trigger, between, anchor=anchor) == following
