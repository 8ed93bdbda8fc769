"""Endpoints that nobody calls are told of, once for each period, with what they cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from jupyter_aml.model.money import ComputeCost
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.service.money.notices import Notices
from jupyter_aml.service.money.reminders import Reminders, Unused, unused
from jupyter_aml.service.money.sources import Sources
from jupyter_aml.service.money.spending import Use
from jupyter_aml.service.money.timers import DAY
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.preferences import write_preferences
from jupyter_aml.testing.clock import FakeClock
from jupyter_aml.testing.fakes import RecordingChanges
from tests.service.money.fake_spending import FakeSpending
from tests.service.money.office_floor import START

WEEK = 7 * DAY


def use(deployment: str, *, busy: bool = False, endpoint: str = "digits") -> Use:
    return Use(f"{endpoint}/{deployment}", True, busy, may_be_deleted=False, endpoint=endpoint)


BLUE, GREEN = use("blue"), use("green")


@pytest.mark.parametrize(
    ("uses", "idle", "found"),
    [
        ([BLUE], {"digits/blue": 6.9 * DAY}, []),
        ([BLUE], {"digits/blue": WEEK}, [Unused("digits", ("digits/blue",), 1, 0.3)]),
        ([BLUE], {"digits/blue": 15 * DAY}, [Unused("digits", ("digits/blue",), 2, 0.3)]),
        # a call of one deployment is a call of the endpoint
        ([BLUE, GREEN], {"digits/blue": WEEK, "digits/green": DAY}, []),
        ([BLUE, use("green", busy=True)], {"digits/blue": WEEK, "digits/green": WEEK}, []),
        (
            [BLUE, GREEN],
            {"digits/blue": WEEK, "digits/green": 9 * DAY},
            [Unused("digits", ("digits/green", "digits/blue"), 1, 0.9)],
        ),
        # what sleeps costs nothing, and a cluster is no endpoint
        ([use("asleep")], {"digits/asleep": WEEK}, []),
        ([Use("cluster", costs=True, busy=False)], {"cluster": 99 * DAY}, []),
    ],
)
def test_who_is_told_of(uses: Sequence[Use], idle: dict[str, float], found: list[Unused]) -> None:
    per_hour = {"digits/blue": 0.3, "digits/green": 0.6, "cluster": 1.0}
    (told,) = [unused(uses, per_hour, lambda name: idle[name], WEEK)]
    assert [(one.endpoint, one.deployments, one.times) for one in told] == [
        (one.endpoint, one.deployments, one.times) for one in found
    ]
    assert [one.per_hour for one in told] == pytest.approx([one.per_hour for one in found])


class Costing(FakeSpending):
    """One endpoint with one deployment."""

    is_up = True

    def costing(self) -> Sequence[ComputeCost]:
        if not self.is_up:
            return []
        return [ComputeCost(compute="digits/blue", nodes=1, rate_per_hour=0.88)]


class Office:
    """Reminders over one workspace and a real store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        clock = FakeClock(START)
        self.spending = Costing(clock)
        self.spending.using = [BLUE]
        self.idle = 0.0
        self.told = RecordingChanges()
        self.notices = Notices(clock, self.told.publish)
        sources = Sources(lambda: [self.spending])
        self.reminders = Reminders(store, clock, sources, self.notices, lambda name: self.idle)

    def after(self, days: float) -> list[str]:
        """What is announced then."""
        self.idle = days * DAY
        self.reminders.look()
        return [notice.text for notice in self.notices.all]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    store = Store.open(tmp_path / "state.db")
    yield Office(store)
    store.close()


def test_it_is_said_once_a_week_with_what_it_would_be(office: Office) -> None:
    assert office.after(6.99) == []
    (text,) = office.after(7)
    assert "the endpoint digits for 7 days" in text
    assert "would be $0.88 per hour, $21.12 a day" in text
    (notice,) = office.notices.all
    assert notice.target == "digits"
    assert "`%aml online-deployment update blue -e digits --min 0`" in notice.hint
    for days in (8, 10, 13.9):
        office.after(days)
    assert len(office.told.of("notice", "uncalled:digits")) == 1
    (text,) = office.after(14)
    assert "for 14 days" in text
    assert len(office.told.of("notice", "uncalled:digits")) == 2


def test_real_money_costs(office: Office) -> None:
    office.spending.rehearsal = False
    (text,) = office.after(7)
    assert "is up and costs $0.88" in text


def test_a_call_sleep_and_the_end_of_it_take_it_back(office: Office) -> None:
    assert office.after(7)
    assert office.after(0.001) == [], "it was called"
    assert office.after(7)
    office.spending.is_up = False
    assert office.after(8) == [], "it sleeps"
    office.spending.is_up = True
    assert office.after(9)
    office.spending.using = []
    assert office.after(10) == [], "it was deleted"


async def test_the_days_are_a_preference(office: Office) -> None:
    never = Preferences(remind_uncalled_days=None)
    await office.store.write(lambda conn: write_preferences(conn, never))
    assert office.after(99) == []
    daily = Preferences(remind_uncalled_days=1)
    await office.store.write(lambda conn: write_preferences(conn, daily))
    (text,) = office.after(1)
    assert "for a day" in text
