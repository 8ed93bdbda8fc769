"""A rank of which the sizes of its files say all: its end is written without reading them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from jupyter_aml.model.event import Event
from jupyter_aml.service.joblog import JobLog
from jupyter_aml.service.joblog.logs import JobLogs
from jupyter_aml.service.joblog.rank import CHUNK, Sizes
from jupyter_aml.testing.clock import FakeClock
from tests.service.joblog.hands import HandWatcher, Writer
from tests.service.joblog.reading import events, lines, open_under, restarted, shown
from tests.service.joblog.test_troubles import FullDisk

FINAL = {"status": "Completed", "reason": "", "attempt": 1}


def written(job: Writer, **streams: bytes) -> Sizes:
    """Write what a plain cell does; what it says of that at its end."""
    for stream in ("stdout", "stderr"):
        job.write(stream, streams.get(stream, b""))
    job.frame("done", status="ok")
    out, err, frames = (job.path(s).stat().st_size for s in ("stdout", "stderr", "frames"))
    return out, err, frames


@pytest.mark.parametrize(
    "streams",
    [{}, {"stdout": b"one\ntwo\n"}, {"stderr": b"oh\n"}, {"stdout": b"cut \xe2\x82"}],
)
async def test_the_log_says_what_it_says_when_they_are_read(
    logs: JobLogs, folder: Path, job: Writer, clock: FakeClock, streams: dict[str, bytes]
) -> None:
    sizes = written(job, **streams)
    log = logs.open("maple_river", folder)
    log.append_later("status", status="Running")
    assert log.end_unread(1, 0, sizes, **FINAL)
    read = logs.open("read", folder.with_name("read"))
    other = Writer(folder.with_name("read"))
    written(other, **streams)
    read.append_later("status", status="Running")
    await read.drain(1, 0)
    read.append("status", **FINAL)

    assert text(await events(log), "stdout") == text(await events(read), "stdout")
    assert text(await events(log), "stderr") == text(await events(read), "stderr")
    again = restarted(folder, clock)
    assert await lines(again) == await lines(log)
    assert again.final_status == log.final_status == "Completed"
    assert [event.seq for event in await events(log)] == [*range(1, log.last_seq + 1)]
    assert open_under(folder) == []


def text(found: list[Event], kind: str) -> str:
    return "".join(event.text for event in found if event.kind == kind)


async def test_a_later_attempt_that_nobody_looked_at_is_behind_what_the_log_has(
    logs: JobLogs, folder: Path, watcher: HandWatcher
) -> None:
    log = logs.open("maple_river", folder)
    log.append("notice", text="Attempt 1 ended.")
    second = Writer(folder, attempt=2)
    log.attach(2, 0, is_new=True)
    assert log.end_unread(2, 0, written(second, stdout=b"two\n"), **FINAL)
    assert shown(await events(log)) == [
        ("notice", "Attempt 1 ended."),
        ("stdout", "two\n"),
        ("status", "Completed"),
    ]
    assert all(watch.closed for watch in watcher.watches)


Trouble = Callable[[JobLog, Writer], Awaitable[object]]


async def followed(log: JobLog, _job: Writer) -> object:
    follower = log.follow(0)
    log.append("notice", text="first")
    await anext(follower)
    return follower


async def expected(log: JobLog, _job: Writer) -> None:
    log.expect_follower()


async def grown(_log: JobLog, job: Writer) -> None:
    """A thread of the cell wrote behind its end."""
    job.write("stdout", b"late\n")


async def shown_late(_log: JobLog, job: Writer) -> None:
    job.frame("display_data", data={"text/plain": "late"})


async def looked_at(log: JobLog, _job: Writer) -> None:
    log.attach(1, 0)
    await lines(log)


async def begun_by_an_earlier_service(log: JobLog, _job: Writer) -> None:
    log.append("notice", text="nobody here knows how far it had read")


@pytest.mark.parametrize(
    "trouble", [followed, expected, grown, shown_late, looked_at, begun_by_an_earlier_service]
)
async def test_where_they_have_to_be_read_nothing_is_changed(
    logs: JobLogs, folder: Path, job: Writer, trouble: Trouble
) -> None:
    sizes = written(job, stdout=b"text\n")
    log = logs.open("maple_river", folder)
    held = await trouble(log, job)
    before = log.last_seq
    assert not log.end_unread(1, 0, sizes, **FINAL)
    assert (log.last_seq, log.final_status) == (before, None)
    del held
    await log.drain(1, 0)
    assert text(await events(log), "stdout") == job.path("stdout").read_text()


@pytest.mark.parametrize(
    "streams", [{"stdout": b"out\n", "stderr": b"err\n"}, {"stdout": b"x" * (CHUNK + 1)}]
)
async def test_the_order_of_two_streams_and_the_pieces_of_a_long_one_have_to_be_read(
    logs: JobLogs, folder: Path, job: Writer, streams: dict[str, bytes]
) -> None:
    log = logs.open("maple_river", folder)
    assert not log.end_unread(1, 0, written(job, **streams), **FINAL)


async def test_a_full_disk_is_left_to_who_waits_for_it(
    logs: JobLogs, folder: Path, job: Writer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    sizes = written(job, stdout=b"text\n")
    log = logs.open("maple_river", folder)
    log.append_later("status", status="Running")
    disk.full = True
    assert not log.end_unread(1, 0, sizes, **FINAL)
    assert (log.last_seq, log.final_status) == (1, None)
    disk.full = False
    await clock.pass_time(1)
    await log.drain(1, 0)
    log.append("status", **FINAL)
    assert shown(await events(log)) == [
        ("status", "Running"),
        ("stdout", "text\n"),
        ("status", "Completed"),
    ]


async def test_a_follower_of_later_reads_it_from_the_disk(
    logs: JobLogs, folder: Path, job: Writer
) -> None:
    log = logs.open("maple_river", folder)
    assert log.end_unread(1, 0, written(job, stdout=b"text\n"), **FINAL)
    assert shown(await events(log, after=1)) == [("status", "Completed")]
    assert (
        b"".join([batch async for batch in log.follow(0)]) == b"\n".join(await lines(log)) + b"\n"
    )
