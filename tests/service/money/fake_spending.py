"""A workspace that costs something, by a clock: what the guard looks at and acts on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from jupyter_aml.model.money import ComputeCost
from jupyter_aml.service.money.hold import FREE, Hold
from jupyter_aml.service.money.ledger import NANO
from jupyter_aml.service.money.meter import HOUR, Spent
from jupyter_aml.service.money.spending import Use
from jupyter_aml.testing.clock import FakeClock


class FakeSpending:
    """Costs `rate` dollars an hour until it is stopped."""

    rehearsal = True
    price_note = "Prices are approximate."

    def __init__(self, clock: FakeClock, rate: float = 0.0) -> None:
        self.clock = clock
        self.rate = rate
        self.notebook = ""
        self.total = 0.0
        self.by_notebook: dict[str, float] = {}
        self.held: list[Hold] = []
        self.stops = 0
        self.obeys = True
        self.hangs = False
        self.using: list[Use] = []
        self.done: list[tuple[str, str]] = []
        self._counted = clock.monotonic()

    @property
    def hold_now(self) -> Hold:
        return self.held[-1] if self.held else FREE

    def set_rate(self, rate: float) -> None:
        self._count()
        self.rate = rate

    def _count(self) -> None:
        now = self.clock.monotonic()
        grown = self.rate * (now - self._counted) / HOUR
        self._counted = now
        self.total += grown
        if self.notebook:
            self.by_notebook[self.notebook] = self.by_notebook.get(self.notebook, 0) + grown

    def costing(self) -> Sequence[ComputeCost]:
        if not self.rate:
            return []
        return [ComputeCost(compute="gpu", nodes=1, rate_per_hour=self.rate)]

    def spent(self) -> Spent:
        self._count()
        books = {name: round(amount * NANO) for name, amount in self.by_notebook.items()}
        return Spent(round(self.total * NANO), {"gpu": round(self.total * NANO)}, books)

    def settle(self) -> None:
        self._count()

    def uses(self) -> Sequence[Use]:
        return self.using

    async def hold(self, hold: Hold) -> None:
        self.held.append(hold)

    async def stop(self, hold: Hold) -> None:
        self.stops += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.obeys and hold.stop_everything:
            self.set_rate(0.0)

    async def stop_idle(self, compute: str, reason: str) -> None:
        self.done.append(("stop", compute))

    async def delete_unused(self, compute: str) -> None:
        self.done.append(("delete", compute))
