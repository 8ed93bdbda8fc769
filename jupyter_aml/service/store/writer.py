"""The thread that makes changes durable, with group commit.

Changes wait in a queue. Whatever is in it when the thread comes back from a commit shares the
next one, so the cost of an fsync is divided by the load, and nothing of it is paid on the event
loop: results come back with one `call_soon_threadsafe` per commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from jupyter_aml.model.errors import AmlError
from jupyter_aml.service.store.committer import Change, Committer
from jupyter_aml.service.store.trouble import from_os

log = logging.getLogger(__name__)

BATCH = 512
"""Most changes of one commit, so that the first of them does not wait for ever."""


class Checkpoint:
    """In the queue: move what the write-ahead log holds into the database."""


@dataclass(slots=True)
class Sync:
    """In the queue: what was committed before is to survive a power cut."""

    futures: list[asyncio.Future[None]]


Item = Change | Checkpoint | Sync


class Writer:
    """`log_file` is SQLite's write-ahead log; `on_failure` hears what nobody waits for."""

    def __init__(
        self, committer: Committer, log_file: Path, on_failure: Callable[[str], None]
    ) -> None:
        self._committer = committer
        self._log_file = log_file
        self._log_fd = -1
        self._on_failure = on_failure
        self._queue: SimpleQueue[Item | None] = SimpleQueue()
        self._sync: Sync | None = None
        """What was asked for lately, and is not in the queue yet."""
        self._put = 0
        self._done = 0
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def put(self, change: Change | Checkpoint) -> None:
        """Called on one thread, the event loop's."""
        self._put += 1
        self._queue.put(change)

    def sync(self, *, within: float = 0.0) -> asyncio.Future[None]:
        """A future that is done once every commit of before is on the disk.

        In WAL mode that is all that `synchronous = FULL` does after a commit: it syncs the log.
        It begins `within` seconds, and never before the end of this turn of the event loop: the
        thread would only compete for the interpreter with what the turn has to do, such as
        starting the job.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        if self._sync is None:
            self._sync = Sync([])
            if within:
                loop.call_later(within, self._put_sync)
        if not within:
            loop.call_soon(self._put_sync)  # takes along what could have waited
        self._sync.futures.append(future)
        return future

    def _put_sync(self) -> None:
        if self._sync is not None:
            self._queue.put(self._sync)
            self._sync = None

    @property
    def idle(self) -> bool:
        """Whether everything that was put is committed. A sync commits nothing."""
        return self._put == self._done

    def close(self) -> None:
        """Commit what is queued, then end the thread and close the connection."""
        self._put_sync()
        self._queue.put(None)
        self._thread.join()
        self._committer.connection.close()
        if self._log_fd >= 0:
            os.close(self._log_fd)

    # -- the thread ----------------------------------------------------------------------

    def _run(self) -> None:
        going_on = True
        while going_on:
            batch, going_on = self._next_batch()
            changes = [change for change in batch if isinstance(change, Change)]
            syncs = [sync for sync in batch if isinstance(sync, Sync)]
            if changes:
                self._committer.commit(changes)
                self._deliver(changes)
            if syncs:
                self._sync_log([future for sync in syncs for future in sync.futures])
            if len(changes) + len(syncs) < len(batch):
                self._checkpoint()
            self._done += len(batch) - len(syncs)

    def _next_batch(self) -> tuple[list[Item], bool]:
        """Everything queued now, after waiting for the first; False with the end of the queue."""
        batch: list[Item] = []
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

    def _sync_log(self, futures: Sequence[asyncio.Future[None]]) -> None:
        error: AmlError | OSError | None = None
        try:
            if self._log_fd < 0:
                # SQLite's locks are not on this file, so that one more descriptor is harmless.
                self._log_fd = os.open(self._log_file, os.O_RDWR | getattr(os, "O_BINARY", 0))
            (os.fdatasync if hasattr(os, "fdatasync") else os.fsync)(self._log_fd)
        except OSError as failure:
            error = from_os(failure, self._log_file) or failure
        for loop in {future.get_loop() for future in futures}:
            mine = [future for future in futures if future.get_loop() is loop]
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody is there
                loop.call_soon_threadsafe(_settle_syncs, mine, error)

    # -- back to the event loop -----------------------------------------------------------

    def _deliver(self, batch: Sequence[Change]) -> None:
        waiting: dict[asyncio.AbstractEventLoop, list[Change]] = {}
        for change in batch:
            if change.future is not None:
                waiting.setdefault(change.future.get_loop(), []).append(change)
            else:
                change.settle(self._on_failure)
        for loop, changes in waiting.items():
            try:
                loop.call_soon_threadsafe(self._settle, changes)
            except RuntimeError:
                continue  # the loop was closed meanwhile: nobody is there to be told

    def _settle(self, changes: list[Change]) -> None:
        for change in changes:
            change.settle(self._on_failure)


def _settle_syncs(futures: Sequence[asyncio.Future[None]], error: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue  # who waited was cancelled
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
