"""The facets ``datastores`` and ``data``: names in, structs of `model.data` out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from jupyter_aml.model import api
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
    Uploaded,
    UploadFiles,
    UploadLine,
)
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.references import asset, in_datastore
from jupyter_aml.service.content import ContentStore, Progress
from jupyter_aml.service.data import intake, sending, telling, uploads
from jupyter_aml.service.data.browse import browse, readable
from jupyter_aml.service.data.catalogue import Catalogue
from jupyter_aml.service.data.inside import existing
from jupyter_aml.service.data.intake import Taken
from jupyter_aml.service.data.locator import Locator
from jupyter_aml.service.data.places import Datastores
from jupyter_aml.service.data.preview import preview
from jupyter_aml.service.store import data_rows, model_rows
from jupyter_aml.service.store.db import Store


class DatastoresFacet:
    """See `service.backends.protocol.DatastoresFacet` for who calls what."""

    def __init__(self, datastores: Datastores, contents: ContentStore) -> None:
        self._datastores = datastores
        self._contents = contents

    async def list(self) -> DatastoreList:
        return DatastoreList(await asyncio.to_thread(self._datastores.list))

    async def get(self, name: str) -> Datastore:
        return self._datastores.get(name)

    async def create(self, *, body: CreateDatastore) -> Datastore:
        return await self._datastores.create(body)

    async def delete(self, name: str) -> Datastore:
        return await self._datastores.delete(name)

    async def browse(self, name: str, *, query: api.BrowseFiles) -> EntryList:
        root, path = self._found(name, query)
        return await asyncio.to_thread(browse, root, path, query.offset)

    async def preview(self, name: str, *, query: api.BrowseFiles) -> Preview:
        return await asyncio.to_thread(preview, self._found(name, query)[1])

    async def read(self, name: str, *, query: api.BrowseFiles) -> AsyncIterator[bytes]:
        return readable(self._found(name, query)[1], query.offset)

    def _found(self, name: str, query: api.BrowseFiles) -> tuple[Path, Path]:
        return self._datastores.find(name, ""), self._datastores.find(name, query.path)

    async def upload(self, name: str, *, body: UploadFiles) -> AsyncIterator[bytes]:
        target = sending.check(body)
        self._datastores.open_goal(name, target)
        return telling.told(lambda progress: self._sent(name, body, target, progress))

    async def _sent(
        self, name: str, body: UploadFiles, target: str, progress: Progress
    ) -> UploadLine:
        root = self._datastores.goal(name, "")
        into = sending.Sending(
            root, lambda path: self._datastores.open_goal(name, path), self._shared(name)
        )
        sent = await asyncio.to_thread(into.send, Path(body.path), target, progress)
        made = Uploaded(
            path=in_datastore(self._datastores.get(name).name, sent.path),
            bytes=sent.bytes,
            files=sent.files,
            copied=sent.copied,
        )
        return UploadLine(bytes=sent.bytes, total_bytes=sent.bytes, uploaded=made)

    async def keep(self, name: str, path: str, *, staged: Path, digest: str) -> None:
        goal = self._datastores.open_goal(name, path)
        await asyncio.to_thread(uploads.keep, staged, goal, digest, self._shared(name))

    def _shared(self, name: str) -> ContentStore | None:
        """The store of contents, for the datastore that it lies in."""
        return self._contents if self._datastores.get(name).is_default else None

    async def remove(self, name: str, path: str) -> None:
        goal = self._datastores.open_goal(name, path)
        root = Path(self._datastores.get(name).path).resolve()
        await asyncio.to_thread(uploads.remove, goal, root)


class DataFacet:
    """See `service.backends.protocol.DataFacet` for who calls what."""

    def __init__(
        self, catalogue: Catalogue, locator: Locator, contents: ContentStore, store: Store
    ) -> None:
        self._catalogue = catalogue
        self._locator = locator
        self._contents = contents
        self._store = store

    # -- looking ------------------------------------------------------------------------------

    async def list(self, *, query: api.ListAssets) -> DataList:
        if not query.name:
            return DataList(list(self._catalogue.newest(archived=query.include_archived)))
        versions = self._catalogue.versions(query.name)
        return DataList([one for one in versions if query.include_archived or not one.archived])

    async def get(self, name: str, *, query: api.FindAsset) -> Data:
        found = self._find(name, query.version)
        used = data_rows.uses_of(self._store.reader, found.reference)
        models = model_rows.models_of_data(self._store.reader, found.reference)
        return msgspec.structs.replace(found, used_by_jobs=used, models=models)

    def _find(self, name: str, version: str) -> Data:
        """`name` may be any reference to an asset."""
        wanted = asset(name)
        if wanted.version and version and wanted.version != version:
            raise Invalid(f"{name} and version {version} are two versions.", target="version")
        return self._catalogue.get(wanted.name, version or wanted.version)

    # -- changing -----------------------------------------------------------------------------

    async def create(self, *, body: CreateData) -> Data:
        self._catalogue.check(body)
        return await self._catalogue.keep(body, await self._take(body))

    async def upload(self, *, body: CreateData) -> AsyncIterator[bytes]:
        self._catalogue.check(body)
        if not body.path:
            raise Invalid("No path was given.", target="path")
        return telling.told(lambda progress: self._kept(body, progress))

    async def _kept(self, body: CreateData, progress: Progress) -> UploadLine:
        made = await self._catalogue.keep(body, await self._take(body, progress))
        return UploadLine(bytes=made.bytes, total_bytes=made.bytes, data=made)

    async def _take(self, body: CreateData, progress: Progress | None = None) -> Taken:
        return await asyncio.to_thread(intake.take, body, self._locator, self._contents, progress)

    async def update(self, name: str, *, body: UpdateData, query: api.FindAsset) -> Data:
        found = self._find(name, query.version)
        return await self._catalogue.update(found.name, found.version, body)

    async def archive(self, name: str, *, query: api.FindAsset) -> Data:
        found = self._find(name, query.version)
        return await self._catalogue.archive(found.name, found.version, archived=True)

    async def restore(self, name: str, *, query: api.FindAsset) -> Data:
        found = self._find(name, query.version)
        return await self._catalogue.archive(found.name, found.version, archived=False)

    # -- reading ------------------------------------------------------------------------------

    async def browse(self, name: str, *, query: api.BrowseFiles) -> EntryList:
        root, path = self._found(name, query)
        return await asyncio.to_thread(browse, root, path, query.offset)

    async def preview(self, name: str, *, query: api.BrowseFiles) -> Preview:
        return await asyncio.to_thread(preview, self._found(name, query)[1])

    async def read(self, name: str, *, query: api.BrowseFiles) -> AsyncIterator[bytes]:
        return readable(self._found(name, query)[1], query.offset)

    def _found(self, name: str, query: api.BrowseFiles) -> tuple[Path, Path]:
        """The asset's own path, and the one below it that is meant."""
        data = self._find(name, query.version)
        if not data.local_path:
            raise NotFound(
                f"{data.reference} is not on this machine.",
                target="name",
                hint=f"It is {data.path}.",
            )
        root = Path(data.local_path)
        if root.is_file() and query.path in ("", root.name):
            return root, root
        return root, existing(root, query.path, of=f"data {data.name}")
