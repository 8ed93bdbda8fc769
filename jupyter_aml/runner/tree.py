"""The process trees of a node: which process belongs to which job or session.

The node is a subreaper, so every descendant of a job can be reached from it: below the job's own
processes, or as an orphan that became the node's child. An orphan is known by its session, by the
marker in its environment, or by having been seen before.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable

from .process_table import Process, Table

SERVICE = "service"
"""The marker of the compute service (`client.launch`): nobody's tree, whoever started it."""


class Tree:
    """All processes of one job, or of one session."""

    def __init__(self) -> None:
        self.born = time.monotonic()
        self.roots: set[int] = set()
        """Its own processes that live; others below them."""
        self.sessions: set[int] = set()
        """Ids of the sessions it began, also when their leaders are gone."""
        self.markers: set[str] = set()
        self.seen: set[int] = set()
        self.cpu_gone = 0.0
        """CPU seconds of its processes that ended."""
        self.peak = 0
        """The most memory it was seen to use, in bytes."""

    def add_root(self, pid: int, marker: str) -> None:
        self.roots.add(pid)
        self.sessions.add(pid)
        self.markers.add(marker)


class Forest:
    """All trees of a node. `helpers` are children of the node that belong to none."""

    def __init__(self, table: Table, node: int) -> None:
        self._table = table
        self._node = node
        self.trees: list[Tree] = []
        self.helpers: set[int] = set()

    def orphans(self) -> list[int]:
        """Children of the node that it did not make itself."""
        known = self.helpers.union(*(tree.roots for tree in self.trees))
        return [pid for pid in self._table.children(self._node) if pid not in known]

    def survey(self) -> dict[Tree, list[Process]]:
        """The living processes of every tree."""
        starts = {tree: list(tree.roots) for tree in self.trees}
        for pid in self.orphans():
            owner = self.owner(pid)
            if owner is not None:
                starts[owner].append(pid)
        return {tree: self._walk(tree, pids) for tree, pids in starts.items()}

    def members(self, tree: Tree) -> list[Process]:
        """The living processes of one."""
        orphans = [pid for pid in self.orphans() if self.owner(pid) is tree]
        return self._walk(tree, [*tree.roots, *orphans])

    def owner(self, orphan: int) -> Tree | None:
        """Whose it is. One that hides from all three goes with the last tree of the node."""
        process = self._table.look(orphan)
        if process is None or process.dead:
            return None
        for tree in self.trees:
            if process.session in tree.sessions:
                return tree
        marker = self._table.marker(orphan)
        if marker == SERVICE:
            return None
        for tree in self.trees:
            if marker in tree.markers:
                return tree
        for tree in self.trees:
            if orphan in tree.seen:
                return tree
        return self.trees[0] if len(self.trees) == 1 else None

    def has_dead(self, orphans: list[int]) -> bool:
        """Whether one of them has ended and is about to be reaped: until then its pid is taken."""
        processes = map(self._table.look, orphans)
        return any(process is not None and process.dead for process in processes)

    def kill(self, tree: Tree) -> None:
        """SIGKILL all of it. Stopped first, so that nothing forks away meanwhile."""
        self.freeze(tree)
        _signal((process.pid for process in self.members(tree)), signal.SIGKILL)

    def freeze(self, tree: Tree) -> list[Process]:
        """SIGSTOP all of it, whatever it forks meanwhile included; return what there is."""
        stopped: set[int] = set()
        while True:
            members = self.members(tree)
            new = {process.pid for process in members} - stopped
            if not new:
                return members
            _signal(new, signal.SIGSTOP)
            stopped |= new

    def thaw(self, tree: Tree) -> None:
        """SIGCONT to all of it."""
        _signal((process.pid for process in self.members(tree)), signal.SIGCONT)

    def ask_to_end(self, tree: Tree) -> None:
        """SIGTERM to all of it."""
        _signal((process.pid for process in self.members(tree)), signal.SIGTERM)

    def _walk(self, tree: Tree, start: Iterable[int]) -> list[Process]:
        found: list[Process] = []
        pending = list(start)
        while pending:
            process = self._table.look(pending.pop())
            if process is None or process.dead or self._is_service(process, tree):
                continue
            found.append(process)
            pending.extend(self._table.children(process.pid))
        tree.seen.update(process.pid for process in found)
        return found

    def _is_service(self, process: Process, tree: Tree) -> bool:
        """Whether a program of the job started the compute service, which is to outlive it."""
        is_leader = process.session == process.pid and process.pid not in tree.roots
        return is_leader and self._table.marker(process.pid) == SERVICE


def _signal(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            pass  # gone, or by setuid no longer ours
