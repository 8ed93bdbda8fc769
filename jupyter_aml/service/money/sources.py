"""All workspaces that are open and cost something, as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jupyter_aml.model.money import ComputeCost
from jupyter_aml.service.money.hold import Hold
from jupyter_aml.service.money.meter import Spent
from jupyter_aml.service.money.spending import Spending


class Sources:
    """`find` names those that are open now."""

    def __init__(self, find: Callable[[], Sequence[Spending]]) -> None:
        self.find = find

    @property
    def rehearsal(self) -> bool:
        """Whether no money is spent anywhere."""
        return all(one.rehearsal for one in self.find())

    @property
    def price_note(self) -> str:
        return next((one.price_note for one in self.find()), "")

    def costing(self) -> list[ComputeCost]:
        return [cost for one in self.find() for cost in one.costing()]

    def rate(self) -> float:
        """Dollars per hour, now."""
        return sum(cost.rate_per_hour for cost in self.costing())

    def spent(self) -> Spent:
        """What was spent today."""
        whole = Spent()
        for part in (one.spent() for one in self.find()):
            whole.join(part)
        return whole

    def settle(self) -> None:
        for one in self.find():
            one.settle()

    async def hold(self, hold: Hold) -> None:
        for one in self.find():
            await one.hold(hold)

    async def stop(self, hold: Hold) -> None:
        for one in self.find():
            await one.stop(hold)
