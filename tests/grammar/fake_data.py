"""Datastores, data assets and batch endpoints in dictionaries, for their verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from jupyter_aml.model import batch, data, job
from jupyter_aml.model.errors import NotFound

MOMENT = "2023-11-14T22:13:10Z"


class _Files:
    """What is browsed, previewed and downloaded."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.previewed = data.Preview(kind="table", columns=["x"], rows=[["1"]])
        self.listed = data.EntryList(
            value=[data.Entry(path="part", folder=True), data.Entry(path="a.csv", bytes=8)]
        )

    def browse(self, name: str, path: str = "", *, version: str = "") -> data.EntryList:
        self.asked.append(("browse", name, path, version))
        return self.listed

    def preview(self, name: str, path: str = "", *, version: str = "") -> data.Preview:
        self.asked.append(("preview", name, path, version))
        return self.previewed

    def contents(
        self, name: str, path: str = "", *, version: str = ""
    ) -> Iterator[tuple[str, Iterator[bytes]]]:
        yield "a.csv", iter([f"{name}:{path}:{version}".encode()])


class FakeDatastores(_Files):
    def __init__(self) -> None:
        super().__init__()
        self.all = {
            "workspaceblobstore": data.Datastore(
                name="workspaceblobstore", type="blob", path="/home/blob", is_default=True
            )
        }

    def list(self) -> data.DatastoreList:
        return data.DatastoreList([*self.all.values()])

    def get(self, name: str) -> data.Datastore:
        return self.all[name]

    def create(self, body: data.CreateDatastore) -> data.Datastore:
        self.asked.append(("create", body))
        made = data.Datastore(
            name=body.name, type="local_folder", path=body.path, read_only=body.read_only
        )
        self.all[body.name] = made
        return made

    def delete(self, name: str) -> data.Datastore:
        self.asked.append(("delete", name))
        return self.all.pop(name)

    def upload(
        self,
        path: str,
        target: str = "",
        *,
        name: str = "workspaceblobstore",
        progress: Callable[[int, int], None] | None = None,
    ) -> data.Uploaded:
        self.asked.append(("upload", path, target, name))
        if progress is not None:
            progress(8, 8)
        where = f"azureml://datastores/{name}/paths/{target or 'a'}"
        return data.Uploaded(path=where, bytes=8, files=3, copied=1)


class FakeData(_Files):
    def __init__(self) -> None:
        super().__init__()
        self.all: dict[tuple[str, str], data.Data] = {}

    def add(self, name: str, version: str = "1", **fields: Any) -> data.Data:
        given = {"type": "uri_folder", "path": "azureml://x", "bytes": 10, "files": 2}
        body = {**given, "created_at": MOMENT, **fields}
        self.all[name, version] = data.Data(name=name, version=version, **body)
        return self.all[name, version]

    def list(self, name: str = "", *, include_archived: bool = False) -> data.DataList:
        self.asked.append(("list", name, include_archived))
        return data.DataList([one for one in self.all.values() if name in ("", one.name)])

    def get(self, name: str, version: str = "") -> data.Data:
        self.asked.append(("get", name, version))
        found = [one for one in self.all.values() if one.name == name]
        if not found:
            raise NotFound(f"There is no data asset {name!r}.", target="name")
        return next((one for one in found if one.version == version), found[-1])

    def create(
        self, body: data.CreateData, *, progress: Callable[[int, int], None] | None = None
    ) -> data.Data:
        self.asked.append(("create", body))
        if progress is not None:
            progress(5, 10)
            progress(10, 10)
        kind = body.type or "uri_folder"
        return self.add(body.name, body.version or "1", type=kind, tags=body.tags)

    def update(self, name: str, body: data.UpdateData, version: str = "") -> data.Data:
        self.asked.append(("update", name, version, body))
        return self.get(name, version)

    def archive(self, name: str, version: str = "") -> data.Data:
        self.asked.append(("archive", name, version))
        return msgspec.structs.replace(self.get(name, version), archived=True)

    def restore(self, name: str, version: str = "") -> data.Data:
        self.asked.append(("restore", name, version))
        return self.get(name, version)


class FakeBatchEndpoints:
    def __init__(self, make_job: Callable[[str], job.Job]) -> None:
        self.all: dict[str, batch.BatchEndpoint] = {}
        self.asked: list[tuple[Any, ...]] = []
        self._make_job = make_job

    def add(self, name: str, **fields: Any) -> batch.BatchEndpoint:
        self.all[name] = batch.BatchEndpoint(name=name, state="Succeeded", **fields)
        return self.all[name]

    def list(self) -> batch.BatchEndpointList:
        return batch.BatchEndpointList([*self.all.values()])

    def get(self, name: str) -> batch.BatchEndpoint:
        if name not in self.all:
            raise NotFound(f"There is no batch endpoint {name!r}.", target="name")
        return self.all[name]

    def create(self, body: batch.CreateBatchEndpoint) -> batch.BatchEndpoint:
        self.asked.append(("create", body))
        return self.add(body.name, description=body.description, tags=body.tags)

    def update(self, name: str, body: batch.UpdateBatchEndpoint) -> batch.BatchEndpoint:
        self.asked.append(("update", name, body))
        return self.get(name)

    def delete(self, name: str) -> batch.BatchEndpoint:
        self.asked.append(("delete", name))
        return self.all.pop(name)

    def invoke(self, name: str, body: batch.InvokeBatch) -> job.Job:
        self.asked.append(("invoke", name, body))
        return self._make_job(body.job_name or "a_job")

    def jobs(self, name: str) -> job.JobPage:
        self.get(name)
        return job.JobPage(value=[])


class FakeBatchDeployments:
    def __init__(self) -> None:
        self.all: dict[tuple[str, str], batch.BatchDeployment] = {}
        self.asked: list[tuple[Any, ...]] = []

    def list(self, endpoint: str) -> batch.BatchDeploymentList:
        found = [one for (owner, _), one in self.all.items() if owner == endpoint]
        return batch.BatchDeploymentList(found)

    def get(self, endpoint: str, name: str) -> batch.BatchDeployment:
        return self.all[endpoint, name]

    def create(self, body: batch.CreateBatchDeployment) -> batch.BatchDeployment:
        self.asked.append(("create", body))
        made = batch.BatchDeployment(
            name=body.name,
            endpoint_name=body.endpoint_name,
            spec=body,
            model=f"azureml:{body.model}:1",
            state="Succeeded",
        )
        self.all[body.endpoint_name, body.name] = made
        return made

    def delete(self, endpoint: str, name: str) -> batch.BatchDeployment:
        self.asked.append(("delete", endpoint, name))
        return self.all.pop((endpoint, name))
