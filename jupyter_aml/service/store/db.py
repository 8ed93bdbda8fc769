"""`Store`: the database of one home. What may wait for the disk is done in a thread of its own.

Who calls: the backend and `service.own`, through plain functions of `store.rows`. A read sees
every write that was awaited; of a `post`, only those before an awaited write or `flush`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from jupyter_aml.model.errors import AmlError, Unavailable
from jupyter_aml.service.store.committer import Change, Committer
from jupyter_aml.service.store.filesystem import is_network
from jupyter_aml.service.store.migrations import migrate
from jupyter_aml.service.store.trouble import from_os, from_sqlite, is_damage
from jupyter_aml.service.store.turns import Turns
from jupyter_aml.service.store.writer import Writer

log = logging.getLogger(__name__)
T = TypeVar("T")

CHECK_SECONDS = 0.1
"""How long `open` looks for damage; the rest of a large database is believed."""
KEPT_WARNINGS = 100
LOOP_PATIENCE_SECONDS = 0.1
"""How long the event loop waits for another program's lock; nothing of ours holds one then."""


class Store:
    """Use `Store.open`. ``warnings`` holds what a person should hear about, in words.

    ``damage`` says where the database before this one was set aside; empty if it was sound.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, warnings: list[str]) -> None:
        self.path = path
        self.warnings = warnings
        self.damage = ""
        self._reader = _connect(path, read_only=True)
        log_file = path.with_name(path.name + "-wal")
        self._writer: Writer | None = Writer(Committer(connection, path), log_file, self._warn)
        self._turns: Turns | None = None
        if _has_wal(connection):  # a rollback journal has an fsync in every commit
            own = _connect(path, read_only=False, patience=LOOP_PATIENCE_SECONDS)
            self._turns = Turns(Committer(own, path), self._writer, self._warn)

    @classmethod
    def open(cls, path: Path, *, network_filesystem: bool | None = None) -> Store:
        """Open or make the database; a damaged one is kept aside and `warnings` says so.

        Raises `StorageFull` when the folder is full or read-only, `Conflict` for a database of a
        newer version.
        """
        network = is_network(path.parent) if network_filesystem is None else network_filesystem
        warnings: list[str] = []
        if network:
            warnings.append(
                f"{path.parent} is on a network filesystem: the database uses a rollback "
                "journal, which is slower than on a local disk."
            )
        try:
            connection, damage = _open_or_set_aside(path, network)
            if damage:
                warnings.append(damage)
            for text in warnings:
                log.warning("%s", text)
            store = cls(path, connection, warnings)
            store.damage = damage
            return store
        except sqlite3.Error as error:
            raise from_sqlite(error, path) or error from error
        except OSError as error:
            raise from_os(error, path.parent) or error from error

    def submit(
        self,
        change: Callable[[sqlite3.Connection], T],
        *,
        durable: bool = False,
        future: asyncio.Future[T] | None = None,
    ) -> asyncio.Future[T]:
        """Apply `change`; the future has what it returned, once that is committed.

        `future` is one of the caller's own that somebody waits for already. `durable` makes the
        commit survive a power cut, not only a killed process. What `change` raises is raised here
        and undoes this change alone. It may be applied again if another one fails that shares its
        commit, so it must not count its own calls.
        """
        future = future or asyncio.get_running_loop().create_future()
        made = Change(change, durable, future)
        if durable or self._turns is None or not self._turns.commit_soon(made):
            self._put(made)
        return future

    async def write(self, change: Callable[[sqlite3.Connection], T], *, durable: bool = False) -> T:
        """`submit`, and wait."""
        turns = self._turns
        if turns is not None and not durable and turns.may_commit_now():
            return turns.commit_now(change)
        return await self.submit(change, durable=durable)

    async def write_and_sync(
        self, change: Callable[[sqlite3.Connection], object], *, within: float = 0.0
    ) -> asyncio.Future[None]:
        """`write`, and a future that is done once a power cut cannot undo it either.

        For who has something to do meanwhile: a change that is `durable` comes back only then.
        The disk is asked `within` seconds, so that one effort may serve many.
        """
        if self._turns is None or self._writer is None:
            await self.write(change, durable=True)
            synced: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            synced.set_result(None)
            return synced
        await self.write(change)
        return self._writer.sync(within=within)

    def post(self, change: Callable[[sqlite3.Connection], object]) -> None:
        """`write` without waiting, in the same order. A failure is logged and in `warnings`."""
        made = Change(change)
        if self._turns is None or not self._turns.commit_soon(made):
            self._put(made)

    @property
    def reader(self) -> sqlite3.Connection:
        """A read-only connection for small indexed reads on the loop's thread."""
        return self._reader

    def another_reader(self) -> sqlite3.Connection:
        """A read-only connection of the caller's own, for long reads in a thread of its own."""
        return _connect(self.path, read_only=True)

    async def flush(self) -> None:
        """Return when everything queued before is committed."""
        await self.write(lambda _: None)

    def close(self) -> None:
        """Commit what is queued and let go of the file. Closing twice is no error."""
        if self._writer is not None:
            self._reader.close()
            if self._turns is not None:
                self._turns.close()
            writer, self._writer, self._turns = self._writer, None, None
            writer.close()

    def _put(self, change: Change) -> None:
        if self._writer is None:
            raise Unavailable("The service is stopping.", hint="Try again in a moment.")
        if self._turns is not None:
            self._turns.hand_over()
        self._writer.put(change)

    def _warn(self, text: str) -> None:
        self.warnings.append(text)
        del self.warnings[:-KEPT_WARNINGS]


def _open_or_set_aside(path: Path, network: bool) -> tuple[sqlite3.Connection, str]:
    """The database, and what became of a damaged one that was in its place."""
    try:
        return _open_checked(path, network), ""
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        kept = _set_aside(path)
        damage = (
            f"The database {path} was damaged ({error}). It is kept as {kept.name}; "
            "a new, empty one is in its place."
        )
        return _open_checked(path, network), damage


def _open_checked(path: Path, network: bool) -> sqlite3.Connection:
    # made here, so that it is private whatever the umask
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = _connect(path, read_only=False)
    try:
        connection.execute(f"PRAGMA journal_mode = {'TRUNCATE' if network else 'WAL'}").fetchone()
        _look_for_damage(connection)
        migrate(connection)
    except (sqlite3.Error, AmlError):
        connection.close()
        raise
    return connection


def _connect(path: Path, *, read_only: bool, patience: float = 5.0) -> sqlite3.Connection:
    """`patience` is how many seconds to wait for a lock that another process holds."""
    # check_same_thread: the writer's connection is made on one thread and used on another
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=patience,
    )
    try:
        connection.execute("PRAGMA cache_size = -8000")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _has_wal(connection: sqlite3.Connection) -> bool:
    return connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def _look_for_damage(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + CHECK_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    try:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        verdict = "ok"  # too large to look at in the time a start may take
    finally:
        connection.set_progress_handler(None, 0)
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"database disk image is malformed: {verdict}")


def _set_aside(path: Path) -> Path:
    """Rename the database and its companions so that SQLite's own tools can still read them."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    kept = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    for suffix in ("", "-wal", "-shm", "-journal"):
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(kept.with_name(kept.name + suffix))
    return kept
