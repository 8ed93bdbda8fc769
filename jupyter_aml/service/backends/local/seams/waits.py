"""What the local workspace notes of starts, and tells of them: the seam to `service.waiting`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_aml.model import lifecycle
from jupyter_aml.model.compute import AmlCompute, AttachedCompute, LocalCompute
from jupyter_aml.model.fix import STAGES, START_STAGES, Fix, Stage
from jupyter_aml.model.job import CellJob, Job, JobSpec
from jupyter_aml.model.names import LOCAL
from jupyter_aml.model.waiting import Situation, Wait
from jupyter_aml.service.backends.local.data.places import laying_out
from jupyter_aml.service.backends.local.machine.sizes import price
from jupyter_aml.service.backends.local.state import LiveCompute, LiveJob, LiveNode
from jupyter_aml.service.clock import iso
from jupyter_aml.service.waiting.alternative import Offer, Wanted, alternative
from jupyter_aml.service.waiting.answer import Now, answer
from jupyter_aml.service.waiting.past import PastStarts
from jupyter_aml.service.waiting.stages import Moments, Span, situation, spans
from jupyter_aml.service.waiting.usual import Usual

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

_GB = 2**30
_SHORTEST = 0.001
"""What a job ran at least: that it ran at all is worth telling."""


class Waits:
    """Of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.past = PastStarts(engine.store, engine.clock)

    # -- noting -----------------------------------------------------------------------------

    def node_up(self, compute: LiveCompute, node: LiveNode) -> None:
        """A node came up that this service asked for."""
        node.up_at = self._engine.clock.monotonic()
        if node.asked_at:
            self.past.note("node", node.up_at - node.asked_at, size=size_name(compute))

    def started(self, live: LiveJob, at: float | None = None) -> None:
        """The first process of a job runs: its start is over, and another past one.

        `at` is when its node heard that, which tells it in the same breath as a quick job's end.
        """
        if live.running_at:
            return
        now = self._engine.clock.monotonic()
        live.running_at = now if at is None else max(live.started_at, min(at, now))
        compute = self._engine.computes.get(live.job.spec.compute)
        if compute is None or not live.queued_at or live.session:
            return  # a session's process is there already: no start to learn from
        size, environment = size_name(compute), live.job.spec.environment
        if self.past.has_enough("process", size=size, environment=environment):
            return
        parts = spans(self._moments(live, compute))
        note = self.past.note
        note(
            f"start:{situation(parts, live.running_at)}",
            live.running_at - live.queued_at,
            size=size,
            environment=environment,
        )
        for span in parts:
            if span.name != "node":  # noted once for each node, by `node_up`
                note(span.name, span.seconds(0), size=size, environment=environment)

    def seconds(self, live: LiveJob) -> dict[Stage, float]:
        """What each stage of a job took that ends now; for its receipt."""
        compute = self._engine.computes.get(live.job.spec.compute)
        if compute is None or not live.queued_at:
            return {}
        now = self._engine.clock.monotonic()
        self._note_given_up(live, compute, now)
        found: dict[Stage, float] = {}
        for span in self._spans(live, compute):
            found[span.name] = round(found.get(span.name, 0.0) + span.seconds(now), 3)
        if "running" in found:
            found["running"] = max(found["running"], _SHORTEST)
        return {name: found[name] for name in STAGES if found.get(name)}

    def _note_given_up(self, live: LiveJob, compute: LiveCompute, now: float) -> None:
        """A start that was canceled after it had outlasted what is usual was a long one.

        Left out, only short ones would be learnt from: people cancel what takes too long.
        """
        if live.running_at or live.session:
            return
        size, environment = size_name(compute), live.job.spec.environment
        kind = f"start:{situation(spans(self._moments(live, compute)), now)}"
        seconds = now - live.queued_at
        usual = self.past.usual(kind, size=size, environment=environment)
        if usual is not None and seconds > usual.high:
            self.past.note(kind, seconds, size=size, environment=environment)

    # -- telling ----------------------------------------------------------------------------

    def wait(self, job: Job, live: LiveJob | None) -> Wait:
        """`live` is None for a job that has ended; its receipt tells what it took."""
        compute = self._engine.computes.get(job.spec.compute)
        if live is None or compute is None or not live.queued_at:
            return self._ended(job, compute)
        clock = self._engine.clock
        now = clock.monotonic()
        seen = self._spans(live, compute)
        kind = situation(seen, now)
        return answer(
            Now(
                job=job.name,
                monotonic=now,
                waiting=not live.running_at and job.status in _WAITING,
                reason=self._reason(live, compute, seen[-1].name if seen else "queued"),
                ahead=_ahead(job.spec, seen),
                situation=kind,
            ),
            seen,
            self._finder(compute, job.spec),
            lambda moment: iso(clock.time() - (now - moment)),
            lambda: self._alternative(job, compute),
        )

    def situation(self, compute: LiveCompute) -> Situation:
        """How a job that is sent to `compute` now would start."""
        if _free_nodes(compute, self._engine.clock.monotonic()) and not compute.queue:
            return "ready"
        spec = compute.compute.spec
        if not isinstance(spec, AmlCompute):
            return "busy" if compute.nodes else "cold"
        if len(compute.nodes) < spec.max_instances and self._engine.places.room(compute) > 0:
            return "cold"
        coming = sum(node.state == "preparing" for node in compute.nodes.values())
        return "cold" if coming > len(compute.queue) else "busy"

    def _ended(self, job: Job, compute: LiveCompute | None) -> Wait:
        """A job that has ended, or that an earlier service started: what was stored of it."""
        took = job.receipt.stages if job.receipt is not None else {}
        seen, moment = _stored(job, took)
        failed = job.status == "Failed"
        if failed:
            seen = [span for span in seen if span.name != "outputs"]  # it is not what failed
        if failed and seen:
            seen[-1] = Span(seen[-1].name, seen[-1].start)
        kind = "cold" if "node" in took else "busy" if took.get("queued", 0) > 1 else "ready"
        return answer(
            Now(job.name, moment, waiting=False, reason="", failed=failed, situation=kind),
            seen,
            self._finder(compute, job.spec),
            iso,
            lambda: None,
        )

    def _finder(self, compute: LiveCompute | None, spec: JobSpec):
        size = size_name(compute) if compute is not None else ""

        def find(kind: str) -> Usual | None:
            if kind in ("running", "outputs") or not size:
                return None
            return self.past.usual(kind, size=size, environment=spec.environment)

        return find

    def _reason(self, live: LiveJob, compute: LiveCompute, stage: Stage) -> str:
        job = live.job
        if stage == "node":
            size = compute.compute.spec.size
            words = f"starting a node of {compute.name}"
            return f"{words}, {size}" if size else words
        if stage == "process":
            return "starting the process"
        if job.status_reason not in ("", job.status):
            return job.status_reason
        before = list(compute.queue).index(live.name) if live.name in compute.queue else 0
        return f"{before} jobs are before it in line" if before > 1 else ""

    # -- moments ----------------------------------------------------------------------------

    def _spans(self, live: LiveJob, compute: LiveCompute) -> list[Span]:
        found = spans(self._moments(live, compute))
        if live.running_at:
            ended = live.ended_at or None
            found.append(Span("running", live.running_at, ended))
            if ended:
                found.append(Span("outputs", ended))
        return found

    def _moments(self, live: LiveJob, compute: LiveCompute) -> Moments:
        asked, up = self._node_of(live, compute)
        return Moments(
            queued=live.queued_at,
            node_asked=asked,
            node_up=up,
            taken=live.preparing_at,
            entered=live.entered,
            sent=live.started_at,
            running=live.running_at,
        )

    def _node_of(self, live: LiveJob, compute: LiveCompute) -> tuple[float, float]:
        """When the node that a job got or waits for was asked for, and came up; (0, 0) if none."""
        if live.nodes:
            late = [
                (n.asked_at, n.up_at) for n in live.nodes if n.asked_at and n.up_at > live.queued_at
            ]
            return max(late) if late else (0.0, 0.0)
        coming = sorted(n.asked_at for n in compute.nodes.values() if n.state == "preparing")
        before = 0
        for other in compute.queue.values():
            before += other.job.spec.instance_count
            if other is live:
                break
        return (coming[before - 1], 0.0) if 0 < before <= len(coming) else (0.0, 0.0)

    # -- alternatives -----------------------------------------------------------------------

    def _alternative(self, job: Job, compute: LiveCompute) -> Fix | None:
        spec = job.spec
        mine = _offer(self._engine, compute, 1)
        wanted = Wanted(
            compute=compute.name,
            nodes=spec.instance_count,
            cores=mine.cores,
            memory_gb=mine.memory_gb,
            gpus=mine.gpus,
            session=spec.session if isinstance(spec, CellJob) else "",
        )
        return alternative(wanted, compute_offers(self._engine, spec.instance_count))


