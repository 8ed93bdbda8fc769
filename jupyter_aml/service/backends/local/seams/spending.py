"""What the budget's guard sees and does on a local workspace: rehearsal money throughout.

See `service.money.spending` for who calls what.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.money import ComputeCost
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.backends.local.facets.computes import Computes
from jupyter_aml.service.backends.local.jobs.outcome import BUDGET
from jupyter_aml.service.backends.local.kernels import activity
from jupyter_aml.service.backends.local.machine.sizes import price_note
from jupyter_aml.service.backends.local.seams.holding import notebook_of
from jupyter_aml.service.backends.local.state import LiveCompute, LiveJob
from jupyter_aml.service.clock import iso
from jupyter_aml.service.money.hold import Hold
from jupyter_aml.service.money.meter import Spent, Tape
from jupyter_aml.service.money.spending import Use


class Deploying(Protocol):
    """Deployments as the guard sees them: `endpoints.metering.Metering`."""

    def uses(self) -> Sequence[Use]: ...
    def wake_all(self) -> None:
        """What the hold forbids may have changed."""
        ...

    def sleep_all(self, reason: str) -> None:
        """Every one that costs lets its instances go."""
        ...

    def sleep(self, path: str, reason: str) -> bool:
        """False if there is no deployment ``endpoint/name``."""
        ...


class LocalSpending:
    rehearsal = True

    def __init__(self, engine: Engine, computes: Computes, deployments: Deploying) -> None:
        self._engine = engine
        self._deployments = deployments
        self._computes = computes
        self._meter = engine.nodetime.meter

    @property
    def price_note(self) -> str:
        return price_note()

    # -- seeing ---------------------------------------------------------------------------------

    def costing(self) -> list[ComputeCost]:
        tapes: dict[str, list[Tape]] = {}
        for tape in self._meter.tapes.values():
            tapes.setdefault(tape.tariff.compute, []).append(tape)
        return [_cost(name, mine) for name, mine in tapes.items()]

    def spent(self) -> Spent:
        return self._meter.spent()

    def settle(self) -> None:
        self._meter.settle()
        self._meter.write()

    def uses(self) -> Sequence[Use]:
        computes = [
            Use(live.name, costs=bool(live.nodes), busy=activity.is_busy(self._engine, live))
            for live in self._paid()
        ]
        return [*computes, *self._deployments.uses()]

    def _paid(self) -> list[LiveCompute]:
        engine = self._engine
        return [c for c in engine.computes.values() if engine.nodetime.tariff(c.compute)]

    # -- doing ----------------------------------------------------------------------------------

    async def hold(self, hold: Hold) -> None:
        engine = self._engine
        engine.holding.set(hold)
        for live in self._paid():
            engine.wake(live)
            engine.publish_compute(live)
        self._deployments.wake_all()

    async def stop(self, hold: Hold) -> None:
        """Jobs end as Canceled with the reason BudgetReached; what is in line stays there."""
        engine = self._engine
        for job in self._running():
            if hold.stops(notebook_of(job.job.spec)):
                engine.runs.end(job, BUDGET)
        if not hold.stop_everything:
            return
        self._deployments.sleep_all(hold.note)
        for live in self._paid():
            self._end_sessions(live)
            if live.is_instance and live.compute.state == "Running":
                engine.instances.stop(live, hold.note)
            engine.wake(live)

    def _running(self) -> list[LiveJob]:
        """Jobs that are on a node that costs."""
        names = {job for tape in self._meter.tapes.values() for job in tape.owners}
        return [job for name, job in self._engine.jobs.items() if name in names]

    def _end_sessions(self, live: LiveCompute) -> None:
        for node in live.nodes.values():
            for name in node.sessions:
                node.link.send({"op": "end_session", "name": name})

    async def stop_idle(self, compute: str, reason: str) -> None:
        if self._deployments.sleep(compute, f"asleep: {reason}; the first request wakes it"):
            return
        live = self._engine.compute(compute)
        if isinstance(live.compute.spec, AmlCompute):
            self._engine.holding.let_go(live)
        elif live.compute.state == "Running":
            self._engine.instances.stop(live, reason)

    async def delete_unused(self, compute: str) -> None:
        await self._computes.delete(compute)


def _cost(compute: str, tapes: Sequence[Tape]) -> ComputeCost:
    return ComputeCost(
        compute=compute,
        size=tapes[0].tariff.size,
        nodes=len(tapes),
        rate_per_hour=round(sum(tape.tariff.per_hour for tape in tapes), 6),
        since=iso(min(tape.up_since for tape in tapes)),
    )
