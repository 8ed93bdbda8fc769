"""The merged log of a job: what comes into it, in which order and numbers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model.event import Event
from jupyter_aml.service.joblog.logs import JobLogs
from jupyter_aml.testing.clock import FakeClock
from tests.service.joblog.hands import HandWatcher, Writer
from tests.service.joblog.reading import collect, events, open_under, restarted, shown


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
    await asyncio.wait_for(task, 30)
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
