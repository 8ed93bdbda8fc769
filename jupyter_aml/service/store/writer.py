"""The one thread that writes to the database, with group commit.

Changes wait in a queue. Whatever is in it when the thread comes back from a commit shares the
next one, so the cost of a commit (and of an fsync) is divided by the load, and nothing of it
is paid on the event loop: results come back with one `call_soon_threadsafe` per commit.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from jupyter_aml.service.store.trouble import from_sqlite

log = logging.getLogger(__name__)

BATCH = 512
"""Most changes of one commit, so that the first of them does not wait for ever."""


@dataclass(slots=True)
class Change:
    """One thing to do to the database; `future` is None when nobody waits for it."""

    apply: Callable[[sqlite3.Connection], Any]
    durable: bool
    future: asyncio.Future[Any] | None
    value: Any = None
    error: BaseException | None = None


class Writer:
    """Owns the writing connection. `on_failure` hears of failures that nobody waits for."""

    def __init__(
        self, connection: sqlite3.Connection, path: Path, on_failure: Callable[[str], None]
    ) -> None:
        self._connection = connection
        self._path = path
        self._on_failure = on_failure
        self._queue: SimpleQueue[Change | None] = SimpleQueue()
        self._full_sync = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        connection.execute("PRAGMA synchronous = NORMAL")
        self._thread.start()

    def put(self, change: Change) -> None:
        self._queue.put(change)

    def close(self) -> None:
        """Commit what is queued, then end the thread and close the connection."""
        self._queue.put(None)
        self._thread.join()
        self._connection.close()

    # -- the thread ----------------------------------------------------------------------

    def _run(self) -> None:
        going_on = True
        while going_on:
            batch, going_on = self._next_batch()
            if batch:
                self._commit(batch)
                self._deliver(batch)

    def _next_batch(self) -> tuple[list[Change], bool]:
        """Everything queued now, after waiting for the first; False with the end of the queue."""
        batch: list[Change] = []
        change = self._queue.get()
        while change is not None:
            batch.append(change)
            if len(batch) == BATCH:
                return batch, True
            try:
                change = self._queue.get_nowait()
            except Empty:
                return batch, True
        return batch, False

    def _commit(self, batch: Sequence[Change]) -> None:
        """Afterwards each change has its value or its error.

        When the disk refuses a shared commit, each change tries alone: a small one may still
        fit where a large one does not. A change can therefore be applied a second time (never
        committed twice).
        """
        try:
            self._commit_together(batch)
        except sqlite3.Error as error:
            self._roll_back()
            if len(batch) > 1:
                for change in batch:
                    self._commit([change])
            else:
                batch[0].error = from_sqlite(error, self._path) or error

    def _commit_together(self, batch: Sequence[Change]) -> None:
        self._choose_sync(any(change.durable for change in batch))
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        if len(batch) == 1:
            self._apply(batch[0], undo="ROLLBACK")  # alone, it needs no savepoint to be undone
        else:
            for change in batch:
                execute("SAVEPOINT change")
                self._apply(change, undo="ROLLBACK TO change")
                execute("RELEASE change")
        if self._connection.in_transaction:
            execute("COMMIT")

    def _apply(self, change: Change, *, undo: str) -> None:
        change.value, change.error = None, None
        try:
            change.value = change.apply(self._connection)
        except Exception as error:  # whatever a change raises belongs to its caller alone
            if not self._connection.in_transaction:
                raise  # SQLite has undone the whole transaction: disk full or I/O error
            self._connection.execute(undo)
            change.error = error
            if isinstance(error, sqlite3.Error):
                change.error = from_sqlite(error, self._path) or error

    def _choose_sync(self, full: bool) -> None:
        if full != self._full_sync:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
            self._full_sync = full

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

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
        future = change.future
        if future is None or future.done():
            continue  # cancelled by its caller; the commit stands
        if change.error is not None:
            future.set_exception(change.error)
        else:
            future.set_result(change.value)
