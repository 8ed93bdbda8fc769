"""A node: takes tasks from the service, gives them to its processes, and says how they end.

Single-threaded, because it forks. It outlives the service; what it has to say about an end it
keeps until the service says "forget".
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from . import choice, environment, linux, process_table, worker, zygote
from . import job as jobs
from .cell import Cell
from .crew import Crew, Settings
from .fresh import FreshRun
from .job import Job, Key
from .link import Link
from .loop import Loop
from .monitor import Monitor
from .preload import Zygotes
from .session import Session
from .wire import Message
from .worker import Ended, Worker

_LOOK_ROUND = 10.0
_TOGETHER = 0.002
"""Seconds in which ends of quick cells gather: each would wake the service up by itself."""
_ABANDONED = 600.0
"""Seconds without work and without a service, after which a node ends by itself."""


class Node:
    def __init__(self, settings: Settings, cell: Cell | None, marker: linux.MarkerPlace) -> None:
        """`cell` is None where processes are spawned instead of forked."""
        self._settings = settings
        self._cell = cell
        self._marker = marker
        self._loop = Loop()
        table = process_table.table()
        make_nest = None if cell is None else lambda: self._make_zygote(sys.executable)
        self._crew = Crew(settings, self._loop, table, self._make_spare, make_nest, self)
        self._zygotes = Zygotes(self._crew, self._make_zygote)
        self._jobs: dict[Key, Job] = {}
        self._exits: dict[Key, Message] = {}
        self._sessions: dict[str, Session] = {}
        self._created = table.created(os.getpid())
        self._leaving = False
        self._alone_since = self._loop.now()
        self._link = Link(self._loop, settings.socket, self._greet, self._obey)
        self._monitor = Monitor(self._crew, self._busy_trees, self._link)

    def run(self, ready: Callable[[], None]) -> None:
        """Until told to leave, or abandoned. `ready` is called when the service may connect."""
        linux.set_affinity(list(self._settings.affinity))
        linux.adopt_orphans()
        os.environ.update(environment.shared(self._settings.threads, self._settings.gpus))
        self._loop.on_child(self._crew.reap)
        ready()
        self._crew.refill()
        self._loop.call_later(_LOOK_ROUND, self._look_round)
        self._loop.run()
        self._link.close()

    # -- what the service asks

    def _obey(self, message: Message, line: bytes) -> None:
        op = message["op"]
        if op == "run":
            self._run(message, line)
        elif op == "cancel":
            self._cancel(message)
        elif op == "forget":
            self._exits.pop((message["job"], message["attempt"]), None)
        elif op == "state":
            self._link.send(self._state())
        elif op == "end_session":
            if message["name"] in self._sessions:
                self._sessions[message["name"]].end("it was ended")
        elif op == "leave":
            self._leave()
        else:
            print(f"unknown op {op!r}", file=sys.stderr)

    def _run(self, task: Message, line: bytes) -> None:
        job = Job(task)
        if job.key in self._jobs or job.key in self._exits:
            self._link.send(job.refused("Claimed", "this attempt was started here before"))
        elif self._leaving:
            self._link.send(job.refused("Leaving", "the node is about to end"))
        elif task.get("ahead") and not self._takes_ahead(task["session"]):
            self._link.send(job.refused("SessionEnded", f"there is no {task['session']} any more"))
        elif task.get("session"):
            self._jobs[job.key] = job
            self._session(task).start(job, line)
        elif not task.get("beside") and self._fresh_jobs() >= self._settings.max_jobs:
            self._link.send(job.refused("Busy", f"the node runs {self._fresh_jobs()} jobs already"))
        else:
            self._jobs[job.key] = job
            self._start_fresh(job, task, line)
        self._crew.refill()
        self._monitor.wake()

    def _start_fresh(self, job: Job, task: Message, line: bytes) -> None:
        run = FreshRun(self._crew, job)
        job.run = run
        how, take = self._choose(task)
        run.start(line, how, take)

    def _choose(self, task: Message) -> tuple[str, Callable[[], Worker]]:
        """How the task's processes are made ("" for as a spare is), and where from."""
        need = choice.need(task, self._settings)
        if need.preloaded and self._cell is not None:  # a zygote forks, wherever it came from
            preloaded = self._zygotes.take(need)
            if preloaded is not None:
                return "preloaded", lambda: preloaded
        return ("exec" if need.program else ""), self._crew.take

    def _takes_ahead(self, name: str) -> bool:
        return name in self._sessions and self._sessions[name].takes_ahead

    def _session(self, task: Message) -> Session:
        name = task["session"]
        session = self._sessions.get(name)
        if session is None or not session.alive:
            how, take = self._choose(task)
            session = self._sessions[name] = Session(self._crew, name, take(), how)
        return session

    def _cancel(self, message: Message) -> None:
        key = (message["job"], message["attempt"])
        job = self._jobs.get(key)
        if job is not None and job.run is not None:
            job.blame(message["reason"])
            job.run.cancel(job, message["grace"])
        elif key in self._exits:
            self._link.send(self._exits[key])

    def _leave(self) -> None:
        """End everything, then exit."""
        self._leaving = True
        for session in list(self._sessions.values()):
            session.give_back("the node is about to end")
        for job in list(self._jobs.values()):
            if job.run is not None:
                job.blame("Canceled", "its node was ended")
                job.run.cancel(job, 2.0)
        for session in self._sessions.values():
            session.end("its node was ended")
        self._leave_if_empty()

    def _leave_if_empty(self) -> None:
        if self._leaving and not self._jobs and not self._sessions:
            self._loop.stop()  # spares and zygotes go with this process

    # -- what its processes say (`crew.Ear`)

    def report(self, message: Message) -> None:
        if message["op"] == "session" and message["state"] == "ended":
            ended = self._sessions.get(message["name"])
            if ended is not None and not ended.alive:
                del self._sessions[message["name"]]
        if message["op"] == "started":
            self._link.send_soon(message)  # a quick cell's end is told in the same breath
        else:
            self._link.send(message)
        self._leave_if_empty()

    def finished(self, job: Job, message: Message, *, goes_on: bool = False) -> None:
        self._jobs.pop(job.key, None)
        if message["op"] == "exited":
            self._exits[job.key] = message
        if goes_on:
            self._link.send_soon(message, job.last_line, seconds=_TOGETHER)
        else:
            self._link.send(message, job.last_line)
        self._zygotes.think()
        self._leave_if_empty()

    def used_modules(self, job: Job, modules: list[str]) -> None:
        self._zygotes.used(job.task.get("python") or sys.executable, modules)

    def reaped(self, pid: int, ended: Ended) -> None:
        for tree in self._crew.forest.trees:
            if pid in tree.seen:
                tree.cpu_gone += ended.cpu_seconds

    # -- its own state

    def _greet(self) -> Message:
        """The first line of a connection."""
        self._loop.call_later(0, self._monitor.wake)
        return self._state()

    def _state(self) -> Message:
        return {
            "op": "state",
            "node": self._settings.name,
            "pid": os.getpid(),
            "created": self._created,
            # Those too that have no process yet: a new service must not send them anew.
            "jobs": [
                {**job.about(), "pid": job.pid, "created": job.created}
                for job in self._jobs.values()
            ],
            "exits": list(self._exits.values()),
            "sessions": [session.message() for session in self._sessions.values()],
        }

    def _fresh_jobs(self) -> int:
        """Those that take a place."""
        tasks = [job.task for job in self._jobs.values()]
        return sum(not (task.get("session") or task.get("beside")) for task in tasks)

    def _busy_trees(self) -> dict[str, Job]:
        """Running jobs by name, for the monitor."""
        return {job.name: job for job in self._jobs.values() if job.pid}

    def _look_round(self) -> None:
        """End when nobody will ever ask for anything again."""
        if self._link.connected or self._jobs or self._sessions:
            self._alone_since = self._loop.now()
        alone = self._loop.now() - self._alone_since
        lost = not self._link.connected and not (self._link.reachable and self._has_home())
        if not self._jobs and (alone > _ABANDONED or lost):
            self._leave()
        self._loop.call_later(_LOOK_ROUND, self._look_round)

    def _has_home(self) -> bool:
        """Whether the folder of its log is still there: the home of its service."""
        return not self._settings.log or os.path.isdir(os.path.dirname(self._settings.log))

    # -- making processes

    def _make_spare(self) -> Worker:
        if self._cell is None or linux.threads() > 1:
            return worker.spawn()
        return worker.fork(self._cell, self._marker, self._abandon)

    def _make_zygote(self, python: str) -> Worker:
        if self._cell is None or linux.threads() > 1 or not choice.is_ours(python):
            return worker.spawn(python, "zygote")
        return worker.fork(self._cell, self._marker, self._abandon, zygote.main)

    def _abandon(self) -> None:
        """In a forked child: let go of everything of the node's."""
        self._loop.abandon()
        self._link.abandon()
        self._crew.close_all()
        self._zygotes.abandon()


def main(
    settings: Settings, cell: Cell | None, marker: linux.MarkerPlace, ready: Callable[[], None]
) -> None:
    """In the process that is to be the node. Its own words go to its log."""
    if settings.log:
        log = os.open(settings.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
    print(f"{jobs.now()} node {settings.name} began, pid {os.getpid()}", flush=True)
    Node(settings, cell, marker).run(ready)
    print(f"{jobs.now()} node {settings.name} ended", flush=True)
