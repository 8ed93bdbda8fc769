"""New states of jobs on their way into the store: many share a commit.

A crash before it costs nothing: the event log and the job's folder are the truth, and the next
service takes from them what the store has not heard (`recovery`).
"""

from __future__ import annotations

import asyncio

from jupyter_aml.model.job import Job
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store

_SECONDS = 0.005
"""How long a new state may wait for company in its commit."""


class Saving:
    """Of one engine. Of a job that passes several states meanwhile only the last is stored."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._unsaved: dict[str, Job] = {}
        self._turn: asyncio.Future[None] | None = None
        """Done when it is time to store what waits; None while nothing does."""
        self._is_posted = False
        """Something was handed to the store that it may not have committed yet."""

    def soon(self, job: Job) -> None:
        """Store a job's new state."""
        self._next_turn()
        self._unsaved[job.name] = job

    async def final(self, job: Job) -> None:
        """Store how a job ended; returns once the store has it."""
        self._unsaved.pop(job.name, None)
        await self._next_turn()
        self._is_posted = True
        await self._store.submit(lambda conn: rows.save_job(conn, job))

    async def now(self) -> None:
        """Return when the store has every state that any job is in."""
        if self._turn is not None:
            self._save()
            await asyncio.sleep(0)  # who waits for the turn comes first
        if self._is_posted:
            self._is_posted = False
            await self._store.flush()

    def _next_turn(self) -> asyncio.Future[None]:
        if self._turn is None:
            loop = asyncio.get_running_loop()
            self._turn = loop.create_future()
            loop.call_later(_SECONDS, self._save)
        return self._turn

    def _save(self) -> None:
        jobs, self._unsaved = self._unsaved, {}
        turn, self._turn = self._turn, None
        self._is_posted = self._is_posted or bool(jobs)
        for job in jobs.values():
            self._store.post(lambda conn, job=job: rows.save_job(conn, job))
        if turn is not None and not turn.done():
            turn.set_result(None)
