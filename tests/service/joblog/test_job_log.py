"""The merged log of a job: order, numbers, followers, restarts, troubles of the disk."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from jupyter_aml.model.event import Event
from jupyter_aml.service.joblog.events_file import EventsFile
from jupyter_aml.service.joblog.log import JobLog
from jupyter_aml.service.joblog.logs import JobLogs
from jupyter_aml.testing.clock import FakeClock
from tests.service.joblog.hands import HandWatcher, Writer

MEGABYTE = 1_000_000


def restarted(folder: Path, clock: FakeClock) -> JobLog:
    """The log as the next service opens it after a kill -9 of this one."""
    return JobLogs(clock=clock, watcher=HandWatcher()).open("maple_river", folder)


async def lines(log: JobLog, after: int = 0) -> list[bytes]:
    """Everything there is now."""
    return b"".join([batch async for batch in log.follow(after, wait=False)]).splitlines()


async def events(log: JobLog, after: int = 0) -> list[Event]:
    return [msgspec.json.decode(line, type=Event) for line in await lines(log, after)]


def open_under(folder: Path) -> list[str]:
    """Files below `folder` that this process holds open."""
    return [file.path for file in psutil.Process().open_files() if str(folder) in file.path]


def shown(found: list[Event]) -> list[Any]:
    """Texts and kinds, as a reader sees them."""
    return [(event.kind, event.text or event.status or event.data) for event in found]


# -- the service's own events ---------------------------------------------------------------


async def test_events_are_numbered_from_one_and_are_on_disk(
    logs: JobLogs, folder: Path, clock: FakeClock
) -> None:
    log = logs.open("maple_river", folder)
    assert log.last_seq == 0
    assert log.append("status", status="Queued", reason="Waits for cpu.", attempt=1) == 1
    assert log.append("notice", text="ä\n") == 2
    assert (log.last_seq, log.final_status) == (2, None)
    assert await events(log) == [
        Event(
            seq=1,
            time="2026-11-21T17:59:13.000000Z",
            kind="status",
            status="Queued",
            reason="Waits for cpu.",
            attempt=1,
        ),
        Event(seq=2, time="2026-11-21T17:59:13.000000Z", kind="notice", text="ä\n"),
    ]
    assert await events(restarted(folder, clock)) == await events(log)
    assert await events(log, after=1) == (await events(log))[1:]


async def test_a_field_that_no_event_has_is_a_mistake_and_changes_nothing(
    logs: JobLogs, folder: Path
) -> None:
    log = logs.open("maple_river", folder)
    with pytest.raises(TypeError):
        log.append("notice", txt="typo")
    assert log.last_seq == 0


def test_a_log_is_opened_once_while_anybody_holds_it(logs: JobLogs, folder: Path) -> None:
    log = logs.open("maple_river", folder)
    assert logs.open("maple_river", folder) is log
    assert logs.open("other", folder.with_name("other")) is not log


# -- the job's files ------------------------------------------------------------------------


async def test_output_comes_in_the_order_in_which_the_job_wrote_it(
    logs: JobLogs, folder: Path, job: Writer
) -> None:
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    job.write("stdout", b"before the plot\n")
    job.frame("display_data", data={"text/plain": "plot"}, metadata={}, transient={})
    job.write("stdout", b"after the plot\n")
    job.write("stderr", b"warning\n")
    job.frame("mark")
    job.write("stdout", b"end\n")
    job.frame("execute_result", data={"text/plain": "42"}, metadata={}, transient={})
    job.frame("done", status="ok", result=None)
    done = await log.drain(1, 0)
    assert done is not None
    assert done["status"] == "ok"
    assert shown(await events(log)) == [
        ("stdout", "before the plot\n"),
        ("display_data", {"text/plain": "plot"}),
        ("stdout", "after the plot\n"),
        ("stderr", "warning\n"),
        ("stdout", "end\n"),
        ("execute_result", {"text/plain": "42"}),
    ]


async def test_the_first_output_is_taken_at_once_and_later_ones_together(
    logs: JobLogs, folder: Path, job: Writer, watcher: HandWatcher, clock: FakeClock
) -> None:
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    follower = log.follow(0)
    first = asyncio.ensure_future(anext(follower))
    await asyncio.sleep(0)
    job.write("stdout", b"1\n")
    watcher.changed()
    assert json.loads(await first)["text"] == "1\n"
    for number in range(2, 50):
        job.write("stdout", b"%d\n" % number)
        watcher.changed()
    assert log.last_seq == 1
    clock.advance(0.016)
    assert log.last_seq == 2
    clock.advance(0.016)
    job.write("stdout", b"later\n")
    watcher.changed()
    assert log.last_seq == 3, "after a quiet time the next output is a first one again"
    await follower.aclose()


async def test_while_nobody_follows_chunks_are_fewer_until_somebody_comes(
    logs: JobLogs, folder: Path, job: Writer, watcher: HandWatcher, clock: FakeClock
) -> None:
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    for number in range(100):
        job.write("stdout", b"%d\n" % number)
        watcher.changed()
        clock.advance(0.010)
    assert 3 <= log.last_seq <= 6
    job.write("stdout", b"newest\n")
    texts = [event.text for event in await events(log)]
    assert texts[-1].endswith("newest\n"), "who asks gets what is there now"


async def test_what_the_files_hold_before_they_are_attached_is_taken(
    logs: JobLogs, folder: Path, job: Writer
) -> None:
    job.write("stdout", b"early\n")
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    assert shown(await events(log)) == [("stdout", "early\n")]


async def test_ranks_and_attempts_are_kept_apart(
    logs: JobLogs, folder: Path, watcher: HandWatcher
) -> None:
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    log.attach(1, 1)
    Writer(folder, 1, 0).write("stdout", b"zero\n")
    Writer(folder, 1, 1).write("stdout", b"one\n")
    watcher.changed()
    await log.drain(1, 0)
    assert not watcher.watches[0].closed, "the other rank is still followed"
    await log.drain(1, 1)
    assert watcher.watches[0].closed
    log.attach(2, 1)
    Writer(folder, 2, 1).write("stdout", b"again\n")
    await log.drain(2, 1)
    assert [(event.node, event.text) for event in await events(log)] == [
        (0, "zero\n"),
        (1, "one\n"),
        (1, "again\n"),
    ]


async def test_metrics_progress_and_done_reach_the_backend(
    logs: JobLogs, folder: Path, job: Writer, watcher: HandWatcher
) -> None:
    frames: list[dict[str, Any]] = []
    log = logs.open("maple_river", folder)
    log.attach(1, 0, on_frame=frames.append)
    job.frame("metric", name="loss", value=0.5, step=1)
    for value in range(100):
        job.frame("progress", value=value, total=100, text="training")
    job.frame("done", status="ok")
    watcher.changed()
    await log.drain(1, 0)
    assert [frame["k"] for frame in frames] == ["metric", "progress", "done"]
    metric, progress = await events(log)
    assert (metric.name, metric.value, metric.step) == ("loss", 0.5, 1)
    assert (progress.value, progress.total) == (99, 100), "of a row of reports, the newest"


async def test_a_backend_that_fails_at_a_frame_does_not_stop_the_log(
    logs: JobLogs, folder: Path, job: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    log = logs.open("maple_river", folder)
    log.attach(1, 0, on_frame=lambda frame: 1 / 0)
    job.frame("metric", name="a", value=1)
    job.write("stdout", b"goes on\n")
    await log.drain(1, 0)
    assert [event.kind for event in await events(log)] == ["metric", "stdout"]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b'{"k":"status","status":"Completed"}',
        b'{"k":"notice","text":"I am the service"}',
        b'{"k":"display_data","data":["not","a","dict"]}',
        b'{"k":"display_data","data":{"text/plain":"\xff\xfe"}}',
        b'{"k":"display_data","data":{"text/plain":"\\ud800"}}',
        b'{"k":"metric","name":"loss","value":NaN}',
        b'{"no":"kind"}',
        b"",
    ],
)
async def test_a_frame_that_no_client_could_read_becomes_a_notice(
    logs: JobLogs, folder: Path, job: Writer, line: bytes
) -> None:
    job.write("frames", line + b"\n")
    job.frame("display_data", data={"text/plain": "next"}, metadata={})
    log = logs.open("maple_river", folder)
    await log.drain(1, 0)
    assert log.final_status is None
    first, second = await events(log)
    assert (first.kind, "left out" in first.text) == ("notice", True)
    assert second.data == {"text/plain": "next"}


async def test_a_frame_that_a_kill_tore_apart_is_said(
    logs: JobLogs, folder: Path, job: Writer
) -> None:
    job.write("frames", b'{"k":"display_data","data":{"text/plain":"half')
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    assert log.last_seq == 0
    assert await log.drain(1, 0) is None
    assert [event.kind for event in await events(log)] == ["notice"]


async def test_large_frames_and_chunks_pass_whole(
    logs: JobLogs, folder: Path, job: Writer, clock: FakeClock
) -> None:
    plot = "x" * 3_000_000
    text = b"line\n" * 1_000_000
    job.write("stdout", text)
    job.frame("display_data", data={"image/png": plot}, metadata={})
    log = logs.open("maple_river", folder)
    await log.drain(1, 0)
    for reader in (log, restarted(folder, clock)):
        found = await events(reader)
        assert "".join(event.text for event in found).encode() == text
        assert max(len(event.text) for event in found) <= 64 * 1024
        assert found[-1].data == {"image/png": plot}


async def test_a_character_on_a_chunk_border_stays_whole(
    logs: JobLogs, folder: Path, job: Writer, watcher: HandWatcher, clock: FakeClock
) -> None:
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    for byte in "a€😀".encode():
        job.write("stdout", bytes([byte]))
        watcher.changed()
        clock.advance(1)
    job.write("stdout", b"\xff")
    job.write("stdout", b"\xe2\x82")
    await log.drain(1, 0)
    assert "".join(event.text for event in await events(log)) == "a€😀\ufffd\ufffd"


async def test_a_script_that_empties_its_stderr_loses_only_that(
    logs: JobLogs, folder: Path, job: Writer, watcher: HandWatcher, clock: FakeClock
) -> None:
    log = logs.open("maple_river", folder)
    log.attach(1, 0)
    live: list[bytes] = []
    task = asyncio.ensure_future(collect(log.follow(0), live))
    await asyncio.sleep(0)
    job.write("stderr", b"a long first message\n")
    watcher.changed()
    clock.advance(1)
    job.path("stderr").write_bytes(b"second\n")  # what `echo second > /dev/stderr` does
    watcher.changed()
    await log.drain(1, 0)
    log.append("status", status="Completed")
    await asyncio.wait_for(task, 5)
    kinds = [json.loads(line)["kind"] for line in b"".join(live).splitlines()]
    assert kinds == ["stderr", "notice", "stderr", "status"]
    replayed = await events(restarted(folder, clock))
    assert [event.kind for event in replayed] == ["notice", "notice", "stderr", "status"]
    assert replayed[2].text == "second\n"


async def test_a_queue_of_thousands_keeps_no_file_open(
    logs: JobLogs, tmp_path: Path, clock: FakeClock
) -> None:
    opened = [logs.open(f"job{number}", tmp_path / str(number)) for number in range(50)]
    for log in opened:
        log.append("status", status="Queued")
    assert not open_under(tmp_path)


# -- followers ------------------------------------------------------------------------------


async def collect(follower: AsyncIterator[bytes], into: list[bytes]) -> None:
    async for batch in follower:
        into += [batch]


async def test_a_follower_ends_after_the_final_status(logs: JobLogs, folder: Path) -> None:
    log = logs.open("maple_river", folder)
    found: list[bytes] = []
    task = asyncio.ensure_future(collect(log.follow(0), found))
    await asyncio.sleep(0)
    log.append("status", status="Running")
    await asyncio.sleep(0)
    log.append("status", status="Completed")
    await asyncio.wait_for(task, 5)
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
    assert await asyncio.wait_for(waiting, 5) == b"{}\n"
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
    await asyncio.wait_for(asyncio.gather(*tasks), 10)
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
    await asyncio.wait_for(task, 5)
    assert clock.timers == 0
    assert not open_under(folder)


# -- restarts -------------------------------------------------------------------------------


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


# -- a full disk ----------------------------------------------------------------------------


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
    await asyncio.wait_for(task, 5)
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
    await asyncio.wait_for(task, 5)
    assert shown(await events(log)) == [("stdout", "last words\n")]


# -- output without end ---------------------------------------------------------------------


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