_WAITING = lifecycle.JOB_ACTIVE - {"Finalizing", "CancelRequested"}


def compute_offers(engine: Engine, nodes: int) -> Iterator[Offer]:
    """Every compute as a place to run on, priced for `nodes` nodes."""
    for compute in engine.computes.values():
        yield _offer(engine, compute, nodes)


def _offer(engine: Engine, compute: LiveCompute, nodes: int) -> Offer:
    spec = compute.compute.spec
    size = engine.size_of(compute.compute)
    tier = spec.tier if isinstance(spec, AmlCompute) else "dedicated"
    share = engine.places.share(compute.compute)
    return Offer(
        name=compute.name,
        cores=size.vcpus if size else share.cores,
        memory_gb=size.memory_gb if size else round(share.memory_bytes / _GB, 1),
        gpus=size.gpus if size else share.gpus,
        free_nodes=_free_nodes(compute, engine.clock.monotonic()),
        price_per_hour=(price(size, tier) or 0.0) * nodes if size else 0.0,
        low_priority=tier == "low_priority",
        takes_work=not compute.queue,
    )


def _stored(job: Job, took: dict[Stage, float]) -> tuple[list[Span], float]:
    """Stages one after the other from the moment it was accepted, and the moment they end."""
    moment = _epoch(job.created_at)
    if not took and job.started_at is not None:
        started = _epoch(job.started_at)
        return [Span("queued", moment, started), Span("running", started)], started
    found: list[Span] = []
    for name in STAGES:
        if name in took:
            found.append(Span(name, moment, moment + took[name]))
            moment += took[name]
    return found, moment


def _epoch(moment: str) -> float:
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def size_name(compute: LiveCompute) -> str:
    """Under which name the starts of a compute are learnt."""
    spec = compute.compute.spec
    if isinstance(spec, AttachedCompute):
        return spec.name
    return LOCAL if isinstance(spec, LocalCompute) else spec.size


def _free_nodes(compute: LiveCompute, now: float) -> int:
    views = (compute.node_view(node, now) for node in compute.nodes.values())
    return sum(view.free > 0 and view.up and not view.leaving for view in views)


def _ahead(spec: JobSpec, seen: list[Span]) -> tuple[Stage, ...]:
    """Stages that a start like this still goes through."""
    reached = max((STAGES.index(span.name) for span in seen), default=0)
    has: dict[Stage, bool] = {
        "snapshot": bool(laying_out(spec)),
        "environment": spec.environment != "kernel",
        "process": True,
    }
    return tuple(name for name in START_STAGES if STAGES.index(name) > reached and has.get(name))
