"""What a parent took: the sum of its children. The ledger knows the children alone."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_aml.model.job import Job, Receipt


def receipt(children: Iterable[Job]) -> Receipt:
    """Of children that have ended. Without a child that costs, there is no price."""
    parts = [job.receipt for job in children if job.receipt is not None]
    prices = [part.list_price for part in parts if part.list_price is not None]
    sizes = {part.size for part in parts}
    return Receipt(
        size=sizes.pop() if len(sizes) == 1 else "",
        nodes=0,
        seconds=round(sum(part.seconds for part in parts), 3),
        peak_memory_bytes=max((part.peak_memory_bytes for part in parts), default=0),
        cpu_seconds=round(sum(part.cpu_seconds for part in parts), 3),
        list_price=round(sum(prices), 9) if prices else None,
        price_as_of=max((part.price_as_of for part in parts), default=""),
        rehearsal=True,
    )
