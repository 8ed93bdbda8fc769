"""The processes that a node has at hand, and what every run on it needs.

Keeps a spare waiting, hears what workers say, and reaps them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from . import environment
from .job import Job
from .loop import Loop
from .nest import Nest
from .process_table import Table
from .tree import Forest
from .wire import Message
from .worker import Ended, Worker

_TRY_AGAIN = 1.0
"""Seconds until the next try when a spare could not be made, or died before its time."""
_NOBODY_KNOWS = Ended(None, 9, 0.0, 0)
"""How a process ended whose end nobody lived to tell of: as its zygote did, for all one knows."""


@dataclass(frozen=True)
class Settings:
    """What the nursery was asked for: one node."""

    name: str
    socket: str
    log: str = ""
    affinity: tuple[int, ...] = ()
    memory: int = 0
    gpus: tuple[str, ...] = ()
    threads: int = 1
    max_jobs: int = 1
    disk: str = ""
    umask: int = 0o022
    """The umask that jobs get; the node's own is 077."""


class Ear(Protocol):
    """Who hears how runs go: the node."""

    def report(self, message: Message) -> None: ...
    def finished(self, job: Job, message: Message, *, goes_on: bool = False) -> None:
        """`message` is the last word about `job`: it exited, or was refused.

        It `goes_on` with a cell that waits for this one: then a few ends may be told together.
        """
        ...

    def used_modules(self, job: Job, modules: list[str]) -> None: ...
    def reaped(self, pid: int, ended: Ended) -> None:
        """A child that is no worker ended: an orphan, or a helper."""
        ...


class Crew:
    """`make` makes a spare; `make_nest`, where processes fork, a zygote that has nothing loaded.

    With one, the node need not fork: each fork of a process makes it copy the pages that it writes
    to, one by one, and the node is the busier of the two.
    """

    def __init__(
        self,
        settings: Settings,
        loop: Loop,
        table: Table,
        make: Callable[[], Worker],
        make_nest: Callable[[], Worker] | None,
        ear: Ear,
    ) -> None:
        self.settings = settings
        self.loop = loop
        self.table = table
        self.forest = Forest(table, os.getpid())
        self.ear = ear
        self._make = make
        self._make_nest = make_nest
        self._nest: Nest | None = None
        self._spare: Worker | None = None
        self._workers: dict[int, Worker] = {}
        self._cpus = os.cpu_count() or 1
        self._environments: dict[str, dict[str, str]] = {}

    def cpus(self, job: Job) -> int:
        return len(job.task.get("affinity") or self.settings.affinity) or self._cpus

    def memory(self, job: Job) -> int:
        """The limit in bytes; 0 is none."""
        return job.task.get("memory") or self.settings.memory

    def order(self, job: Job, worker: Worker, how: str, entry: Message) -> Message:
        """What `worker` is told beside the task itself."""
        order: Message = {
            "op": "run",
            "rank": entry["rank"],
            "how": how,
            "created": worker.created,
        }
        if worker.settled:
            return order  # it changes nothing any more but what a cell is told about itself
        gpus = job.task.get("gpus")
        order |= {
            "env": entry.get("env", {}),
            "threads": job.task.get("threads") or self.settings.threads,
            "gpus": self.settings.gpus if gpus is None else gpus,
            "umask": self.settings.umask,
        }
        here = self._environments.get(worker.how)
        if here is None:  # not before the first task: by then the node's own is complete
            here = self._environments[worker.how] = environment.known(worker.how)
        order["environ"] = environment.changes(here, job.task, order)
        return order

    def take(self) -> Worker:
        """A process that waits for a task. Call `refill` after giving it one."""
        waiting = self._nest.take() if self._nest is not None else None
        if waiting is not None:
            return waiting
        taken, self._spare = self._spare or self._new(), None
        self.forest.helpers.discard(taken.pid)
        return taken

    def refill(self) -> None:
        """Have a spare waiting for the next task."""
        try:
            if self._make_nest is None:
                self._spare = self._spare or self._new()
            elif self._nest is None:
                self._nest = Nest(self, self._make_nest(), "fork", self._ignore, self._nest_ended)
                self._nest.load([])
        except OSError as error:  # no memory, or no process, to be had right now
            print(f"no spare process: {error}", file=sys.stderr)
            self.loop.call_later(_TRY_AGAIN, self.refill)

    def adopt(self, worker: Worker) -> None:
        """Hear it from now on, and know it when it is reaped."""
        worker.created = self.table.created(worker.pid) or 0.0
        self._workers[worker.pid] = worker
        self.loop.watch(worker.channel.fileno(), lambda: self._hear(worker))

    def let_be(self, worker: Worker) -> None:
        """Hear nothing from it until it ends; then its last words are read all the same."""
        if worker.channel.fileno() >= 0:
            self.loop.unwatch(worker.channel.fileno())

    def hang_up(self, worker: Worker) -> None:
        """It has said its last word: its end alone is heard of yet, from who reaps it."""
        self._close(worker)

    def close_all(self) -> None:
        """In a forked child: none of these are its own."""
        for worker in self._workers.values():
            worker.channel.close()
        if self._nest is not None:
            self._nest.abandon()

    def reap(self) -> None:
        """Called when children may have ended."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            ended = Ended.of(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _RSS_UNIT)
            if pid in self._workers:
                self.worker_ended(pid, ended)
            else:
                self.ear.reaped(pid, ended)

    def worker_ended(self, pid: int, ended: Ended) -> None:
        """Also called for workers that a zygote reaped."""
        worker = self._workers.pop(pid)
        if worker.channel.fileno() >= 0:
            self._hear(worker)  # its last words
        self._close(worker)
        if worker.owner is not None:
            worker.owner.gone(worker, ended)
        elif worker is self._spare:
            self._spare = None
            self.forest.helpers.discard(pid)
            self.loop.call_later(_TRY_AGAIN, self.refill)

    def lost(self, pids: set[int]) -> None:
        """A zygote is gone that made these. Its children are the node's now, to be reaped here:
        what is none of them it reaped itself, and did not live to tell of."""
        for pid in pids.difference(self.table.children(os.getpid())):
            if pid in self._workers:
                self.worker_ended(pid, _NOBODY_KNOWS)

    def _nest_ended(self, ended: Ended) -> None:
        print(f"the nest ended: {ended}", file=sys.stderr)
        self._nest = None
        self.loop.call_later(_TRY_AGAIN, self.refill)

    def _ignore(self, message: Message) -> None:
        """It is ready, with nothing loaded."""

    def _new(self) -> Worker:
        worker = self._make()
        self.forest.helpers.add(worker.pid)
        self.adopt(worker)
        return worker

    def _hear(self, worker: Worker) -> None:
        messages = worker.channel.drain()
        if messages is None:
            self._close(worker)  # it replaced itself by a program, or is about to end
            return
        for message in messages:
            if worker.owner is not None:
                worker.owner.heard(worker, message)

    def _close(self, worker: Worker) -> None:
        if worker.channel.fileno() >= 0:
            self.loop.unwatch(worker.channel.fileno())
            worker.channel.close()


_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
