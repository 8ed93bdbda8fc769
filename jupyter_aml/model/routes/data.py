"""Datastores and data assets."""

from __future__ import annotations

from jupyter_aml.model.data import (
    CreateData,
    CreateDatastore,
    Data,
    DataList,
    Datastore,
    DatastoreList,
    EntryList,
    Preview,
    UpdateData,
    UploadFiles,
)
from jupyter_aml.model.queries import (
    BrowseFiles,
    FindAsset,
    ListAssets,
)
from jupyter_aml.model.route import Route, route

ROUTES: tuple[Route, ...] = (
    route(
        "datastores.list",
        "GET /datastores",
        "Places that hold files; the default one first.",
        returns=DatastoreList,
    ),
    route("datastores.get", "GET /datastores/{name}", "One datastore.", returns=Datastore),
    route(
        "datastores.create",
        "POST /datastores",
        "Name a folder of this machine.",
        body=CreateDatastore,
        returns=Datastore,
    ),
    route(
        "datastores.delete",
        "DELETE /datastores/{name}",
        "Forget it. Its files stay.",
        returns=Datastore,
    ),
    route(
        "datastores.browse",
        "GET /datastores/{name}/files",
        "What lies in one folder of it.",
        query=BrowseFiles,
        returns=EntryList,
    ),
    route(
        "datastores.preview",
        "GET /datastores/{name}/preview",
        "The beginning of one of its files.",
        query=BrowseFiles,
        returns=Preview,
    ),
    route(
        "datastores.read",
        "GET /datastores/{name}/file",
        "The bytes of one of its files.",
        query=BrowseFiles,
        stream=True,
    ),
    route(
        "datastores.upload",
        "POST /datastores/{name}/upload",
        "Copy files of this machine into it, telling how far the copy is.",
        body=UploadFiles,
        stream=True,
    ),
    route(
        "data.list",
        "GET /data",
        "Data assets, newest first; every version of one.",
        query=ListAssets,
        returns=DataList,
    ),
    route(
        "data.get",
        "GET /data/{name}",
        "One version, with the jobs that used it.",
        query=FindAsset,
        returns=Data,
    ),
    route(
        "data.create",
        "POST /data",
        "Name a content; another content under the same name is the next version.",
        body=CreateData,
        returns=Data,
    ),
    route(
        "data.upload",
        "POST /data/upload",
        "data.create, telling how far the copy is.",
        body=CreateData,
        stream=True,
    ),
    route(
        "data.update",
        "PATCH /data/{name}",
        "Change its description or tags.",
        body=UpdateData,
        query=FindAsset,
        returns=Data,
    ),
    route(
        "data.archive",
        "POST /data/{name}/archive",
        "Hide it from lists; jobs that name its version go on using it.",
        query=FindAsset,
        returns=Data,
    ),
    route(
        "data.restore",
        "POST /data/{name}/restore",
        "Show it in lists again.",
        query=FindAsset,
        returns=Data,
    ),
    route(
        "data.browse",
        "GET /data/{name}/files",
        "What lies in one folder of it.",
        query=BrowseFiles,
        returns=EntryList,
    ),
    route(
        "data.preview",
        "GET /data/{name}/preview",
        "The beginning of it, or of one of its files.",
        query=BrowseFiles,
        returns=Preview,
    ),
    route(
        "data.read",
        "GET /data/{name}/file",
        "The bytes of one of its files.",
        query=BrowseFiles,
        stream=True,
    ),
)
