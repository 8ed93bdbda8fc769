"""The cost header: what costs now, what was spent, what the budget's guard does about it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from jupyter_aml.model.money import CostSummary, Guard, GuardState, NotebookCost
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.money.budget import Kept, Level
from jupyter_aml.service.money.days import Days
from jupyter_aml.service.money.guard import BudgetGuard
from jupyter_aml.service.money.ledger import dollars
from jupyter_aml.service.money.meter import Spent
from jupyter_aml.service.money.sources import Sources
from jupyter_aml.service.money.watchdog import GuardWatchdog
from jupyter_aml.service.money.words import HOUR

SHOW_SECONDS = 1.0

_STATES: tuple[GuardState, ...] = ("watching", "warned", "holding", "stopping")

Publish = Callable[[str, str, msgspec.Struct | None], None]


class Summarizer:
    """Makes the header when it is asked for, and tells open tabs while it changes."""

    def __init__(
        self,
        clock: Clock,
        days: Days,
        sources: Sources,
        guard: BudgetGuard,
        watchdog: GuardWatchdog,
        publish: Publish,
    ) -> None:
        self._clock = clock
        self._days = days
        self._sources = sources
        self._guard = guard
        self._watchdog = watchdog
        self._publish = publish
        self._told: CostSummary | None = None

    async def run(self) -> None:
        """Tell open tabs what changed, at most once a second, until cancelled."""
        while True:
            self.tell()
            await self._clock.sleep(SHOW_SECONDS)

    def tell(self) -> None:
        summary = self.summary()
        # The moments move by themselves; they are no news.
        guard = msgspec.structs.replace(summary.guard, seen_at=None)
        shown = msgspec.structs.replace(summary, guard=guard, lasts_until=None)
        if shown != self._told:
            self._told = shown
            self._publish("costs", "costs", summary)

    def summary(self) -> CostSummary:
        now = self._clock.time()
        spent, costing = self._sources.spent(), self._sources.costing()
        rate, total = sum(one.rate_per_hour for one in costing), dollars(spent.total)
        per_day = self._guard.rules.per_day
        ends = self._days.end(now)
        return CostSummary(
            rehearsal=self._sources.rehearsal,
            rate_per_hour=round(rate, 6),
            spent_today=total,
            budget_per_day=per_day,
            lasts_until=_lasts_until(per_day, total, rate, now, ends),
            resets_at=iso(ends),
            guard=self._watchdog.alarm() or self._state(),
            per_compute=[
                msgspec.structs.replace(
                    one, spent_today=dollars(spent.by_compute.get(one.compute, 0))
                )
                for one in costing
            ],
            per_notebook=_per_notebook(spent, self._guard.kept),
            note=self._sources.price_note,
        )

    def _state(self) -> Guard:
        guard = self._guard
        if not guard.rules.any:
            return Guard(state="off", seen_at=iso(guard.seen_at))
        highest = max([guard.kept.level, *guard.kept.notebooks.values()])
        return Guard(state=_STATES[highest], seen_at=iso(guard.seen_at), message=guard.message())


def _lasts_until(
    per_day: float | None, spent: float, rate: float, now: float, ends: float
) -> str | None:
    """None also when the day ends before the budget does."""
    if per_day is None or rate <= 0:
        return None
    until = now + max(0.0, per_day - spent) / rate * HOUR
    return iso(until) if until < ends else None


def _per_notebook(spent: Spent, kept: Kept) -> list[NotebookCost]:
    """The dearest first."""
    budget = kept.rules.per_notebook
    return [
        NotebookCost(
            notebook=name,
            spent_today=dollars(nanos),
            budget=budget,
            state="off" if budget is None else _STATES[kept.notebooks.get(name, Level.FINE)],
        )
        for name, nanos in sorted(spent.by_notebook.items(), key=lambda pair: -pair[1])
    ]
