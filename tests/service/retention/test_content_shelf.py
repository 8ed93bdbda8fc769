"""What data assets and models hold makes room only once nobody names it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from jupyter_aml.model.batch import BatchDeployment, CreateBatchDeployment
from jupyter_aml.model.data import Data
from jupyter_aml.model.job import CommandJob, Input, Job
from jupyter_aml.service.clock import iso
from jupyter_aml.service.content import Content, ContentStore
from jupyter_aml.service.retention.contents import ContentShelf
from jupyter_aml.service.retention.shelf import Alive, Item
from jupyter_aml.service.retention.snapshots import SnapshotShelf
from jupyter_aml.service.store import batch_rows, data_rows, rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.clock import FakeClock


class Home:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.store = Store.open(folder / "state.db")
        self.contents = ContentStore(folder / "blob")
        self.shelf = ContentShelf(folder / "blob", self.store)

    def alive(self) -> Alive:
        return Alive(frozenset(), frozenset(), self.clock.time())

    def put(self, text: str) -> Content:
        """Some days ago."""
        source = self.folder / "a.txt"
        source.write_text(text)
        content = self.contents.put(source)
        self.age(self.contents.uploads / content.key)
        return content

    def age(self, path: Path) -> None:
        moment = self.clock.time() - 9 * 86_400
        os.utime(path, (moment, moment))

    async def name(self, content: Content, *, archived: bool = False) -> Data:
        data = Data(
            name="d",
            version=content.key[:6],
            type="uri_file",
            path="x",
            content=content.key,
            archived=archived,
        )
        await self.store.write(lambda conn: data_rows.save_data(conn, data))
        return data

    def items(self) -> list[Item]:
        return list(self.shelf.list(self.alive()))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Home]:
    made = Home(tmp_path)
    yield made
    made.store.close()


async def test_what_a_version_names_stays_until_that_is_archived(place: Home) -> None:
    content = place.put("one")
    data = await place.name(content)
    (item,) = place.items()
    assert (item.kind, item.leftover) == ("data", False)
    assert f"d:{data.version}" in item.held
    assert not await place.shelf.remove(item, place.alive())
    await place.name(content, archived=True)
    (item,) = place.items()
    assert (item.held, item.archived, item.leftover) == ("", True, False)
    assert await place.shelf.remove(item, place.alive())
    assert not place.contents.place(content).exists()
    (unused,) = place.items()
    assert (unused.leftover, unused.held) == (True, "")
    assert await place.shelf.remove(unused, place.alive())
    assert place.items() == []


async def test_what_nobody_names_is_a_leftover_unless_it_is_new(place: Home) -> None:
    content = place.put("one")
    (item,) = place.items()
    assert (item.held, item.leftover) == ("", True)
    os.utime(place.contents.uploads / content.key, (place.clock.time(), place.clock.time()))
    (item,) = place.items()
    assert item.held == "it is new"
    assert not await place.shelf.remove(item, place.alive())


async def test_a_job_that_has_not_ended_keeps_what_it_reads(place: Home) -> None:
    content = place.put("one")
    data = await place.name(content, archived=True)
    read = Input(path=str(place.contents.place(content)), reference=data.reference)
    spec = CommandJob(command="x", inputs={"d": read})
    job = Job(name="j", spec=spec, status="Queued", created_at=iso(place.clock.time()))
    await place.store.write(lambda conn: rows.save_job(conn, job))
    (item,) = place.items()
    assert "needs" in item.held
    done = msgspec.structs.replace(job, status="Canceled", ended_at=iso(place.clock.time()))
    await place.store.write(lambda conn: rows.save_job(conn, done))
    (item,) = place.items()
    assert item.held == ""


async def test_other_files_of_the_datastore_are_counted_and_stay(place: Home) -> None:
    folder = place.folder / "blob" / "runs"
    folder.mkdir(parents=True)
    (folder / "x").write_bytes(b"x" * 5000)
    (item,) = place.items()
    assert (item.name, bool(item.held)) == ("runs", True)
    assert item.bytes >= 5000


async def test_the_code_of_a_batch_deployment_stays(place: Home) -> None:
    snapshot = place.folder / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    place.age(snapshot)
    shelf = SnapshotShelf(place.folder / "snapshots", place.store)
    spec = CreateBatchDeployment(name="one", endpoint_name="many", model="m:1", code="snapshot:abc")
    deployment = BatchDeployment(
        name="one", endpoint_name="many", spec=spec, model="azureml:m:1", state="Succeeded"
    )
    await place.store.write(lambda conn: batch_rows.save_deployment(conn, deployment))
    (item,) = shelf.list(place.alive())
    assert item.held == "a deployment needs it"
    assert not await shelf.remove(item, place.alive())
    await place.store.write(lambda conn: batch_rows.delete_deployment(conn, "many", "one"))
    (item,) = shelf.list(place.alive())
    assert await shelf.remove(item, place.alive())


async def test_what_two_versions_share_counts_once(place: Home) -> None:
    folder = place.folder / "two"
    folder.mkdir()
    (folder / "large").write_bytes(os.urandom(100_000))
    for text in ("1", "2"):
        (folder / "small").write_text(text)
        await place.name(place.contents.put(folder))
    assert 100_000 <= sum(item.bytes for item in place.items()) < 150_000
