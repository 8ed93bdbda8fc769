"""Shelves over a real store and real files: what they find, and what they remove."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.model.job import CellJob, CommandJob, Job, JobSpec
from jupyter_aml.model.schedule import CronTrigger, Schedule
from jupyter_aml.model.storage import PruneStorage
from jupyter_aml.service.clock import iso
from jupyter_aml.service.retention.facet import StorageFacet
from jupyter_aml.service.retention.removal import REMOVED
from jupyter_aml.service.retention.shelf import Alive, Item
from jupyter_aml.service.retention.shelves import shelves
from jupyter_aml.service.store import rows, schedule_rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.clock import FakeClock
from jupyter_aml.testing.fakes import RecordingChanges

DAY = 86_400.0
SNAPSHOT = "a" * 40


class Home:
    """A home with jobs of several ages, and the facet that prunes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("jobs", "snapshots", "nodes"):
            (folder / name).mkdir()
        self.clock = FakeClock()
        self.store = Store.open(folder / "state.db")
        self.changes = RecordingChanges()
        self.sessions: set[str] = set()
        self.nodes: set[str] = set()
        self.shelves = shelves(folder, self.store, self.changes.publish)
        self.facet = StorageFacet(folder, self.shelves, self.clock, self.alive, self.settled)

    async def settled(self) -> None:
        pass

    def alive(self) -> Alive:
        return Alive(frozenset(self.sessions), frozenset(self.nodes), self.clock.time())

    async def job(
        self,
        name: str,
        days: float,
        status: str = "Completed",
        spec: JobSpec | None = None,
        **more: object,
    ) -> Path:
        """A job that ended `days` ago, with a folder."""
        moment = iso(self.clock.time() - days * DAY)
        body = Job(
            name=name,
            spec=spec or CommandJob(command="true"),
            status="Queued",
            created_at=moment,
            **more,  # type: ignore[arg-type]
        )
        await self.store.write(lambda conn: rows.save_job(conn, body))
        if status != "Queued":
            for step in ("Running", status):
                ended = Job(**{**fields(body), "status": step, "ended_at": moment})
                await self.store.write(lambda conn, ended=ended: rows.save_job(conn, ended))
        return self.files(name)

    def files(self, name: str) -> Path:
        folder = self.folder / "jobs" / name
        for inner in ("outputs/model/weights.bin", "1/stdout.0", "events.log", "work/a.py"):
            path = folder / inner
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x" * 5000)
        return folder

    def snapshot(self, name: str, days: float) -> Path:
        folder = self.folder / "snapshots" / name
        folder.mkdir()
        (folder / "a.py").write_text("1")
        self.age(folder, days)
        return folder

    def age(self, path: Path, days: float) -> None:
        moment = self.clock.time() - days * DAY
        os.utime(path, (moment, moment))

    async def prune(
        self, days: float | None = 30, size: int | None = None, **more: bool
    ) -> set[str]:
        body = PruneStorage(older_than_days=days, max_bytes=size, **more)
        return {one.name for one in (await self.facet.prune(body)).removed}

    def known(self) -> set[str]:
        names = self.store.reader.execute("SELECT name FROM ended_jobs").fetchall()
        return {name for (name,) in names}


def fields(job: Job) -> dict[str, object]:
    return {name: getattr(job, name) for name in job.__struct_fields__}


@pytest.fixture
async def home(tmp_path: Path) -> Iterator[Home]:
    folder = tmp_path / "aml"
    folder.mkdir()
    made = Home(folder)
    yield made
    made.store.close()


async def test_each_byte_counts_under_its_kind(home: Home) -> None:
    await home.job("one", 1)
    found = {one.kind: one for one in (await home.facet.usage()).kinds}
    assert found["jobs"].items == 1
    assert found["outputs"].bytes >= 5000
    assert found["logs"].bytes >= 10_000
    assert 5000 <= found["jobs"].bytes < 10_000
    assert found["database"].bytes > 0
    usage = await home.facet.usage()
    assert usage.total_bytes == sum(one.bytes for one in usage.kinds)
    assert usage.free_bytes > 0


