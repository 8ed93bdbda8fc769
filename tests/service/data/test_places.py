"""Datastores: naming a folder, forgetting it, and staying inside of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.model import api
from jupyter_aml.model.data import DEFAULT_DATASTORE, CreateDatastore
from jupyter_aml.model.errors import AmlError, Conflict, Forbidden, Invalid, NotFound
from tests.service.data.conftest import Home


async def test_a_folder_gets_a_name_and_is_forgotten_again(home: Home, table: Path) -> None:
    body = CreateDatastore(name="mine", path=f"{table}/", description="d")
    made = await home.datastores.create(body=body)
    assert (made.path, made.type, made.is_default) == (str(table), "local_folder", False)
    assert await home.datastores.create(body=body) == made
    assert home.places.find("mine", "part/b.csv") == (table / "part" / "b.csv").resolve()
    other = CreateDatastore(name="mine", path=str(table / "part"))
    with pytest.raises(Conflict):
        await home.datastores.create(body=other)
    await home.datastores.delete("mine")
    assert home.told[-1] is None
    assert (table / "a.csv").exists()
    with pytest.raises(NotFound):
        await home.datastores.get("mine")


async def test_what_is_no_datastore_is_refused(home: Home, table: Path) -> None:
    cases: list[tuple[str, str, type[AmlError]]] = [
        ("x", "relative", Invalid),
        ("x", str(table / "a.csv"), NotFound),
        ("x", str(table / "no"), NotFound),
        ("x", str(home.folder), Invalid),
        (DEFAULT_DATASTORE, str(table), Conflict),
    ]
    for name, path, error in cases:
        with pytest.raises(error):
            await home.datastores.create(body=CreateDatastore(name=name, path=path))
    with pytest.raises(Invalid):
        await home.datastores.delete(DEFAULT_DATASTORE)


async def test_one_that_is_away_says_so_and_comes_back(home: Home, table: Path) -> None:
    await home.datastores.create(body=CreateDatastore(name="mine", path=str(table)))
    away = table.rename(table.with_name("away"))
    found = await home.datastores.get("mine")
    assert not found.available
    assert str(table) in found.reason
    with pytest.raises(NotFound):
        await home.datastores.browse("mine", query=api.BrowseFiles())
    away.rename(table)
    assert (await home.datastores.get("mine")).available


async def test_nothing_leads_out_of_it(home: Home, table: Path, tmp_path: Path) -> None:
    (table / "link").symlink_to(tmp_path)
    await home.datastores.create(body=CreateDatastore(name="mine", path=str(table)))
    for path in ("..", "../home", "/etc/passwd", "link", "link/home/state.db", "part/../.."):
        with pytest.raises(Invalid):
            await home.datastores.browse("mine", query=api.BrowseFiles(path=path))
        with pytest.raises(Invalid):
            home.places.goal("mine", path)


async def test_a_read_only_one_is_not_written_to(home: Home, table: Path) -> None:
    body = CreateDatastore(name="mine", path=str(table), read_only=True)
    await home.datastores.create(body=body)
    with pytest.raises(Forbidden):
        home.places.goal("mine", "new")
    assert home.places.find("mine", "a.csv").is_file()


async def test_many_entries_come_in_pages(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(1005):
        (folder / f"{number:05}").touch()
    await home.datastores.create(body=CreateDatastore(name="mine", path=str(folder)))
    first = await home.datastores.browse("mine", query=api.BrowseFiles())
    rest = await home.datastores.browse("mine", query=api.BrowseFiles(offset=1000))
    assert (len(first.value), first.truncated) == (1000, True)
    assert ([one.path for one in rest.value], rest.truncated) == (
        [f"{number:05}" for number in range(1000, 1005)],
        False,
    )


def test_an_output_of_a_job_is_found_where_azure_would_have_put_it(home: Home, table: Path) -> None:
    home.outputs["j", "o"] = table
    place = "azureml://datastores/workspaceblobstore/paths/azureml/j/o"

    found = home.locator.locate(f"{place}/part/b.csv")

    assert found.path == str(table / "part" / "b.csv")
    assert (found.reference, found.job) == ("azureml://jobs/j/outputs/o/paths/part/b.csv", "j")
    assert home.locator.locate(f"{place}/").path == str(table)


def test_a_path_that_is_nowhere_is_said_to_be_missing_from_the_datastore(home: Home) -> None:
    with pytest.raises(NotFound) as refused:
        home.locator.locate("azureml://datastores/workspaceblobstore/paths/azureml/j/o")

    assert "job" not in refused.value.message
