"""A home with a history: 10,000 finished jobs and 200 queued ones, which must slow nothing.

The finished ones go straight into the store, as a service would have left them (it must not run
meanwhile); the queued ones are submitted behind a job that holds their only node.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

from jupyter_aml.client import Client
from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.job import CellJob, CommandJob, Job, Receipt, ResultInfo
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store

FINISHED = 10_000
QUEUED = 200
_BATCH = 1000
_HELD = "held"
_LOG = '{"seq":1,"time":"2026-01-01T00:00:00Z","kind":"status","status":"Completed"}\n'


def accepted_job(number: int) -> Job:
    """A cell as the service first keeps it: nothing has come of it yet."""
    return Job(
        name=f"new_{number:05d}",
        spec=_cell(number),
        status="Queued",
        created_at="2026-01-01T00:00:00.000000Z",
    )


def finished_job(number: int, status: str = "Completed") -> Job:
    """What a cell leaves."""
    return Job(
        name=f"past_{number:05d}",
        spec=_cell(number),
        status=status,
        created_at="2026-01-01T00:00:00.000000Z",
        started_at="2026-01-01T00:00:01.000000Z",
        ended_at="2026-01-01T00:00:02.000000Z",
        exit_code=0,
        attempt=1,
        nodes=["local-1"],
        last_seq=9,
        result=ResultInfo(names={"model": 12_345}),
        receipt=Receipt(size="", nodes=1, seconds=1.0),
    )


def _cell(number: int) -> CellJob:
    return CellJob(
        source=f"model = train(frame, rounds={number})\nmodel.score(test)",
        display_name=f"train number {number}",
        notebook=f"work/notebook-{number % 50}.ipynb",
        cell_id=f"cell-{number % 400}",
        collect=["model"],
    )


def finish_jobs(home: Path, count: int = FINISHED) -> None:
    """Put `count` finished jobs into the home of a service that does not run."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    asyncio.run(_write(home / "state.db", count))
    for number in range(count):
        folder = home / "jobs" / f"past_{number:05d}"
        folder.mkdir(mode=0o700, parents=True)
        (folder / "events.log").write_text(_LOG)


def queue_jobs(client: Client, count: int = QUEUED) -> None:
    """Submit `count` jobs that wait for a node which another job holds."""
    client.compute.create(AmlCompute(name=_HELD, size="Standard_DS2_v2", max_instances=1))
    for number in range(count + 1):
        client.jobs.create(CommandJob(command="sleep 86400", compute=_HELD), f"waiting-{number}")


async def _write(path: Path, count: int) -> None:
    store = Store.open(path)
    for first in range(0, count, _BATCH):
        await store.write(_saving(first, min(first + _BATCH, count)))
    store.close()


def _saving(first: int, end: int) -> Callable[[sqlite3.Connection], None]:
    def change(connection: sqlite3.Connection) -> None:
        for number in range(first, end):
            # The store lets a status move only as the lifecycle does.
            for status in ("Queued", "Running", "Completed"):
                rows.save_job(connection, finished_job(number, status))

    return change
