"""The seam of the budget's guard: which paid work of this workspace may start, and which waits.

What costs nothing (``local`` and ``local.*`` sizes) is never held back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_aml.model.compute import AmlCompute, ComputeSpec
from jupyter_aml.model.errors import BudgetReached
from jupyter_aml.model.job import JobSpec
from jupyter_aml.service.backends.local.scheduling import View
from jupyter_aml.service.backends.local.state import LiveCompute, LiveJob
from jupyter_aml.service.money.budget import Kept
from jupyter_aml.service.money.days import Days
from jupyter_aml.service.money.guard import KEY
from jupyter_aml.service.money.hold import FREE, Hold, hold_for
from jupyter_aml.service.money.memory import recall

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

_FIX = (
    "Run it on local, which costs nothing, or raise the budget: `%aml preferences set "
    "budget_per_day=AMOUNT` (or budget_per_notebook). Nothing was started."
)


class Holding:
    """Asked by the engine before it starts anything; set by the guard."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.hold = self._kept()
        self._let_go: set[str] = set()

    def set(self, hold: Hold) -> None:
        """What the guard has decided, from now on."""
        self.hold = FREE if hold == FREE else hold

    def _kept(self) -> Hold:
        """What an earlier service held back today: the guard has not looked yet."""
        kept = recall(self._engine.store.reader, KEY, Kept)
        today = Days().of(self._engine.clock.time())
        hold = hold_for(kept)
        return hold if kept.day == today and hold != FREE else FREE

    # -- at the door ----------------------------------------------------------------------------

    def check(self, spec: JobSpec, compute: LiveCompute) -> None:
        """Raise `BudgetReached` for a job that would cost something now."""
        reason = self.hold.reason(notebook_of(spec))
        if reason and self._is_paid(compute):
            raise BudgetReached(
                f"No new work is taken on {compute.name}: {reason}.", target="compute", hint=_FIX
            )

    def check_start(self, spec: ComputeSpec) -> None:
        """Raise `BudgetReached` for a compute that would cost something as soon as it is there."""
        nodes = spec.min_instances if isinstance(spec, AmlCompute) else 1
        size = self._engine.sizes.get(spec.size) if spec.size else None
        if self.hold.everything and nodes and size is not None and size.price_per_hour:
            raise BudgetReached(
                f"{spec.name} is not started: {self.hold.everything}.", target="name", hint=_FIX
            )

    # -- in line --------------------------------------------------------------------------------

    def reason(self, job: LiveJob, live: LiveCompute) -> str:
        """Why a queued job has to wait for the budget; empty if it may start."""
        if self.hold is FREE:
            return ""
        reason = self.hold.reason(notebook_of(job.job.spec))
        return f"waits: {reason}" if reason and self._is_paid(live) else ""

    def view(self, live: LiveCompute, view: View) -> View:
        """The planner's view without what is held back: it neither starts nor scales for it."""
        if view.queued and self.hold is not FREE:
            waiting = [j for j in view.queued if not self.reason(live.queue[j.name], live)]
            view = replace(view, queued=waiting)
        if view.queued:
            self._let_go.discard(live.name)
        if self.hold.everything and self._is_paid(live):
            view = replace(view, room=0)
        if self._is_let_go(live):
            view = replace(view, min_nodes=0, idle_limit=0.0)
        return view

    def tell(self, live: LiveCompute) -> None:
        """Each job that is held back says why."""
        if self.hold is FREE:
            return
        for job in live.queue.values():
            reason = self.reason(job, live)
            if reason and job.job.status_reason != reason:
                self._engine.runs.tell(job, reason)

    def is_waiting(self, live: LiveCompute) -> bool:
        """Whether something in line may start: only then its nodes are kept."""
        return any(not self.reason(job, live) for job in live.queue.values())

    def note(self, live: LiveCompute) -> str:
        """What is announced on a compute."""
        return self.hold.note if self.hold.note and self._is_paid(live) else ""

    # -- letting go -----------------------------------------------------------------------------

    def let_go(self, live: LiveCompute) -> None:
        """A cluster gives up even the nodes that it keeps, until there is work for it."""
        self._let_go.add(live.name)
        self._engine.wake(live)

    def _is_let_go(self, live: LiveCompute) -> bool:
        stopped = self.hold.stop_everything and self._is_paid(live)
        return stopped or live.name in self._let_go

    def _is_paid(self, live: LiveCompute) -> bool:
        return self._engine.nodetime.tariff(live.compute) is not None


def notebook_of(spec: JobSpec) -> str:
    """The path of the notebook that a job belongs to; "" for none."""
    return getattr(spec, "notebook", "")
