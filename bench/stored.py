"""Rows in the store against plain sqlite3: one commit, many at once, a page of a long list."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import msgspec

from bench import loaded
from bench.driver import Figures, serve
from jupyter_aml.model.api import ListJobs
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store

_COMMITS = 500
_PAGES = 200
_BATCHES = 50
_ROW = b"x" * len(msgspec.json.encode(loaded.accepted_job(0)))
"""As long as one of ours, so that both fill as many pages."""
_INSERT = "INSERT INTO jobs (name, status, body) VALUES (?, ?, ?)"


class Stored:
    """Operations of the store and of the floor beneath it."""

    def start(self) -> Figures:
        self._folder = Path(tempfile.mkdtemp(prefix="bench-store-"))
        loaded.finish_jobs(self._folder / "home")
        self._store = Store.open(self._folder / "home" / "state.db")
        self._plain = sqlite3.connect(self._folder / "plain.db", isolation_level=None)
        self._plain.execute("PRAGMA journal_mode = WAL").fetchone()
        self._plain.execute("PRAGMA synchronous = NORMAL")
        self._plain.execute(
            "CREATE TABLE jobs (seq INTEGER PRIMARY KEY, name TEXT UNIQUE, status TEXT, body BLOB)"
        )
        self._number = 0
        self._plain_batch(loaded.FINISHED)
        return {}

    def close(self) -> None:
        self._store.close()
        self._plain.close()

    # -- one row a commit -------------------------------------------------------------------

    def plain_commit(self) -> Figures:
        return {"us": _median_us(_COMMITS, lambda: self._plain.execute(_INSERT, self._row()))}

    def our_commit(self) -> Figures:
        """A job's row through the writer thread, awaited; its encoding counts."""
        return {"us": asyncio.run(self._our_commits())}

    async def _our_commits(self) -> float:
        times: list[float] = []
        for change in [self._saving() for _ in range(_COMMITS)]:
            start = time.perf_counter()
            await self._store.write(change)
            times.append(time.perf_counter() - start)
        return median(times) * 1e6

    # -- under load -------------------------------------------------------------------------

    def plain_batches(self) -> Figures:
        """100 rows a commit."""
        start = time.perf_counter()
        for _ in range(_BATCHES):
            self._plain_batch(100)
        return {"rows/s": _BATCHES * 100 / (time.perf_counter() - start)}

    def our_group_commit(self) -> Figures:
        """Many writers at once, each waiting for its own row."""
        return {"rows/s": asyncio.run(self._our_writers())}

    async def _our_writers(self) -> float:
        changes = [self._saving() for _ in range(_BATCHES * 100)]
        start = time.perf_counter()
        await asyncio.gather(*[self._store.write(change) for change in changes])
        return len(changes) / (time.perf_counter() - start)

    # -- a page ---------------------------------------------------------------------------------

    def plain_page(self) -> Figures:
        """A keyset query for the newest 50 of 10,000."""
        query = "SELECT seq, name, status, body FROM jobs WHERE seq < ? ORDER BY seq DESC LIMIT 50"
        return {"us": _median_us(_PAGES, lambda: self._plain.execute(query, (10**9,)).fetchall())}

    def our_page(self) -> Figures:
        """The whole JSON of the first page, as it goes out."""
        query = ListJobs()
        return {"us": _median_us(_PAGES, lambda: rows.list_jobs(self._store.reader, query))}

    # -- rows -------------------------------------------------------------------------------

    def _row(self) -> tuple[str, str, bytes]:
        self._number += 1
        return f"plain_{self._number}", "Completed", _ROW

    def _plain_batch(self, count: int) -> None:
        self._plain.execute("BEGIN")
        self._plain.executemany(_INSERT, [self._row() for _ in range(count)])
        self._plain.execute("COMMIT")

    def _saving(self) -> Callable[[sqlite3.Connection], None]:
        self._number += 1
        job = loaded.accepted_job(self._number)
        return lambda connection: rows.save_job(connection, job)


def _median_us(count: int, work: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(count):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times) * 1e6


if __name__ == "__main__":
    serve(Stored())
