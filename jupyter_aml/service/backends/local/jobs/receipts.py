"""What a job took, and what that time lists at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_aml.model.compute import Tier, VmSize
from jupyter_aml.model.fix import Stage
from jupyter_aml.model.job import Receipt
from jupyter_aml.service.backends.local.machine.sizes import price


def receipt(
    size: VmSize | None,
    tier: Tier,
    exits: Mapping[int, Mapping[str, Any]],
    *,
    nodes: int,
    node_seconds: float,
    queued_seconds: float,
    preparing_seconds: float,
    stages: dict[Stage, float],
    whole: str,
    taken: tuple[float, float] | None = None,
) -> Receipt:
    """`node_seconds` is the time of every attempt on its nodes, times those.

    `size` is None for a `whole` machine, which has no price: ``local``, or the name of an attached
    one. `taken` is
    the node time and the price that the meter counted, where the size has a price: it wins, so
    that receipts sum to the ledger.
    """
    per_hour = price(size, tier) if size is not None else None
    if taken is not None:
        node_seconds, list_price = taken
    else:
        list_price = None if per_hour is None else per_hour * node_seconds / 3600
    return Receipt(
        size=size.name if size is not None else whole,
        nodes=nodes,
        seconds=round(node_seconds, 3),
        queued_seconds=round(queued_seconds, 3),
        preparing_seconds=round(preparing_seconds, 3),
        stages=stages,
        peak_memory_bytes=max((int(e.get("peak_memory") or 0) for e in exits.values()), default=0),
        cpu_seconds=round(sum(float(e.get("cpu_seconds") or 0) for e in exits.values()), 3),
        price_per_hour=per_hour,
        list_price=None if list_price is None else round(list_price, 9),
        price_as_of=size.price_as_of if size is not None else "",
        rehearsal=True,
    )
