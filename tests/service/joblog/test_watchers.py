"""Being told of changes: inotify on a real disk, polling, and what happens without watches."""

from __future__ import annotations

import asyncio
import errno
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path

import pytest

from jupyter_aml.service.clock import SystemClock
from jupyter_aml.service.joblog.polling import PollingWatcher
from jupyter_aml.service.joblog.watcher import Watcher, choose_watcher
from jupyter_aml.testing.clock import FakeClock

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")


class Wakes:
    """Counts wakes and lets a test wait for the next."""

    def __init__(self) -> None:
        self.count = 0
        self._news = asyncio.Event()

    def __call__(self) -> None:
        self.count += 1
        self._news.set()

    async def next(self) -> None:
        await asyncio.wait_for(self._news.wait(), 30)
        self._news.clear()

    async def none(self, seconds: float = 0.1) -> None:
        before = self.count
        await asyncio.sleep(seconds)
        assert self.count == before


@pytest.fixture(params=["inotify", "polling"])
async def watcher(request: pytest.FixtureRequest) -> AsyncIterator[Watcher]:
    if request.param == "inotify" and not sys.platform.startswith("linux"):
        pytest.skip("inotify is Linux's")
    clock = SystemClock()
    made = choose_watcher(clock) if request.param == "inotify" else PollingWatcher(clock)
    yield made
    made.close()


async def test_a_write_wakes_whether_the_file_was_there_or_not(
    watcher: Watcher, tmp_path: Path
) -> None:
    wakes = Wakes()
    watch = watcher.watch(tmp_path, wakes)
    (tmp_path / "stdout.0").write_bytes(b"x")
    await wakes.next()
    with (tmp_path / "stdout.0").open("ab") as file:
        file.write(b"y")
    await wakes.next()
    watch.close()
    await wakes.none()


async def test_a_muted_watch_is_silent_until_it_is_unmuted(
    watcher: Watcher, tmp_path: Path
) -> None:
    wakes = Wakes()
    watch = watcher.watch(tmp_path, wakes)
    watch.mute()
    (tmp_path / "stdout.0").write_bytes(b"x")
    await wakes.none()
    watch.unmute()
    (tmp_path / "stdout.0").write_bytes(b"xy")
    await wakes.next()
    watch.close()


@linux
async def test_folders_wake_their_own_watch_only(tmp_path: Path) -> None:
    watcher = choose_watcher(SystemClock())
    folders = [tmp_path / str(number) for number in range(5)]
    wakes = [Wakes() for _ in folders]
    for folder, wake in zip(folders, wakes, strict=True):
        folder.mkdir()
        watcher.watch(folder, wake)
    (folders[3] / "stdout.0").write_bytes(b"x")
    await wakes[3].next()
    assert [wake.count > 0 for wake in wakes] == [False, False, False, True, False]
    watcher.close()


@linux
async def test_a_watch_that_is_closed_by_another_wake_is_not_called(tmp_path: Path) -> None:
    watcher = choose_watcher(SystemClock())
    for name in "ab":
        (tmp_path / name).mkdir()
    woken = Wakes()
    watches = {}

    def close_both(name: str) -> Callable[[], None]:
        def wake() -> None:
            woken()
            for watch in watches.values():
                watch.close()

        return wake

    for name in "ab":
        watches[name] = watcher.watch(tmp_path / name, close_both(name))
    for name in "ab":
        (tmp_path / name / "stdout.0").write_bytes(b"x")
    await woken.next()
    await woken.none()
    assert woken.count == 1
    watcher.close()


@linux
async def test_a_folder_that_vanishes_disturbs_nothing(tmp_path: Path) -> None:
    watcher = choose_watcher(SystemClock())
    folder = tmp_path / "gone"
    folder.mkdir()
    watch = watcher.watch(folder, lambda: None)
    folder.rmdir()
    await asyncio.sleep(0.05)
    watch.mute()
    watch.unmute()
    watch.close()
    watcher.close()


@linux
async def test_a_folder_without_a_watch_left_is_polled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_aml.service.joblog.inotify import InotifyWatcher

    def none_left(self: InotifyWatcher, folder: Path, watch: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(InotifyWatcher, "add", none_left)
    watcher = choose_watcher(SystemClock())
    wakes = Wakes()
    watcher.watch(tmp_path, wakes)
    await wakes.next()
    watcher.close()


@linux
async def test_without_an_instance_left_everything_is_polled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from jupyter_aml.service.joblog import inotify

    def none_left(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(inotify, "InotifyWatcher", none_left)
    assert isinstance(choose_watcher(SystemClock()), PollingWatcher)


def test_polling_slows_down_in_silence_and_speeds_up_again() -> None:
    clock = FakeClock()
    times: list[float] = []
    watcher = PollingWatcher(clock)
    watch = watcher.watch(Path(), lambda: times.append(clock.monotonic()))
    clock.advance(3)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps == sorted(gaps)
    assert times[0] == pytest.approx(0.020)
    assert gaps[-1] == pytest.approx(0.200)
    watch.mute()
    watch.unmute()
    times.clear()
    before = clock.monotonic()
    clock.advance(0.021)
    assert len(times) == 1
    assert times[0] - before == pytest.approx(0.020)
    watcher.close()
    assert clock.timers == 0


# -- the whole, with a real process -----------------------------------------------------------

PRINTER = """
import sys, time
for number in range(int(sys.argv[1])):
    print(f"line {number}", flush=True)
"""


@pytest.mark.parametrize("kind", ["inotify", "polling"])
async def test_a_real_process_is_followed_to_its_last_line(tmp_path: Path, kind: str) -> None:
    import json

    from jupyter_aml.service.joblog import JobLogs

    clock = SystemClock()
    watcher = choose_watcher(clock) if kind == "inotify" else PollingWatcher(clock)
    logs = JobLogs(clock=clock, watcher=watcher)
    log = logs.open("maple_river", tmp_path)
    log.attach(1, 0)
    received: list[bytes] = []

    async def follow() -> None:
        async for batch in log.follow(0):
            received.append(batch)  # noqa: PERF401

    following = asyncio.ensure_future(follow())
    with (tmp_path / "1" / "stdout.0").open("ab") as stdout:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PRINTER, "20000", stdout=stdout, stderr=subprocess.DEVNULL
        )
        await process.wait()
    await log.drain(1, 0)
    log.append("status", status="Completed")
    await asyncio.wait_for(following, 30)
    events = [json.loads(line) for line in b"".join(received).splitlines()]
    text = "".join(event.get("text", "") for event in events)
    assert text.splitlines() == [f"line {number}" for number in range(20_000)]
    assert len(events) < 2000, "lines came together"
    logs.close()
