"""What `Saving` promises of reads."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import msgspec

from jupyter_aml.model.job import CommandJob, Job
from jupyter_aml.service.backends.local.jobs.saving import Saving
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.waiting import eventually

JOB = Job(name="a", spec=CommandJob(command="true"), status="Running", created_at="2026-01-01")


class CountingStore:
    def __init__(self) -> None:
        self.posted = 0
        self.flushed = 0

    def post(self, _change: object) -> None:
        self.posted += 1

    async def is_handed_over(self) -> bool:
        return self.posted == 1

    async def flush(self) -> None:
        self.flushed += 1


class SlowStore(CountingStore):
    def __init__(self) -> None:
        super().__init__()
        self.committed = asyncio.Event()

    async def flush(self) -> None:
        await self.committed.wait()


async def test_a_read_waits_for_what_was_handed_over_and_is_not_committed_yet() -> None:
    store = CountingStore()
    saving = Saving(cast("Any", store))
    saving.soon(JOB)
    await eventually(store.is_handed_over)  # its turn has come; the disk may be busy
    await saving.now()
    assert store.flushed == 1
    await saving.now()
    assert store.flushed == 1  # nothing is new


async def test_a_read_does_not_wait_for_the_turn() -> None:
    store = CountingStore()
    saving = Saving(cast("Any", store))
    saving.soon(JOB)
    await saving.now()
    assert (store.posted, store.flushed) == (1, 1)


async def test_every_read_at_once_sees_an_end_that_is_being_stored(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "state.db")
    saving = Saving(store)
    saving.soon(JOB)
    await saving.now()
    ended = msgspec.structs.replace(JOB, status="Failed")

    async def read() -> str:
        await saving.now()
        found = rows.get_job(store.reader, JOB.name)
        return found.status if found else ""

    *_, first, second = await asyncio.gather(saving.final(ended), read(), read())
    assert (first, second) == ("Failed", "Failed")
    store.close()


async def test_a_read_beside_another_waits_for_the_same_commit() -> None:
    store = SlowStore()
    saving = Saving(cast("Any", store))
    saving.soon(JOB)
    reads = [asyncio.ensure_future(saving.now()) for _ in range(2)]
    for _ in range(5):  # turns of the loop, in which nothing is committed
        await asyncio.sleep(0)
    assert not any(read.done() for read in reads)
    store.committed.set()
    await asyncio.gather(*reads)
