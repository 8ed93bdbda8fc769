"""Workspaces: found when asked for, opened when used, closed together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model.compute import ComputeInstance
from jupyter_aml.model.errors import NotFound, Unavailable
from jupyter_aml.model.workspace import Workspace
from jupyter_aml.service.backends import registry as module
from jupyter_aml.service.backends.protocol import Backend
from jupyter_aml.service.backends.registry import Registry
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.fakes import FakeBackend, RecordingChanges

FIRST = "jupyter_aml.testing.fakes:FakeBackend"


class Other(FakeBackend):
    """A second workspace, of somebody else."""

    opened = 0

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.workspace = Workspace(name="other", kind="other", facets=["jobs"])

    async def open(self) -> None:
        Other.opened += 1
        await super().open()


class FailsToOpen(Other):
    async def open(self) -> None:
        raise Unavailable("No network.")


class FailsToClose(Other):
    async def close(self, *, end_everything: bool) -> None:
        raise ZeroDivisionError


class Found:
    """An entry point."""

    def __init__(self, name: str, load: Callable[[], Any]) -> None:
        self.name = name
        self.value = f"{name}.module:Backend"
        self.load = load


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    """The entry points there are."""
    points = [Found("other", lambda: Other)]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda *, group: points)
    monkeypatch.setattr(Other, "opened", 0)
    return points


@pytest.fixture
def changes() -> RecordingChanges:
    return RecordingChanges()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store.open(tmp_path / "state.db")
    yield opened
    opened.close()


@pytest.fixture
async def registry(
    store: Store, found: list[Found], changes: RecordingChanges
) -> AsyncIterator[Registry]:
    made = registry_on(store, changes)
    await made.open()
    yield made
    await made.close(end_everything=True)


def registry_on(store: Store, changes: RecordingChanges) -> Registry:
    def make(backend: Callable[..., Backend], scope: Any) -> Backend:
        return backend(store=store, changes=scope)

    return Registry(store, make, changes, FIRST)


async def test_the_first_workspace_is_open_and_current(registry: Registry) -> None:
    assert registry.current.workspace.name == "fake"
    assert registry.facet("jobs") is registry.current.jobs
    assert registry.facet("sessions") is None
    assert registry.facet("open") is None, "only facets can be reached by name"
    assert registry.facet("__class__") is None


async def test_others_are_listed_without_being_opened(registry: Registry) -> None:
    listed = await registry.workspaces()
    assert listed.current == "fake"
    assert {one.name: one.facets for one in listed.value} == {
        "fake": ["compute", "jobs", "cells", "components", "schedules"],
        "other": ["jobs"],
    }
    assert Other.opened == 0


async def test_using_one_opens_it_once_and_is_remembered(
    registry: Registry, store: Store, changes: RecordingChanges
) -> None:
    await asyncio.gather(*(registry.use("other") for _ in range(3)))
    assert registry.current.workspace.name == "other"
    await registry.use("fake")
    await registry.use("other")
    assert Other.opened == 1
    again = registry_on(store, changes)
    await again.open()
    assert again.current.workspace.name == "other"
    await again.close(end_everything=True)


async def test_tabs_see_one_workspace_go_and_the_other_come(
    registry: Registry, changes: RecordingChanges
) -> None:
    assert registry.current.compute is not None
    await registry.current.compute.create(body=ComputeInstance(name="dev-box"))
    before = registry.current
    await registry.use("other")
    assert changes.of("compute", "dev-box")[-1] is None
    assert changes.of("compute", "local")[-1].state == "Running"
    count = len(changes.published)
    before.changes.publish("compute", "dev-box", None)  # type: ignore[attr-defined]
    assert len(changes.published) == count, "what happens elsewhere is not shown here"


async def test_what_is_not_there_is_not_found(registry: Registry) -> None:
    with pytest.raises(NotFound, match="nowhere") as refused:
        await registry.use("nowhere")
    assert "fake, other" in refused.value.hint


async def test_one_that_cannot_be_loaded_or_opened_leaves_the_rest_alone(
    registry: Registry, found: list[Found], caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> Any:
        raise ImportError("no such module")

    found[:] = [Found("broken", fails), Found("closed", lambda: FailsToOpen)]
    assert [one.name for one in (await registry.workspaces()).value] == ["fake", "other"]
    assert "broken" in caplog.text
    with pytest.raises(Unavailable):
        await registry.use("other")
    assert registry.current.workspace.name == "fake"


async def test_a_remembered_workspace_that_does_not_open_is_said(
    store: Store, found: list[Found], changes: RecordingChanges, caplog: pytest.LogCaptureFixture
) -> None:
    await store.write(lambda conn: module.rows.set_value(conn, "workspace", b"other"))
    found[:] = [Found("closed", lambda: FailsToOpen)]
    registry = registry_on(store, changes)
    await registry.open()
    assert registry.current.workspace.name == "fake"
    assert "other" in caplog.text
    await registry.close(end_everything=True)


async def test_one_that_fails_to_close_does_not_keep_the_others_open(
    registry: Registry, found: list[Found], caplog: pytest.LogCaptureFixture
) -> None:
    found[:] = [Found("other", lambda: FailsToClose)]
    await registry.use("other")
    await registry.close(end_everything=False)
    assert "ZeroDivisionError" in caplog.text
    assert registry.running() == {"jobs": 0, "nodes": 0, "endpoints": 0}


async def test_running_counts_every_open_workspace(registry: Registry) -> None:
    from jupyter_aml.model.job import CommandJob, CreateJob

    body = CreateJob(spec=CommandJob(command="sleep 60"))
    for name in ("fake", "other"):
        await registry.use(name)
        assert registry.current.jobs is not None
        await registry.current.jobs.create(body=body)
    assert registry.running()["jobs"] == 2
