"""The watchdog of the budget's guard: what it says, and that it starts a guard that hangs again."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import asynccontextmanager

from jupyter_aml.service.money.watchdog import LATE_SECONDS, MOST_RESTARTS, SILENT_SECONDS
from jupyter_aml.testing.waiting import eventually
from tests.service.money.guarded_office import Office


async def test_a_guard_that_hangs_is_reported_with_the_time_it_was_last_seen(
    office: Office,
) -> None:
    await office.prefer(budget_per_day=1.0)
    office.spending.total = 5.0
    await office.look(2)
    seen_at = office.state().seen_at
    office.spending.hangs = True
    hanging = asyncio.ensure_future(office.look())

    async def hangs() -> bool:
        return office.spending.stops > 0

    await eventually(hangs)
    office.clock.advance(SILENT_SECONDS)
    office.watchdog.watch()
    alarm = office.state()
    assert (alarm.state, alarm.seen_at) == ("silent", seen_at)
    assert "was not seen since" in alarm.message
    assert office.told.of("notice", "guard")[-1].text == alarm.message
    hanging.cancel()
    office.spending.hangs = False
    await office.look()
    assert office.state().state == "stopping"
    assert office.told.of("notice", "guard")[-1] is None


async def test_a_guard_that_cannot_look_says_why(office: Office) -> None:
    await office.prefer(budget_per_day=1.0)
    await office.look()

    async def broken(_hold: object) -> None:
        raise OSError("no route to the workspace")

    office.spending.total = 5.0
    office.spending.hold = broken  # type: ignore[method-assign]
    running = asyncio.ensure_future(office.guard.run())

    async def failed() -> bool:
        return bool(office.guard.error)

    await eventually(failed)
    office.clock.advance(SILENT_SECONDS + 1)
    assert office.state().state == "silent"
    assert "no route to the workspace" in office.state().message
    running.cancel()


async def test_what_goes_on_after_it_was_told_to_stop_is_reported(office: Office) -> None:
    await office.prefer(budget_per_day=1.0)
    office.spending.set_rate(3600.0)
    office.spending.obeys = False
    await office.look(5)
    assert office.state().state == "stopping"
    await office.look(int(LATE_SECONDS))
    assert office.state().state == "silent"
    assert "gpu" in office.state().message
    office.spending.obeys = True
    await office.look(2)
    assert office.state().state == "stopping"


async def test_without_a_budget_nobody_misses_the_guard(office: Office) -> None:
    office.clock.advance(1000)
    office.watchdog.watch()
    assert office.state().state == "off"
    assert office.notices.all == []


# -- starting it again ------------------------------------------------------------------------


@asynccontextmanager
async def on_duty(office: Office) -> Iterator[None]:
    """The watchdog with its guard, as the service runs them."""
    running = asyncio.create_task(office.watchdog.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


async def decided(office: Office) -> None:
    """The guard has decided to stop everything, and written it.

    So later looks wait for no disk: while one does, a clock that a test moves runs ahead.
    """
    await office.prefer(budget_per_day=1.0)
    office.spending.total = 5.0
    await office.look(3)
    office.spending.stops = 0


async def until_stops(office: Office, number: int) -> None:
    """Time passes until the guard has told the workspace so often to stop."""

    async def told() -> bool:
        await office.clock.pass_time(1.0)
        return office.spending.stops >= number

    await eventually(told)


async def test_a_guard_that_hangs_is_started_again_and_acts(office: Office) -> None:
    await decided(office)
    office.spending.hangs = True
    async with on_duty(office):
        await until_stops(office, 1)
        began = office.clock.monotonic()
        office.spending.hangs = False
        await until_stops(office, 2)
        assert office.clock.monotonic() - began >= SILENT_SECONDS

        async def fine() -> bool:
            await office.clock.pass_time(1.0)
            return office.state().state == "stopping" and not office.notices.names("guard")

        await eventually(fine)


async def test_it_is_started_again_ever_later_and_not_for_ever(office: Office) -> None:
    await decided(office)
    office.spending.hangs = True
    moments: list[float] = []
    async with on_duty(office):
        for number in range(1, MOST_RESTARTS + 2):
            await until_stops(office, number)
            moments.append(office.clock.monotonic())
        waits = [later - earlier for earlier, later in itertools.pairwise(moments)]
        assert waits == sorted(waits)
        assert waits[-1] > SILENT_SECONDS * 2 ** (MOST_RESTARTS - 1)
        for _ in range(100):
            await office.clock.pass_time(SILENT_SECONDS * 2)
        assert office.spending.stops == MOST_RESTARTS + 1
        assert f"{MOST_RESTARTS} times, so far in vain" in office.state().message


async def test_a_guard_that_fails_at_once_is_not_one_that_hangs(office: Office) -> None:
    """It looks again every second by itself."""
    await decided(office)
    looked: list[object] = []

    async def broken(hold: object) -> None:
        looked.append(hold)
        raise OSError("no route to the workspace")

    office.spending.stop = broken  # type: ignore[method-assign]

    async def often() -> bool:
        await office.clock.pass_time(1.0)
        return len(looked) > 2 * SILENT_SECONDS

    async with on_duty(office):
        await eventually(often)
        assert "in vain" not in office.state().message


async def test_neither_is_left_when_the_service_ends(office: Office) -> None:
    await decided(office)
    office.spending.hangs = True
    async with on_duty(office):
        await until_stops(office, 1)
    assert [task.get_name() for task in asyncio.all_tasks() if "guard" in task.get_name()] == []
