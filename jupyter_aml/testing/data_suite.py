"""What every backend with data must do: datastores and data assets; part of `BackendSuite`."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from jupyter_aml.model import api
from jupyter_aml.model.data import (
    CreateData,
    CreateDatastore,
    UpdateData,
    UploadFiles,
    UploadLine,
)
from jupyter_aml.model.errors import AmlError, Forbidden, Invalid, NotFound
from jupyter_aml.service.backends.protocol import Backend, DataFacet, DatastoresFacet
from jupyter_aml.testing.suite import NAME_TRAPS, Suite

_LATEST = api.FindAsset()


class DataSuite(Suite):
    """A backend that lacks a facet skips its tests."""

    @pytest.fixture
    def data(self, backend: Backend) -> DataFacet:
        if backend.data is None:
            pytest.skip("this backend has no data")
        return backend.data

    @pytest.fixture
    def datastores(self, backend: Backend) -> DatastoresFacet:
        if backend.datastores is None:
            pytest.skip("this backend has no datastores")
        return backend.datastores

    @pytest.fixture
    def table(self, tmp_path: Path) -> Path:
        path = tmp_path / "table.csv"
        path.write_text("x,y\n1,2\n")
        return path

    async def test_the_same_content_is_one_version(self, data: DataFacet, table: Path) -> None:
        body = CreateData(name="table", path=str(table))
        first, again = await data.create(body=body), await data.create(body=body)
        assert (first.version, first.type, again) == (again.version, "uri_file", first)
        table.write_text("x,y\n1,3\n")
        second = await data.create(body=body)
        assert second.version != first.version
        assert await data.get("table", query=_LATEST) == second
        blocks = await data.read("table", query=api.BrowseFiles(version=first.version))
        assert b"".join([block async for block in blocks]) == b"x,y\n1,2\n"

    async def test_an_upload_ends_with_what_it_made(self, data: DataFacet, table: Path) -> None:
        stream = await data.upload(body=CreateData(name="table", path=str(table)))
        lines = b"".join([line async for line in stream]).splitlines()
        last = msgspec.json.decode(lines[-1], type=UploadLine)
        assert last.data == await data.get("table", query=_LATEST)

    async def test_data_is_seen_from_outside(self, data: DataFacet, table: Path) -> None:
        await data.create(body=CreateData(name="table", path=str(table)))
        (entry,) = (await data.browse("table", query=api.BrowseFiles())).value
        assert (entry.folder, entry.bytes) == (False, 8)
        shown = await data.preview("table", query=api.BrowseFiles())
        assert (shown.kind, shown.columns, shown.rows) == ("table", ["x", "y"], [["1", "2"]])

    async def test_data_is_archived_and_restored(self, data: DataFacet, table: Path) -> None:
        await data.create(body=CreateData(name="table", path=str(table)))
        await data.archive("table", query=_LATEST)
        assert (await data.list(query=api.ListAssets())).value == []
        shown = await data.list(query=api.ListAssets(include_archived=True))
        assert [one.archived for one in shown.value] == [True]
        assert not (await data.restore("table", query=_LATEST)).archived
        changed = await data.update("table", body=UpdateData(description="new"), query=_LATEST)
        assert changed.description == "new"

    async def test_names_of_data_are_checked(self, data: DataFacet, table: Path) -> None:
        for name in NAME_TRAPS:
            with pytest.raises(Invalid):
                await data.create(body=CreateData(name=name, path=str(table)))
            with pytest.raises((Invalid, NotFound)):
                await data.get(name, query=_LATEST)

    async def test_nothing_leads_out_of_a_datastore(self, datastores: DatastoresFacet) -> None:
        first = (await datastores.list()).value[0]
        assert first.is_default
        for path in ("..", "../..", "/etc/passwd", "a/../../b"):
            for verb in (datastores.browse, datastores.preview, datastores.read):
                with pytest.raises(AmlError):
                    await verb(first.name, query=api.BrowseFiles(path=path))

    async def test_a_folder_becomes_a_datastore_and_is_left_in_peace(
        self, datastores: DatastoresFacet, table: Path
    ) -> None:
        made = await datastores.create(body=CreateDatastore(name="shelf", path=str(table.parent)))
        assert await datastores.get("shelf") == made
        assert "shelf" in [one.name for one in (await datastores.list()).value]
        whole = api.BrowseFiles()
        assert "table.csv" in [
            one.path for one in (await datastores.browse("shelf", query=whole)).value
        ]
        here = api.BrowseFiles(path="table.csv")
        assert (await datastores.preview("shelf", query=here)).columns == ["x", "y"]
        blocks = await datastores.read("shelf", query=here)
        assert b"".join([block async for block in blocks]) == b"x,y\n1,2\n"
        await datastores.delete("shelf")
        assert table.exists()
        with pytest.raises(NotFound):
            await datastores.get("shelf")

    async def test_files_of_this_machine_go_into_a_datastore(
        self, datastores: DatastoresFacet, table: Path
    ) -> None:
        await datastores.create(body=CreateDatastore(name="shelf"))
        for copied in (1, 0):  # what is there is not copied again
            body = UploadFiles(path=str(table), target="a/")
            stream = await datastores.upload("shelf", body=body)
            lines = b"".join([line async for line in stream]).splitlines()
            made = msgspec.json.decode(lines[-1], type=UploadLine).uploaded
            assert made is not None
            assert made.path == "azureml://datastores/shelf/paths/a/table.csv"
            assert (made.bytes, made.files, made.copied) == (8, 1, copied)
        blocks = await datastores.read("shelf", query=api.BrowseFiles(path="a/table.csv"))
        assert b"".join([block async for block in blocks]) == b"x,y\n1,2\n"
        with pytest.raises(AmlError):
            await datastores.upload("shelf", body=UploadFiles(path=str(table), target="../out"))

    async def test_what_was_uploaded_lies_in_a_datastore(
        self, datastores: DatastoresFacet, tmp_path: Path
    ) -> None:
        await datastores.create(body=CreateDatastore(name="shelf"))
        staged = tmp_path / "staged"
        staged.write_bytes(b"hello")
        digest = hashlib.sha256(b"hello").hexdigest()
        await datastores.keep("shelf", "a/b.txt", staged=staged, digest=digest)
        assert not staged.exists()
        blocks = await datastores.read("shelf", query=api.BrowseFiles(path="a/b.txt"))
        assert b"".join([block async for block in blocks]) == b"hello"
        await datastores.remove("shelf", "a/b.txt")
        assert (await datastores.browse("shelf", query=api.BrowseFiles())).value == []

    async def test_a_read_only_datastore_keeps_what_it_has(
        self, datastores: DatastoresFacet, table: Path, tmp_path: Path
    ) -> None:
        shelf = CreateDatastore(name="shelf", path=str(table.parent), read_only=True)
        await datastores.create(body=shelf)
        with pytest.raises(Forbidden):
            await datastores.remove("shelf", "table.csv")
        staged = tmp_path / "staged"
        staged.write_bytes(b"hello")
        digest = hashlib.sha256(b"hello").hexdigest()
        with pytest.raises(Forbidden):
            await datastores.keep("shelf", "table.csv", staged=staged, digest=digest)
        assert table.read_text() == "x,y\n1,2\n"
