"""Where a waiting job would start sooner, and what that costs. Pure.

Only what is free at this moment is proposed, for all nodes of the job at once, and first what is
at least as large as the compute it waits for. A smaller one is said to be smaller.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jupyter_aml.model.fix import Fix


@dataclass(frozen=True)
class Offer:
    """A compute as it is now. Prices are of all nodes of the job, per hour; 0 costs nothing."""

    name: str
    cores: float
    memory_gb: float
    gpus: float = 0
    free_nodes: int = 0
    price_per_hour: float = 0.0
    low_priority: bool = False
    takes_work: bool = True


@dataclass(frozen=True)
class Wanted:
    """What the job waits for."""

    compute: str
    nodes: int
    cores: float
    memory_gb: float
    gpus: float = 0
    session: str = ""


def alternative(wanted: Wanted, offers: Iterable[Offer]) -> Fix | None:
    """The best of `offers`: a size like it first, the cheapest of those, then a smaller one."""
    if wanted.session:
        return None  # its state lives where it waits
    free = [
        offer
        for offer in offers
        if offer.name != wanted.compute
        and offer.takes_work
        and offer.free_nodes >= wanted.nodes
        and offer.gpus >= wanted.gpus
    ]
    if not free:
        return None
    best = min(free, key=lambda offer: _rank(wanted, offer))
    return Fix(
        label=f"Run on {best.name}, {_words(best, wanted)}",
        kind="edit",
        value=f"--compute {best.name}",
        restarts_at="queued",
        price_per_hour=best.price_per_hour or None,
    )


def _shortfall(wanted: Wanted, offer: Offer) -> float:
    """0 for what is at least as large; else by how much memory and cores it is smaller."""
    memory = max(0.0, wanted.memory_gb - offer.memory_gb) / max(wanted.memory_gb, 0.1)
    cores = max(0.0, wanted.cores - offer.cores) / max(wanted.cores, 1)
    return round(memory + cores, 3)


def _rank(wanted: Wanted, offer: Offer) -> tuple[float, bool, float, float]:
    """Large enough first, then what is not taken back, then cheap, then small."""
    shortfall = _shortfall(wanted, offer)
    return shortfall, offer.low_priority, offer.price_per_hour, offer.memory_gb


def _words(offer: Offer, wanted: Wanted) -> str:
    node = "a node" if wanted.nodes == 1 else f"{wanted.nodes} nodes"
    facts = [f"{offer.cores:g} cores", f"{offer.memory_gb:g} GB"]
    if offer.gpus:
        facts.append(f"{offer.gpus:g} GPU{'s' * (offer.gpus != 1)}")
    if offer.low_priority:
        facts.append("low priority")
    is_smaller = " (smaller)" if _shortfall(wanted, offer) else ""
    return f"{node} is free: {', '.join(facts)}{is_smaller}"
