"""The guard of the budget and the cost header, by a clock that the test moves."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_aml.service.money.budget import Level
from jupyter_aml.service.money.guard import LOOK_SECONDS
from jupyter_aml.service.money.hold import FREE
from jupyter_aml.service.money.meter import HOUR
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.clock import FakeClock
from tests.service.money.fake_spending import FakeSpending
from tests.service.money.guarded_office import Office
from tests.service.money.office_floor import START


async def test_without_a_budget_nothing_is_done(office: Office) -> None:
    office.spending.set_rate(1_000.0)
    await office.look(5)
    assert office.spending.hold_now == FREE
    assert office.spending.stops == 0
    assert (office.state().state, office.notices.all) == ("off", [])


async def test_it_warns_then_holds_then_stops(office: Office) -> None:
    await office.prefer(budget_per_day=10.0)
    seen: list[str] = []
    for total in (1.0, 8.5, 9.6, 10.0):
        office.spending.total = total
        await office.look()
        seen.append(office.state().state)
        assert (office.spending.stops > 0) == (seen[-1] == "stopping")
    assert seen == ["watching", "warned", "holding", "stopping"]
    texts = [notice.text for notice in office.told.of("notice", "budget")]
    assert texts[0].startswith("$8.50 of $10.00 would be spent today.")
    assert "No new paid work is taken from $9.50 on." in texts[0]
    assert texts[1].startswith("No new paid work is taken, queued work waits")
    assert texts[2].startswith("What costs was stopped")
    assert office.notices.all[0].kind == "error"
    assert "budget_per_day=20" in office.notices.all[0].hint


async def test_what_is_stopped_is_told_again_until_it_stops(office: Office) -> None:
    await office.prefer(budget_per_day=1.0)
    office.spending.set_rate(3600.0)
    office.spending.obeys = False
    await office.look(6)
    assert office.spending.stops == 4
    office.spending.obeys = True
    await office.look()
    assert office.spending.rate == 0


async def test_a_higher_budget_lifts_everything(office: Office) -> None:
    await office.prefer(budget_per_day=1.0)
    office.spending.total = 5.0
    await office.look(3)
    assert office.spending.hold_now.stop_everything
    await office.prefer(budget_per_day=100.0)
    await office.look()
    assert office.spending.hold_now == FREE
    assert office.notices.all == []
    assert office.told.of("notice", "budget")[-1] is None


async def test_a_new_day_lifts_everything(office: Office) -> None:
    await office.prefer(budget_per_day=1.0)
    office.spending.total = 5.0
    await office.look(3)
    office.clock.advance(24 * HOUR)
    office.spending.total = 0.0
    await office.look()
    assert (office.spending.hold_now, office.state().state) == (FREE, "watching")


async def test_the_next_service_holds_back_what_this_one_did(office: Office) -> None:
    """Killed right after it had decided: what it decided is in the store."""
    await office.prefer(budget_per_day=10.0)
    office.spending.total = 9.7
    await office.look(2)
    following = Office(office.store, FakeSpending(office.clock))
    following.spending.total = 9.7
    assert following.guard.kept.level == Level.HOLDING
    await following.look()
    assert following.spending.hold_now.everything


async def test_a_workspace_that_is_opened_later_is_held_too(office: Office) -> None:
    await office.prefer(budget_per_day=1.0)
    office.spending.total = 5.0
    await office.look(2)
    later = FakeSpending(office.clock)
    office.open.append(later)
    await office.look()
    assert later.hold_now.everything


async def test_a_notebook_has_a_notice_of_its_own(office: Office) -> None:
    await office.prefer(budget_per_notebook=2.0)
    office.spending.by_notebook = {"a.ipynb": 1.99, "b.ipynb": 0.5}
    await office.look(2)
    (notice,) = office.notices.all
    assert (notice.name, notice.target) == ("budget:a.ipynb", "a.ipynb")
    assert "budget_per_notebook=4" in notice.hint
    assert office.spending.hold_now.reason("a.ipynb")
    assert not office.spending.hold_now.reason("b.ipynb")
    states = {one.notebook: one.state for one in office.header.summary().per_notebook}
    assert states == {"a.ipynb": "holding", "b.ipynb": "watching"}


# -- the header -------------------------------------------------------------------------------


async def test_the_header_says_how_long_it_lasts(office: Office) -> None:
    await office.prefer(budget_per_day=10.0)
    office.spending.total = 4.0
    office.spending.set_rate(2.0)
    header = office.header.summary()
    assert (header.rate_per_hour, header.spent_today, header.budget_per_day) == (2.0, 4.0, 10.0)
    assert header.lasts_until == "2026-11-21T05:00:00.000000Z"
    assert header.resets_at == "2026-11-22T00:00:00.000000Z"
    assert header.rehearsal
    assert header.per_compute[0].spent_today == 4.0
    office.spending.set_rate(0.001)
    assert office.header.summary().lasts_until is None  # the day ends before


async def test_open_tabs_hear_of_changes_and_of_nothing_else(office: Office) -> None:
    await office.prefer(budget_per_day=10.0)
    await office.look()
    office.header.tell()
    for _ in range(3):
        await office.look()
        office.header.tell()
    assert len(office.told.of("costs", "costs")) == 1
    office.spending.set_rate(7.2)
    await office.look()
    office.header.tell()
    assert office.told.of("costs", "costs")[-1].rate_per_hour == 7.2


# -- whatever happens -------------------------------------------------------------------------


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.floats(0, 50), st.integers(1, 400)), min_size=1, max_size=8),
    st.floats(0.5, 30),
)
def test_never_more_than_a_few_looks_over_the_budget(
    work: list[tuple[float, int]], per_day: float
) -> None:
    """Rates of up to $50 an hour come at random; from holding on, nothing new starts."""

    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = Store.open(Path(folder) / "state.db")
            try:
                office = Office(store, FakeSpending(FakeClock(START)))
                await office.prefer(budget_per_day=per_day)
                for rate, looks in work:
                    if not office.spending.hold_now.everything:
                        office.spending.set_rate(rate)
                    await office.look(looks)
                fastest = max(rate for rate, _ in work)
                over = office.spending.spent().total / 1e9 - per_day
                assert over <= 3 * LOOK_SECONDS * fastest / HOUR
            finally:
                store.close()

    asyncio.run(live())
