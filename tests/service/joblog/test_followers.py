"""Followers: any number, each at its own pace, none misses or repeats an event."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from jupyter_aml.service.joblog.logs import JobLogs
from jupyter_aml.testing.clock import FakeClock
from tests.service.joblog.hands import HandWatcher, Writer
from tests.service.joblog.reading import collect, lines, open_under, restarted


async def test_a_follower_ends_after_the_final_status(logs: JobLogs, folder: Path) -> None:
    log = logs.open("maple_river", folder)
    found: list[bytes] = []
    task = asyncio.ensure_future(collect(log.follow(0), found))
    await asyncio.sleep(0)
    log.append("status", status="Running")
    await asyncio.sleep(0)
    log.append("status", status="Completed")
    await asyncio.wait_for(task, 30)
    assert [json.loads(line)["status"] for line in b"".join(found).splitlines()] == [
        "Running",
        "Completed",
    ]
    assert log.final_status == "Completed"
    assert [batch async for batch in log.follow(2)] == []


async def test_a_finished_log_is_final_when_it_is_opened_again(
    logs: JobLogs, folder: Path, clock: FakeClock
) -> None:
    log = logs.open("maple_river", folder)
    log.append("status", status="Failed", reason="OutOfMemory")
    again = restarted(folder, clock)
    assert (again.last_seq, again.final_status) == (1, "Failed")
    assert len([batch async for batch in again.follow(0)]) == 1


async def test_silence_has_a_heartbeat(logs: JobLogs, folder: Path, clock: FakeClock) -> None:
    log = logs.open("maple_river", folder)
    follower = log.follow(0)
    waiting = asyncio.ensure_future(anext(follower))
    await asyncio.sleep(0)
    await clock.pass_time(14.9)
    assert not waiting.done()
    await clock.pass_time(0.2)
    assert await asyncio.wait_for(waiting, 30) == b"{}\n"
    await follower.aclose()
    assert clock.timers == 0


async def test_a_follower_who_falls_behind_reads_from_disk_and_misses_nothing(
    logs: JobLogs, folder: Path
) -> None:
    log = logs.open("maple_river", folder)
    slow = log.follow(0)
    log.append("notice", text="first")
    found = [await anext(slow)]
    for number in range(3000):
        log.append("notice", text=f"{number} " + "x" * 300)
    log.append("status", status="Completed")
    found += [batch async for batch in slow]
    numbers = [json.loads(line)["seq"] for line in b"".join(found).splitlines()]
    assert numbers == list(range(1, 3003))
    assert max(map(len, found)) < 2 * 256 * 1024


async def test_a_hundred_followers_each_see_everything(
    logs: JobLogs, folder: Path, job: Writer, watcher: HandWatcher, clock: FakeClock
) -> None:
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    found: list[list[bytes]] = [[] for _ in range(100)]
    tasks = [asyncio.ensure_future(collect(log.follow(0), into)) for into in found]
    for number in range(20):
        job.write("stdout", b"%d\n" % number)
        watcher.changed()
        await clock.pass_time(0.016)
    await log.drain(1, 0)
    log.append("status", status="Completed")
    await asyncio.wait_for(asyncio.gather(*tasks), 30)
    assert len({b"".join(batches) for batches in found}) == 1


async def test_a_follower_may_fall_behind_and_catch_up_again_and_again(
    logs: JobLogs, folder: Path
) -> None:
    log = logs.open("maple_river", folder)
    follower = log.follow(0)
    numbers: list[int] = []
    for round_ in range(6):
        for _ in range(1500 if round_ % 2 else 3):
            log.append("notice", text="x" * 400)
        while len(numbers) < log.last_seq:
            batch = await anext(follower)
            assert batch, "an empty chunk would end the HTTP stream"
            numbers += [json.loads(line)["seq"] for line in batch.splitlines()]
    await follower.aclose()
    assert numbers == list(range(1, log.last_seq + 1))


@pytest.mark.parametrize("count", [0, 1, 7, 400, 20_000])
async def test_any_number_is_found_from_disk(
    folder: Path, clock: FakeClock, logs: JobLogs, count: int
) -> None:
    log = logs.open("maple_river", folder)
    for number in range(1, count + 1):
        log._unsaved.append(
            b'{"seq":%d,"time":"","kind":"notice","text":"%b"}\n' % (number, b"x" * (number % 97))
        )
    log.last_seq = count
    log._save_unsaved()
    again = restarted(folder, clock)
    assert again.last_seq == count
    for after in {0, 1, count // 3, count // 2, count - 1, count, count + 5}:
        numbers = [json.loads(line)["seq"] for line in await lines(again, after)]
        assert numbers == list(range(max(after, 0) + 1, count + 1))


async def test_closing_ends_followers_and_leaves_nothing_open(
    logs: JobLogs, folder: Path, job: Writer, clock: FakeClock, watcher: HandWatcher
) -> None:
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    job.write("stdout", b"x\n")
    watcher.changed()
    found: list[bytes] = []
    task = asyncio.ensure_future(collect(log.follow(0), found))
    await asyncio.sleep(0)
    logs.close()
    await asyncio.wait_for(task, 30)
    assert clock.timers == 0
    assert not open_under(folder)
