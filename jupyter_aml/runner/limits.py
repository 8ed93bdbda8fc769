"""The memory limit of a job: its whole process tree, looked at more often the closer it comes.

Resident sizes are cheap to read but count pages that processes share again and again (a job
shares most of its interpreter with its node). Their sum is an upper bound: below the limit it
settles the matter, and only above it the exact, slow figure is asked for. What counts in the end
is the figure of a tree that stands still: it cannot run away while it is read, and shares do not
move while processes come and go.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from .loop import Loop, Timer
from .process_table import Process, Table
from .tree import Forest, Tree

_SOONEST, _LATEST = 0.005, 0.2
_FASTEST_GROWTH = 2.5e9
"""Bytes per second that one CPU can fill, zeroing of the pages included."""
_SLACK = 0.1
"""Of the limit: how far over it the job may be when it is noticed."""
_SHARE = 0.5
"""Of one CPU: what looking may take."""


def next_look(limit: int, used: int, cpus: int, cost: float) -> float:
    """Seconds until the next look, so that the job cannot get past the slack before it."""
    room = max(0.0, limit * (1 + _SLACK) - used)
    seconds = room / (_FASTEST_GROWTH * cpus)
    return max(_SOONEST, min(_LATEST, seconds), min(2.0, cost / _SHARE))


def exact(table: Table, members: list[Process]) -> int:
    """Bytes that these processes use, each shared page counted once."""
    return sum(table.memory(process.pid) for process in members)


def words(used: int, limit: int) -> str:
    return f"the job used {used / 1e9:.2f} of {limit / 1e9:.2f} GB"


class MemoryGuard:
    """Watches one tree from `start` to `stop`; calls `over` with the words once it is too large.

    When `over` is called the tree is stopped and waits to be killed.
    """

    def __init__(
        self, loop: Loop, forest: Forest, table: Table, cpus: int, over: Callable[[str], None]
    ) -> None:
        self._loop = loop
        self._forest = forest
        self._table = table
        self._cpus = cpus
        self._over = over
        self._timer: Timer | None = None
        self._watched: tuple[Tree, int] | None = None
        """For what the timer rings, at `_due`."""
        self._due = 0.0
        self._shared = 0
        """Bytes by which the sum of resident sizes was too large when it was last compared."""

    def start(self, tree: Tree, limit: int) -> None:
        """A `limit` of 0 is none.

        A session calls it for each cell: a look that comes as soon as a new one would is left.
        """
        if limit and (tree, limit) == self._watched:
            soon = self._loop.now() + next_look(limit, 0, self._cpus, cost=0.0)
            if self._due <= soon:
                return
        self.stop()
        if limit:
            self._again(tree, limit, used=0, cost=0.0)

    def stop(self) -> None:
        self._watched = None
        if self._timer is not None:
            self._timer.cancel()

    def _again(self, tree: Tree, limit: int, used: int, cost: float) -> None:
        seconds = next_look(limit, used, self._cpus, cost)
        self._timer = self._loop.call_later(seconds, lambda: self._look(tree, limit))
        self._watched, self._due = (tree, limit), self._loop.now() + seconds

    def _look(self, tree: Tree, limit: int) -> None:
        self._watched = None  # until the next look is sure to come
        start = time.thread_time()  # what it costs: that others run meanwhile is no cost of it
        members = self._forest.members(tree)
        used = _resident(members)
        if limit < used <= limit + self._shared:
            used = self._exact(tree, members)  # perhaps it only shares: leave it running
        if used > limit:
            used = self._exact(tree, self._forest.freeze(tree))
            if used > limit:
                self._over(words(used, limit))
                return
            self._forest.thaw(tree)
        self._again(tree, limit, used, time.thread_time() - start)

    def _exact(self, tree: Tree, members: list[Process]) -> int:
        used = exact(self._table, members)
        tree.peak = max(tree.peak, used)
        self._shared = max(0, _resident(members) - used)
        return used


def _resident(members: list[Process]) -> int:
    return sum(process.rss for process in members)
