"""The stock SDK: datastores and data assets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "table"
    (made / "part").mkdir(parents=True)
    (made / "a.csv").write_text("x,y\n1,2\n")
    (made / "part" / "b.csv").write_bytes(bytes(range(256)))
    return made


def content_of(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_a_local_folder_becomes_an_asset_and_comes_back(
    ml_client: Any, folder: Path, tmp_path: Path
) -> None:
    from azure.ai.ml._artifacts._artifact_utilities import download_artifact_from_aml_uri
    from azure.ai.ml.entities import Data

    body = Data(
        name="sdk-folder", path=str(folder), type="uri_folder", description="d", tags={"k": "v"}
    )
    made = ml_client.data.create_or_update(body)
    assert (made.name, made.version, made.type) == ("sdk-folder", "1", "uri_folder")
    assert made.path.endswith("/table/")
    assert made.path.startswith("azureml://subscriptions/")
    assert (made.description, made.tags) == ("d", {"k": "v"})
    found = ml_client.data.get("sdk-folder", label="latest")
    assert (found.id, found.path) == (made.id, made.path)
    target = tmp_path / "back"
    target.mkdir()
    download_artifact_from_aml_uri(found.path, str(target), ml_client.datastores)
    assert content_of(target) == content_of(folder)


def test_a_local_file_goes_once_and_is_numbered(ml_client: Any, folder: Path) -> None:
    from azure.ai.ml.entities import Data

    first = ml_client.data.create_or_update(
        Data(name="sdk-file", path=str(folder / "a.csv"), type="uri_file")
    )
    assert first.version == "1"
    assert first.path.endswith("/a.csv")
    asked = len(ml_client.exchanges.paths())
    second = ml_client.data.create_or_update(
        Data(name="sdk-file", path=str(folder / "a.csv"), type="uri_file")
    )
    assert second.version == "2"
    sent = [line for line in ml_client.exchanges.paths()[asked:] if "blob.core" in line]
    assert [line.split()[0] for line in sent] == ["HEAD", "HEAD"]
    assert [one.version for one in ml_client.data.list("sdk-file")] == ["2", "1"]


def test_a_version_keeps_what_it_holds(ml_client: Any, folder: Path) -> None:
    from azure.ai.ml.entities import Data
    from azure.core.exceptions import ResourceExistsError

    body = Data(name="sdk-fixed", version="7", path=str(folder / "a.csv"), type="uri_file")
    made = ml_client.data.create_or_update(body)
    body = Data(name="sdk-fixed", version="7", path=made.path, type="uri_file", tags={"a": "b"})
    assert ml_client.data.create_or_update(body).tags == {"a": "b"}
    other = Data(name="sdk-fixed", version="7", path=str(folder / "part/b.csv"), type="uri_file")
    with pytest.raises(ResourceExistsError):
        ml_client.data.create_or_update(other)


def test_an_mltable(ml_client: Any, live: Any, folder: Path) -> None:
    from azure.ai.ml.entities import Data

    (folder / "MLTable").write_text(
        "paths:\n- file: ./a.csv\ntransformations:\n- read_delimited: {delimiter: ','}\n"
    )
    # Else the SDK asks a host of Microsoft's for a schema, and goes on without it.
    nowhere = f"{live.access.url}/none"
    body = Data(name="sdk-table", path=str(folder), type="mltable", mltable_schema_url=nowhere)
    assert ml_client.data.create_or_update(body).type == "mltable"
    assert ml_client.data.get("sdk-table", version="1").path.endswith("/")


def test_archiving_hides_and_restoring_shows(ml_client: Any, folder: Path) -> None:
    from azure.ai.ml.constants import ListViewType
    from azure.ai.ml.entities import Data

    for _ in range(2):
        ml_client.data.create_or_update(
            Data(name="sdk-old", path=str(folder / "a.csv"), type="uri_file")
        )
    ml_client.data.archive("sdk-old", version="1")
    assert [one.version for one in ml_client.data.list("sdk-old")] == ["2"]
    view = ListViewType.ARCHIVED_ONLY
    assert [one.version for one in ml_client.data.list("sdk-old", list_view_type=view)] == ["1"]
    ml_client.data.archive("sdk-old")
    assert "sdk-old" not in [one.name for one in ml_client.data.list()]
    ml_client.data.restore("sdk-old")
    assert "sdk-old" in [one.name for one in ml_client.data.list()]
    assert len(list(ml_client.data.list("sdk-old"))) == 2


def test_what_is_not_there_is_said(ml_client: Any, tmp_path: Path) -> None:
    from azure.ai.ml.entities import Data
    from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

    with pytest.raises(ResourceNotFoundError):
        ml_client.data.get("sdk-nothing", version="1")
    for path in (
        "azureml://datastores/nowhere/paths/x.csv",
        "wasbs://data@account.blob.core.windows.net/x.csv",
    ):
        with pytest.raises(HttpResponseError) as raised:
            ml_client.data.create_or_update(Data(name="sdk-nothing", path=path, type="uri_file"))
        assert raised.value.status_code == 400
    ml_client.exchanges.seen.clear()


def test_an_asset_may_name_a_file_that_is_yet_to_come(ml_client: Any, live: Any) -> None:
    from azure.ai.ml import Input, command
    from azure.ai.ml.entities import Data
    from azure.core.exceptions import HttpResponseError

    path = "azureml://datastores/workspaceblobstore/paths/to-come/rows.csv"
    made = ml_client.data.create_or_update(Data(name="sdk-soon", path=path, type="uri_file"))
    assert made.path.endswith("/paths/to-come/rows.csv")
    job = command(
        command="cat ${{inputs.rows}}",
        inputs={"rows": Input(type="uri_file", path="azureml:sdk-soon:1")},
        environment="azureml:kernel:1",
    )
    file = live.home / "datastores/workspaceblobstore/to-come/rows.csv"
    with pytest.raises(HttpResponseError, match="are not there") as raised:
        ml_client.jobs.create_or_update(job)
    assert str(file) in str(raised.value)
    file.parent.mkdir()
    file.write_text("a,b")
    made = ml_client.jobs.create_or_update(job)
    assert made.status in ("NotStarted", "Queued", "Preparing", "Running", "Completed")


def test_datastores(ml_client: Any, folder: Path) -> None:
    from azure.ai.ml.entities import AccountKeyConfiguration, AzureBlobDatastore, Data

    default = ml_client.datastores.get_default()
    assert (default.name, default.type) == ("workspaceblobstore", "AzureBlob")
    names = [one.name for one in ml_client.datastores.list()]
    assert {"workspaceblobstore", "workspaceartifactstore"} <= set(names)
    secret = ml_client.datastores.get_default(include_secrets=True).credentials.account_key
    assert len(secret) == 88
    made = ml_client.datastores.create_or_update(
        AzureBlobDatastore(
            name="sdk_store",
            account_name="mytestblobstore",
            container_name="data-container",
            description="theirs",
            credentials=AccountKeyConfiguration(account_key="c2VjcmV0"),
        )
    )
    assert (made.name, made.container_name, made.description) == (
        "sdk_store",
        "data-container",
        "theirs",
    )
    assert made.account_name.startswith("127.0.0.1:")
    data = ml_client.data.create_or_update(
        Data(name="sdk-elsewhere", path=str(folder), type="uri_folder", datastore="sdk_store")
    )
    assert "/datastores/sdk_store/paths/" in data.path
    ml_client.datastores.delete("sdk_store")
    assert "sdk_store" not in [one.name for one in ml_client.datastores.list()]


@pytest.mark.parametrize("kind", ["sas", "none", "gen2", "files"])
def test_other_kinds_of_datastores_come_back(ml_client: Any, folder: Path, kind: str) -> None:
    from azure.ai.ml import entities
    from azure.ai.ml.entities import Data

    bodies = {
        "sas": lambda: entities.AzureBlobDatastore(
            name="sdk_sas",
            account_name="theirs",
            container_name="sas-container",
            credentials=entities.SasTokenConfiguration(sas_token="?sv=1&sig=secret"),
        ),
        "none": lambda: entities.AzureBlobDatastore(
            name="sdk_none", account_name="theirs", container_name="none-container"
        ),
        "gen2": lambda: entities.AzureDataLakeGen2Datastore(
            name="sdk_gen2", account_name="theirs", filesystem="lake"
        ),
        "files": lambda: entities.AzureFileDatastore(
            name="sdk_files",
            account_name="theirs",
            file_share_name="share",
            credentials=entities.AccountKeyConfiguration(account_key="c2VjcmV0"),
        ),
    }
    body = bodies[kind]()
    made = ml_client.datastores.create_or_update(body)
    found = ml_client.datastores.get(body.name)
    assert (found.type, found.name) == (body.type, body.name)
    assert made.account_name.startswith("127.0.0.1:")
    if kind in ("sas", "none"):
        data = Data(name=f"sdk-{kind}", path=str(folder), type="uri_folder", datastore=body.name)
        assert ml_client.data.create_or_update(data).version
    ml_client.datastores.delete(body.name)
