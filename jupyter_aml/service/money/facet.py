"""The operations ``costs.*``, for every backend: what costs now, and the ledger of what did."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_aml.model.api import ReadLedger
from jupyter_aml.model.money import CostSummary, Ledger
from jupyter_aml.service.clock import Clock
from jupyter_aml.service.money import ledger
from jupyter_aml.service.money.days import Days
from jupyter_aml.service.store.db import Store


class CostsFacet:
    """`summarize` says what costs now; `settle` has the store know everything up to now."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        days: Days,
        summarize: Callable[[], CostSummary],
        settle: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._days = days
        self._summarize = summarize
        self._settle = settle

    async def summary(self) -> CostSummary:
        return self._summarize()

    async def ledger(self, *, query: ReadLedger) -> Ledger:
        since = self._days.since(query.since, self._clock.time())
        self._settle()
        await self._store.flush()
        return ledger.read(self._store.reader, query, since)
