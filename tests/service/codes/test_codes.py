"""Code assets: a folder becomes a version, and is found again by what its client made of it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.model.code import CreateCode
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.job import Snapshot
from jupyter_aml.service.backends.local.jobs.snapshots import Snapshots
from jupyter_aml.service.codes.facet import Codes
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.clock import FakeClock


@pytest.fixture
def codes(tmp_path: Path) -> Iterator[Codes]:
    store = Store.open(tmp_path / "state.db")
    snapshots = Snapshots(tmp_path / "snapshots")

    async def take(folder: Path) -> Snapshot:
        return await asyncio.to_thread(snapshots.take, folder, 10)

    yield Codes(store, FakeClock(), tmp_path / "snapshots", take)
    store.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "main.py").write_text("print(1)")
    return folder


async def test_a_folder_becomes_a_version_that_a_job_can_name(codes: Codes, source: Path) -> None:
    body = CreateCode(name="c1", version="1", path=str(source), digest="v:abc")
    made = await codes.create(body=body)
    assert made.snapshot.startswith("snapshot:")
    assert (codes.folder(made) / "main.py").read_text() == "print(1)"
    assert await codes.get("c1", "1") == made
    assert await codes.create(body=body) == made
    assert (await codes.list("c1")).value == [made]
    assert (await codes.list("c2")).value == []


async def test_a_version_keeps_its_files(codes: Codes, source: Path) -> None:
    body = CreateCode(name="c1", version="1", path=str(source))
    await codes.create(body=body)
    (source / "main.py").write_text("print(2)")
    with pytest.raises(Conflict):
        await codes.create(body=body)


async def test_what_is_here_is_found_until_it_is_pruned(codes: Codes, source: Path) -> None:
    made = await codes.create(
        body=CreateCode(name="c1", version="1", path=str(source), digest="v:abc")
    )
    assert await codes.find("v:abc") == made
    assert await codes.find("v:other") is None
    assert await codes.find("") is None
    shutil.rmtree(codes.folder(made))
    assert await codes.find("v:abc") is None


async def test_names_are_checked(codes: Codes, source: Path) -> None:
    for name, version in (("../up", "1"), ("", "1"), ("c", "a/b"), ("c\n", "1")):
        with pytest.raises(Invalid):
            await codes.create(body=CreateCode(name=name, version=version, path=str(source)))
    with pytest.raises(NotFound):
        await codes.get("nobody", "1")
