"""Changes, and how some of them become one commit."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from jupyter_aml.service.store.trouble import from_sqlite

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(slots=True)
class Change:
    """One thing to do to the database; `future` is None when nobody waits for it."""

    apply: Callable[[sqlite3.Connection], Any]
    durable: bool = False
    future: asyncio.Future[Any] | None = None
    value: Any = None
    error: BaseException | None = None

    def settle(self, on_failure: Callable[[str], None]) -> None:
        """Tell who waits, or `on_failure`; a caller that was cancelled meanwhile hears nothing."""
        if self.future is None and self.error is not None:
            log.error("a write nobody waits for failed", exc_info=self.error)
            on_failure(str(self.error))
        if self.future is None or self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)


class Committer:
    """Commits on one connection, always from one thread."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self._path = path
        self._execute = connection.cursor().execute  # a cursor of its own for each costs time
        self._full_sync = False
        connection.execute("PRAGMA synchronous = NORMAL")

    def commit(self, batch: Sequence[Change]) -> None:
        """Afterwards each change has its value or its error, and those without error are kept.

        Nearly always all of them succeed, so they are tried without savepoints first. When one
        fails they are applied again, each with its own; when the disk refuses, each tries alone:
        a small one may still fit where a large one does not. A change can therefore be applied
        more than once, but never committed twice.
        """
        try:
            if not self._all_together(batch):
                self._each_undoable(batch)
        except sqlite3.Error as error:
            self._roll_back()
            if len(batch) > 1:
                for change in batch:
                    self.commit([change])
            else:
                batch[0].error = self._ours(error)

    def commit_one(self, apply: Callable[[sqlite3.Connection], T]) -> T:
        """Commit a single change without an fsync; return what it returned, or raise."""
        if self._full_sync:
            self._choose_sync(False)
        try:
            self._execute("BEGIN IMMEDIATE")
            value = apply(self.connection)
            self._execute("COMMIT")
        except Exception as error:  # `apply` may raise anything, which is for its caller
            self._roll_back()
            ours = self._ours(error)
            if ours is error:
                raise
            raise ours from error
        return value

    def _all_together(self, batch: Sequence[Change]) -> bool:
        self._choose_sync(any(change.durable for change in batch))
        self._execute("BEGIN IMMEDIATE")
        for change in batch:
            change.error = None
            try:
                change.value = change.apply(self.connection)
            except Exception as error:  # whatever a change raises belongs to its caller alone
                self._roll_back()
                change.error = self._ours(error)
                return len(batch) == 1
        self._execute("COMMIT")
        return True

    def _each_undoable(self, batch: Sequence[Change]) -> None:
        execute = self._execute
        execute("BEGIN IMMEDIATE")
        for change in batch:
            change.value, change.error = None, None
            execute("SAVEPOINT change")
            try:
                change.value = change.apply(self.connection)
            except Exception as error:  # its caller's alone: the other changes are kept
                if not self.connection.in_transaction:
                    raise  # SQLite has undone the whole transaction: disk full or I/O error
                execute("ROLLBACK TO change")
                change.error = self._ours(error)
            execute("RELEASE change")
        execute("COMMIT")

    def _ours(self, error: Exception) -> Exception:
        ours = from_sqlite(error, self._path) if isinstance(error, sqlite3.Error) else None
        return ours or error

    def _choose_sync(self, full: bool) -> None:
        if full != self._full_sync:
            self.connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
            self._full_sync = full

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
