"""Parents that have not ended: their children are made, watched and counted here.

A parent takes no compute and no node. Its children are ordinary jobs, accepted as any other under
names that follow from the parent's, so whatever was planned twice happens once. All there is to
know of a parent lies in its own row, in the rows of its children and in their logs: the next
service asks the same planner the same question.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_aml.model.errors import AmlError, ErrorBody, Internal
from jupyter_aml.model.job import CreateJob, Job, ParentSpec
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.service.backends.local.data import ending
from jupyter_aml.service.backends.local.parents.kind import Kind
from jupyter_aml.service.backends.local.parents.planning import (
    Action,
    Cancel,
    Create,
    End,
    Show,
    View,
    plan_end,
)
from jupyter_aml.service.backends.local.parents.receipt import receipt
from jupyter_aml.service.backends.local.state import LiveJob
from jupyter_aml.service.clock import Timer
from jupyter_aml.service.mlflow.logged import logged_metrics
from jupyter_aml.service.store import rows

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine
    from jupyter_aml.service.backends.local.facets.accepting import Accepting

log = logging.getLogger(__name__)

_REPORTS_SECONDS = 0.2
"""Reports of metrics may come by the thousand: the planner looks at them together."""


@dataclass(eq=False)
class _Parent:
    live: LiveJob
    kind: Kind
    children: dict[str, Job] = field(default_factory=dict[str, Job])
    reports: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    refused: dict[str, ErrorBody] = field(default_factory=dict[str, ErrorBody])
    is_dirty: bool = False
    turn: asyncio.Task[None] | None = None
    soon: Timer | None = None

    @property
    def name(self) -> str:
        return self.live.name

    def view(self) -> View:
        return View(
            job=self.live.job,
            children=dict(self.children),
            reports={name: tuple(values) for name, values in self.reports.items()},
            refused=dict(self.refused),
        )


class Parents:
    """Of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._living: dict[str, _Parent] = {}
        self._accepting: Accepting | None = None

    def use(self, accepting: Accepting) -> None:
        """Through which children are made: the way of all jobs. Said once, before any is."""
        self._accepting = accepting

    # -- beginning --------------------------------------------------------------------------

    def begin(self, live: LiveJob) -> None:
        """A parent was accepted."""
        engine = self._engine
        parent = self._take(live)
        live.started_at = engine.clock.monotonic()
        engine.runs.move(live, "Running", started_at=engine.now())
        self._set_timer(live, 0.0)
        self._look(parent)

    async def resume(self, live: LiveJob) -> None:
        """Take up a parent of an earlier service; its children have been taken up already."""
        engine = self._engine
        parent = self._take(live)
        for job in rows.parts_of(engine.store.reader, live.name):
            parent.children[job.name] = job
        for name in parent.children:
            if (child := engine.jobs.get(name)) is not None:
                parent.children[name] = child.job
        await self._read_reports(parent)
        ran = 0.0
        if live.job.status == "CancelRequested":
            live.ending = live.job.status_reason or "Canceled"
        elif live.job.status == "Queued":
            engine.runs.move(live, "Running", started_at=engine.now())
        elif live.job.started_at:
            ran = max(0.0, engine.clock.time() - _epoch(live.job.started_at))
        live.started_at = engine.clock.monotonic() - ran
        self._set_timer(live, ran)
        self._look(parent)

    def _take(self, live: LiveJob) -> _Parent:
        assert isinstance(live.job.spec, ParentSpec)
        parent = self._living[live.name] = _Parent(live, self._engine.kinds.of(live.job.spec))
        return parent

    def _set_timer(self, live: LiveJob, ran: float) -> None:
        if live.job.spec.timeout is not None and not live.ending:
            self._engine.runs.set_timer(live, ran)

    async def _read_reports(self, parent: _Parent) -> None:
        """What the children had logged: at once of those that run, which go on logging."""
        metric = parent.kind.metric(parent.live.job.spec)
        if not metric:
            return
        jobs = list(parent.children.values())
        for job in jobs:
            if job.status not in JOB.final:
                parent.reports[job.name] = self._logged(job.name, metric)
        ended = [job.name for job in jobs if job.status in JOB.final]
        found = await asyncio.to_thread(lambda: [self._logged(name, metric) for name in ended])
        parent.reports.update(zip(ended, found, strict=True))

    def _logged(self, job: str, metric: str) -> list[float]:
        folder = self._engine.folders.layout(job).folder
        values = [v for one in logged_metrics(folder) if one.name == metric for v in one.values]
        return [value for value in values if value is not None and math.isfinite(value)]

    # -- what happens to its children -------------------------------------------------------

    def changed(self, job: Job) -> None:
        """A job that is a part of another has a new state; called by the engine for each."""
        parent = self._living.get(job.spec.parent)
        if parent is None:
            return
        before = parent.children.get(job.name)
        parent.children[job.name] = job
        is_news = before is None or before.status != job.status
        if is_news and job.status in JOB.final:
            parent.kind.ended(job)
            if text := parent.kind.told(parent.view(), job):
                parent.live.log.append("notice", text=text)
        self._look(parent)

    def logged(self, live: LiveJob, frame: dict[str, Any]) -> None:
        """A child wrote a metric."""
        parent = self._living.get(live.job.spec.parent)
        if parent is None or frame.get("name") != parent.kind.metric(parent.live.job.spec):
            return
        value = frame.get("value")
        if not isinstance(value, int | float) or not math.isfinite(value):
            return
        parent.reports.setdefault(live.name, []).append(float(value))
        if parent.soon is None:
            wait = self._engine.clock.call_later
            parent.soon = wait(_REPORTS_SECONDS, lambda: self._reported(parent))

    def _reported(self, parent: _Parent) -> None:
        parent.soon = None
        self._look(parent)

    async def view_of(self, job: Job) -> View:
        """A parent as its planner sees it, or would see it: one that has ended, too."""
        if (parent := self._living.get(job.name)) is not None:
            return parent.view()
        assert isinstance(job.spec, ParentSpec)
        await self._engine.saving.now()
        children = {one.name: one for one in rows.parts_of(self._engine.store.reader, job.name)}
        for name in children:  # the store hears of an end a moment after the parent does
            if (child := self._engine.jobs.get(name)) is not None:
                children[name] = child.job
        reports: dict[str, list[float]] = {}
        if metric := self._engine.kinds.of(job.spec).metric(job.spec):
            reports = await asyncio.to_thread(
                lambda: {name: self._logged(name, metric) for name in children}
            )
        return View(job, children, reports)

    # -- planning ---------------------------------------------------------------------------

    def _look(self, parent: _Parent) -> None:
        """Plan, in a task of its own; one at a time, and once more if something changed."""
        parent.is_dirty = True
        if parent.turn is None and self._living.get(parent.name) is parent:
            parent.turn = self._engine.spawn(self._turn(parent), f"plan {parent.name}")

    async def _turn(self, parent: _Parent) -> None:
        try:
            while parent.is_dirty and parent.name in self._living:
                parent.is_dirty = False
                if parent.live.ending or not self._engine.closing:
                    await self._perform(parent, self._plan(parent))
        finally:
            parent.turn = None

    def _plan(self, parent: _Parent) -> list[Action]:
        view = parent.view()
        if parent.live.ending:
            return plan_end(view, parent.live.ending)
        try:
            return parent.kind.plan(view)
        except Exception:  # a defect of ours must not leave a job that never ends
            log.exception("the parts of %s could not be planned", parent.name)
            return _give_up(view)

    async def _perform(self, parent: _Parent, actions: Iterable[Action]) -> None:
        creates: list[Create] = []
        for action in actions:
            match action:
                case Create():
                    creates.append(action)
                case Cancel(name, reason, words):
                    self._cancel(name, reason, words)
                case Show():
                    self._show(parent.live, action)
                case End():
                    await self._end(parent, action)
        if creates:
            view = parent.view()
            await asyncio.gather(*(self._create(parent, view, one) for one in creates))

    async def _create(self, parent: _Parent, view: View, create: Create) -> None:
        assert self._accepting is not None
        try:
            spec = create.spec
            if spec is None:
                await self._engine.saving.now()  # a step that has just ended is reused as well
                spec = await asyncio.to_thread(parent.kind.spec_of, view, create)
            spec = msgspec.structs.replace(spec, parent=parent.name)
            made = await self._accepting.one(CreateJob(name=create.name, spec=spec))
        except AmlError as error:
            parent.refused[create.name] = error.body()
        except Exception:  # a defect of ours is told as the reason why the parent ends
            log.exception("%s could not be made", create.name)
            parent.refused[create.name] = _defect(create.name)
        else:
            parent.children.setdefault(create.name, made.job)
        parent.is_dirty = True

    def _cancel(self, name: str, reason: str, words: str) -> None:
        child = self._engine.jobs.get(name)
        if child is not None:
            child.ending_words = child.ending_words or words
            self._engine.runs.end(child, reason)

    def _show(self, live: LiveJob, show: Show) -> None:
        job = live.job
        if (job.progress, job.doing, job.best_child) == (
            show.progress,
            show.doing,
            show.best_child,
        ):
            return
        live.job = msgspec.structs.replace(
            job, progress=show.progress, doing=show.doing, best_child=show.best_child
        )
        self._engine.changes.publish("job", live.name, rows.summary_of(live.job))

    # -- ending -----------------------------------------------------------------------------

    def end(self, live: LiveJob, reason: str) -> None:
        """Ask a parent to end: its children first. Called by `Runs.end`, which has noted it."""
        self._engine.runs.move(live, "CancelRequested", reason)
        if (parent := self._living.get(live.name)) is not None:
            self._look(parent)

    def end_all(self) -> None:
        """The service closes and ends everything."""
        for parent in list(self._living.values()):
            self._engine.runs.end(parent.live, "Canceled")

    async def ended(self, seconds: float) -> None:
        """Wait until none is left, but not for ever."""
        waits = [asyncio.ensure_future(p.live.finished.wait()) for p in self._living.values()]
        if waits:
            await asyncio.wait(waits, timeout=seconds)
        for wait in waits:
            wait.cancel()

    async def _end(self, parent: _Parent, end: End) -> None:
        engine, live = self._engine, parent.live
        for timer in (live.timer, parent.soon):
            if timer is not None:
                timer.cancel()
        end = await self._kept(parent, end)
        if live.job.status == "CancelRequested" and end.status == "Completed":
            end = End("Canceled", live.ending)  # meanwhile
        del self._living[parent.name]
        engine.runs.move(
            live,
            end.status,
            end.reason,
            error=end.error,
            ended_at=engine.now(),
            outputs=dict(end.outputs),
            registered=dict(end.registered),
            receipt=receipt(parent.children.values()),
        )
        await engine.finishing.close_book(live)

    async def _kept(self, parent: _Parent, end: End) -> End:
        """With the assets that its named outputs become, which are those of its best child."""
        engine, live = self._engine, parent.live
        best = parent.children.get(end.best)
        if best is None or not any(one.name for one in live.job.spec.outputs.values()):
            return end
        if live.job.status == "Running":
            engine.runs.move(live, "Finalizing", "keeping its outputs")
        try:
            registered = await ending.keep_best(engine, live, best)
        except (AmlError, OSError) as error:
            body = ending.error_body(error, live.layout.folder)
            return dataclasses.replace(end, status="Failed", reason=ending.FAILED, error=body)
        return dataclasses.replace(end, registered=registered)

    async def rebuild(self, live: LiveJob, last: dict[str, Any]) -> None:
        """The log of a parent knows that it ended, the store was killed before it heard of it."""
        parent = self._take(live)
        children = rows.parts_of(self._engine.store.reader, live.name)
        parent.children = {job.name: job for job in children}
        await self._read_reports(parent)
        del self._living[live.name]
        ends = [action for action in parent.kind.plan(parent.view()) if isinstance(action, End)]
        told = ends[0] if ends and ends[0].status == last["status"] else End(last["status"])
        told = await self._kept(parent, told)
        live.job = msgspec.structs.replace(
            live.job,
            status=str(last["status"]),
            status_reason=str(last.get("reason", "")),
            error=told.error,
            ended_at=str(last["time"]),
            outputs=dict(told.outputs),
            registered=dict(told.registered),
            receipt=receipt(children),
            last_seq=live.log.last_seq,
        )
        await self._engine.finishing.close_book(live)


def _give_up(view: View) -> list[Action]:
    if view.living:
        return [Cancel(job.name) for job in view.living]
    return [End("Failed", "Internal", _defect(view.job.name))]


def _defect(name: str) -> ErrorBody:
    return Internal(
        f"Something is wrong with the service itself: {name} could not go on.",
        target=name,
        hint="Read the service's log: `jupyter aml service logs`.",
    ).body()


def _epoch(moment: str) -> float:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()
