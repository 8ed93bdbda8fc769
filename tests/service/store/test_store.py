"""The store: group commit, what survives, and what each trouble of the disk becomes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_aml.model.errors import StorageFull, Unavailable
from jupyter_aml.service.store import filesystem, rows
from jupyter_aml.service.store.db import Store
from tests.service.store.changes import put


async def test_a_write_returns_what_the_change_returned_and_is_read_at_once(store: Store) -> None:
    assert await store.write(put("a", b"x")) == "a"
    assert rows.get_value(store.reader, "a") == b"x"
    assert await store.write(put("b"), durable=True) == "b"


async def test_a_failing_change_raises_to_its_caller_only(store: Store) -> None:
    def fail(conn: sqlite3.Connection) -> None:
        rows.set_value(conn, "half", b"done")
        raise KeyError("mine")

    results = await asyncio.gather(
        store.write(put("a")), store.write(fail), store.write(put("b")), return_exceptions=True
    )
    assert results[0] == "a"
    assert isinstance(results[1], KeyError)
    assert results[2] == "b"
    assert rows.get_value(store.reader, "half") is None
    assert rows.get_value(store.reader, "b") == b"1"


async def test_what_is_queued_together_shares_one_commit(store: Store) -> None:
    gate = threading.Event()
    commits: list[str] = []

    def hold(conn: sqlite3.Connection) -> None:
        conn.set_trace_callback(lambda text: commits.append(text) if text == "COMMIT" else None)
        gate.wait(10)

    first = asyncio.ensure_future(store.write(hold, durable=True))
    await asyncio.sleep(0)
    others = [
        asyncio.ensure_future(store.write(put(str(n)), durable=n % 2 == 0)) for n in range(100)
    ]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, *others)
    await store.write(lambda conn: conn.set_trace_callback(None), durable=True)
    assert len(commits) <= 3
    assert rows.get_value(store.reader, "99") == b"1"


async def test_posts_keep_their_order_among_writes_and_failures_are_remembered(
    store: Store,
) -> None:
    store.post(put("k", b"1"))
    store.post(put("k", b"2"))
    store.post(lambda conn: conn.execute("SELECT nonsense"))
    await store.flush()
    assert rows.get_value(store.reader, "k") == b"2"
    assert any("nonsense" in text for text in store.warnings)


async def test_a_cancelled_caller_disturbs_nobody(store: Store) -> None:
    task = asyncio.ensure_future(store.write(put("a"), durable=True))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await store.write(put("b")) == "b"


async def test_closing_commits_what_is_queued(path: Path) -> None:
    store = Store.open(path)
    for number in range(1000):
        store.post(put(str(number)))
    store.close()
    store.close()
    with pytest.raises(Unavailable):
        await store.write(put("late"))
    again = Store.open(path)
    assert rows.get_value(again.reader, "999") == b"1"
    again.close()


def test_the_file_is_private_and_wal_where_the_disk_is_local(store: Store, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert store.reader.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store.warnings == []


async def test_a_network_filesystem_gets_a_rollback_journal_and_that_is_said(path: Path) -> None:
    store = Store.open(path, network_filesystem=True)
    await store.write(put("a"))
    assert store.reader.execute("PRAGMA journal_mode").fetchone()[0] != "wal"
    assert rows.get_value(store.reader, "a") == b"1"
    assert "network filesystem" in store.warnings[0]
    store.close()


def test_the_filesystem_of_a_folder_is_that_of_its_nearest_mount(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mounts = [("/", "ext4"), ("/data", "nfs4"), ("/data/local", "xfs"), ("/with\\040blank", "cifs")]
    unescaped = [(filesystem._unescape(point), kind) for point, kind in mounts]
    monkeypatch.setattr(filesystem, "_mounts", lambda: unescaped)
    assert filesystem.is_network(Path("/data/me"))
    assert not filesystem.is_network(Path("/data/local/me"))
    assert not filesystem.is_network(Path("/database"))
    assert filesystem.is_network(Path("/with blank/x"))


async def test_a_read_never_waits_for_a_write_that_waits_for_the_disk(store: Store) -> None:
    entered, gate = threading.Event(), threading.Event()
    await store.write(put("a", b"old"))

    def slow(conn: sqlite3.Connection) -> None:
        rows.set_value(conn, "a", b"new")
        entered.set()
        gate.wait(10)

    task = asyncio.ensure_future(store.write(slow, durable=True))
    await asyncio.to_thread(entered.wait, 10)
    assert rows.get_value(store.reader, "a") == b"old"
    gate.set()
    await task
    assert rows.get_value(store.reader, "a") == b"new"


async def test_a_full_disk_is_storage_full_and_what_fits_still_goes_in(store: Store) -> None:
    (pages,) = await store.write(lambda conn: conn.execute("PRAGMA page_count").fetchone())
    await store.write(lambda conn: conn.execute(f"PRAGMA max_page_count = {pages + 4}").fetchone())
    results = await asyncio.gather(
        store.write(put("small")),
        store.write(put("large", b"x" * 1_000_000)),
        store.write(put("small too")),
        return_exceptions=True,
    )
    assert results[0] == "small"
    assert isinstance(results[1], StorageFull)
    assert "is full" in results[1].message
    assert results[1].hint
    assert results[2] == "small too"
    assert rows.get_value(store.reader, "large") is None


# -- turns of the event loop ------------------------------------------------------------------


async def test_a_write_without_fsync_does_not_leave_the_event_loop(store: Store) -> None:
    threads: list[str] = []

    def note(conn: sqlite3.Connection) -> None:
        threads.append(threading.current_thread().name)

    await store.write(note)
    await store.write(note, durable=True)
    assert threads == [threading.current_thread().name, "store-writer"]


async def test_many_writes_at_once_leave_the_event_loop_room(store: Store) -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.ensure_future(count_turns())
    results = await asyncio.gather(*(store.write(put(str(n))) for n in range(500)))
    counting.cancel()
    assert results == [str(n) for n in range(500)]
    assert turns > 10
    assert rows.get_value(store.reader, "499") == b"1"


async def test_changes_are_committed_in_the_order_they_were_asked_for(store: Store) -> None:
    seen: list[int] = []

    def note(number: int) -> Callable[[sqlite3.Connection], None]:
        return lambda _: seen.append(number)

    waiting = []
    for number in range(300):
        if number % 7 == 3:
            store.post(note(number))
        else:
            writing = store.write(note(number), durable=number % 11 == 0)
            waiting.append(asyncio.ensure_future(writing))
            if number % 5 == 0:
                await asyncio.sleep(0)
        if number % 50 == 49:
            await asyncio.gather(*waiting)
            await store.flush()
    await asyncio.gather(*waiting)
    await store.flush()
    # tasks start in the order they were made, posts at once: each kind keeps its own order
    assert sorted(seen) == list(range(300))
    posts = [number for number in seen if number % 7 == 3]
    writes = [number for number in seen if number % 7 != 3]
    assert posts == sorted(posts)
    assert writes == sorted(writes)


async def test_submitted_changes_keep_their_order(store: Store) -> None:
    seen: list[int] = []

    def note(number: int) -> Callable[[sqlite3.Connection], None]:
        return lambda _: seen.append(number)

    futures = [store.submit(note(number), durable=number % 10 == 9) for number in range(200)]
    store.post(note(200))
    await asyncio.gather(*futures)
    await store.flush()
    assert seen == list(range(201))


async def test_a_failure_on_the_event_loop_undoes_that_change_alone(store: Store) -> None:
    def fail(conn: sqlite3.Connection) -> None:
        rows.set_value(conn, "half", b"done")
        raise KeyError("mine")

    with pytest.raises(KeyError):
        await store.write(fail)
    results = await asyncio.gather(
        *(store.write(fail if n == 30 else put(str(n))) for n in range(60)), return_exceptions=True
    )
    assert [n for n, result in enumerate(results) if isinstance(result, KeyError)] == [30]
    assert rows.get_value(store.reader, "half") is None
    assert rows.get_value(store.reader, "59") == b"1"


async def test_the_write_ahead_log_stays_short(store: Store, path: Path) -> None:
    for number in range(3000):
        await store.write(put(f"key {number % 10}", os.urandom(500)))
    wal = path.with_name(path.name + "-wal")
    assert wal.stat().st_size < 12_000_000
    assert rows.get_value(store.reader, "key 9")


async def test_a_rollback_journal_is_never_written_on_the_event_loop(path: Path) -> None:
    store = Store.open(path, network_filesystem=True)
    name = await store.write(lambda _: threading.current_thread().name)
    assert name == "store-writer"
    store.close()


async def test_a_change_is_read_before_it_is_synced_and_syncs_are_shared(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    synced: list[str] = []

    def sync(fd: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{fd}").resolve()))
        gate.wait(10)

    monkeypatch.setattr(os, "fdatasync", sync, raising=False)
    futures = [await store.write_and_sync(put(str(number))) for number in range(20)]
    assert rows.get_value(store.reader, "19") == b"1"
    assert not any(future.done() for future in futures)
    await asyncio.sleep(0)  # the end of the turn: what was asked for in it is in the queue
    gate.set()
    await asyncio.gather(*futures)
    assert len(synced) <= 2, "one that was under way, and one for all the others"
    if Path("/proc/self/fd").exists():
        assert set(synced) == {f"{store.path}-wal"}


async def test_a_sync_that_may_wait_goes_along_with_the_next_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append, raising=False)
    late = await store.write_and_sync(put("a"), within=3600)
    await (await store.write_and_sync(put("b")))
    await late
    assert len(synced) == 1


async def test_a_sync_that_may_wait_comes_by_itself(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fdatasync", lambda _: None, raising=False)
    await (await store.write_and_sync(put("a"), within=0.01))


async def test_a_sync_that_the_disk_refuses_is_said(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", refuse, raising=False)
    with pytest.raises(StorageFull):
        await (await store.write_and_sync(put("a")))
