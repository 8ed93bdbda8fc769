"""Segments in shared memory: laid out as the contract says, reused, given back, never leaked."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.client import pool as pools
from jupyter_aml.client import segment as segments
from jupyter_aml.client.pool import Pool
from jupyter_aml.client.segment import offsets, total
from jupyter_aml.model.errors import StorageFull
from jupyter_aml.model.job import Segment
from jupyter_aml.runner import variables
from jupyter_aml.testing.waiting import eventually_sync

MB = 1 << 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "shm"


@pytest.fixture
def pool(home: Path, folder: Path) -> Iterator[Pool]:
    found = Pool(home, folder=folder, take_seconds=0)
    yield found
    found.close()


def view(count: int, fill: bytes = b"x") -> memoryview:
    return memoryview(fill * count)


@pytest.mark.parametrize(
    ("lengths", "starts", "size"),
    [
        ([], [], 0),
        ([1], [0], 1),
        ([64, 64], [0, 64], 128),
        ([1, 65, 3], [0, 64, 192], 195),
        ([0, 5], [0, 0], 5),
    ],
)
def test_each_buffer_starts_at_the_next_multiple_of_64(
    lengths: list[int], starts: list[int], size: int
) -> None:
    assert list(offsets(lengths)) == starts
    assert total(lengths) == size


def test_what_is_written_is_there(pool: Pool) -> None:
    parts = [view(70, b"a"), view(MB, b"b"), view(1, b"c"), *(view(3, b"d") for _ in range(2000))]
    segment = pool.write(parts, "j")
    data = Path(segment.path).read_bytes()
    assert segment.lengths == [len(part) for part in parts]
    for start, part in zip(offsets(segment.lengths), parts, strict=True):
        assert data[start : start + len(part)] == part


def test_a_write_in_pieces_goes_on(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = segments._write_some

    def few(descriptor: int, vectors: list[memoryview], at: int) -> int:
        return whole(descriptor, [vectors[0][:1000]], at)

    monkeypatch.setattr(segments, "_write_some", few)
    segment = pool.write([view(70, b"a"), view(5000, b"b")], "j")
    data = Path(segment.path).read_bytes()
    assert data[:70] == b"a" * 70
    assert data[128:5128] == b"b" * 5000


def test_a_segment_is_used_again_once_its_job_has_ended(pool: Pool) -> None:
    first = pool.write([view(MB)], "one")
    second = pool.write([view(MB)], "two")
    assert first.path != second.path
    pool.release("one")
    assert pool.write([view(MB // 2)], "three").path == first.path
    assert pool.jobs() == {"two", "three"}


@pytest.mark.parametrize("is_memory", [True, False])
def test_each_write_replaces_the_one_before(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, is_memory: bool
) -> None:
    monkeypatch.setattr(segments, "_is_memory", lambda _: is_memory)
    sizes = [(MB, 100), (MB, 100), (70, 5), (MB // 2, MB // 4), (70, 5)]
    for number, size in enumerate(sizes):
        parts = [view(count, bytes([97 + number])) for count in size]
        segment = pool.write(parts, "j")
        data = Path(segment.path).read_bytes()
        for start, part in zip(offsets(segment.lengths), parts, strict=True):
            assert data[start : start + len(part)] == part
        pool.release("j")
    assert len(pool._files) == 1


def reads(segment: Segment) -> list[memoryview]:
    """What the job's process does with it."""
    return variables._buffers({"path": segment.path, "lengths": segment.lengths})


def test_what_a_session_keeps_is_never_written_over(pool: Pool) -> None:
    """Its array lies in the segment, hours after the cell that brought it has ended."""
    first = pool.write([view(MB, b"a")], "one")
    kept = reads(first)
    pool.release("one")
    second = pool.write([view(MB, b"b")], "two")
    assert second.path != first.path
    assert bytes(kept[0][:3]) == b"aaa"
    del kept
    variables.let_go()  # as a session does between its cells
    pool.release("two")
    paths = {pool.write([view(MB, b"c")], name).path for name in ("three", "four")}
    assert paths == {first.path, second.path}


def test_a_part_of_an_array_keeps_its_segment(pool: Pool) -> None:
    segment = pool.write([view(MB, b"a"), view(MB, b"b")], "one")
    part = reads(segment)[1][10:20]
    pool.release("one")
    assert pool.write([view(MB, b"c")], "two").path != segment.path
    assert bytes(part) == b"b" * 10


def test_writing_to_what_came_changes_nothing_but_this_jobs(pool: Pool) -> None:
    segment = pool.write([view(MB, b"a")], "one")
    mine, others = reads(segment), reads(segment)
    mine[0][:3] = b"xyz"
    assert bytes(others[0][:3]) == b"aaa"


def test_where_files_cannot_be_locked_a_job_takes_a_copy(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variables, "_hold", lambda _: False)
    segment = pool.write([view(MB, b"a")], "one")
    kept = reads(segment)
    pool.release("one")
    assert pool.write([view(MB, b"b")], "two").path == segment.path
    assert bytes(kept[0][:3]) == b"aaa"


@pytest.fixture
def memory(home: Path) -> Iterator[Pool]:
    """A pool in real shared memory."""
    shared = Path("/dev/shm")
    if not shared.is_dir() or shutil.disk_usage(shared).free < 1024 * MB:
        pytest.skip("no shared memory here, or too little for a spare")
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        found = Pool(home, folder=Path(folder) / "pool", take_seconds=0)
        yield found
        found.close()


