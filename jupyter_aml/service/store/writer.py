"""The thread that writes what needs an fsync or has nobody waiting, with group commit.

Changes wait in a queue. Whatever is in it when the thread comes back from a commit shares the
next one, so the cost of an fsync is divided by the load, and nothing of it is paid on the event
loop: results come back with one `call_soon_threadsafe` per commit.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from jupyter_aml.service.store.committer import Change, Committer

log = logging.getLogger(__name__)

BATCH = 512
"""Most changes of one commit, so that the first of them does not wait for ever."""


class Checkpoint:
    """In the queue: move what the write-ahead log holds into the database."""


class Writer:
    """`on_failure` hears of failures that nobody waits for."""

    def __init__(self, committer: Committer, on_failure: Callable[[str], None]) -> None:
        self._committer = committer
        self._on_failure = on_failure
        self._queue: SimpleQueue[Change | Checkpoint | None] = SimpleQueue()
        self._put = 0
        self._done = 0
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def put(self, change: Change | Checkpoint) -> None:
        """Called on one thread, the event loop's."""
        self._put += 1
        self._queue.put(change)

    @property
    def idle(self) -> bool:
        """Whether everything that was put is committed."""
        return self._put == self._done

    def close(self) -> None:
        """Commit what is queued, then end the thread and close the connection."""
        self._queue.put(None)
        self._thread.join()
        self._committer.connection.close()

    # -- the thread ----------------------------------------------------------------------

    def _run(self) -> None:
        going_on = True
        while going_on:
            batch, going_on = self._next_batch()
            changes = [change for change in batch if isinstance(change, Change)]
            if changes:
                self._committer.commit(changes)
                self._deliver(changes)
            if len(changes) < len(batch):
                self._checkpoint()
            self._done += len(batch)

    def _next_batch(self) -> tuple[list[Change | Checkpoint], bool]:
        """Everything queued now, after waiting for the first; False with the end of the queue."""
        batch: list[Change | Checkpoint] = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) == BATCH:
                return batch, True
            try:
                item = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _checkpoint(self) -> None:
        """Also make the commit that begins the log anew: that one has an fsync in every mode."""
        connection = self._committer.connection
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            connection.execute(
                "INSERT INTO kept (key, value) VALUES ('checkpoint', x'00')"
                " ON CONFLICT (key) DO UPDATE SET value = randomblob(8)"
            )
        except sqlite3.Error as error:
            log.warning("the database's log is not shortened: %s", error)

    # -- back to the event loop -----------------------------------------------------------

    def _deliver(self, batch: Sequence[Change]) -> None:
        waiting: dict[asyncio.AbstractEventLoop, list[Change]] = {}
        for change in batch:
            if change.future is not None:
                waiting.setdefault(change.future.get_loop(), []).append(change)
            elif change.error is not None:
                log.error("a write nobody waits for failed", exc_info=change.error)
                self._on_failure(str(change.error))
        for loop, changes in waiting.items():
            try:
                loop.call_soon_threadsafe(_settle, changes)
            except RuntimeError:
                continue  # the loop was closed meanwhile: nobody is there to be told


def _settle(changes: list[Change]) -> None:
    for change in changes:
        change.settle()