async def test_an_old_job_goes_with_its_files_and_its_row(home: Home) -> None:
    old = await home.job("old", 31)
    new = await home.job("new", 29)
    assert await home.prune(30) == {"old"}
    assert (old.exists(), new.exists()) == (False, True)
    assert home.known() == {"new"}
    assert home.changes.of("job", "old") == [None]
    assert await home.prune(30) == set()


async def test_a_dry_run_says_the_same_and_removes_nothing(home: Home) -> None:
    old = await home.job("old", 31)
    assert await home.prune(30, dry_run=True) == {"old"}
    assert old.exists()
    assert home.known() == {"old"}
    assert await home.prune(30) == {"old"}


async def test_what_has_not_ended_stays(home: Home) -> None:
    await home.job("queued", 99, "Queued")
    await home.job("running", 99, "Running")
    assert await home.prune(1) == set()
    assert await home.prune(None, 0) == set()


async def test_pinned_jobs_stay(home: Home) -> None:
    await home.job("best", 99, spec=CommandJob(command="true", tags={"pinned": "true"}))
    await home.job("rest", 99, spec=CommandJob(command="true", tags={"pinned": "false"}))
    report = await home.facet.prune(PruneStorage(older_than_days=30))
    assert [one.name for one in report.removed] == ["rest"]
    assert [(one.name, one.reason) for one in report.kept] == [("best", "it is pinned")]


async def test_files_of_a_kept_process_stay_as_long_as_it(home: Home) -> None:
    await home.job("cell", 99, spec=CellJob(source="x = 1", session="work"))
    home.sessions.add("work")
    assert await home.prune() == set()
    home.sessions.clear()
    assert await home.prune() == {"cell"}


async def test_a_session_that_began_meanwhile_keeps_its_job(home: Home) -> None:
    """The list is made, then the session starts, then the removal comes to it."""
    path = await home.job("cell", 99, spec=CellJob(source="x = 1", session="work"))
    shelf = home.shelves[0]
    (item,) = shelf.list(home.alive())
    home.sessions.add("work")
    assert await shelf.remove(item, home.alive()) is False
    assert path.exists()


async def test_archived_jobs_make_room_first(home: Home) -> None:
    await home.job("old", 20)
    await home.job("hidden", 10, archived=True)
    total = (await home.facet.usage()).total_bytes
    assert await home.prune(None, total - 1) == {"hidden"}


@pytest.mark.parametrize("row_is_gone", [False, True])
async def test_a_prune_that_was_killed_is_finished_by_the_next(
    home: Home, row_is_gone: bool
) -> None:
    """Killed after the rename, or after the row: the renamed folder is what tells."""
    path = await home.job("old", 1)
    path.rename(path.with_name(REMOVED + "old"))
    if row_is_gone:
        await home.store.write(lambda conn: conn.execute("DELETE FROM ended_jobs"))
    assert await home.prune(None) == {REMOVED + "old"}
    assert home.known() == set()
    assert list((home.folder / "jobs").iterdir()) == []


async def test_a_half_removed_job_does_not_take_the_new_one_of_its_name(home: Home) -> None:
    grave = home.files("again")
    grave.rename(grave.with_name(REMOVED + "again"))
    new = await home.job("again", 1)
    assert await home.prune(None) == {REMOVED + "again"}
    assert new.exists()
    assert home.known() == {"again"}


async def test_a_folder_of_nobody_goes_once_it_is_not_new(home: Home) -> None:
    stray = home.files("stray")
    home.age(stray, 0.01)
    assert await home.prune() == set()
    home.age(stray, 1)
    assert await home.prune(None) == {"stray"}


async def test_a_job_whose_files_are_gone_leaves_the_lists(home: Home) -> None:
    import shutil

    shutil.rmtree(await home.job("old", 99))
    assert await home.prune() == {"old"}
    assert home.known() == set()


async def test_a_code_folder_stays_while_a_job_needs_it(home: Home) -> None:
    path = home.snapshot(SNAPSHOT, 99)
    spec = CommandJob(command="true", code=f"snapshot:{SNAPSHOT}")
    await home.job("queued", 99, "Queued", spec=spec)
    assert await home.prune() == set()
    assert path.exists()


