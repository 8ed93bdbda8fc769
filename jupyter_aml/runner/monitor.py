"""Measures the node and its jobs: every second while a job runs, else now and then."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from .crew import Crew
from .gpu import Gpus
from .job import Job, now
from .limits import exact
from .link import Link
from .loop import Timer
from .process_table import Process
from .tree import Tree
from .wire import Message

_EVERY = 1.0
_EVERY_IDLE = 5.0
_HUGE = 8 << 30
"""Bytes. Of larger trees the exact memory is not worth the time it takes to read."""


@dataclass
class _Counters:
    """Of one tree, since it began."""

    at: float
    cpu_seconds: float = 0.0
    read: int = 0
    written: int = 0


class Monitor:
    def __init__(self, crew: Crew, busy: Callable[[], dict[str, Job]], link: Link) -> None:
        self._crew = crew
        self._busy = busy
        self._link = link
        self._gpus = Gpus(crew.loop, crew.forest, crew.settings.gpus)
        self._before: dict[Tree, _Counters] = {}
        self._timer: Timer | None = None
        self._due = 0.0

    def wake(self) -> None:
        """A job begins, or somebody connected: measure from now on. An idle node does not tick."""
        at = self._crew.loop.now()
        if self._timer is not None and self._due <= at + _EVERY:
            return  # soon enough for anybody; called for each quick cell
        busy = bool(self._busy())
        if not busy and not self._link.connected:
            return
        due = at + (_EVERY if busy else _EVERY_IDLE)
        if self._timer is not None:
            if self._due <= due:
                return
            self._timer.cancel()
        self._due = due
        self._timer = self._crew.loop.call_later(due - at, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._link.send(self._sample(self._busy()))
        self.wake()

    def _sample(self, jobs: dict[str, Job]) -> Message:
        moment = now()
        survey = self._crew.forest.survey()
        at = self._crew.loop.now()  # of the CPU times; to read the memory may take long
        trees = {tree: self._measure(tree, found, at) for tree, found in survey.items()}
        self._before = {tree: self._before[tree] for tree in survey}
        node: Message = {
            "memoryLimitBytes": self._crew.settings.memory,
            "diskFreeBytes": _free(self._crew.settings.disk),
            **self._gpus.read(),
        }
        for name in ("cpu", "memoryBytes", "diskReadBytes", "diskWriteBytes"):
            node[name] = round(sum(measured[name] for measured in trees.values()), 3)
        per_job = {
            name: {
                "time": moment,
                "memoryLimitBytes": self._crew.memory(job),
                **trees.get(job.tree, {"cpu": 0.0, "memoryBytes": 0}),
            }
            for name, job in jobs.items()
        }
        return {"op": "sample", "time": moment, "node": {"time": moment, **node}, "jobs": per_job}

    def _measure(self, tree: Tree, members: list[Process], at: float) -> Message:
        """Rates since the sample before; memory now."""
        table = self._crew.table
        memory = sum(process.rss for process in members)
        if memory < _HUGE:
            memory = exact(table, members)
        tree.peak = max(tree.peak, memory)
        disks = [table.disk(process.pid) for process in members]
        after = _Counters(
            at,
            tree.cpu_gone + sum(process.cpu_seconds for process in members),
            sum(read for read, _ in disks),
            sum(written for _, written in disks),
        )
        before = self._before.get(tree) or _Counters(tree.born)
        self._before[tree] = after
        seconds = max(0.1, after.at - before.at)
        return {
            "cpu": round(max(0.0, after.cpu_seconds - before.cpu_seconds) / seconds, 3),
            "memoryBytes": memory,
            "diskReadBytes": max(0, after.read - before.read),
            "diskWriteBytes": max(0, after.written - before.written),
        }


def _free(folder: str) -> int:
    try:
        return shutil.disk_usage(folder or ".").free
    except OSError:
        return 0
