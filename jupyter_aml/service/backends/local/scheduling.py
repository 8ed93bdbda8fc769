"""Decide, then act. `plan` is pure; only `engine` touches processes and disks.

A view of one compute goes in, actions come out in the order to perform them. Jobs start in the
order they came. A session's cell runs where its process is: it waits for a place on that node
alone, neither behind those that wait for any node nor holding them back. An idle session takes no
place; it only keeps its node.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

TOLD = 5
"""The first so many in line are told why they wait, each time it changes."""


@dataclass(frozen=True)
class NodeView:
    """A node that is up or coming. ``free`` counts the jobs it could take now."""

    name: str
    up: bool = True
    free: int = 1
    busy: bool = False
    idle_seconds: float = 0.0
    sessions: frozenset[str] = frozenset()
    busy_sessions: frozenset[str] = frozenset()
    leaving: bool = False


@dataclass(frozen=True)
class JobView:
    """A queued job, oldest first in the view."""

    name: str
    nodes: int = 1
    session: str = ""


@dataclass(frozen=True)
class View:
    """One compute as the planner sees it. ``room``: nodes the machine could still hold."""

    nodes: Sequence[NodeView] = ()
    queued: Sequence[JobView] = ()
    min_nodes: int = 0
    max_nodes: int = 1
    idle_limit: float = 120.0
    room: int = 1_000_000
    told: int = TOLD
    """Those at the front of the line whose reasons are wanted."""
    held: frozenset[str] = frozenset()
    """Sessions whose next cells come back from a node that goes or is gone."""
    elastic: bool = True
    """False for an instance and for ``local``: their nodes are started and stopped by hand."""


@dataclass(frozen=True)
class StartJob:
    job: str
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class AddNodes:
    count: int


@dataclass(frozen=True)
class RemoveNode:
    name: str


@dataclass(frozen=True)
class Wait:
    """Nothing can be done for this job now, and why, in words for a person."""

    job: str
    reason: str


Action = StartJob | AddNodes | RemoveNode | Wait


@dataclass
class _Free:
    """What is still free while the plan is made."""

    slots: dict[str, int] = field(default_factory=dict[str, int])
    sessions: dict[str, str] = field(default_factory=dict[str, str])
    busy_sessions: set[str] = field(default_factory=set[str])

    def take(self, count: int) -> tuple[str, ...] | None:
        """`count` different nodes, those without sessions first; None if there are not as many."""
        names = [name for name, free in self.slots.items() if free > 0][:count]
        if len(names) < count:
            return None
        for name in names:
            self.slots[name] -= 1
        return tuple(names)

    @property
    def is_used_up(self) -> bool:
        """No node takes another job."""
        return not any(free > 0 for free in self.slots.values())

    def has_home(self, job: JobView) -> bool:
        """Whether the job waits for its own session's node, and for no other."""
        return job.session in self.busy_sessions or job.session in self.sessions


def plan(view: View) -> list[Action]:
    """What to do now. Calling it again after doing it gives nothing new."""
    up = sorted((n for n in view.nodes if n.up and not n.leaving), key=lambda n: len(n.sessions))
    free = _Free(
        slots={n.name: n.free for n in up},
        sessions={s: n.name for n in up for s in n.sessions},
        busy_sessions={s for n in up for s in n.busy_sessions} | view.held,
    )
    actions: list[Action] = []
    waiting: list[JobView] = []
    blocked = False
    is_over = not _may_grow(view) and free.is_used_up
    for job in view.queued:
        if is_over and len(waiting) >= max(1, view.told):
            break  # the rest neither starts, nor brings nodes, nor is told anything
        started = _start(job, free, blocked=blocked)
        if started is not None:
            actions.append(started)
            is_over = not _may_grow(view) and free.is_used_up
            continue
        waiting.append(job)
        blocked = blocked or not free.has_home(job)
    taken = {name for action in actions if isinstance(action, StartJob) for name in action.nodes}
    if view.elastic:
        needing = [job for job in waiting if not free.has_home(job)]
        actions += _scale(view, needing, taken)
    asked_for = sum(action.count for action in actions if isinstance(action, AddNodes))
    front = enumerate(waiting[: view.told])
    actions += [Wait(job.name, _reason(view, job, place, asked_for)) for place, job in front]
    return actions


def _start(job: JobView, free: _Free, *, blocked: bool) -> StartJob | None:
    if job.session in free.busy_sessions:
        return None
    names: tuple[str, ...] | None
    if job.session and (home := free.sessions.get(job.session)):
        # Its process is there, but a node does no more at once than its place allows.
        if free.slots[home] < 1:
            return None
        free.slots[home] -= 1
        del free.sessions[job.session]
        names = (home,)
    elif blocked:
        return None
    else:
        names = free.take(job.nodes)
    if names is None:
        return None
    if job.session:
        free.busy_sessions.add(job.session)
    return StartJob(job.name, names)


def _may_grow(view: View) -> bool:
    staying = sum(not node.leaving for node in view.nodes)
    return view.elastic and staying < view.max_nodes and view.room > 0


def _scale(view: View, waiting: Sequence[JobView], taken: set[str]) -> list[Action]:
    """Up on queued work, down after the idle time; never below min nor above max."""
    staying = [n for n in view.nodes if not n.leaving]
    free = sum(1 for n in staying if n.up and not n.busy and n.free > 0 and n.name not in taken)
    coming = sum(1 for n in staying if not n.up)
    wanted = max(sum(job.nodes for job in waiting) - free - coming, view.min_nodes - len(staying))
    wanted = min(wanted, view.max_nodes - len(staying), view.room)
    if wanted > 0:
        return [AddNodes(wanted)]
    if waiting:
        return []
    return _shrink(view, staying, taken)


def _shrink(view: View, staying: Sequence[NodeView], taken: set[str]) -> list[Action]:
    spare = len(staying) - view.min_nodes
    over = len(staying) - view.max_nodes
    idle = sorted(
        (n for n in staying if n.up and not n.busy and not n.sessions and n.name not in taken),
        key=lambda n: -n.idle_seconds,
    )
    return [
        RemoveNode(n.name)
        for place, n in enumerate(idle[:spare])
        if n.idle_seconds >= view.idle_limit or place < over
    ]


def _reason(view: View, job: JobView, place: int, asked_for: int) -> str:
    """Why a job waits, and its place in line. `asked_for`: nodes that this plan adds."""
    if job.session and any(job.session in n.busy_sessions for n in view.nodes):
        return f"session {job.session} runs another cell"
    if job.session in view.held:
        return f"the node of session {job.session} is gone; its cells begin elsewhere"
    if homes := [n.name for n in view.nodes if job.session in n.sessions]:
        return f"session {job.session} is on {homes[0]}, which runs another job"
    line = f"{place + 1}{_ordinal(place + 1)} in line"
    coming = asked_for + sum(1 for n in view.nodes if not n.up and not n.leaving)
    if not view.elastic and not view.nodes:
        return f"{line}; the compute is starting"
    if place:
        return f"{line}, behind {view.queued[0].name}" if place == 1 else line
    if coming:
        return f"{line}; {coming} node{'s' if coming > 1 else ''} starting"
    if not any(n.up and not n.leaving for n in view.nodes) and view.room < 1:
        return f"{line}; other computes hold the cores of this machine"
    if job.nodes > 1:
        free = sum(n.free > 0 for n in view.nodes if n.up and not n.leaving)
        return f"{line}; needs {job.nodes} nodes at once, {free} free"
    return f"{line}; all nodes are busy"


def _ordinal(number: int) -> str:
    if 10 <= number % 100 <= 20:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