async def test_a_code_folder_that_is_needed_meanwhile_stays(home: Home) -> None:
    path = home.snapshot(SNAPSHOT, 99)
    shelf = home.shelves[1]
    (item,) = shelf.list(home.alive())
    assert item.held == ""
    spec = CommandJob(command="true", code=f"snapshot:{SNAPSHOT}")
    await home.job("queued", 0, "Queued", spec=spec)
    assert await shelf.remove(item, home.alive()) is False
    assert path.exists()


async def test_old_code_folders_go_and_new_ones_stay(home: Home) -> None:
    old, new = home.snapshot("b" * 40, 31), home.snapshot("c" * 40, 0.01)
    unfinished = home.snapshot(".half", 31)
    assert await home.prune(None, 0) == {old.name, unfinished.name}
    assert new.exists()


async def test_logs_of_nodes_that_are_up_stay(home: Home) -> None:
    for name in ("up.log", "down.log", "nursery-1.log"):
        path = home.folder / "nodes" / name
        path.write_text("x")
        home.age(path, 99)
    home.nodes.add("up")
    assert await home.prune() == {"down.log"}


async def test_something_that_cannot_be_removed_keeps_nothing_else(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await home.job("first", 99)
    await home.job("second", 98)
    shelf = home.shelves[0]
    remove = shelf.remove

    async def refused(item: Item, alive: Alive) -> bool:
        if item.name == "first":
            raise PermissionError("not yours")
        return await remove(item, alive)

    monkeypatch.setattr(shelf, "remove", refused)
    report = await home.facet.prune(PruneStorage(older_than_days=30))
    assert [one.name for one in report.removed] == ["second"]
    assert first.exists()
    assert home.known() == {"first"}


async def test_counted_things_are_never_removed(home: Home) -> None:
    folder = home.folder / "environments" / "sklearn"
    folder.mkdir(parents=True)
    (folder / "big").write_bytes(b"x" * 9000)
    (home.folder / "notes.txt").write_text("mine")
    await home.prune(0, 0)
    assert (folder / "big").exists()
    assert (home.folder / "notes.txt").exists()
    found = {one.kind: one.bytes for one in (await home.facet.usage()).kinds}
    assert found["environments"] >= 9000
    assert found["other"] > 0


async def test_a_sweep_is_one_thing_with_its_trials(home: Home) -> None:
    part = CommandJob(command="true", parent="sweep")
    await home.job("sweep", 3)
    trials = [await home.job("sweep_0", 9, spec=part), await home.job("sweep_1", 8, spec=part)]
    found = {one.kind: one for one in (await home.facet.usage()).kinds}
    assert found["jobs"].items == 1
    assert found["outputs"].bytes >= 15_000
    assert await home.prune(5) == set()
    assert all(trial.exists() for trial in trials)
    assert await home.prune(2) == {"sweep"}
    assert home.known() == set()
    assert list((home.folder / "jobs").iterdir()) == []


async def test_trials_stay_while_their_sweep_has_not_ended(home: Home) -> None:
    await home.job("sweep", 9, "Queued")
    trial = await home.job("sweep_0", 9, spec=CommandJob(command="true", parent="sweep"))
    assert await home.prune(1) == set()
    assert trial.exists()


async def test_a_pinned_trial_keeps_its_sweep(home: Home) -> None:
    pinned = CommandJob(command="true", parent="sweep", tags={"pinned": "true"})
    await home.job("sweep", 9)
    await home.job("sweep_0", 9, spec=pinned)
    assert await home.prune(1) == set()


async def test_a_schedule_keeps_its_code(home: Home) -> None:
    code = home.snapshot(SNAPSHOT, 99)
    moment = iso(home.clock.time())
    nightly = Schedule(
        name="nightly",
        trigger=CronTrigger(expression="0 6 * * *"),
        job=CommandJob(command="true", code=f"snapshot:{SNAPSHOT}"),
        created_at=moment,
        updated_at=moment,
        since=moment,
    )
    await home.store.write(lambda conn: schedule_rows.save_schedule(conn, nightly))
    assert await home.prune(1) == set()
    await home.store.write(lambda conn: schedule_rows.delete_schedule(conn, "nightly"))
    assert await home.prune(1) == {SNAPSHOT}
    assert not code.exists()
