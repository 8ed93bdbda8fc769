"""A guard over one workspace, with everything that looks at it, by a clock that a test moves."""

from __future__ import annotations

from datetime import timezone

from jupyter_aml.model.money import Guard
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.service.money.days import Days
from jupyter_aml.service.money.guard import LOOK_SECONDS, BudgetGuard
from jupyter_aml.service.money.notices import Notices
from jupyter_aml.service.money.sources import Sources
from jupyter_aml.service.money.summary import Summarizer
from jupyter_aml.service.money.watchdog import GuardWatchdog
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.preferences import write_preferences
from jupyter_aml.testing.fakes import RecordingChanges
from tests.service.money.fake_spending import FakeSpending


class Office:
    """`look` is what a second of the service is."""

    def __init__(self, store: Store, spending: FakeSpending) -> None:
        self.store, self.spending, self.clock = store, spending, spending.clock
        self.open = [spending]
        days, sources = Days(timezone.utc), Sources(lambda: list(self.open))
        self.told = RecordingChanges()
        self.notices = Notices(self.clock, self.told.publish)
        self.guard = BudgetGuard(store, self.clock, days, sources, self.notices)
        self.watchdog = GuardWatchdog(self.clock, self.guard, sources, self.notices)
        self.header = Summarizer(
            self.clock, days, sources, self.guard, self.watchdog, self.told.publish
        )

    async def prefer(self, **fields: object) -> None:
        wanted = Preferences(**fields)  # type: ignore[arg-type]
        await self.store.write(lambda conn: write_preferences(conn, wanted))

    async def look(self, times: int = 1) -> None:
        for _ in range(times):
            self.clock.advance(LOOK_SECONDS)
            await self.guard.look()
            self.watchdog.watch()

    def state(self) -> Guard:
        return self.header.summary().guard
