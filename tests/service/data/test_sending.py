"""Files of this machine into a datastore: whole or not at all, and nothing twice."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_aml.model.data import (
    DEFAULT_DATASTORE,
    CreateData,
    CreateDatastore,
    Uploaded,
    UploadFiles,
    UploadLine,
)
from jupyter_aml.model.errors import AmlError, Forbidden, Invalid, NotFound
from jupyter_aml.service.content import Progress
from jupyter_aml.service.data import telling
from tests.service.data.conftest import Home

PATHS = "azureml://datastores/workspaceblobstore/paths"


async def lines(home: Home, path: Path, datastore: str, target: str) -> list[UploadLine]:
    body = UploadFiles(path=str(path), target=target)
    stream = await home.datastores.upload(datastore, body=body)
    return [msgspec.json.decode(line, type=UploadLine) async for line in stream]


async def send(
    home: Home, path: Path, target: str = "", datastore: str = DEFAULT_DATASTORE
) -> Uploaded:
    last = (await lines(home, path, datastore, target))[-1]
    assert last.uploaded is not None, last.error
    return last.uploaded


@pytest.mark.parametrize(
    ("target", "goal"),
    [("", "table/a.csv"), ("deep/er", "deep/er/a.csv"), ("deep/", "deep/a.csv")],
)
async def test_a_folder_becomes_the_folder_that_is_named(
    home: Home, table: Path, target: str, goal: str
) -> None:
    made = await send(home, table, target)
    assert made.path == f"{PATHS}/{goal.rpartition('/')[0]}"
    assert (made.bytes, made.files, made.copied) == (16, 2, 2)
    assert home.places.find(DEFAULT_DATASTORE, goal).read_text() == "x,y\n1,2\n"


@pytest.mark.parametrize(
    ("target", "goal"), [("", "a.csv"), ("b.csv", "b.csv"), ("deep/", "deep/a.csv")]
)
async def test_a_file_goes_under_a_name_or_into_a_folder(
    home: Home, table: Path, target: str, goal: str
) -> None:
    assert (await send(home, table / "a.csv", target)).path == f"{PATHS}/{goal}"
    assert home.places.find(DEFAULT_DATASTORE, goal).is_file()


async def test_what_is_there_is_not_copied_again(home: Home, table: Path) -> None:
    await send(home, table)
    assert (await send(home, table)).copied == 0
    home.open()  # the next service remembers nothing
    assert (await send(home, table)).copied == 0
    (table / "a.csv").write_text("x,y\n9,9\n")
    made = await send(home, table)
    assert (made.files, made.copied) == (2, 1)
    assert home.places.find(DEFAULT_DATASTORE, "table/a.csv").read_text() == "x,y\n9,9\n"


async def test_the_same_content_is_on_the_disk_once(home: Home, table: Path) -> None:
    await send(home, table, "one")
    await send(home, table, "two")
    first, second = (
        home.places.find(DEFAULT_DATASTORE, f"{target}/a.csv") for target in ("one", "two")
    )
    assert first.samefile(second)
    asset = await home.data.create(body=CreateData(name="d", path=str(table)))
    assert first.samefile(Path(asset.local_path) / "a.csv")


async def test_a_copy_that_broke_off_goes_on_where_it_was(home: Home, table: Path) -> None:
    (table / "z.bin").write_bytes(b"z" * 100)
    in_the_way = home.contents.folder / "t" / "z.bin"
    in_the_way.mkdir(parents=True)
    last = (await lines(home, table, DEFAULT_DATASTORE, "t"))[-1]
    assert last.error is not None
    assert last.error.code == "Conflict"
    in_the_way.rmdir()
    made = await send(home, table, "t")
    assert (made.files, made.copied) == (3, 1)
    left = list(home.contents.uploads.glob(".unfinished-*"))
    assert left == []


async def test_progress_grows_to_the_end(home: Home, table: Path) -> None:
    (table / "large.bin").write_bytes(os.urandom(3 << 20))
    told = await lines(home, table, DEFAULT_DATASTORE, "")
    assert told[-1].bytes == told[-1].total_bytes == (3 << 20) + 16
    assert [line.bytes for line in told] == sorted(line.bytes for line in told)


async def test_a_reader_that_leaves_ends_the_copy() -> None:
    """At the next word of progress."""
    has_ended = threading.Event()

    def copy(progress: Progress) -> None:
        try:
            while True:
                progress(1, 2)
                has_ended.wait(0.001)
        finally:
            has_ended.set()

    async def work(progress: Progress) -> UploadLine:
        await asyncio.to_thread(copy, progress)
        raise AssertionError("nobody ends it but its reader")

    stream: Any = telling.told(work)
    first = msgspec.json.decode(await anext(stream), type=UploadLine)
    assert (first.bytes, first.total_bytes) == (1, 2)
    await stream.aclose()
    assert await asyncio.to_thread(has_ended.wait, 60)


async def test_a_folder_of_this_machine_gets_plain_files(
    home: Home, table: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    await home.datastores.create(body=CreateDatastore(name="mine", path=str(folder)))
    made = await send(home, table, "t", "mine")
    assert made.path == "azureml://datastores/mine/paths/t"
    assert (folder / "t" / "part" / "b.csv").read_text() == "x,y\n3,4\n"
    assert (await send(home, table, "t", "mine")).copied == 0
    assert sorted(path.name for path in folder.iterdir()) == ["t"]


@pytest.mark.parametrize(
    ("path", "target", "datastore", "error"),
    [
        ("relative", "", DEFAULT_DATASTORE, Invalid),
        ("azureml://datastores/x/paths/y", "", DEFAULT_DATASTORE, Invalid),
        ("/no/such/file", "", DEFAULT_DATASTORE, NotFound),
        ("TABLE", "../out", DEFAULT_DATASTORE, Invalid),
        ("TABLE", "LocalUpload/" + "a" * 40, DEFAULT_DATASTORE, Forbidden),
        ("TABLE", "", "nothing", NotFound),
        ("TABLE", "", "fixed", Forbidden),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_is_copied(
    home: Home,
    table: Path,
    tmp_path: Path,
    path: str,
    target: str,
    datastore: str,
    error: type[AmlError],
) -> None:
    (tmp_path / "fixed").mkdir()
    fixed = CreateDatastore(name="fixed", path=str(tmp_path / "fixed"), read_only=True)
    await home.datastores.create(body=fixed)
    body = UploadFiles(path=path.replace("TABLE", str(table)), target=target)
    with pytest.raises(error):
        await home.datastores.upload(datastore, body=body)
    assert not list((tmp_path / "fixed").iterdir())


async def test_an_empty_folder_says_so(home: Home, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (line,) = await lines(home, tmp_path / "empty", DEFAULT_DATASTORE, "")
    assert line.error is not None
    assert "empty" in line.error.message
