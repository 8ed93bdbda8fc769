"""The local backend's heart: what is alive, and the loop that plans and acts.

`Engine.wake(compute)` is called whenever something about a compute changed: a job came, a node
went idle, a timer ran out. It asks `scheduling.plan` and performs the answer: jobs start in the
same turn of the event loop (`runs`), nodes come and go in tasks of their own (`fleet`).
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from typing import Any

import msgspec

from jupyter_aml.model import lifecycle
from jupyter_aml.model.component import Component
from jupyter_aml.model.compute import (
    AmlCompute,
    AttachedCompute,
    Compute,
    ComputeInstance,
    LocalCompute,
    VmSize,
)
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import Job
from jupyter_aml.model.names import LOCAL
from jupyter_aml.model.nearest import nearest
from jupyter_aml.service.backends.local.attached.machines import Attached
from jupyter_aml.service.backends.local.data.workspace import LocalData
from jupyter_aml.service.backends.local.jobs.ahead import Ahead
from jupyter_aml.service.backends.local.jobs.finishing import Finishing
from jupyter_aml.service.backends.local.jobs.reports import Reports
from jupyter_aml.service.backends.local.jobs.runs import Runs
from jupyter_aml.service.backends.local.jobs.saving import Saving
from jupyter_aml.service.backends.local.jobs.snapshots import Snapshots
from jupyter_aml.service.backends.local.jobs.tasks import Keys
from jupyter_aml.service.backends.local.kernels.specs import KernelSpecs
from jupyter_aml.service.backends.local.machine.places import Places
from jupyter_aml.service.backends.local.machine.quota import Limits
from jupyter_aml.service.backends.local.machine.sizes import Sizes, price
from jupyter_aml.service.backends.local.models.registry import LocalModels
from jupyter_aml.service.backends.local.nodes.fleet import Fleet
from jupyter_aml.service.backends.local.nodes.instances import Instances
from jupyter_aml.service.backends.local.nodes.messages import Messages
from jupyter_aml.service.backends.local.nodes.nodetime import NodeTime
from jupyter_aml.service.backends.local.parents.kinds import Kinds
from jupyter_aml.service.backends.local.parents.parents import Parents
from jupyter_aml.service.backends.local.scheduling import (
    TOLD,
    Action,
    AddNodes,
    JobView,
    RemoveNode,
    StartJob,
    View,
    Wait,
    plan,
)
from jupyter_aml.service.backends.local.seams.doctor import Doctor
from jupyter_aml.service.backends.local.seams.environments import JobEnvironments
from jupyter_aml.service.backends.local.seams.holding import Holding
from jupyter_aml.service.backends.local.seams.tracking import JobTracking
from jupyter_aml.service.backends.local.seams.waits import Waits
from jupyter_aml.service.backends.local.state import Folders, LiveCompute, LiveJob, LiveNode
from jupyter_aml.service.backends.protocol import Changes
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.components.catalogue import Catalogue
from jupyter_aml.service.content import ContentStore
from jupyter_aml.service.joblog import JobLogs
from jupyter_aml.service.settings import LocalSettings
from jupyter_aml.service.spawning import Spawning
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.preferences import read_preferences

_TELL_SECONDS = 0.5
_TOLD_AT_ONCE = 20
"""Reasons that the waiting jobs of a compute are told in that time; each is an event on disk."""


class Engine(Spawning):
    """Everything alive on this machine, in memory; durable parts go through the store."""

    def __init__(
        self,
        folders: Folders,
        store: Store,
        logs: JobLogs,
        changes: Changes,
        clock: Clock,
        settings: LocalSettings,
        sizes: Sizes,
        keys: Keys,
    ) -> None:
        super().__init__()
        self.folders = folders
        self.store = store
        self.logs = logs
        self.changes = changes
        self.clock = clock
        self.settings = settings
        self.sizes = sizes
        self.keys = keys
        self.snapshots = Snapshots(folders.snapshots)
        self.content = ContentStore(folders.blob)
        self.data = LocalData(self)
        self.computes: dict[str, LiveCompute] = {}
        self.jobs: dict[str, LiveJob] = {}
        self.closing = False
        self.taking_up = False
        """What an earlier service left is not all known: a plan now would be made on half of it."""
        self.runs = Runs(self)
        self.reports = Reports(self)
        self.ahead = Ahead(self)
        self.finishing = Finishing(self)
        self.components = Catalogue(store, clock, self._publish_component)
        self.kinds = Kinds(self)
        self.parents = Parents(self)
        self.fleet = Fleet(self)
        self.attached = Attached(self)
        self.messages = Messages(self)
        self.places = Places(self)
        self.instances = Instances(self)
        self.environments = JobEnvironments(self)
        self.tracking = JobTracking(self)
        self.models = LocalModels(self)
        self.doctor = Doctor(self)
        self.nodetime = NodeTime(self)
        self.holding = Holding(self)
        self.waits = Waits(self)
        self.kernelspecs = KernelSpecs(folders.home)
        self.saving = Saving(store)
        self._planned: set[str] = set()

    # -- looking things up ------------------------------------------------------------------

    def compute(self, name: str) -> LiveCompute:
        """The compute of that name. Raises `NotFound` naming what there is."""
        try:
            return self.computes[name]
        except KeyError:
            known = ", ".join(sorted(self.computes))
            raise NotFound(
                f"There is no compute {name!r}.",
                target="compute",
                hint=f"{nearest(name, self.computes)}There are: {known}. Create it with "
                f"`%aml compute create {name}`.",
            ) from None

    def size_of(self, compute: Compute) -> VmSize | None:
        """The size of a compute's nodes; None for ``local`` and attached ones: whole machines."""
        if isinstance(compute.spec, (LocalCompute, AttachedCompute)):
            return None
        return self.sizes.get(compute.spec.size)

    def nodes(self) -> Iterator[LiveNode]:
        for compute in self.computes.values():
            yield from compute.nodes.values()

    @property
    def limits(self) -> Limits:
        settings = self.settings
        return Limits(
            settings.quota_dedicated_cores,
            settings.quota_family_cores,
            settings.quota_low_priority_cores,
        )

    def now(self) -> str:
        return iso(self.clock.time())

    async def settle(self) -> None:
        """Wait for what was spawned; called when the service closes."""
        while self._tasks:
            await asyncio.wait(set(self._tasks), timeout=5)
            for task in set(self._tasks):
                task.cancel()

    @property
    def snapshot_limit_mb(self) -> int:
        """The user's own limit of a code folder."""
        return read_preferences(self.store.reader).snapshot_limit_mb

    # -- saying what changed ----------------------------------------------------------------

    def save_job(self, job: Job) -> None:
        """Publish a job's new state, and store it soon."""
        self.saving.soon(job)
        self.publish_job(job)
        if job.spec.parent:
            self.parents.changed(job)

    def publish_job(self, job: Job) -> None:
        self.changes.publish_newest("job", job.name, lambda: rows.summary_of(job))

    def _publish_component(self, one: Component) -> None:
        self.changes.publish("component", f"{one.name}:{one.version}", one)

    def change_compute(self, live: LiveCompute, **fields: Any) -> None:
        """Store and publish; a ``state`` is checked against its machine."""
        old = live.compute
        if "state" in fields and fields["state"] != old.state:
            machine = lifecycle.ATTACHED if live.is_attached else lifecycle.INSTANCE
            machine = lifecycle.CLUSTER if live.is_cluster else machine
            machine.check(old.state, fields["state"], name=live.name)
            fields["state_since"] = self.now()
        live.compute = msgspec.structs.replace(old, **fields)
        stored = live.compute
        if live.name != LOCAL:
            self.store.post(lambda conn: rows.save_compute(conn, stored))
        if "state" in fields:
            self.sync_kernelspecs()
        self.publish_compute(live)

    def sync_kernelspecs(self) -> None:
        """Offer the instances that run now, and no other, where Jupyter looks for kernels."""
        running = [live for live in self.computes.values() if live.takes_kernels]
        self.kernelspecs.sync((live.name, live.compute.spec.size) for live in running)

    def publish_compute(self, live: LiveCompute) -> None:
        self.changes.publish_newest("compute", live.name, lambda: self.public(live))

    def public(self, live: LiveCompute) -> Compute:
        """The compute with its counts as they are now."""
        up = [node for node in live.nodes.values() if node.state in ("idle", "running")]
        size = self.size_of(live.compute)
        tier = live.compute.spec.tier if isinstance(live.compute.spec, AmlCompute) else "dedicated"
        each = price(size, tier) if size is not None else None
        return msgspec.structs.replace(
            live.compute,
            reason=live.compute.reason or self.holding.note(live),
            current_nodes=len(up),
            target_nodes=sum(n.state not in ("leaving", "preempted") for n in live.nodes.values()),
            idle_nodes=sum(not node.jobs for node in up),
            running_jobs=len(live.running_jobs),
            queued_jobs=len(live.queue),
            price_per_hour=None if each is None else round(each * len(live.nodes), 4),
            rehearsal=size is not None and size.rehearsal,
        )

    # -- the loop ---------------------------------------------------------------------------

    def wake(self, live: LiveCompute) -> None:
        """Plan and act now. Safe to call from anywhere on the loop, at any time."""
        if self.closing or self.taking_up or live.emptying or live.name in self._planned:
            return
        if live.queue or live.is_cluster:  # else nothing to start, and nothing that scales
            self._planned.add(live.name)
            try:
                for action in plan(self.holding.view(live, self._view(live))):
                    self._act(live, action)
            finally:
                self._planned.discard(live.name)
            self.holding.tell(live)
        self._schedule(live)

    def wake_all(self) -> None:
        for live in list(self.computes.values()):
            self.wake(live)

    def _act(self, live: LiveCompute, action: Action) -> None:
        match action:
            case StartJob(job, nodes):
                self.runs.start(live.queue.pop(job), [live.nodes[name] for name in nodes])
            case AddNodes(count):
                self.fleet.add(live, count)
            case RemoveNode(name):
                self.fleet.remove(live, live.nodes[name])
            case Wait(job, reason):
                self._tell(live, job, reason)

    def _tell(self, live: LiveCompute, job: str, reason: str) -> None:
        waiting = live.queue[job]
        if live.is_cluster and (held := self._held(live)):
            reason = f"{reason.partition(';')[0]}; {held}"
        if live.is_attached and live.compute.state == "Unusable":
            reason = f"{reason.partition(';')[0]}; {live.name} does not answer"
        if waiting.job.status_reason == reason:
            return
        now = self.clock.monotonic()
        if now - live.told_at >= _TELL_SECONDS:
            live.told_at, live.told = now, 0
        if live.told < _TOLD_AT_ONCE:
            live.told += 1
            self.runs.tell(waiting, reason)
        elif live.telling is None:
            # A line of quick jobs moves on hundreds of times a second: its last state is told.
            live.telling = self.clock.call_later(_TELL_SECONDS, lambda: self._tell_again(live))

    def _tell_again(self, live: LiveCompute) -> None:
        live.telling = None
        if self.computes.get(live.name) is live:
            self.wake(live)

    def starts_at_once(self, compute: str, job: JobView) -> bool:
        """Whether `job` would not have to wait, were it enqueued now."""
        view = self._view(self.computes[compute])
        actions = plan(dataclasses.replace(view, queued=[*view.queued, job]))
        return any(isinstance(each, StartJob) and each.job == job.name for each in actions)

    def _view(self, live: LiveCompute) -> View:
        now = self.clock.monotonic()
        spec = live.compute.spec
        nodes = [live.node_view(node, now) for node in live.nodes.values()]
        queued = live.in_line(nodes)
        told = 0 if live.telling is not None else TOLD  # else they are told when it runs out
        held = live.held_sessions()
        if not isinstance(spec, AmlCompute) or live.compute.state == "Deleting":
            return View(nodes=nodes, queued=queued, told=told, held=held, elastic=False)
        return View(
            nodes=nodes,
            queued=queued,
            told=told,
            held=held,
            min_nodes=spec.min_instances,
            max_nodes=spec.max_instances,
            idle_limit=float(spec.idle_time_before_scale_down),
            room=self.places.room(live),
        )

    def _held(self, live: LiveCompute) -> str:
        """Who holds this machine's cores, when a real size does not fit beside them."""
        spec = live.compute.spec
        if not isinstance(spec, AmlCompute) or len(live.nodes) >= spec.max_instances:
            return ""
        if self.places.room(live) > 0:
            return ""
        holders = [
            f"{other.name} ({len(other.nodes)} node{'s' * (len(other.nodes) != 1)})"
            for other in self.computes.values()
            if other.nodes and other.name != LOCAL
        ]
        cores = self.sizes.machine.cores
        return f"this machine's {cores} cores are held by {', '.join(holders) or 'nobody'}"

    def _schedule(self, live: LiveCompute) -> None:
        """Come back when the first idle node reaches its limit."""
        if live.timer is not None:
            live.timer.cancel()
            live.timer = None
        wait = self._next_idle(live)
        if wait is not None:
            live.timer = self.clock.call_later(max(0.01, wait), lambda: self._timed(live))

    def _timed(self, live: LiveCompute) -> None:
        live.timer = None
        if self.computes.get(live.name) is live:
            self.instances.stop_if_idle(live)
            self.wake(live)

    def _next_idle(self, live: LiveCompute) -> float | None:
        """Seconds until something idle is over its limit, or None."""
        spec = live.compute.spec
        now = self.clock.monotonic()
        if isinstance(spec, ComputeInstance):
            return self.instances.seconds_to_shutdown(live, now)
        if not isinstance(spec, AmlCompute) or len(live.nodes) <= spec.min_instances:
            return None
        idle = [node.idle_since for node in live.nodes.values() if node.state == "idle"]
        if not idle or self.holding.is_waiting(live):
            return None
        return min(idle) + spec.idle_time_before_scale_down - now

    # -- queueing ---------------------------------------------------------------------------

    def enqueue(self, *jobs: LiveJob) -> None:
        """Put accepted jobs in line; each starts in this very call when a node is free."""
        computes: dict[str, LiveCompute] = {}
        for job in jobs:
            if job.is_parent:
                self.parents.begin(job)
                continue
            live = self.computes[job.job.spec.compute]
            job.queued_at = self.clock.monotonic()
            self.environments.begin(job)
            if job.takes_no_place and (node := live.node_up()) is not None:
                self.runs.start(job, [node])
                continue
            live.queue[job.name] = job
            computes[live.name] = live
        for live in computes.values():
            self.wake(live)
