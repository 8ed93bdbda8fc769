"""Uploaded files: they go where they were sent, and become assets without a copy."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from jupyter_aml.model.data import DEFAULT_DATASTORE, CreateData, CreateDatastore
from jupyter_aml.model.errors import AmlError, Conflict, Forbidden, Invalid, NotFound
from jupyter_aml.model.references import in_datastore
from tests.service.data.conftest import Home

KEY = "ab" * 32
"""As long as the keys that clients make."""


async def send(home: Home, path: str, content: bytes, datastore: str = DEFAULT_DATASTORE) -> None:
    staged = home.folder / "staged"
    staged.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    await home.datastores.keep(datastore, path, staged=staged, digest=digest)
    assert not staged.exists()


async def test_an_upload_becomes_an_asset_by_links(home: Home) -> None:
    await send(home, f"LocalUpload/{KEY}/folder/a.csv", b"1")
    await send(home, f"LocalUpload/{KEY}/folder/part/b.csv", b"2")
    reference = in_datastore(DEFAULT_DATASTORE, f"LocalUpload/{KEY}/folder/")
    made = await home.data.create(body=CreateData(name="d", path=reference))
    assert (made.type, made.files, made.bytes) == ("uri_folder", 2, 2)
    assert made.content
    assert made.path == in_datastore(DEFAULT_DATASTORE, f"LocalUpload/{made.content}/folder/")
    uploaded = home.places.find(DEFAULT_DATASTORE, f"LocalUpload/{KEY}/folder/a.csv")
    assert os.path.samefile(uploaded, Path(made.local_path) / "a.csv")
    again = CreateData(name="d", path=made.path, version="1", description="said")
    assert (await home.data.create(body=again)).description == "said"


async def test_an_upload_that_is_replaced_leaves_the_asset_as_it_was(home: Home) -> None:
    path = f"LocalUpload/{KEY}/a.csv"
    await send(home, path, b"old")
    made = await home.data.create(
        body=CreateData(name="d", path=in_datastore(DEFAULT_DATASTORE, path))
    )
    await send(home, path, b"new")
    assert Path(made.local_path).read_bytes() == b"old"
    assert home.places.find(DEFAULT_DATASTORE, path).read_bytes() == b"new"


async def test_what_an_asset_holds_cannot_be_written_or_removed(home: Home, table: Path) -> None:
    made = await home.data.create(body=CreateData(name="d", path=str(table)))
    inner = made.path.partition("/paths/")[2]
    for path in (f"{inner}a.csv", f"LocalUpload/{made.content}/other", ".files/ab/x"):
        with pytest.raises(Forbidden):
            await send(home, path, b"x")
        with pytest.raises(Forbidden):
            await home.datastores.remove(DEFAULT_DATASTORE, path)
    assert (Path(made.local_path) / "a.csv").read_text() == (table / "a.csv").read_text()


async def test_what_cannot_be_a_file_is_refused(home: Home, table: Path) -> None:
    await home.datastores.create(body=CreateDatastore(name="mine", path=str(table)))
    (table / "out").symlink_to(home.folder)
    cases: list[tuple[str, type[AmlError]]] = [
        ("../up", Invalid),
        ("/etc/x", Invalid),
        ("a\0b", Invalid),
        ("a\\b", Invalid),
        ("", Invalid),
        ("out/x", Invalid),
        ("n" * 300, Invalid),
        ("part", Conflict),
        ("a.csv/below", Conflict),
    ]
    for path, error in cases:
        with pytest.raises(error):
            await send(home, path, b"x", "mine")
        (home.folder / "staged").unlink(missing_ok=True)


async def test_a_read_only_datastore_takes_nothing(home: Home, table: Path) -> None:
    await home.datastores.create(body=CreateDatastore(name="mine", path=str(table), read_only=True))
    with pytest.raises(Forbidden):
        await send(home, "x", b"x", "mine")
    with pytest.raises(Forbidden):
        await home.datastores.remove("mine", "a.csv")


async def test_removing_takes_folders_that_are_empty_then(home: Home, table: Path) -> None:
    await home.datastores.create(body=CreateDatastore(name="mine", path=str(table)))
    await send(home, "new/deep/x", b"x", "mine")
    await home.datastores.remove("mine", "new/deep/x")
    assert not (table / "new").exists()
    await home.datastores.remove("mine", "part/b.csv")
    assert (table / "a.csv").exists()
    with pytest.raises(NotFound):
        await home.datastores.remove("mine", "nothing")
    with pytest.raises(NotFound):
        await home.datastores.remove("mine", "new")


async def test_a_datastore_without_a_path_gets_a_folder_of_its_own(home: Home) -> None:
    made = await home.datastores.create(body=CreateDatastore(name="own"))
    assert Path(made.path) == home.folder / "datastores" / "own"
    await send(home, "x", b"kept", "own")
    await home.datastores.delete("own")
    await home.datastores.create(body=CreateDatastore(name="own"))
    assert home.places.find("own", "x").read_bytes() == b"kept"
    for name in ("../up", "a\n", DEFAULT_DATASTORE):
        with pytest.raises(AmlError):
            await home.datastores.create(body=CreateDatastore(name=name))
