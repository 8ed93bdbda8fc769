"""Restarts, full disks and output without end."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.service.joblog.events_file import EventsFile
from jupyter_aml.service.joblog.logs import JobLogs
from jupyter_aml.testing.clock import FakeClock
from tests.service.joblog.hands import HandWatcher, Writer
from tests.service.joblog.reading import collect, events, lines, restarted, shown

MEGABYTE = 1_000_000


async def test_the_next_service_goes_on_where_the_log_ends(
    logs: JobLogs, folder: Path, job: Writer, clock: FakeClock
) -> None:
    log = logs.open("maple_river", folder)
    log.append("status", status="Running")
    log.attach(1, 0)
    job.write("stdout", b"one\n")
    job.frame("metric", name="a", value=1)
    assert len(await lines(log)) == 3
    job.write("stdout", b"two\n")
    job.frame("metric", name="a", value=2)

    frames: list[dict[str, Any]] = []
    again = restarted(folder, clock)
    again.attach(1, 0, on_frame=frames.append)
    await again.drain(1, 0)
    assert [event.seq for event in await events(again)] == [1, 2, 3, 4, 5]
    assert "".join(event.text for event in await events(again)) == "one\ntwo\n"
    assert [frame["value"] for frame in frames] == [2]


async def test_a_torn_last_line_is_cut_off(logs: JobLogs, folder: Path, clock: FakeClock) -> None:
    log = logs.open("maple_river", folder)
    log.append("notice", text="whole")
    log.close()
    path = folder / "events.log"
    whole = path.read_bytes()
    for garbage in (b'{"seq":2,"time":"20', b"\x00" * 5000, b"\x00\x00\n"):
        path.write_bytes(whole + garbage)
        again = restarted(folder, clock)
        assert again.last_seq == 1
        assert (await lines(again))[0] == whole.rstrip()
        assert again.append("notice", text="next") == 2
        assert [event.text for event in await events(again)] == ["whole", "next"]
        again.close()


async def test_the_done_frame_is_found_again_after_a_restart(
    logs: JobLogs, folder: Path, job: Writer, clock: FakeClock
) -> None:
    job.frame("execute_result", data={"text/plain": "1"})
    job.frame("done", status="ok", files=["model.pkl"])
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    again = restarted(folder, clock)
    done = await again.drain(1, 0)
    assert done is not None
    assert done["files"] == ["model.pkl"]
    assert len(await lines(again)) == 1


class FullDisk:
    """`EventsFile.write` as on a disk that is full until it is mended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        real = EventsFile.write

        def write(file: EventsFile, data: bytes) -> None:
            if self.full:
                raise OSError(errno.ENOSPC, "No space left on device")
            real(file, data)

        monkeypatch.setattr(EventsFile, "write", write)


async def test_a_full_disk_is_said_once_and_nothing_is_lost(
    logs: JobLogs,
    folder: Path,
    job: Writer,
    watcher: HandWatcher,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    disk = FullDisk(monkeypatch)
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    found: list[bytes] = []
    task = asyncio.ensure_future(collect(log.follow(0), found))
    await asyncio.sleep(0)
    disk.full = True
    job.write("stdout", b"one\n")
    watcher.changed()
    assert log.append("notice", text="two") == 1
    await clock.pass_time(5)
    assert found == [], "nobody is told what is not on disk"
    disk.full = False
    await clock.pass_time(1)
    await log.drain(1, 0)
    log.append("status", status="Completed")
    await asyncio.wait_for(task, 30)
    assert caplog.text.count("StorageFull") == 1
    kinds = [json.loads(line)["kind"] for line in b"".join(found).splitlines()]
    assert kinds == ["notice", "stdout", "status"]


async def test_draining_waits_for_the_disk(
    logs: JobLogs, folder: Path, job: Writer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    disk.full = True
    job.write("stdout", b"last words\n")
    log = logs.open("maple_river", folder)
    task = asyncio.ensure_future(log.drain(1, 0))
    await clock.pass_time(3)
    assert not task.done()
    disk.full = False
    await clock.pass_time(1)
    await clock.pass_time(1)
    await asyncio.wait_for(task, 30)
    assert shown(await events(log)) == [("stdout", "last words\n")]


async def test_output_without_end_drops_its_oldest_part_and_says_so(
    folder: Path, job: Writer, clock: FakeClock, watcher: HandWatcher
) -> None:
    logs = JobLogs(clock=clock, watcher=watcher, limit_bytes=MEGABYTE)
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    for number in range(2000):
        job.write("stdout", f"{number:09}\n".encode() * 1000)
        watcher.changed()
        clock.advance(0.3)
    await log.drain(1, 0)
    log.append("status", status="Completed")
    path = job.path("stdout")
    assert path.stat().st_size == 20 * MEGABYTE
    assert path.stat().st_blocks * 512 <= 1.5 * MEGABYTE

    for reader in (log, restarted(folder, clock)):
        found = await events(reader)
        notices = [event.text for event in found if event.kind == "notice"]
        assert len(notices) == 2, "one when it began, one in place of what is gone"
        assert all("were dropped" in text for text in notices)
        text = "".join(event.text for event in found if event.kind == "stdout")
        assert "\0" not in text
        assert 0.5 * MEGABYTE < len(text) <= 1.5 * MEGABYTE
        numbers = [int(line) for line in text.splitlines()]
        assert numbers == sorted(numbers)
        assert numbers[-1] == 1999
    logs.close()


async def test_where_nothing_can_be_dropped_that_is_said_once(
    folder: Path,
    job: Writer,
    clock: FakeClock,
    watcher: HandWatcher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jupyter_aml.service.joblog.rank.drop", lambda path, upto: False)
    logs = JobLogs(clock=clock, watcher=watcher, limit_bytes=1000)
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    for _ in range(10):
        job.write("stdout", b"x" * 999 + b"\n")
        watcher.changed()
        clock.advance(0.3)
    await log.drain(1, 0)
    found = await events(log)
    assert len([event for event in found if event.kind == "notice"]) == 1
    assert sum(len(event.text) for event in found if event.kind == "stdout") == 10_000
    logs.close()
