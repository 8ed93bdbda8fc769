"""What a job's acceptance waits for: its commit, and where nobody follows it the disk."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Any

import pytest

from jupyter_aml.model.errors import NotFound, StorageFull
from jupyter_aml.model.job import CommandJob, CreateJob
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.store import rows
from jupyter_aml.testing.waiting import eventually


def body(name: str, command: str = "echo hello") -> CreateJob:
    return CreateJob(name=name, spec=CommandJob(command=command))


async def ends(backend: LocalBackend, name: str, how: str) -> None:
    """Return once the job of that name has come, and has ended so."""

    async def has_ended() -> bool:
        try:
            return (await backend.jobs.get(name)).status == how
        except NotFound:
            return False

    await eventually(has_ended)


async def test_who_follows_a_job_does_not_wait_for_the_disk_and_who_creates_one_does(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = threading.Event()
    monkeypatch.setattr(os, "fdatasync", lambda _: disk.wait(60), raising=False)
    lines = [line async for line in await backend.jobs.run(body=body("followed"))]
    assert b"hello" in b"".join(lines)

    creating = asyncio.ensure_future(backend.jobs.create(body=body("created")))
    await ends(backend, "created", "Completed")
    assert not creating.done()
    disk.set()
    assert (await creating).name == "created"


async def test_a_job_that_the_disk_refuses_ends(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", refuse, raising=False)
    with pytest.raises(StorageFull):
        await backend.jobs.create(body=body("created", "sleep 600"))
    follow = await backend.jobs.run(body=body("followed", "sleep 600"))
    lines = [line async for line in follow]
    assert b'"status":"Canceled"' in lines[-1]
    await ends(backend, "created", "Canceled")


async def test_that_a_job_is_to_end_is_stored_before_the_answer(backend: LocalBackend) -> None:
    """A service that is killed then, before any node heard of it, leaves that to the next one."""
    engine: Any = backend._engine
    spec = CommandJob(command="sleep 600")
    name = (await backend.jobs.create(body=CreateJob(spec=spec))).name
    await backend.jobs.cancel(name)
    stored = rows.get_job(engine.store.reader, name)
    assert stored is not None
    assert stored.status in ("CancelRequested", "Canceled")
