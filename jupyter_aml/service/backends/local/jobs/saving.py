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
        self._ends: dict[str, asyncio.Future[None] | None] = {}
        """Of each job in `final` what the store said; None until its turn has come."""
        self._turn: asyncio.Future[None] | None = None
        """Done when what waits was handed to the store; None while nothing waits."""
        self._handed = 0
        """Turns that the store was given."""
        self._committed = 0
        """Those of them that it is known to have committed."""

    def soon(self, job: Job) -> None:
        """Store a job's new state."""
        self._next_turn()
        self._unsaved[job.name] = job

    async def final(self, job: Job) -> None:
        """Store how a job ended; returns once the store has it."""
        turn = self._next_turn()
        self._unsaved[job.name] = job
        self._ends[job.name] = None
        await turn
        if (stored := self._ends.pop(job.name)) is not None:
            await stored

    async def now(self) -> None:
        """Return when the store has every state that any job is in."""
        if self._turn is not None:
            self._save()
        if self._committed < self._handed:
            handed = self._handed
            await self._store.flush()
            self._committed = max(self._committed, handed)

    def _next_turn(self) -> asyncio.Future[None]:
        if self._turn is None:
            loop = asyncio.get_running_loop()
            self._turn = loop.create_future()
            loop.call_later(_SECONDS, self._save)
        return self._turn

    def _save(self) -> None:
        """Hand over all that waits, in one step: a read that comes next finds it on its way."""
        jobs, self._unsaved = self._unsaved, {}
        turn, self._turn = self._turn, None
        self._handed += bool(jobs)
        for job in jobs.values():
            self._hand_over(job)
        if turn is not None and not turn.done():
            turn.set_result(None)

    def _hand_over(self, job: Job) -> None:
        def change(conn: sqlite3.Connection) -> None:
            rows.save_job(conn, job)

        if job.name in self._ends:
            self._ends[job.name] = self._store.submit(change)
        else:
            self._store.post(change)
