"""Everything about money that runs in a service, wired together. Has no logic of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from jupyter_aml.model.money import Notice
from jupyter_aml.service.clock import Clock
from jupyter_aml.service.money.days import Days
from jupyter_aml.service.money.facet import CostsFacet
from jupyter_aml.service.money.guard import BudgetGuard
from jupyter_aml.service.money.notices import Notices
from jupyter_aml.service.money.reminders import Reminders
from jupyter_aml.service.money.sources import Sources
from jupyter_aml.service.money.spending import Spending
from jupyter_aml.service.money.summary import Publish, Summarizer
from jupyter_aml.service.money.timers import IdleTimers
from jupyter_aml.service.money.watchdog import GuardWatchdog
from jupyter_aml.service.store.db import Store


class MoneyOffice:
    """Made by the daemon, which also runs what `begin` returns until it ends."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        find: Callable[[], Sequence[Spending]],
        publish: Publish,
    ) -> None:
        days, sources = Days(), Sources(find)
        self._notices = Notices(clock, publish)
        self._guard = BudgetGuard(store, clock, days, sources, self._notices)
        self._watchdog = GuardWatchdog(clock, self._guard, sources, self._notices)
        self._timers = IdleTimers(store, clock, sources, self._notices)
        self._reminders = Reminders(store, clock, sources, self._notices, self._timers.idle)
        self._summarizer = Summarizer(clock, days, sources, self._guard, self._watchdog, publish)
        self.facet = CostsFacet(store, clock, days, self._summarizer.summary, sources.settle)

    def begin(self) -> list[asyncio.Task[None]]:
        """The watchdog with the guard, idle timers, reminders and the cost header's news, a task
        each."""
        parts = (self._watchdog, self._timers, self._reminders, self._summarizer)
        return [
            asyncio.create_task(part.run(), name=f"money: {type(part).__name__}") for part in parts
        ]

    @property
    def notices(self) -> list[Notice]:
        """What is announced now."""
        return self._notices.all

    def state(self) -> list[tuple[str, str, msgspec.Struct]]:
        """What a new feed is told first."""
        told = [("notice", notice.name, notice) for notice in self._notices.all]
        return [("costs", "costs", self._summarizer.summary()), *told]
