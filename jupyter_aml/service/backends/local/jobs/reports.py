"""What nodes say of the jobs that they were sent, and what that makes of the jobs and the nodes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_aml.service.backends.local.jobs import results
from jupyter_aml.service.backends.local.jobs.outcome import LOST
from jupyter_aml.service.backends.local.state import LiveCompute, LiveJob, LiveNode

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

Message = dict[str, Any]

_BUSY_SECONDS = 0.2
"""Before a job is sent again to a node that had no place for it."""


class Reports:
    """Of one engine. Called as messages come in, when a node is lost, and by `Recovery`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def _of(self, message: Message) -> LiveJob | None:
        """The live job a message speaks of; None for one that ended, or an earlier attempt."""
        live = self._engine.jobs.get(message["job"])
        if live is None or live.job.attempt != message["attempt"]:
            return None
        return live

    def started(self, message: Message) -> None:
        live = self._of(message)
        if live is None:
            return
        self._engine.ahead.begin(live)
        if live.ending and not live.started_at:
            self._engine.runs.begun(live)  # it was asked to end before this was heard
        self._engine.waits.started(live, message.get("at"))

    def exited(self, compute: LiveCompute, node: LiveNode, message: Message) -> None:
        live = self._of(message)
        if live is None:
            self.forget(node, message["job"], message["attempt"])
            return
        self._engine.ahead.begin(live)  # of a connection that broke, only the exit is told
        rank = message["rank"]
        if live.waiting_for.pop(rank, None) is None:
            return
        live.exits[rank] = message
        self.left(compute, node, live)
        if live.waiting_for and (message.get("code") != 0 or message.get("reason")):
            self._engine.runs.end_peers(live)
        if not live.waiting_for:
            self._engine.finishing.soon(live)

    def refused(self, compute: LiveCompute, node: LiveNode, message: Message) -> None:
        """The node did not start it. A claim that exists means that it runs or ran already."""
        live = self._of(message)
        if live is None or message.get("code") == "Claimed":
            return
        if live.ahead is not None:
            self._engine.ahead.given_back(live)
        elif message.get("code") == "Busy" and len(live.nodes) == 1 and not live.ending:
            self._stand_in_line(compute, node, live)
        else:
            self.exited(compute, node, {**message, "code": None, "reason": "StartFailed"})

    def _stand_in_line(self, compute: LiveCompute, node: LiveNode, live: LiveJob) -> None:
        """Its place was taken after all: by a job that a service sent before it was killed."""
        if live.timer is not None:
            live.timer.cancel()
        self._let_go(compute, node, live)
        live.nodes, live.timer = [], None
        live.waiting_for.clear()
        self._engine.runs.move(live, "Queued", f"{node.name} has no place free", nodes=[])
        compute.queue = {live.name: live, **compute.queue}
        self._engine.clock.call_later(_BUSY_SECONDS, lambda: self._engine.wake(compute))

    def resynced(self, compute: LiveCompute, node: LiveNode, state: Message) -> None:
        """A connection was opened again: take exits that were missed, repeat what was not heard."""
        # an exit lets others begin, and be sent ahead, of which `state` does not know
        before = list(node.jobs)
        self._engine.ahead.resynced(node, state)
        for message in state.get("exits", []):
            self.exited(compute, node, message)
        known = {(job["job"], job["attempt"]) for job in state.get("jobs", [])}
        for name in before:
            live = self._engine.jobs.get(name)
            if live is None or node.name not in live.waiting_for.values():
                continue
            if (name, live.job.attempt) not in known:
                self.gone(compute, node, live)
            elif live.ending:
                self._engine.runs.cancel_processes(live, live.ending)
        self._engine.wake(compute)

    def node_lost(self, compute: LiveCompute, node: LiveNode) -> None:
        """The node process is dead; the kernel ended its children, leftovers are swept."""
        for name in list(node.jobs):
            live = self._engine.jobs.get(name)
            if live is not None:
                self.gone(compute, node, live)
        self._engine.ahead.lost(compute, node)

    def gone(self, compute: LiveCompute, node: LiveNode, live: LiveJob) -> None:
        """`node` does not run the job any more: as its exit file says, or it was lost."""
        for rank in [r for r, name in live.waiting_for.items() if name == node.name]:
            written = self.exit_file(live, rank)
            reason = "Evicted" if live.ending == "Evicted" else LOST
            lost = {"code": None, "reason": reason, "rank": rank}
            message = {"job": live.name, "attempt": live.job.attempt, **(written or lost)}
            self.exited(compute, node, message)

    def is_claimed(self, live: LiveJob) -> bool:
        """Whether a process has taken up the first rank of its attempt."""
        return os.path.lexists(f"{live.layout.attempt_text(live.job.attempt)}{os.sep}claim.0")

    def exit_file(self, live: LiveJob, rank: int) -> Message | None:
        """What is on disk of a process's end, or None if it did not come to that.

        Written by its node, or by the process in its last frame, if a session's cell ended by
        itself (its node adds a file if there is more to say).
        """
        folder = live.layout.attempt(live.job.attempt)
        try:
            return {**msgspec.json.decode((folder / f"exit.{rank}").read_bytes()), "rank": rank}
        except (OSError, msgspec.DecodeError):
            return results.noted_exit(folder, rank)

    def left(self, compute: LiveCompute, node: LiveNode, live: LiveJob) -> None:
        """The node is free again as soon as the job's processes there are gone."""
        if node.name in live.waiting_for.values():
            return
        self._let_go(compute, node, live)
        ahead = self._engine.ahead
        if not ahead.goes_on(node, live.session):
            self._engine.wake(compute)
            ahead.fill(compute, node, live)

    def _let_go(self, compute: LiveCompute, node: LiveNode, live: LiveJob) -> None:
        node.jobs.discard(live.name)
        node.beside.discard(live.name)
        node.sent.pop(live.name, None)
        self._engine.fleet.rest(compute, node)

    def forget(self, node: LiveNode, job: str, attempt: int) -> None:
        node.link.send_soon({"op": "forget", "job": job, "attempt": attempt})
