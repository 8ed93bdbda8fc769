"""The idle timers: stop soon, delete when forgotten; nothing without an announcement before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_aml.model.preferences import Preferences
from jupyter_aml.service.money.notices import Notices
from jupyter_aml.service.money.sources import Sources
from jupyter_aml.service.money.spending import Use
from jupyter_aml.service.money.timers import (
    DAY,
    LOOK_SECONDS,
    MINUTE,
    Clocked,
    IdleTimers,
    Step,
    count,
    plan,
)
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.preferences import write_preferences
from jupyter_aml.testing.clock import FakeClock
from jupyter_aml.testing.fakes import RecordingChanges
from tests.service.money.fake_spending import FakeSpending
from tests.service.money.office_floor import START

IDLE = Use("box", costs=True, busy=False)
BUSY = Use("box", costs=True, busy=True)
STOPPED = Use("box", costs=False, busy=False)
HOUR_OFF = Preferences(stop_idle_minutes=60, delete_unused_days=None)


@pytest.mark.parametrize(
    ("clocked", "steps"),
    [
        (Clocked(idle=44 * MINUTE), []),
        (Clocked(idle=45 * MINUTE), [Step("stop", "box", 15 * MINUTE)]),
        (Clocked(idle=55 * MINUTE, stop_told=45 * MINUTE), [Step("stop", "box", 5 * MINUTE)]),
        (Clocked(idle=60 * MINUTE, stop_told=45 * MINUTE), [Step("stop", "box", 0)]),
        # it was never announced, though long overdue: announce now, stop later
        (Clocked(idle=900 * MINUTE), [Step("stop", "box", 15 * MINUTE)]),
    ],
)
def test_it_is_announced_and_then_stopped(clocked: Clocked, steps: list[Step]) -> None:
    assert plan({"box": clocked}, [IDLE], HOUR_OFF) == steps


def test_who_is_busy_or_costs_nothing_is_not_stopped() -> None:
    long = {"box": Clocked(idle=99 * DAY, stop_told=0.0)}
    assert plan(long, [BUSY], Preferences()) == []
    assert plan(long, [STOPPED], HOUR_OFF) == []
    assert plan(long, [IDLE], Preferences(stop_idle_minutes=None, delete_unused_days=None)) == []


def test_the_forgotten_are_deleted_a_day_after_it_was_announced() -> None:
    month = Preferences(stop_idle_minutes=None, delete_unused_days=30)
    assert plan({"box": Clocked(idle=28.9 * DAY)}, [STOPPED], month) == []
    (step,) = plan({"box": Clocked(idle=29 * DAY)}, [STOPPED], month)
    assert (step.verb, step.left) == ("delete", DAY)
    told = Clocked(idle=40 * DAY, delete_told=39.5 * DAY)
    assert plan({"box": told}, [STOPPED], month) == [Step("delete", "box", DAY / 2)]
    told = Clocked(idle=40 * DAY, delete_told=39 * DAY)
    assert plan({"box": told}, [STOPPED], month) == [Step("delete", "box", 0)]


def test_use_begins_the_count_anew() -> None:
    known = {"box": Clocked(idle=50 * MINUTE, stop_told=45 * MINUTE)}
    assert count(known, [IDLE], 60)["box"].idle == 51 * MINUTE
    assert count(known, [BUSY], 60) == {"box": Clocked()}
    assert count({}, [IDLE], 60) == {"box": Clocked()}


class Watch:
    """Timers over one workspace and a real store."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store, self.clock = store, clock
        self.spending = FakeSpending(clock)
        self.spending.using = [IDLE]
        self.told = RecordingChanges()
        self.notices = Notices(clock, self.told.publish)
        self.timers = IdleTimers(store, clock, Sources(lambda: [self.spending]), self.notices)

    async def pass_minutes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.clock.advance(LOOK_SECONDS)
            await self.timers.look()


@pytest.fixture
async def watch(tmp_path: Path) -> Iterator[Watch]:
    store = Store.open(tmp_path / "state.db")
    await store.write(lambda conn: write_preferences(conn, HOUR_OFF))
    yield Watch(store, FakeClock(START))
    store.close()


async def test_a_forgotten_compute_is_stopped_after_its_hour(watch: Watch) -> None:
    await watch.pass_minutes(50)
    (notice,) = watch.notices.all
    assert notice.name == "idle:box"
    assert "box is stopped in" in notice.text
    assert watch.spending.done == []
    await watch.pass_minutes(11)
    assert watch.spending.done == [("stop", "box")]
    assert watch.notices.all == []


async def test_use_takes_the_announcement_back(watch: Watch) -> None:
    await watch.pass_minutes(50)
    watch.spending.using = [BUSY]
    await watch.pass_minutes(1)
    assert watch.notices.all == []
    watch.spending.using = [IDLE]
    await watch.pass_minutes(30)
    assert watch.spending.done == []


async def test_a_restart_forgets_neither_time_nor_announcement(watch: Watch) -> None:
    await watch.pass_minutes(50)
    watch.clock.advance(20 * MINUTE)  # nobody was there
    following = Watch(watch.store, watch.clock)
    await following.timers.look()
    assert following.spending.done == [("stop", "box")]


async def test_what_was_used_while_no_service_ran_was_not_idle_then(watch: Watch) -> None:
    await watch.pass_minutes(50)
    watch.clock.advance(20 * MINUTE)
    following = Watch(watch.store, watch.clock)
    following.spending.using = [replace(IDLE, unused=5 * MINUTE)]
    await following.timers.look()
    assert following.timers.idle("box") == 5 * MINUTE
    assert (following.spending.done, following.notices.all) == ([], [])


async def test_after_a_long_absence_it_is_announced_first(watch: Watch) -> None:
    await watch.pass_minutes(6)
    watch.clock.advance(40 * DAY)
    following = Watch(watch.store, watch.clock)
    await following.timers.look()
    assert following.spending.done == []
    assert len(following.notices.all) == 1
    await following.pass_minutes(15)
    assert following.spending.done == [("stop", "box")]


async def test_one_that_is_gone_takes_its_notice_along(watch: Watch) -> None:
    await watch.pass_minutes(50)
    watch.spending.using = []
    await watch.pass_minutes(1)
    assert watch.notices.all == []
