"""What `Saving` promises of reads, over a store that only counts."""

from __future__ import annotations

from typing import Any, cast

from jupyter_aml.model.job import CommandJob, Job
from jupyter_aml.service.backends.local.jobs.saving import Saving
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
