"""Who holds how many cores: of this machine, and of a subscription rehearsed by settings.

As in Azure, a cluster holds its maximum from creation until it is deleted, and a stopped
instance keeps what it holds. Names of the rows are Azure's own. Of this machine only what nodes
have now is held: a cluster may be larger than it, and gets what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from jupyter_aml.model.compute import AmlCompute, ComputeInstance, ComputeSpec, Tier, Usage, VmSize
from jupyter_aml.model.errors import QuotaExceeded

TOTAL = "Total Cluster Dedicated Regional vCPUs"
TOTAL_LOW = "Total Cluster LowPriority Regional vCPUs"
MACHINE = "Cores of this machine"


@dataclass(frozen=True)
class Limits:
    """Cores: in total, per family, and low priority (one number over all families)."""

    dedicated: int
    family: int
    low_priority: int


@dataclass(frozen=True)
class Claim:
    """What one compute holds."""

    compute: str
    rows: tuple[str, ...]
    cores: int
    words: str


def claim(spec: ComputeSpec, size: VmSize) -> Claim:
    nodes = spec.max_instances if isinstance(spec, AmlCompute) else 1
    cores = nodes * size.vcpus
    words = f"{spec.name}: {nodes} x {size.vcpus} cores"
    if not size.rehearsal:
        return Claim(spec.name, (), cores, words)
    tier = spec.tier if isinstance(spec, AmlCompute) else "dedicated"
    return Claim(spec.name, rows_of(size, tier), cores, words)


def claim_now(spec: ComputeSpec, size: VmSize, nodes: int) -> Claim:
    """What `nodes` of a real size hold of this machine."""
    return Claim(spec.name, (), nodes * size.vcpus, f"{spec.name}: {nodes} x {size.vcpus} cores")


def rows_of(size: VmSize, tier: Tier) -> tuple[str, ...]:
    """The rows of the quota in which a node of a rehearsal size counts."""
    return (TOTAL_LOW,) if tier == "low_priority" else (family_row(size.family), TOTAL)


def family_row(family: str) -> str:
    return f"{family} Cluster Dedicated vCPUs"


def _limit(row: str, limits: Limits) -> int:
    return {TOTAL: limits.dedicated, TOTAL_LOW: limits.low_priority}.get(row, limits.family)


def check(new: Claim, held: Iterable[Claim], limits: Limits) -> None:
    """Raise `QuotaExceeded` if `new` does not fit beside what others hold."""
    others = [c for c in held if c.compute != new.compute]
    for row in new.rows:
        used = sum(c.cores for c in others if row in c.rows)
        limit = _limit(row, limits)
        if used + new.cores > limit:
            holders = [c.words for c in others if row in c.rows]
            raise QuotaExceeded(
                f"Quota: {new.compute} needs {new.cores} cores, {max(0, limit - used)} of {limit} "
                f"are left ({row}).",
                target="size",
                hint=_ways_out(holders),
            )


def _ways_out(holders: list[str]) -> str:
    smaller = "ower --max-instances, or take a smaller size. Nothing was created. "
    setting = "On a local workspace the quota is a rehearsal: see LocalSettings.quota_*."
    if not holders:
        return "L" + smaller + setting
    held = f"Held by {'; '.join(holders)}. Delete one with `%aml compute delete NAME`, l"
    return held + smaller + setting


def usages(
    held: Iterable[tuple[ComputeSpec, int]],
    size_of: Callable[[str], VmSize],
    limits: Limits,
    cores: int,
    families: Iterable[str] = (),
) -> Iterator[Usage]:
    """The machine, the totals, each family that is in use, and `families`: who chooses a size
    has to know the limit of a family of which nothing is in use yet.

    `held` is each compute with the number of nodes that it has now.
    """
    claims: list[Claim] = []
    machine: list[Claim] = []
    clusters = 0
    for spec, nodes in held:
        if not isinstance(spec, (AmlCompute, ComputeInstance)):
            continue
        clusters += 1
        size = size_of(spec.size)
        if size.rehearsal:
            claims.append(claim(spec, size))
        elif nodes:
            machine.append(claim_now(spec, size, nodes))
    yield Usage(
        name=MACHINE,
        current_value=sum(c.cores for c in machine),
        limit=cores,
        holders=[c.words for c in machine],
    )
    yield Usage(name="Clusters", current_value=clusters, limit=500)
    named = {family_row(family) for family in families}
    used = {row for one in claims for row in one.rows}
    for row in [TOTAL, TOTAL_LOW, *sorted((used | named) - {TOTAL, TOTAL_LOW})]:
        holding = [c for c in claims if row in c.rows]
        yield Usage(
            name=row,
            current_value=sum(c.cores for c in holding),
            limit=_limit(row, limits),
            holders=[c.words for c in holding],
        )
