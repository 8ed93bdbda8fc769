"""What is alive, in memory: the rows of the store plus links, timers and measurements.

Only the engine and the parts it is made of change these; everything durable is also in the store
or in a job's folder.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from jupyter_aml.model.compute import (
    AmlCompute,
    AttachedCompute,
    Compute,
    ComputeInstance,
    ComputeSpec,
    Node,
    Sample,
)
from jupyter_aml.model.data import DEFAULT_DATASTORE
from jupyter_aml.model.errors import Conflict
from jupyter_aml.model.fix import Stage
from jupyter_aml.model.job import CellJob, Job, KernelJob, ParentSpec, Session
from jupyter_aml.service.backends.local.jobs.tasks import Layout, Place
from jupyter_aml.service.backends.local.nodes.link import Link
from jupyter_aml.service.backends.local.scheduling import TOLD, JobView, NodeView
from jupyter_aml.service.clock import Timer
from jupyter_aml.service.joblog import JobLog

_LOOK_AHEAD = 50
"""Queued jobs the planner sees; those behind them cannot start before these anyway."""

HISTORY = 3600
"""Samples kept of each node and job: an hour at one a second."""


class NodeRecord(msgspec.Struct, kw_only=True):
    """The durable part of a node: all that the next service needs to adopt or clean it up."""

    name: str
    compute: str
    socket: str
    size: str = ""
    pid: int | None = None
    created: float | None = None
    cpus: list[int] = []
    memory_bytes: int = 0
    gpus: list[str] = []
    threads: int = 1
    max_jobs: int = 1
    note: str = ""
    created_at: str = ""


@dataclass(eq=False)
class LiveNode:
    """A node process. ``state`` is a word of `lifecycle.NODE`."""

    record: NodeRecord
    link: Link
    state: str = "preparing"
    state_since: str = ""
    idle_since: float = 0.0
    asked_at: float = 0.0
    """When this service asked for it, on the monotonic clock; 0 for one that it adopted."""
    up_at: float = 0.0
    jobs: set[str] = field(default_factory=set[str])
    beside: set[str] = field(default_factory=set[str])
    """Those of its jobs that take no place: kernels of notebooks."""
    sent: dict[str, str] = field(default_factory=dict[str, str])
    """Job to session, for cells sent to a session: its own news of them comes later."""
    ahead: dict[str, str] = field(default_factory=dict[str, str])
    """Job to session, for cells that were sent before their turn: they are in line yet."""
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    session_processes: dict[str, tuple[int, float]] = field(
        default_factory=dict[str, tuple[int, float]]
    )
    """Session to the pid of its process and when that began."""
    environments: dict[str, str] = field(default_factory=dict[str, str])
    """Session to the environment that its process was started in, as far as that is known."""
    samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=HISTORY))

    @property
    def name(self) -> str:
        return self.record.name

    def place(self) -> Place:
        record = self.record
        return Place(record.cpus, record.memory_bytes, record.gpus, record.threads)

    def public(self) -> Node:
        record = self.record
        return Node(
            name=record.name,
            compute=record.compute,
            state=self.state,
            size=record.size,
            jobs=sorted(self.jobs),
            sessions=sorted(self.sessions),
            cpus=record.cpus,
            memory_limit_bytes=record.memory_bytes,
            gpus=record.gpus,
            pid=record.pid,
            created_at=record.created_at,
            state_since=self.state_since,
            note=record.note,
            sample=self.samples[-1] if self.samples else None,
        )


@dataclass(eq=False)
class LiveJob:
    """A job that has not ended."""

    job: Job
    log: JobLog
    layout: Layout
    nodes: list[LiveNode] = field(default_factory=list[LiveNode])
    waiting_for: dict[int, str] = field(default_factory=dict[int, str])
    """Rank of a node's first process to the node's name, for those that have not exited."""
    exits: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    ranks: list[int] = field(default_factory=list[int])
    """Every rank whose files are followed."""
    ready: int = 0
    """The attempt whose folders are made and whose first process is listened to."""
    ahead: LiveNode | None = None
    """The node that was sent it before its turn; see `jobs.ahead`."""
    done: dict[str, Any] | None = None
    ending: str = ""
    """Why it is being ended, once somebody asked: Canceled, Timeout, Evicted, PeerFailed."""
    ending_words: str = ""
    """The same in words, where that alone does not say it; no other service knows them."""
    timer: Timer | None = None
    task: asyncio.Task[None] | None = None
    samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=HISTORY))
    synced: asyncio.Future[None] | None = None
    """Its row is on the disk; None for one of an earlier service."""
    queued_at: float = 0.0
    started_at: float = 0.0
    preparing_at: float = 0.0
    build: int = 0
    """Number of its environment's build that was begun for it, or was under way; 0 for none."""
    spent_seconds: float = 0.0
    """Node time of the attempts before this one."""
    entered: tuple[tuple[Stage, float], ...] = ()
    """Stages between its nodes becoming its own and being told, each with its beginning."""
    running_at: float = 0.0
    """When its first process had started, as its node says."""
    ended_at: float = 0.0
    """When the last of its processes was gone."""
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    """Nothing of it will change any more; the store hears of it next."""
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    """The store knows how it ended."""

    @property
    def name(self) -> str:
        return self.job.name

    def __post_init__(self) -> None:
        spec = self.job.spec
        self.is_parent = isinstance(spec, ParentSpec)
        """It takes no compute: `Engine.parents` has it done by other jobs."""
        self.takes_no_place = isinstance(spec, KernelJob)
        self.session = spec.session if isinstance(spec, CellJob) else ""
        self.view = JobView(self.name, spec.instance_count, self.session)
        """As the planner sees it while it is queued; nothing of it ever changes."""


