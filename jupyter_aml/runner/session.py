"""A session: one process that runs cell after cell and keeps their state."""

from __future__ import annotations

import os
from collections import deque
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
_DEFAULT_IDLE = 1800
_CLAIMING = 0.01
"""Seconds until the next look whether a cell that is to be interrupted has claimed its attempt."""
_LATER = 0.05
"""Seconds until its state is told: of cells that come faster nobody needs to hear each."""


class Session:
    """Carries out the jobs that name it, one at a time and in the order they came.

    It ends when it was idle for the time that its last job asked for, when it is told to, when a
    cell calls ``exit``, or when its process dies.
    """

    def __init__(self, crew: Crew, name: str, worker: Worker, how: str) -> None:
        self.name = name
        self.tree = Tree()
        self._crew = crew
        self._worker = worker
        self._how = how or worker.how
        self._current: Job | None = None
        self._waiting: deque[tuple[Job, bytes]] = deque()
        self._idle: Timer | None = None
        self._wait: Timer | None = None
        self._telling: Timer | None = None
        self._told = ""
        """The state that was told last."""
        self._ending = ""
        self._asked: whereabouts.Answer | None = None
        cpus = len(crew.settings.affinity) or os.cpu_count() or 1
        self._guard = MemoryGuard(crew.loop, crew.forest, crew.table, cpus, self._over_memory)
        worker.owner = self
        crew.forest.trees.append(self.tree)
        self.tree.roots.add(worker.pid)
        self.tree.sessions.add(worker.pid)

    @property
    def alive(self) -> bool:
        """Whether it still takes jobs."""
        return not self._ending and bool(self.tree.roots)

    @property
    def takes_ahead(self) -> bool:
        """Whether it takes cells that bring no environment: its first cell has, or will have."""
        return self.alive and (self._worker.settled or self.busy)

    @property
    def busy(self) -> bool:
        return self._current is not None

    def message(self, state: str = "") -> Message:
        return {
            "op": "session",
            "name": self.name,
            "state": state or ("running" if self._current else "idle"),
            "pid": self._worker.pid,
            "created": self._worker.created,
            "memory_bytes": self._rss(),
            "reason": self._ending,
        }

    def start(self, job: Job, raw: bytes) -> None:
        """Now, or when the jobs before it are done."""
        job.run = self
        job.tree = self.tree
        self._waiting.append((job, raw))
        if self._current is None:
            self._next()

    def cancel(self, job: Job, grace: float) -> None:
        if job is not self._current:
            self._waiting = deque(entry for entry in self._waiting if entry[0] is not job)
            self._crew.ear.finished(job, job.exited(Ended(None, None, 0.0, 0)))
            return
        self._interrupt(job)
        if self._wait is None:
            self._wait = self._crew.loop.call_later(grace, self._kill)

    def give_back(self, why: str) -> None:
        """Refuse the cells that were sent ahead of their turn: they can begin elsewhere.

        Also of a session without an environment as yet: they bring none.
        """
        waiting, self._waiting = self._waiting, deque()
        for job, raw in waiting:
            if job.task.get("ahead"):
                self._crew.ear.finished(job, job.refused("SessionEnded", why))
            else:
                self._waiting.append((job, raw))

    def end(self, reason: str) -> None:
        """Ask it to end; its running cell is interrupted."""
        self._ending = self._ending or reason
        if self._current is not None:
            self._current.blame("Canceled", f"its session {self.name} was ended")
            self._interrupt(self._current)
        try:
            self._worker.channel.send({"op": "end"})
        except OSError:
            pass  # it is ending already
        if self._wait is None:
            self._wait = self._crew.loop.call_later(_SETTLE, self._kill)

    # -- what its process says

    def heard(self, worker: Worker, message: Message) -> None:
        assert worker is self._worker
        job = self._current
        if job is None:
            return
        if message["op"] == "refused":
            if not worker.settled:
                self.give_back(f"session {self.name} has not run a cell yet")
            self._done(job, job.refused("Claimed", "this attempt was started before"))
        elif message["op"] == "failed":
            job.blame("StartFailed", message["message"])
            if message["lives"]:
                self._done(job, job.exited(Ended(None, None, 0.0, 0)))
        elif message["op"] == "lost":
            job.message = message["message"]
        elif message["op"] == "ended":
            worker.settled = True
            job.sizes = message["sizes"]
            self._crew.ear.used_modules(job, message["modules"])
            if message["leaving"]:
                self._ending = self._ending or "exit was called"
            told = message["exit"]
            peak = max(self.tree.peak, self._rss())
            ended = Ended(told["code"], None, told["cpu_seconds"], peak)
            # Only its children, if the guard has counted them, make more than it noted itself.
            says_all = message["is_noted"] and self.tree.peak <= told["peak_memory"]
            self._done(job, job.exited(ended, is_noted=says_all))

    def gone(self, worker: Worker, ended: Ended) -> None:
        self._guard.stop()
        for timer in (self._idle, self._wait, self._telling):
            if timer is not None:
                timer.cancel()
        self.tree.roots.discard(worker.pid)
        self.tree.cpu_gone += ended.cpu_seconds
        if self._ending == "OutOfMemory":
            self._kill()  # it has said where it was; the others still stand
        self._ending = self._ending or _how_it_died(ended)
        if self._asked is not None:
            self._asked.keep()
        forest = self._crew.forest
        Ending(self._crew.loop, forest, self.tree, lambda: self._over(ended), _SETTLE).begin()

    def _over(self, ended: Ended) -> None:
        """Nothing of it is left: say so of the cell it ran, and of those that waited for it."""
        self._crew.forest.trees.remove(self.tree)
        job, self._current = self._current, None
        if job is not None:
            last = Ended(
                ended.code, whereabouts.told_as(ended.signal), ended.cpu_seconds, self.tree.peak
            )
            self._crew.ear.finished(job, job.exited(last))
        self.give_back(f"session {self.name} ended: {self._ending}")
        for waiting, _ in self._waiting:
            waiting.blame("StartFailed", f"session {self.name} ended: {self._ending}")
            self._crew.ear.finished(waiting, waiting.exited(Ended(None, None, 0.0, 0)))
        self._crew.ear.report(self.message("ended"))

    # -- one cell after the other

    def _next(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        job, raw = self._waiting.popleft()
        self._current = job
        self.tree.markers.add(job.task["marker"])
        self.tree.peak = 0
        job.pid, job.created = self._worker.pid, self._worker.created
        order = self._crew.order(job, self._worker, self._how, {"rank": job.rank})
        try:
            self._worker.channel.send(order, task=raw)
        except OSError:  # its end is about to be heard of: this one has not begun
            job.pid, self._current = 0, None
            self._waiting.appendleft((job, raw))
            return
        self._crew.ear.report(job.started("session"))
        self._guard.start(self.tree, self._crew.memory(job))
        self._tell()

    def _done(self, job: Job, message: Message) -> None:
        self._current = None
        if self._wait is not None:
            self._wait.cancel()
            self._wait = None
        goes_on = bool(self._waiting) and not self._ending
        self._crew.ear.finished(job, message, goes_on=goes_on)
        if self._ending:
            self.end(self._ending)
        elif self._waiting:
            self._next()
        else:
            seconds = job.task.get("session_idle") or _DEFAULT_IDLE
            self._idle = self._crew.loop.call_later(seconds, lambda: self.end("idle"))
            self._tell()

    def _tell(self) -> None:
        """Say that it runs or is idle: a little later, unless somebody may wait to hear it.

        That is: when there is a session at all, and when one that was told to run is free.
        """
        is_free = self._told == "running" and self._current is None
        if not self._told or is_free:
            self._say()
        elif self._telling is None:
            self._telling = self._crew.loop.call_later(_LATER, self._say)

    def _say(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        message = self.message()
        self._told = message["state"]
        self._crew.ear.report(message)

    def _rss(self) -> int:
        return self._crew.table.rss(self._worker.pid)

    # -- ending it

    def _interrupt(self, job: Job) -> None:
        """Once it has claimed its attempt: a signal from before is taken for the last cell's."""
        if job is not self._current:
            return  # it has ended meanwhile
        if not claim.is_there(job.task["dir"], job.rank):
            self._crew.loop.call_later(_CLAIMING, lambda: self._interrupt(job))
            return
        interrupt(self._crew.loop, self._worker.pid, lambda: job is self._current)

    def _kill(self) -> None:
        self._crew.forest.kill(self.tree)

    def _over_memory(self, words: str) -> None:
        self._ending = "OutOfMemory"
        job = self._current
        if job is not None:
            job.blame("OutOfMemory", words)
            self._asked = whereabouts.ask(self._worker.pid, job.task["dir"], job.rank)
            if self._asked is not None:
                if self._wait is not None:
                    self._wait.cancel()
                self._wait = self._crew.loop.call_later(whereabouts.SECONDS, self._kill)
                return
        self._kill()


def _how_it_died(ended: Ended) -> str:
    if ended.signal is not None:
        return f"its process was ended by signal {ended.signal}"
    return f"its process ended with exit code {ended.code}"
