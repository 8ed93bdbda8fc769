"""The seam between nodes and the meter: who has a node, and from when on it costs something.

`note` is called wherever a node's state or its jobs change (`Fleet.set_state`), `gone` when it is
out of the books. Nodes of ``local`` and of ``local.*`` sizes have no price and no tape.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_aml.model.compute import AmlCompute, Compute, ComputeSpec
from jupyter_aml.service.backends.local.machine.sizes import price
from jupyter_aml.service.backends.local.state import LiveCompute, LiveNode
from jupyter_aml.service.money.ledger import dollars
from jupyter_aml.service.money.meter import Meter, Tariff

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine


class NodeTime:
    """Tells the meter of the engine's nodes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.meter = Meter(engine.store, engine.clock)
        self._taking_up = True
        self._tariffs: dict[str, tuple[ComputeSpec, Tariff | None]] = {}
        """By compute, each with the spec that it is of: asked for several times in each job."""

    def tariff(self, compute: Compute) -> Tariff | None:
        """What a node of `compute` is charged as; None where nothing is charged."""
        spec = compute.spec
        known = self._tariffs.get(spec.name)
        if known is None or known[0] is not spec:
            known = self._tariffs[spec.name] = spec, self._tariff(compute)
        return known[1]

    def _tariff(self, compute: Compute) -> Tariff | None:
        size = self._engine.size_of(compute)
        if size is None:
            return None
        spec = compute.spec
        per_hour = price(size, spec.tier if isinstance(spec, AmlCompute) else "dedicated")
        if not per_hour:
            return None
        kind = "idle" if isinstance(spec, AmlCompute) else "instance"
        return Tariff(compute.name, size.name, per_hour, kind)

    def note(self, node: LiveNode) -> None:
        """A node came up, or has other jobs than before."""
        if node.name in self.meter.tapes:
            self._change(node)
        elif node.state in ("idle", "running"):
            self._begin(node)

    def _begin(self, node: LiveNode) -> None:
        compute = self._engine.computes.get(node.record.compute)
        tariff = None if compute is None else self.tariff(compute.compute)
        if tariff is None:
            return
        adopted = _moment(node.record.created_at) if self._taking_up else None
        self.meter.begin(node.name, tariff, came_up=adopted)
        if node.jobs:  # an adopted one has its jobs back a little later
            self._change(node)

    def _change(self, node: LiveNode) -> None:
        owners = {name: self._notebook(name) for name in node.jobs}
        at = self._past(self.meter.tapes[node.name].owners.keys(), owners.keys())
        self.meter.change(node.name, owners, at=at)

    def _past(self, before: Set[str], after: Set[str]) -> float | None:
        """When jobs really came and went, while what an earlier service left is taken up."""
        if not self._taking_up:
            return None
        moments = [*map(self._ended, before - after), *map(self._began, after - before)]
        return max(filter(None, moments), default=None)

    def gone(self, node: LiveNode) -> None:
        """Its process has ended."""
        self.meter.gone(node.name)

    def taken_up(self) -> None:
        """Every node and job of the earlier service is known again."""
        for node in self._engine.nodes():
            self.note(node)
        self._taking_up = False

    def receipt(self, job: str, compute: LiveCompute | None) -> tuple[float, float] | None:
        """Node seconds and dollars of a job that has ended; None where nothing is charged."""
        if compute is None or self.tariff(compute.compute) is None:
            return None
        seconds, nanos = self.meter.taken(job, ended=self._ended(job))
        return seconds, dollars(nanos)

    def _notebook(self, job: str) -> str:
        live = self._engine.jobs.get(job)
        return getattr(live.job.spec, "notebook", "") if live is not None else ""

    def _began(self, job: str) -> float | None:
        """When a job that was taken up had begun."""
        live = self._engine.jobs.get(job)
        clock = self._engine.clock
        return clock.time() - (clock.monotonic() - live.started_at) if live is not None else None

    def _ended(self, job: str) -> float | None:
        """When the last process of a job ended, as its node wrote it down."""
        live = self._engine.jobs.get(job)
        exits = live.exits.values() if live is not None else ()
        moments = [str(message["ended"]) for message in exits if message.get("ended")]
        return max(map(_moment, moments), default=None)


def _moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
