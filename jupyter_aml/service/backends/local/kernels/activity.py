"""Whether an instance is in use, its notebooks' kernels included.

A kernel that waits for its next cell keeps no instance: only a cell that runs does, and the time
since the last one ended counts like that since the last job.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from jupyter_aml.service.backends.local.kernels import files
from jupyter_aml.service.backends.local.state import LiveCompute

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine


def is_busy(engine: Engine, live: LiveCompute) -> bool:
    """Jobs in line or running, kept sessions, or a kernel that runs a cell."""
    nodes = live.nodes.values()
    works = any(node.sessions or node.jobs - node.beside for node in nodes)
    return bool(live.queue) or works or quiet_seconds(engine, live) == 0.0


def quiet_seconds(engine: Engine, live: LiveCompute) -> float:
    """Since a cell of one of its kernels last began or ended.

    0 while one runs or a kernel starts, infinite without kernels.
    """
    shortest = math.inf
    now = engine.clock.time()
    for name in (job for node in live.nodes.values() for job in node.beside):
        job = engine.jobs.get(name)
        if job is None:
            continue
        pulse = files.pulse(job.layout.attempt(job.job.attempt))
        if pulse is None or pulse.state == "busy":
            return 0.0
        shortest = min(shortest, max(0.0, now - pulse.at))
    return shortest
