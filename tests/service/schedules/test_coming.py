"""What a form shows before a schedule is made: when it would be due."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from jupyter_aml.model.schedule import CronTrigger, RecurrenceTrigger
from jupyter_aml.service.schedules.times import coming

NOW = datetime(2026, 10, 23, 12, tzinfo=timezone.utc)


def test_the_wall_clock_stays_when_summer_time_ends() -> None:
    trigger = CronTrigger(expression="0 7 * * *", time_zone="Europe/Berlin")

    hours = [due.hour for due in coming(trigger, NOW, 3)]

    assert hours == [5, 6, 6]


def test_no_more_than_there_are_before_its_end() -> None:
    trigger = RecurrenceTrigger(frequency="hour", end_time="2026-10-23T14:30:00")

    assert coming(trigger, NOW, 5) == [NOW + timedelta(hours=1), NOW + timedelta(hours=2)]
