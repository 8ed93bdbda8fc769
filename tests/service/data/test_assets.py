"""Data assets: versions by content, what a path may be, browsing, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_aml.model import api
from jupyter_aml.model.data import CreateData, CreateDatastore, Data, UpdateData, UploadLine
from jupyter_aml.model.errors import AmlError, Conflict, Invalid, NotFound
from tests.service.data.conftest import Home

LATEST = api.FindAsset()


async def made(home: Home, path: Path | str, name: str = "d", **fields: Any) -> Data:
    return await home.data.create(body=CreateData(name=name, path=str(path), **fields))


async def test_the_same_content_is_the_same_version_another_the_next(
    home: Home, table: Path
) -> None:
    first = await made(home, table, description="one")
    again = await made(home, table)
    assert (first.version, again.version, again.description) == ("1", "1", "one")
    assert (first.type, first.files, first.bytes) == ("uri_folder", 2, 16)
    (table / "a.csv").write_text("x,y\n1,3\n")
    assert (await made(home, table)).version == "2"
    assert Path(first.local_path, "a.csv").read_text() == "x,y\n1,2\n"


async def test_a_name_keeps_its_spelling_and_the_newest_is_the_newest(
    home: Home, table: Path
) -> None:
    await made(home, table, name="Digits")
    second = await made(home, table / "a.csv", name="digits")
    assert (second.name, second.version, second.type) == ("Digits", "2", "uri_file")
    assert (await home.data.get("digits", query=LATEST)).version == "2"
    assert (await home.data.get("azureml:digits:1", query=LATEST)).version == "1"
    await home.data.archive("digits", query=LATEST)
    assert (await home.data.get("digits@latest", query=LATEST)).version == "1"
    shown = await home.data.list(query=api.ListAssets())
    assert [one.version for one in shown.value] == ["1"]
    every = await home.data.list(query=api.ListAssets(name="digits", include_archived=True))
    assert [one.version for one in every.value] == ["2", "1"]


async def test_what_is_there_outlives_the_service(home: Home, table: Path) -> None:
    first = await made(home, table, tags={"a": "b"})
    await home.datastores.create(body=CreateDatastore(name="mine", path=str(table)))
    home.open()
    assert await home.data.get("d", query=LATEST) == first
    assert [one.name for one in (await home.datastores.list()).value] == [
        "workspaceblobstore",
        "mine",
    ]


async def test_a_version_of_ones_own_is_not_given_twice(home: Home, table: Path) -> None:
    assert (await made(home, table, version="v1.2")).version == "v1.2"
    with pytest.raises(Conflict):
        await made(home, table / "a.csv", version="v1.2")
    assert (await made(home, table / "a.csv")).version == "1"


async def test_what_is_not_there_yet_is_refused_when_it_is_used(home: Home) -> None:
    path = "azureml://datastores/workspaceblobstore/paths/soon/rows.csv"
    with pytest.raises(NotFound):
        await made(home, path, type="uri_file")
    with pytest.raises(NotFound):  # it may become anything
        await made(home, path, may_be_missing=True)
    with pytest.raises(NotFound, match="nowhere"):
        await made(home, path.replace("workspaceblobstore", "nowhere"), may_be_missing=True)
    asset = await made(home, path, may_be_missing=True, type="uri_file")
    assert (asset.version, asset.path) == ("1", path)

    with pytest.raises(NotFound, match="azureml:d:1 are not there") as refused:
        home.locator.locate("azureml:d:1")
    assert asset.local_path in refused.value.hint

    Path(asset.local_path).parent.mkdir(parents=True)
    Path(asset.local_path).write_text("a,b\n")
    assert home.locator.locate("azureml:d:1").path == asset.local_path


@pytest.mark.parametrize("name", ["", "a/b", "../up", "a b", "a\n", "-x", "a:1", "x" * 256])
async def test_a_name_that_is_none_is_refused(home: Home, table: Path, name: str) -> None:
    with pytest.raises(Invalid):
        await made(home, table, name=name)


@pytest.mark.parametrize("version", ["latest", "a/b", "..", "1 ", "x" * 31])
async def test_a_version_that_is_none_is_refused(home: Home, table: Path, version: str) -> None:
    with pytest.raises(Invalid):
        await made(home, table, version=version)


async def test_the_type_has_to_fit(home: Home, table: Path) -> None:
    for kind, path in (("uri_file", table), ("uri_folder", table / "a.csv"), ("mltable", table)):
        with pytest.raises(Invalid):
            await made(home, path, type=kind)
    assert (await home.data.list(query=api.ListAssets())).value == []


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("relative.csv", Invalid),
        ("/not/there", NotFound),
        ("azureml:nobody:1", NotFound),
        ("azureml://datastores/nobody/paths/x", NotFound),
        ("azureml://datastores/workspaceblobstore/paths/../../state.db", Invalid),
        ("azureml://jobs/nobody/outputs/o", NotFound),
        ("abfss://x@y/z", Invalid),
    ],
)
async def test_a_path_that_is_none_is_refused(home: Home, path: str, error: type[AmlError]) -> None:
    with pytest.raises(error) as refused:
        await made(home, path)
    assert refused.value.hint


async def test_an_output_of_a_job_is_copied_and_tells_its_job(home: Home, table: Path) -> None:
    home.outputs["j", "o"] = table
    found = await made(home, "azureml://jobs/j/outputs/o/paths/part/b.csv")
    assert (found.created_by_job, found.type) == ("j", "uri_file")
    (table / "part" / "b.csv").unlink()
    assert Path(found.local_path).read_text() == "x,y\n3,4\n"


async def test_in_place_nothing_is_copied(home: Home, table: Path) -> None:
    found = await made(home, table, in_place=True)
    assert (found.path, found.local_path, found.content) == (str(table), str(table), "")
    assert (found.files, found.bytes) == (2, 16)
    (table / "new.csv").write_text("n")
    listed = await home.data.browse("d", query=api.BrowseFiles())
    assert [one.path for one in listed.value] == ["part", "a.csv", "new.csv"]
    table.rename(table.with_name("moved"))
    with pytest.raises(NotFound):
        await home.data.browse("d", query=api.BrowseFiles())


async def test_another_asset_and_an_address_are_kept_as_they_are(home: Home, table: Path) -> None:
    first = await made(home, table)
    alias = await made(home, "azureml:d:1", name="alias")
    assert (alias.path, alias.content) == (first.path, first.content)
    web = await made(home, "https://host/a.csv", name="web")
    assert (web.type, web.local_path, web.path) == ("uri_file", "", "https://host/a.csv")
    with pytest.raises(NotFound):
        await home.data.browse("web", query=api.BrowseFiles())


async def test_words_change_and_content_does_not(home: Home, table: Path) -> None:
    await made(home, table, tags={"a": "1"})
    changed = await home.data.update("d", body=UpdateData(description="new"), query=LATEST)
    assert (changed.description, changed.tags, changed.version) == ("new", {"a": "1"}, "1")
    cleared = await home.data.update("d", body=UpdateData(tags={}), query=LATEST)
    assert (cleared.description, cleared.tags) == ("new", {})
    assert home.told[-1] == cleared


async def test_an_upload_tells_how_far_it_is_and_ends_with_the_asset(
    home: Home, table: Path
) -> None:
    (table / "large.bin").write_bytes(os.urandom(3 << 20))
    body = CreateData(name="d", path=str(table))
    stream = await home.data.upload(body=body)
    lines = [msgspec.json.decode(line, type=UploadLine) async for line in stream]
    assert lines[-1].data == await home.data.get("d", query=LATEST)
    assert lines[-1].bytes == lines[-1].total_bytes == (3 << 20) + 16
    assert [line.bytes for line in lines] == sorted(line.bytes for line in lines)


async def test_an_upload_that_is_refused_says_why(home: Home, tmp_path: Path) -> None:
    stream = await home.data.upload(body=CreateData(name="d", path=str(tmp_path / "no")))
    lines = [msgspec.json.decode(line, type=UploadLine) async for line in stream]
    assert lines[-1].error is not None
    assert lines[-1].error.code == "NotFound"
    with pytest.raises(Invalid):
        await home.data.upload(body=CreateData(name="a/b", path=str(tmp_path)))


async def test_browsing_shows_one_level_and_reading_the_bytes(home: Home, table: Path) -> None:
    await made(home, table)
    top = (await home.data.browse("d", query=api.BrowseFiles())).value
    assert [(one.path, one.folder, one.bytes) for one in top] == [
        ("part", True, 0),
        ("a.csv", False, 8),
    ]
    below = (await home.data.browse("d", query=api.BrowseFiles(path="part"))).value
    assert [one.path for one in below] == ["part/b.csv"]
    blocks = await home.data.read("d", query=api.BrowseFiles(path="part/b.csv", offset=4))
    assert b"".join([block async for block in blocks]) == b"3,4\n"
    with pytest.raises(Invalid):
        await home.data.read("d", query=api.BrowseFiles(path="part"))


async def test_a_file_is_its_own_only_entry(home: Home, table: Path) -> None:
    await made(home, table / "a.csv")
    (entry,) = (await home.data.browse("d", query=api.BrowseFiles())).value
    for path in ("", entry.path):
        blocks = await home.data.read("d", query=api.BrowseFiles(path=path))
        assert b"".join([block async for block in blocks]) == b"x,y\n1,2\n"


@pytest.mark.parametrize("path", ["..", "../x", "/etc", "a\\b", "part/../../x", "a\0"])
async def test_a_path_out_of_an_asset_is_refused(home: Home, table: Path, path: str) -> None:
    await made(home, table, in_place=True)
    with pytest.raises(Invalid):
        await home.data.browse("d", query=api.BrowseFiles(path=path))


async def test_a_link_out_of_an_asset_is_neither_shown_nor_read(
    home: Home, table: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("s")
    (table / "link").symlink_to(tmp_path / "secret")
    (table / "inner").symlink_to(table / "a.csv")
    await made(home, table, in_place=True)
    listed = (await home.data.browse("d", query=api.BrowseFiles())).value
    assert [one.path for one in listed] == ["part", "a.csv", "inner"]
    with pytest.raises(Invalid):
        await home.data.read("d", query=api.BrowseFiles(path="link"))
