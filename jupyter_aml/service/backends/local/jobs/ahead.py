"""Cells that are sent to their session's node before their turn: it need not wait for the service.

Between two quick cells of a session a node waited longer for the service than either cell took.
A cell that was sent ahead is still in line, ``Queued``, until its node says that it has begun.
Until then its node may give it back (its session or the node ends), and so does a node that is
lost: that nobody has claimed the attempt tells that it never began.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from jupyter_aml.model.job import CellJob
from jupyter_aml.service.backends.local.data import places
from jupyter_aml.service.backends.local.nodes import processes
from jupyter_aml.service.backends.local.state import LiveCompute, LiveJob, LiveNode

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

Message = dict[str, Any]

_MOST = 64
"""Cells of a session that its node has ahead; it is sent more when half of them have begun.

With 16 a node was through with them before the service, busy with their ends, sent more.
"""
_QUICK_SECONDS = 0.05
"""Only behind cells that took no longer: behind others nothing is gained by it."""
_MOST_BYTES = 1 << 18
"""Pickled variables of a cell that is sent ahead: its node holds them until it begins."""
_LOOK_AHEAD = 1000
"""Places of the line that are looked at for cells of one session."""


class Ahead:
    """Of one engine. A job is in `LiveNode.ahead` exactly while `LiveJob.ahead` is that node."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # -- sending ----------------------------------------------------------------------------

    def goes_on(self, node: LiveNode, session: str) -> bool:
        """Whether the node has enough of the session to do: then nothing has to be planned."""
        return bool(session) and _count(node, session) > _MOST // 2

    def fill(self, compute: LiveCompute, node: LiveNode, last: LiveJob) -> None:
        """Send more cells of the session whose cell `last` has just ended, where that helps."""
        session = last.session
        if not session or not compute.queue or not self._may_send(compute):
            return
        took = self._engine.clock.monotonic() - last.started_at
        is_busy = session in node.sent.values() or session in node.ahead.values()
        if took > _QUICK_SECONDS or not is_busy:
            return
        room = _MOST - _count(node, session)
        if room < _MOST // 2 or node.state != "running":
            return
        lives = list(islice(self._next(compute, node, session), room))
        try:
            messages = [self._message(live, node) for live in lives]
        except OSError:
            return  # told of each when its turn comes
        for live in lives:
            self._put(live, node)
        if messages:
            node.link.send(*messages)

    def _may_send(self, compute: LiveCompute) -> bool:
        """What costs something by the clock is not: the budget's guard may stop it in between."""
        engine = self._engine
        if engine.closing or engine.taking_up or compute.emptying or compute.is_attached:
            return False
        return engine.nodetime.tariff(compute.compute) is None

    def _next(self, compute: LiveCompute, node: LiveNode, session: str) -> Iterator[LiveJob]:
        """Its cells that nobody in line has to be asked for: all before them wait elsewhere."""
        homes = {name: each for each in compute.nodes.values() for name in each.sessions}
        for live in islice(compute.queue.values(), _LOOK_AHEAD):
            home = homes.get(live.session)
            if home is None:
                return  # it takes the first place that is free, whose ever it was
            if home is not node or live.ahead is not None:
                continue
            if live.session != session or not self._is_simple(live):
                return
            yield live

    def _is_simple(self, live: LiveJob) -> bool:
        """Nothing has to be made ready for it."""
        spec = live.job.spec
        if not isinstance(spec, CellJob) or spec.outputs or places.laying_out(spec):
            return False
        is_small = len(spec.variables.pickle) <= _MOST_BYTES
        return is_small and self._engine.environments.is_ready(live)

    def _message(self, live: LiveJob, node: LiveNode) -> Message:
        [message] = self._engine.runs.tasks_of(live, [node])
        del message["env"]  # its session has it; half of the message, for three to read
        return {**message, "ahead": True}

    def _put(self, live: LiveJob, node: LiveNode) -> None:
        live.ahead = node
        node.ahead[live.name] = live.session

    def _take(self, live: LiveJob) -> LiveNode | None:
        """It is not ahead any more; the node where it was."""
        node, live.ahead = live.ahead, None
        if node is not None:
            node.ahead.pop(live.name, None)
        return node

    # -- what becomes of them ---------------------------------------------------------------

    def begin(self, live: LiveJob) -> None:
        """Its node has given it to its session: it runs, or will in a moment."""
        if (node := self._take(live)) is not None:
            self._belongs(live, node)
            if node.state == "preempted":
                live.ending = live.ending or "Evicted"  # as those that ran there before
            self._engine.runs.run_on(live, node)

    def cancel(self, live: LiveJob) -> bool:
        """It is to end. True if its node has to be asked: it may have begun by now."""
        if (node := self._take(live)) is None:
            return False
        self._belongs(live, node)
        live.waiting_for[0] = node.name
        live.ranks = [0]  # if it had begun, what it wrote is read when it has ended
        return True

    def _belongs(self, live: LiveJob, node: LiveNode) -> None:
        live.nodes = [node]
        node.jobs.add(live.name)
        node.sent[live.name] = live.session
        self._compute(live).queue.pop(live.name, None)

    def _compute(self, live: LiveJob) -> LiveCompute:
        return self._engine.computes[live.job.spec.compute]

    def given_back(self, live: LiveJob) -> None:
        """Its node will not begin it: it stands in line as it always did."""
        self._let_go(live)
        self._engine.wake(self._compute(live))

    def _let_go(self, live: LiveJob) -> None:
        if (node := self._take(live)) is not None:
            self._engine.fleet.rest(self._compute(live), node)

    def adopt(self, live: LiveJob, node: LiveNode) -> None:
        """An earlier service had sent it ahead, and its node has not begun it."""
        compute = self._compute(live)
        compute.queue[live.name] = live
        self._put(live, node)
        self._engine.fleet.rest(compute, node)

    def resynced(self, node: LiveNode, state: Message) -> None:
        """A connection was opened again: `state` tells what became of those that were ahead.

        Called before its exits are taken in, since each may have more sent ahead: what the node
        never heard of comes before these. Who calls this plans afterwards.
        """
        told = {(job["job"], job["attempt"]): job for job in state.get("jobs", [])}
        ended = {(message["job"], message["attempt"]) for message in state.get("exits", [])}
        for live in self._of(node):
            key = (live.name, live.job.attempt)
            if key in told and told[key].get("pid"):
                self.begin(live)
            elif key not in told and key not in ended:
                self._let_go(live)

    def lost(self, compute: LiveCompute, node: LiveNode) -> None:
        """The node process is dead. What it had ahead begins elsewhere, if it has not there."""
        if node.ahead:
            compute.lost.append(node)
            self._engine.spawn(self._settle(compute, node), f"jobs ahead on {node.name}")

    async def _settle(self, compute: LiveCompute, node: LiveNode) -> None:
        """A session's process may live a moment longer than its node, and claim one more."""
        keys, reports, lives = self._engine.keys, self._engine.reports, self._of(node)
        markers = [keys.marker(live.name, live.job.attempt) for live in lives]
        await asyncio.to_thread(processes.end_all, list(node.session_processes.values()))
        await asyncio.to_thread(processes.kill_marked, markers)
        for live in lives:
            if live.ahead is node and not reports.is_claimed(live):
                self._take(live)
            else:  # or it was canceled meanwhile, and has no other end
                self.begin(live)
                reports.gone(compute, node, live)
        compute.lost.remove(node)
        self._engine.wake(compute)

    def _of(self, node: LiveNode) -> list[LiveJob]:
        return [self._engine.jobs[name] for name in node.ahead if name in self._engine.jobs]


def _count(node: LiveNode, session: str) -> int:
    return sum(name == session for name in node.ahead.values())
