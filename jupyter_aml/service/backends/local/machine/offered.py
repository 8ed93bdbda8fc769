"""Which sizes the rehearsed quota leaves room for, and the nearest to one that it does not.

Read by the list of sizes: what cannot be had is known before anybody asks for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from jupyter_aml.model.compute import Tier, Usage, VmSize
from jupyter_aml.service.backends.local.machine import quota


def within_quota(sizes: Iterable[VmSize], tier: Tier, usage: Iterable[Usage]) -> Iterator[VmSize]:
    """`sizes`, those not available of which one node is more than is left."""
    rows = {row.name: row for row in usage}
    reasons = [(size, _reason(size, tier, rows)) for size in sizes]
    open_ones = [size for size, reason in reasons if size.rehearsal and not reason]
    for size, reason in reasons:
        if reason:
            near = _nearest(size, open_ones)
            yield msgspec.structs.replace(size, available=False, reason=reason, nearest=near)
        else:
            yield size


def _reason(size: VmSize, tier: Tier, rows: Mapping[str, Usage]) -> str:
    if not size.rehearsal:
        return ""  # this machine's own: its jobs wait for each other
    for name in quota.rows_of(size, tier):
        row = rows.get(name)
        if row is not None and (left := max(0, row.limit - row.current_value)) < size.vcpus:
            where = {quota.TOTAL: "of all families", quota.TOTAL_LOW: "of low priority"}
            if not row.limit:
                return "No quota for this family." if name not in where else "No quota."
            return f"Needs {size.vcpus} cores, {left} left {where.get(name, 'in this family')}."
    return ""


def _nearest(size: VmSize, open_ones: Iterable[VmSize]) -> str:
    """A GPU stays one, the same model before another; then what is least away in size."""

    def distance(other: VmSize) -> tuple[bool, bool, float]:
        cores = abs(math.log2(other.vcpus / size.vcpus))
        memory = abs(math.log2(other.memory_gb / size.memory_gb))
        return other.gpu_model != size.gpu_model, other.family != size.family, cores + memory

    alike = [other for other in open_ones if bool(other.gpus) == bool(size.gpus)]
    return min(alike, key=distance).name if alike else ""
