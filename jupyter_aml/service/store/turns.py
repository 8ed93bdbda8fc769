"""Writes that need no fsync, made on the event loop's own thread.

A commit to the write-ahead log is a few page-sized writes into the page cache: about 30 µs, as
much as handing it to another thread and back costs here, and a fifth of what it costs when both
threads compete for the interpreter. So it is made where it is asked for, in bounded portions:
a turn of the event loop commits a few changes at once as they come and the next ones together.
What may wait for a disk (an fsync, a checkpoint) is left to `Writer`, and while that has
anything to do, so is everything else: changes are committed in the order they were asked for.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from jupyter_aml.service.store.committer import Change, Committer
from jupyter_aml.service.store.writer import Checkpoint, Writer

T = TypeVar("T")

SINGLE = 8
"""Changes committed one by one in a turn, without their callers having to wait for the next."""
TOGETHER = 32
"""Changes committed together in a turn: under a millisecond."""
CHECKPOINT_EVERY = 250
"""Commits between two checkpoints: about a megabyte of write-ahead log."""


class Turns:
    """Of one store, and of the event loop that first writes."""

    def __init__(
        self, committer: Committer, writer: Writer, on_failure: Callable[[str], None]
    ) -> None:
        self._committer = committer
        self._writer = writer
        self._on_failure = on_failure
        self._pending: deque[Change] = deque()
        self._single = 0
        self._commits = 0
        self._scheduled = False
        committer.connection.execute("PRAGMA wal_autocheckpoint = 0")

    def may_commit_now(self) -> bool:
        """Whether this turn has room for `commit_now`, and the writer nothing to do before it."""
        return not self._pending and self._single < SINGLE and self._writer.idle

    def commit_now(self, apply: Callable[[sqlite3.Connection], T]) -> T:
        """Commit a change in this turn; return what it returned, or raise."""
        self._schedule()
        self._single += 1
        try:
            return self._committer.commit_one(apply)
        finally:
            self._count()

    def commit_soon(self, change: Change) -> bool:
        """Commit it in one of the next turns; False when the writer is at work, or no loop runs."""
        if not self._writer.idle:
            return False
        try:
            self._schedule()
        except RuntimeError:
            return False
        self._pending.append(change)
        return True

    def hand_over(self) -> None:
        """Something goes to the writer: what was asked for before goes first."""
        while self._pending:
            self._writer.put(self._pending.popleft())

    def close(self) -> None:
        self.hand_over()
        self._committer.connection.close()

    def _schedule(self) -> None:
        if not self._scheduled:
            asyncio.get_running_loop().call_soon(self._next_turn)
            self._scheduled = True

    def _next_turn(self) -> None:
        self._scheduled = False
        self._single = 0
        if not self._pending:
            return
        batch = [self._pending.popleft() for _ in range(min(TOGETHER, len(self._pending)))]
        self._committer.commit(batch)
        for change in batch:
            change.settle(self._on_failure)
        if self._pending:
            self._schedule()
        self._count()

    def _count(self) -> None:
        self._commits += 1
        if self._commits == CHECKPOINT_EVERY:
            self._commits = 0
            self.hand_over()
            self._writer.put(Checkpoint())
