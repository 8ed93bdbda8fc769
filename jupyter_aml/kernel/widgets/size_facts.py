"""What is known of sizes besides what they have: quota, usual starts, and which fits past runs.

As in the dialog (``src/sizes.ts``, ``src/waitwords.ts``): silent where too little is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from jupyter_aml.client.client import Client
from jupyter_aml.kernel.widgets.size_filter import ordered
from jupyter_aml.model.compute import Usage, VmSize
from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.job import Receipt
from jupyter_aml.model.waiting import UsualStart

RUNS = 5
"""A recommendation looks at this many of the notebook's newest finished runs."""
_LEAST_RUNS = 3
_LOOKED_THROUGH = 50
_ROOM = 1.25
"""Memory above the peak that a run should find: the next may need a little more."""

_TOTAL = "Total Cluster Dedicated Regional vCPUs"
_TOTAL_LOW = "Total Cluster LowPriority Regional vCPUs"
_MACHINE = "Cores of this machine"


@dataclass(frozen=True)
class Recommendation:
    size: str
    runs: int
    memory_bytes: int
    """What those runs took at most."""

    @property
    def why(self) -> str:
        gigabytes = f"{self.memory_bytes / 1e9:.2g} GB"
        return f"Cheapest that fits the last {self.runs} runs of this notebook: at most {gigabytes}"


@dataclass(frozen=True)
class SizeFacts:
    """Of one moment. Empty where the service does not tell."""

    usage: Sequence[Usage] = ()
    starts: Sequence[UsualStart] = ()
    receipts: Sequence[Receipt] = field(default=())
    """Of the notebook's newest finished runs."""

    def quota(self, size: VmSize, *, low_priority: bool) -> tuple[int, int] | None:
        """Cores left and the limit, of the row that leaves least; None where nothing limits."""
        if not size.rehearsal:
            names = {_MACHINE}
        elif low_priority:
            names = {_TOTAL_LOW}
        else:
            names = {_TOTAL, f"{size.family} Cluster Dedicated vCPUs"}
        rows = [
            (max(0, row.limit - row.current_value), row.limit)
            for row in self.usage
            if row.name in names
        ]
        return min(rows, default=None)

    def usual_start(self, size: VmSize) -> str:
        """How long a new node of it usually takes until a cell runs; "" while that is unknown."""
        for start in self.starts:
            if (start.size, start.environment, start.situation) == (size.name, KERNEL, "cold"):
                return _range(start.low, start.high)
        return ""

    def recommended(self, sizes: Iterable[VmSize]) -> Recommendation | None:
        """The cheapest that fits past runs of this notebook; None when that cannot be known."""
        measured = [one for one in self.receipts if one.peak_memory_bytes > 0 and one.seconds > 0]
        if len(measured) < _LEAST_RUNS:
            return None
        memory = max(one.peak_memory_bytes for one in measured)
        cores = math.ceil(max(1.0, *(one.cpu_seconds / one.seconds for one in measured)))
        for size in ordered(sizes):
            is_enough = size.memory_gb * 1e9 >= memory * _ROOM and size.vcpus >= cores
            if size.available and is_enough:
                return Recommendation(size.name, len(measured), memory)
        return None


def read(client: Client, notebook: str) -> SizeFacts:
    """Ask the service. What it does not tell is left out: the list of sizes does without it."""
    try:
        usage = client.compute.usage().value
        starts = client.compute.waits().value
        return SizeFacts(usage, starts, _receipts(client, notebook))
    except AmlError:
        return SizeFacts()


def _receipts(client: Client, notebook: str) -> list[Receipt]:
    if not notebook:
        return []
    found = client.jobs.list(max_results=_LOOKED_THROUGH, status="Completed").value
    names = [job.name for job in found if job.notebook == notebook][:RUNS]
    jobs = (client.jobs.get(name) for name in names)
    return [job.receipt for job in jobs if job.receipt is not None]


def _range(low: float, high: float) -> str:
    """``3 to 6 min``, ``12 s``."""
    if high < 90:
        first, last, unit = round(low), round(high), "s"
    else:
        first, last, unit = round(low / 60), round(high / 60), "min"
    if last <= 1 and unit == "s":
        return "about 1 s"
    if first == last:
        return f"{last} {unit}"
    return f"{first} to {last} {unit}" if first else f"up to {last} {unit}"