@dataclass(eq=False)
class LiveCompute:
    """A compute with its nodes and its queue, oldest job first."""

    compute: Compute
    nodes: dict[str, LiveNode] = field(default_factory=dict[str, LiveNode])
    queue: dict[str, LiveJob] = field(default_factory=dict[str, LiveJob])
    idle_since: float = 0.0
    timer: Timer | None = None
    lost: list[LiveNode] = field(default_factory=list[LiveNode])
    """Nodes that are gone, while it is found out which of the cells they had ahead have begun."""
    emptying: bool = False
    """Its jobs and nodes are being ended: nothing starts on it meanwhile."""
    telling: Timer | None = None
    """Runs until the jobs in line are told their reasons again."""
    told_at: float = -1.0
    told: int = 0
    """So many reasons were told since `told_at`, on the monotonic clock."""
    task: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self.compute.spec.name

    @property
    def is_cluster(self) -> bool:
        return isinstance(self.compute.spec, AmlCompute)

    @property
    def is_instance(self) -> bool:
        return isinstance(self.compute.spec, ComputeInstance)

    @property
    def is_attached(self) -> bool:
        return isinstance(self.compute.spec, AttachedCompute)

    def check_same(self, spec: ComputeSpec) -> None:
        """Making it again with `spec` changes nothing. Raises `Conflict` if it is another one."""
        gone, mend = ("let go", "Detach") if self.is_attached else ("deleted", "Change")
        if self.compute.state == "Deleting":
            raise Conflict(
                f"{self.name} is being {gone}.", target="name", hint="Try again in a moment."
            )
        if self.compute.spec != spec:
            verb = "detach" if self.is_attached else "update"
            raise Conflict(
                f"There is a compute {self.name!r} already, with another spec.",
                target="name",
                hint=f"{mend} it with `%aml compute {verb} {self.name}`, or take a new name.",
            )

    def in_line(self, nodes: Sequence[NodeView]) -> list[JobView]:
        """The queue as far as the planner looks, and whatever an idle session could run."""
        busy = {name for node in nodes for name in node.busy_sessions}
        seen: list[JobView] = []
        if not busy:
            seen = [job.view for job in islice(self.queue.values(), _LOOK_AHEAD)]
        for job in islice(self.queue.values() if busy else (), _LOOK_AHEAD):
            # behind a cell that runs there is nothing to decide, only something to tell
            if len(seen) < TOLD or job.session not in busy:
                seen.append(job.view)
        if len(self.queue) > _LOOK_AHEAD:
            idle = {name for node in nodes for name in node.sessions}
            idle -= {job.session for job in seen}
            for job in islice(self.queue.values() if idle else (), _LOOK_AHEAD, None):
                if job.session in idle:
                    seen.append(job.view)
                    idle.discard(job.session)
        return seen

    def held_sessions(self) -> frozenset[str]:
        """Those whose next cells lie ahead on a node that goes or is gone.

        The cells come back from it, or have begun there: until that is known none may pass them.
        """
        going = (node for node in self.nodes.values() if node.state not in ("idle", "running"))
        return frozenset(s for node in (*going, *self.lost) for s in node.ahead.values())

    @property
    def takes_kernels(self) -> bool:
        return self.is_instance and self.compute.state == "Running"

    def node_up(self) -> LiveNode | None:
        """One that takes work now."""
        return next((n for n in self.nodes.values() if n.state in ("idle", "running")), None)

    @property
    def running_jobs(self) -> set[str]:
        return {job for node in self.nodes.values() for job in node.jobs}

    def node_view(self, node: LiveNode, now: float) -> NodeView:
        running = {s for s, session in node.sessions.items() if session.state == "running"}
        running.update(node.sent.values(), node.ahead.values())
        # who has the next cell at hand keeps the place of the one before
        kept = len(set(node.ahead.values()).difference(node.sent.values()))
        return NodeView(
            name=node.name,
            up=node.state in ("idle", "running") and self.compute.state != "Unusable",
            free=max(0, node.record.max_jobs - len(node.jobs - node.beside) - kept),
            busy=bool(node.jobs or node.ahead),
            idle_seconds=now - node.idle_since,
            sessions=frozenset(node.sessions) - running,
            busy_sessions=frozenset(running),
            leaving=node.state in ("leaving", "unusable", "preempted"),
        )


@dataclass(frozen=True)
class Folders:
    """Where the local backend keeps its files, below ``HOME``."""

    home: Path
    run: Path

    @cached_property
    def jobs(self) -> Path:
        return self.home / "jobs"

    @cached_property
    def _jobs_text(self) -> str:
        return str(self.jobs)

    @property
    def snapshots(self) -> Path:
        return self.home / "snapshots"

    @property
    def environments(self) -> Path:
        return self.home / "environments"

    @property
    def blob(self) -> Path:
        """The default datastore."""
        return self.home / "datastores" / DEFAULT_DATASTORE

    @property
    def node_logs(self) -> Path:
        return self.home / "nodes"

    def layout(self, job: str) -> Layout:
        return Layout(f"{self._jobs_text}{os.sep}{job}")
