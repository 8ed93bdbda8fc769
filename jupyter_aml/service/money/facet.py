"""``costs.*``"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from jupyter_aml.model.api import ReadLedger
from jupyter_aml.model.compute import Compute, LocalCompute
from jupyter_aml.model.money import ComputeCost, CostSummary, Ledger

State = Callable[[], list[tuple[str, str, msgspec.Struct]]]


class CostsFacet:
    def __init__(self, state: State) -> None:
        self._state = state

    async def summary(self) -> CostSummary:
        computes = [value for noun, _, value in self._state() if noun == "compute"]
        paid = [_cost(one) for one in computes if isinstance(one, Compute) and one.price_per_hour]
        rate = sum(one.rate_per_hour for one in paid)
        return CostSummary(rate_per_hour=round(rate, 6), per_compute=paid)

    async def ledger(self, *, query: ReadLedger) -> Ledger:  # noqa: ARG002
        return Ledger()


def _cost(compute: Compute) -> ComputeCost:
    spec = compute.spec
    return ComputeCost(
        compute=compute.name,
        size="" if isinstance(spec, LocalCompute) else spec.size,
        nodes=compute.current_nodes,
        rate_per_hour=compute.price_per_hour or 0,
        since=compute.state_since,
    )
