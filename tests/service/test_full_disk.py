"""A disk that is really full: a small one of memory, where this user may mount one."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.model.errors import StorageFull
from jupyter_aml.service.clock import SystemClock
from jupyter_aml.service.joblog import JobLogs
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually

FAKE = "--ServiceSettings.backend=jupyter_aml.testing.fakes:FakeBackend"


class SmallDisk:
    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self) -> None:
        """Until not one byte more fits."""
        with (self.path / "filler").open("wb", buffering=0) as file:
            for size in (4096, 1):
                try:
                    while file.write(b"x" * size):
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        (self.path / "filler").unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    path = tmp_path / "disk"
    path.mkdir()
    if not sys.platform.startswith("linux") or not shutil.which("mount"):
        pytest.skip("needs Linux's tmpfs")
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount")
    yield SmallDisk(path)
    subprocess.run(["umount", "-l", str(path)], check=True)


def test_a_full_disk_is_one_clear_error_and_the_service_goes_on(disk: SmallDisk) -> None:
    service = ServiceProcess(disk.path / "home", FAKE)
    service.start()
    disk.fill()
    for _ in range(2):
        with pytest.raises(StorageFull) as refused:
            service.request("PUT", "/preferences", {"defaultCompute": "x" * 9000})
        assert "is full" in refused.value.message
        assert "JUPYTER_AML_HOME" in refused.value.hint
    assert service.request("GET", "/service")["state"] == "running"

    service.terminate()
    with pytest.raises(AssertionError, match="StorageFull"):
        service.start()
    assert not list((disk.path / "home").glob(".service.json*"))

    disk.free()
    service.start()
    kept = service.request("PUT", "/preferences", {"defaultCompute": "cpu"})
    assert kept["defaultCompute"] == "cpu"
    service.stop()


async def test_what_was_accepted_before_the_disk_was_full_is_there(disk: SmallDisk) -> None:
    store = Store.open(disk.path / "state.db")
    await store.write(lambda conn: rows.set_value(conn, "kept", b"x"), durable=True)
    disk.fill()
    with pytest.raises(StorageFull):
        await store.write(lambda conn: rows.set_value(conn, "large", b"x" * 100_000))
    store.close()
    disk.free()
    again = Store.open(disk.path / "state.db")
    assert again.warnings == []
    assert rows.get_value(again.reader, "kept") == b"x"
    assert rows.get_value(again.reader, "large") is None
    again.close()


async def test_a_log_goes_on_when_there_is_room_again(disk: SmallDisk) -> None:
    # the raw files lie on a disk with room, as when a quota ends: only the log cannot grow
    logs = JobLogs(clock=SystemClock())
    log = logs.open("maple_river", disk.path / "job")
    log.append("status", status="Running")
    log.attach(1, 0)
    raw = disk.path / "job" / "1" / "stdout.0"
    raw.write_bytes(b"before\n")
    found: list[bytes] = []

    async def follow() -> None:
        async for batch in log.follow(0):
            found.append(batch)  # noqa: PERF401

    following = asyncio.ensure_future(follow())

    async def two_lines() -> bool:
        return len(b"".join(found).splitlines()) == 2

    await eventually(two_lines)
    with raw.open("ab", buffering=0) as file:
        file.write(b"x" * 3000 + b"\n")  # reaches into a page that is there already
        disk.fill()
        for number in range(200):
            log.append("notice", text=f"{number} " + "y" * 100)
        await asyncio.sleep(0.1)
        disk.free()
        await log.drain(1, 0)
        log.append("status", status="Completed")
        await asyncio.wait_for(following, 30)
    events = [json.loads(line) for line in b"".join(found).splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    notices = [event["text"].split()[0] for event in events if event["kind"] == "notice"]
    assert notices == [str(number) for number in range(200)]
    text = "".join(event["text"] for event in events if event["kind"] == "stdout")
    assert text == "before\n" + "x" * 3000 + "\n"
    logs.close()
