"""New states of jobs on their way into the store: many share a commit.

A crash before it costs nothing: the event log and the job's folder are the truth, and the next
service takes from them what the store has not heard (`recovery`).
"""

from __future__ import annotations

import asyncio
import sqlite3

from jupyter_aml.model.job import Job
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store

_SECONDS = 0.02
"""How long a new state may wait for company in its commit: more jobs share its pages."""


class Saving:
    """Of one engine. Of a job that passes several states meanwhile only the last is stored."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._unsaved: dict[str, Job] = {}
        self._ends: dict[str, asyncio.Future[None]] = {}
        """Of those in `_unsaved` that are in `final`: has what the store will say."""
        self._turn: asyncio.TimerHandle | None = None
        """Hands what waits to the store; None while nothing waits."""
        self._handed = 0
        """Turns that the store was given."""
        self._committed = 0
        """Those of them that it is known to have committed."""

    def soon(self, job: Job) -> None:
        """Store a job's new state."""
        self._unsaved[job.name] = job
        if self._turn is None:
            self._turn = asyncio.get_running_loop().call_later(_SECONDS, self._save)

    def final(self, job: Job) -> asyncio.Future[None]:
        """Store how a job ended; the future is done once the store has it."""
        self.soon(job)
        stored = self._ends[job.name] = asyncio.get_running_loop().create_future()
        return stored

    async def now(self) -> None:
        """Return when the store has every state that any job is in."""
        if self._turn is not None:
            self._save()
        if self._committed < self._handed:
            handed = self._handed
            await self._store.flush()
            self._committed = max(self._committed, handed)

    def _save(self) -> None:
        """Hand over all that waits, in one step: a read that comes next finds it on its way."""
        jobs, self._unsaved = self._unsaved, {}
        ends, self._ends = self._ends, {}
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        self._handed += bool(jobs)
        for job in jobs.values():
            self._hand_over(job, ends.get(job.name))

    def _hand_over(self, job: Job, stored: asyncio.Future[None] | None) -> None:
        def change(conn: sqlite3.Connection) -> None:
            rows.save_job(conn, job)

        if stored is not None:
            self._store.submit(change, future=stored)
        else:
            self._store.post(change)
