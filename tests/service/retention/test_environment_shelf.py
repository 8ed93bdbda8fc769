"""Built environments make room: never those that are registered, in use or being built."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jupyter_aml.model.endpoint import CreateOnlineDeployment
from jupyter_aml.model.job import CommandJob, Job
from jupyter_aml.service.clock import iso
from jupyter_aml.service.endpoints.records import DeploymentRecord
from jupyter_aml.service.environments.manifest import FILE
from jupyter_aml.service.environments.records import Build, Record
from jupyter_aml.service.retention.environments import EnvironmentShelf
from jupyter_aml.service.retention.shelf import Alive, Item
from jupyter_aml.service.store import endpoint_rows, environment_rows, rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.clock import FakeClock


class Home:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "environments"
        self.clock = FakeClock()
        self.store = Store.open(folder / "state.db")
        self.shelf = EnvironmentShelf(self.folder, self.store)
        self.sessions: set[str] = set()

    def alive(self) -> Alive:
        return Alive(frozenset(self.sessions), frozenset(), self.clock.time())

    async def environment(self, content: str, name: str = "", state: str = "Succeeded") -> Path:
        """A built one; registered under `name`, "" for one that nobody registered."""
        path = self.folder / content
        (path / "bin").mkdir(parents=True)
        (path / "bin" / "python").write_bytes(b"x" * 5000)
        (path / FILE).write_text("{}")
        moment = self.clock.time() - 9 * 86_400
        os.utime(path / FILE, (moment, moment))
        steps = ["Building"] if state == "Building" else ["Building", state]
        for step in steps:
            build = Build(content=content, state=step)
            await self.store.write(lambda conn, b=build: environment_rows.save_build(conn, b))
        if name:
            record = Record(name=name, version="1", content=content)
            await self.keep(record)
        return path

    async def keep(self, record: Record) -> None:
        await self.store.write(lambda conn: environment_rows.save_environment(conn, record))

    def items(self) -> dict[str, Item]:
        return {item.name: item for item in self.shelf.list(self.alive())}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Home]:
    made = Home(tmp_path)
    yield made
    made.store.close()


async def test_what_nobody_registered_may_go(place: Home) -> None:
    path = await place.environment("aaaa")
    (item,) = place.items().values()
    assert (item.name, item.held) == ("aaaa", "")
    assert item.bytes >= 5000
    assert item.used_at == pytest.approx(place.clock.time() - 9 * 86_400, abs=1)
    assert await place.shelf.remove(item, place.alive())
    assert not path.exists()


async def test_what_is_registered_stays_until_it_is_archived(place: Home) -> None:
    path = await place.environment("aaaa", "trees")
    held = place.items()["trees:1 aaaa"]
    assert "archive" in held.held
    assert not await place.shelf.remove(held, place.alive())
    assert path.exists()
    await place.keep(Record(name="trees", version="1", content="aaaa", archived=True))
    item = place.items()["trees:1 aaaa"]
    assert item.held == ""
    assert await place.shelf.remove(item, place.alive())


async def test_what_is_needed_now_stays(place: Home) -> None:
    built, building = (
        await place.environment("aaaa"),
        await place.environment("bbbb", "", "Building"),
    )
    assert place.items()["bbbb"].held == "it is being built"
    place.sessions.add("work")
    assert "kept process" in place.items()["aaaa"].held
    place.sessions.clear()
    item = place.items()["aaaa"]
    spec = CommandJob(command="x", environment="trees:1", python=str(built / "bin" / "python"))
    job = Job(name="j", spec=spec, status="Queued", created_at=iso(place.clock.time()))
    await place.store.write(lambda conn: rows.save_job(conn, job))
    assert not await place.shelf.remove(item, place.alive())  # it came after the list
    assert "not ended" in place.items()["aaaa"].held
    assert building.exists()


async def test_what_a_deployment_runs_in_stays_though_it_is_archived(place: Home) -> None:
    path = await place.environment("aaaa", "trees")
    await place.keep(Record(name="trees", version="1", content="aaaa", archived=True))
    spec = CreateOnlineDeployment(
        name="blue", endpoint_name="digits", model="azureml:digits:1", environment="trees:1"
    )
    record = DeploymentRecord(endpoint="digits", name="blue", spec=spec)
    await place.store.write(lambda conn: endpoint_rows.save_deployment(conn, record))
    item = place.items()["trees:1 aaaa"]
    assert item.held == "a deployment needs it"
    assert not await place.shelf.remove(item, place.alive())
    assert path.exists()
    await place.store.write(lambda conn: endpoint_rows.delete_deployment(conn, "digits", "blue"))
    assert place.items()["trees:1 aaaa"].held == ""


@pytest.mark.parametrize("how", ["environment", "python"])
async def test_what_was_taken_for_a_deployment_that_named_nothing_stays(
    place: Home, how: str
) -> None:
    path = await place.environment("aaaa", "trees")
    await place.keep(Record(name="trees", version="1", content="aaaa", archived=True))
    taken = {"environment": "trees:1"} if how == "environment" else {"python": f"{path}/bin/python"}
    spec = CreateOnlineDeployment(name="blue", endpoint_name="digits", model="azureml:digits:1")
    record = DeploymentRecord(endpoint="digits", name="blue", spec=spec, **taken)
    await place.store.write(lambda conn: endpoint_rows.save_deployment(conn, record))
    assert place.items()["trees:1 aaaa"].held == "a deployment needs it"


async def test_a_removal_that_was_cut_off_is_finished(place: Home) -> None:
    left = await place.environment(".removed-aaaa")
    item = place.items()[".removed-aaaa"]
    assert item.leftover
    assert await place.shelf.remove(item, place.alive())
    assert not left.exists()


async def test_strangers_and_logs_stay(place: Home) -> None:
    (place.folder / "stranger").mkdir(parents=True)
    (place.folder / "logs").mkdir()
    found = place.items()
    assert len(found) == 2
    assert all(item.held for item in found.values())
