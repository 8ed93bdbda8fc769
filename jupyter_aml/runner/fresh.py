"""A job in processes of its own: one, or as many as the task names for this node."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import claim, whereabouts
from .ending import Ending
from .interruption import interrupt
from .job import Job
from .limits import MemoryGuard
from .loop import Timer
from .tree import Tree
from .wire import Message
from .worker import Ended, Worker

if TYPE_CHECKING:
    from .crew import Crew

_SETTLE = 2.0
"""Seconds between SIGTERM and SIGKILL for what a job leaves running behind it."""
_TRIES = 2
"""Processes that may die before they begin, until that is the job's own fault."""


@dataclass
class _Member:
    """One process of the job; `entry` is what the task says of it."""

    entry: Message
    tries: int = 0
    claimed: bool = False
    rss_before: int = 0
    ended: Ended | None = None
    answer: whereabouts.Answer | None = None


class FreshRun:
    """From the order to the last process of its tree. The crew's ear hears how it goes."""

    def __init__(self, crew: Crew, job: Job) -> None:
        self._crew = crew
        self._job = job
        job.tree = Tree()
        self._members: dict[Worker, _Member] = {}
        self._refusal: tuple[str, str] | None = None
        self._guard = MemoryGuard(
            crew.loop, crew.forest, crew.table, crew.cpus(job), self._over_memory
        )
        self._wait: Timer | None = None
        self._raw = b""
        self._how = ""
        self._failed: Ended | None = None

    def start(self, raw: bytes, how: str, take: Callable[[], Worker]) -> None:
        """Hand the task, `raw` as it came, to as many workers as it names. `how` may be ""."""
        self._raw = raw
        self._crew.forest.trees.append(self._job.tree)
        for entry in self._job.task.get("processes") or [{"rank": self._job.rank}]:
            self._give(take(), _Member(entry), how)
        self._guard.start(self._job.tree, self._crew.memory(self._job))

    def _give(self, worker: Worker, member: _Member, how: str) -> None:
        job = self._job
        worker.owner = self
        self._how = how or worker.how
        self._members[worker] = member
        job.tree.add_root(worker.pid, job.task["marker"])
        if not job.pid:
            job.pid, job.created = worker.pid, worker.created
        order = self._crew.order(job, worker, self._how, member.entry)
        try:
            worker.channel.send(order, task=self._raw)
        except OSError:
            pass  # it died while it waited: that is heard of, and another one takes its place

    # -- what its processes say

    def heard(self, worker: Worker, message: Message) -> None:
        member = self._members[worker]
        if message["op"] == "claimed":
            self._claimed(worker, member, message)
        elif message["op"] == "refused":
            self._refusal = ("Claimed", "this attempt was started before")
            self._end_others()
        elif message["op"] == "failed":
            self._job.blame("StartFailed", message["message"])
        elif message["op"] == "lost":
            self._job.message = message["message"]
        elif message["op"] == "ended":
            self._crew.ear.used_modules(self._job, message["modules"])
        elif message["op"] == "over" and len(self._members) == 1:
            # Nothing of it runs any more: nobody has to wait until the kernel has cleared it away.
            self._crew.hang_up(worker)
            self.gone(worker, Ended(0, None, message["cpu_seconds"], message["peak_rss"]))

    def gone(self, worker: Worker, ended: Ended) -> None:
        member = self._members[worker]
        if member.ended is not None:
            return
        tree = self._job.tree
        tree.roots.discard(worker.pid)
        if self._never_began(member):
            self._replace(worker, member)
            return
        member.ended = ended
        if self._job.reason == "OutOfMemory":
            if member.answer is not None:
                member.answer.keep()
            self._kill()  # it has said where it was; the others still stand
        tree.cpu_gone += ended.cpu_seconds
        tree.peak = max(tree.peak, self._own_peak(member, ended))
        if not member.claimed and self._refusal is None:
            self._job.blame("StartFailed", "its process ended before it began; see the node's log")
        if ended.code != 0:
            self._failed = self._failed or ended
            self._end_others()
        if all(one.ended for one in self._members.values()):
            self._sweep()

    def _claimed(self, worker: Worker, member: _Member, message: Message) -> None:
        member.claimed = True
        member.rss_before = message["rss"]
        if not (self._job.is_cell and self._how in ("fork", "preloaded")):
            self._crew.let_be(worker)  # what it says from now on can wait for its end
        if all(one.claimed for one in self._members.values()):
            self._raw = b""
            self._crew.ear.report(self._job.started(self._how))
        if self._job.reason:  # canceled before it began
            self._ask(worker)

    def _never_began(self, member: _Member) -> bool:
        """Whether its process was killed while it waited, before it could claim the attempt."""
        is_claimed = claim.is_there(self._job.task["dir"], member.entry["rank"])
        began = member.claimed or self._refusal or self._job.reason or is_claimed
        return not began and member.tries < _TRIES

    def _replace(self, worker: Worker, member: _Member) -> None:
        del self._members[worker]
        member.tries += 1
        if worker.pid == self._job.pid:
            self._job.pid = 0
        self._give(self._crew.take(), member, "" if self._how == "preloaded" else self._how)
        self._crew.refill()

    # -- ending it

    def cancel(self, job: Job, grace: float) -> None:
        assert job is self._job
        for worker, member in self._members.items():
            if member.claimed and member.ended is None:
                self._ask(worker)
        self._kill_later(grace)

    def _ask(self, worker: Worker) -> None:
        """SIGINT to a cell, so that its ``finally`` blocks run; SIGTERM to a command's group."""
        member = self._members[worker]
        if self._job.is_cell:
            interrupt(self._crew.loop, worker.pid, lambda: self._is_up(worker, member))
            return
        try:
            os.killpg(worker.pid, signal.SIGTERM)
        except (ProcessLookupError, PermissionError):
            pass  # it is ending; or the group has only setuid programs left

    def _is_up(self, worker: Worker, member: _Member) -> bool:
        return self._members.get(worker) is member and member.ended is None

    def _kill_later(self, grace: float) -> None:
        if self._wait is not None:
            self._wait.cancel()
        self._wait = self._crew.loop.call_later(grace, self._kill)

    def _kill(self) -> None:
        self._crew.forest.kill(self._job.tree)

    def _over_memory(self, words: str) -> None:
        self._job.blame("OutOfMemory", words)
        if self._was_asked():
            self._kill_later(whereabouts.SECONDS)
        else:
            self._kill()

    def _was_asked(self) -> bool:
        """Whether the cell's first process says where it is, and ends."""
        worker, member = next(iter(self._members.items()))
        if self._job.is_cell and member.claimed and member.ended is None:
            member.answer = whereabouts.ask(worker.pid, self._job.task["dir"], member.entry["rank"])
        return member.answer is not None

    def _end_others(self) -> None:
        """One of several processes failed, or could not start: the job as a whole has."""
        others = [worker for worker, member in self._members.items() if member.ended is None]
        for worker in others:
            self._ask(worker)
        if others and self._wait is None:
            self._kill_later(_SETTLE)

    def _sweep(self) -> None:
        """Its own processes are gone; what it left running goes too."""
        self._guard.stop()
        if self._wait is not None:
            self._wait.cancel()
        Ending(self._crew.loop, self._crew.forest, self._job.tree, self._finish, _SETTLE).begin()

    def _own_peak(self, member: _Member, ended: Ended) -> int:
        """What the kernel kept as the highest figure, without the node's pages it began with."""
        if self._how in ("fork", "preloaded"):
            return ended.peak_rss - member.rss_before
        return ended.peak_rss if ended.peak_rss > member.rss_before else 0

    def _finish(self) -> None:
        self._crew.forest.trees.remove(self._job.tree)
        if self._refusal is not None:
            self._crew.ear.finished(self._job, self._job.refused(*self._refusal))
        else:
            self._crew.ear.finished(self._job, self._job.exited(self._outcome()))

    def _outcome(self) -> Ended:
        """The first process that failed speaks for the job."""
        speaks = self._failed or Ended(0, None, 0.0, 0)
        tree = self._job.tree
        code = None if self._job.reason == "StartFailed" else speaks.code
        number = whereabouts.told_as(speaks.signal)
        return Ended(code, number, tree.cpu_gone, max(0, tree.peak))