def test_a_spare_is_made_for_one_that_a_session_keeps(memory: Pool) -> None:
    first = memory.write([view(MB, b"a")], "one")
    kept = reads(first)
    memory.release("one")
    eventually_sync(lambda: len(memory._files) == 2)
    spare = memory._files[1]
    assert spare._written == spare.capacity == MB
    assert memory.write([view(MB, b"b")], "two").path == str(spare.path)
    assert spare.path.read_bytes() == b"b" * MB
    assert bytes(kept[0][:3]) == b"aaa"


def test_a_spare_on_its_way_is_waited_for(memory: Pool) -> None:
    kept = reads(memory.write([view(MB)], "one"))
    memory.release("one")
    eventually_sync(lambda: memory._coming > 0 or len(memory._files) == 2)
    memory.write([view(MB)], "two")
    assert len(memory._files) == 2
    assert kept


def test_closing_waits_for_no_spare(memory: Pool) -> None:
    kept = reads(memory.write([view(64 * MB)], "one"))
    memory.release("one")
    eventually_sync(lambda: memory._coming > 0 or len(memory._files) == 2)
    memory.close()
    assert not memory._folder.exists()
    assert kept


def test_what_nobody_uses_is_given_back(home: Path, folder: Path) -> None:
    pool = Pool(home, folder=folder, idle_seconds=0.05, take_seconds=0)
    owned = pool.write([view(MB)], "goes on")
    free = pool.write([view(MB)], "one")
    pool.release("one")
    eventually_sync(lambda: not Path(free.path).exists())
    assert Path(owned.path).exists()
    pool.release("goes on")
    eventually_sync(lambda: not Path(owned.path).exists())
    eventually_sync(lambda: pool._tender is None)
    pool.close()


def test_a_job_that_was_just_sent_still_finds_its_segment(home: Path, folder: Path) -> None:
    """A script that submits and ends: its job maps the segment a moment later."""
    pool = Pool(home, folder=folder, take_seconds=60)
    segment = pool.write([view(MB, b"a")], "one")
    closing = threading.Thread(target=pool.close)
    closing.start()
    kept = reads(segment)
    closing.join(60)
    assert not closing.is_alive()
    assert not Path(segment.path).exists()
    assert bytes(kept[0][:3]) == b"aaa"


def test_segments_are_for_this_user_only(pool: Pool, folder: Path) -> None:
    path = Path(pool.write([view(MB)], "j").path)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_close_removes_them_all(pool: Pool, folder: Path) -> None:
    pool.write([view(MB)], "j")
    pool.close()
    assert not folder.exists()


def test_a_folder_that_others_left_is_made_again(pool: Pool, folder: Path) -> None:
    pool.write([view(MB)], "j")
    pool.close()
    assert Path(pool.write([view(MB)], "j").path).parent == folder


def test_a_folder_with_segments_of_others_stays(pool: Pool, folder: Path) -> None:
    pool.write([view(MB)], "j")
    (folder / "of-another").touch()
    pool.close()
    assert folder.exists()


def test_what_shared_memory_cannot_hold_goes_to_the_spool(home: Path, folder: Path) -> None:
    pool = Pool(home, folder=folder, most=2 * MB, take_seconds=0)
    pool.write([view(MB)], "one")
    segment = pool.write([view(3 * MB)], "two")
    assert Path(segment.path).parent == home / "spool"
    pool.close()


def test_a_folder_of_somebody_else_is_not_used(home: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    folder.symlink_to(tmp_path / "theirs")
    pool = Pool(home, folder=folder, take_seconds=0)
    segment = pool.write([view(MB)], "j")
    assert Path(segment.path).parent == home / "spool"
    pool.close()


@pytest.mark.parametrize(
    ("name", "age", "is_left"),
    [
        ("{dead}.5.1", 100, False),
        ("{dead}.5.1", 0, True),
        ("{me}.5.1", 100, False),
        ("{me}.{started}.0", 100, True),
        ("something-else", 100, True),
    ],
)
def test_segments_of_dead_processes_are_removed(
    pool: Pool, folder: Path, name: str, age: float, is_left: bool
) -> None:
    folder.mkdir()
    values = {"dead": 2**22 + 1, "me": os.getpid(), "started": pools._own_start()}
    file = folder / name.format(**values)
    file.write_bytes(b"x")
    os.utime(file, (time.time() - age, time.time() - age))
    pool.write([view(MB)], "j")
    assert file.exists() == is_left


def test_a_fork_neither_writes_into_nor_removes_its_parents(pool: Pool) -> None:
    path = Path(pool.write([view(MB, b"p")], "j").path)
    pool.release("j")
    pid = os.fork()
    if pid == 0:
        try:
            other = pool.write([view(MB, b"c")], "k").path
            pool.close()
            os._exit(0 if other != str(path) else 3)
        finally:
            os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert path.read_bytes()[:10] == b"p" * 10


def test_a_full_disk_is_said(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(segments, "_write_some", full)
    with pytest.raises(StorageFull, match="no room for the variables") as raised:
        pool.write([view(MB)], "j")
    assert "No space left" in raised.value.details[0]
    assert pool.jobs() == set()
