"""The client's facets ``datastores`` and ``data``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from jupyter_aml.client.facet import Facet
from jupyter_aml.client.transport import Stream
from jupyter_aml.model import api
from jupyter_aml.model.data import (
    DEFAULT_DATASTORE,
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
from jupyter_aml.model.errors import Unavailable, from_body

Progress = Callable[[int, int], None]
"""Told bytes copied and bytes in all, now and then."""


class _Files(Facet):
    """What datastores and assets have in common: files below a name."""

    facet = ""

    def browse(self, name: str, path: str = "", *, version: str = "", offset: int = 0) -> EntryList:
        """What lies directly in one of its folders. `offset` goes on where a list was cut."""
        query = api.BrowseFiles(version=version, path=path, offset=offset)
        return self._call(f"{self.facet}.browse", EntryList, query=query, name=name)

    def preview(self, name: str, path: str = "", *, version: str = "") -> Preview:
        """The beginning of a file, as a table or as text."""
        query = api.BrowseFiles(version=version, path=path)
        return self._call(f"{self.facet}.preview", Preview, query=query, name=name)

    def read(
        self, name: str, path: str = "", *, version: str = "", offset: int = 0
    ) -> Iterator[bytes]:
        """The bytes of a file; "" is the asset itself where that is one."""
        query = api.BrowseFiles(version=version, path=path, offset=offset)
        return self._stream(f"{self.facet}.read", query=query, name=name).pieces()

    def contents(
        self, name: str, path: str = "", *, version: str = ""
    ) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Every file at or below `path` with its bytes, for a download."""
        waiting = [path]
        while waiting:
            for entry in self._entries(name, waiting.pop(), version):
                if entry.folder:
                    waiting.append(entry.path)
                else:
                    yield entry.path, self.read(name, entry.path, version=version)

    def _entries(self, name: str, path: str, version: str) -> Iterator[Any]:
        offset = 0
        while True:
            found = self.browse(name, path, version=version, offset=offset)
            yield from found.value
            if not found.truncated:
                return
            offset += len(found.value)


class Datastores(_Files):
    """Places that hold files. Deleting one forgets it; its files stay."""

    facet = "datastores"

    def list(self) -> DatastoreList:
        return self._call("datastores.list", DatastoreList)

    def get(self, name: str) -> Datastore:
        return self._call("datastores.get", Datastore, name=name)

    def create(self, body: CreateDatastore) -> Datastore:
        return self._call("datastores.create", Datastore, body=body)

    def delete(self, name: str) -> Datastore:
        return self._call("datastores.delete", Datastore, name=name)

    def upload(
        self,
        path: str | os.PathLike[str],
        target: str = "",
        *,
        name: str = DEFAULT_DATASTORE,
        progress: Progress | None = None,
    ) -> Uploaded:
        """Copy a file, or all files of a folder, to `target` in a datastore.

        A file that is there already with the same bytes is not copied, so what broke off goes on
        where it was. `target` that ends with ``/`` is a folder for a file; empty is its own name.
        `progress` is told how far the copy is.
        """
        body = UploadFiles(path=os.path.abspath(os.path.expanduser(path)), target=target)
        stream = self._stream("datastores.upload", body=body, name=name)
        made = _ended(stream, body.path, progress or _unseen).uploaded
        assert made is not None  # this operation ends with nothing else
        return made


class DataAssets(_Files):
    """Named versions of files and folders. An empty version is the newest one."""

    facet = "data"

    def list(self, name: str = "", *, include_archived: bool = False) -> DataList:
        """Every version of `name`, or the newest version of each asset."""
        query = api.ListAssets(name=name, include_archived=include_archived)
        return self._call("data.list", DataList, query=query)

    def get(self, name: str, version: str = "") -> Data:
        return self._call("data.get", Data, query=api.FindAsset(version=version), name=name)

    def create(self, body: CreateData, *, progress: Progress | None = None) -> Data:
        """Keep it; the same content under the same name returns the version that is there.

        `progress` is told how far the copy is.
        """
        if progress is None:
            return self._call("data.create", Data, body=body)
        return self.upload(body, progress)

    def upload(self, body: CreateData, progress: Progress) -> Data:
        """`create`, telling how far the copy is."""
        made = _ended(self._stream("data.upload", body=body), body.path, progress).data
        assert made is not None  # this operation ends with nothing else
        return made

    def update(self, name: str, body: UpdateData, version: str = "") -> Data:
        query = api.FindAsset(version=version)
        return self._call("data.update", Data, body=body, query=query, name=name)

    def archive(self, name: str, version: str = "") -> Data:
        return self._call("data.archive", Data, query=api.FindAsset(version=version), name=name)

    def restore(self, name: str, version: str = "") -> Data:
        return self._call("data.restore", Data, query=api.FindAsset(version=version), name=name)


def _ended(stream: Stream, path: str, progress: Progress) -> UploadLine:
    """The last line of an upload of `path`. Raises what it ended with."""
    try:
        while (text := stream.read_line()) is not None:
            line = msgspec.json.decode(text, type=UploadLine)
            if line.error is not None:
                raise from_body(line.error)
            if line.total_bytes:
                progress(line.bytes, line.total_bytes)
            if line.data is not None or line.uploaded is not None:
                return line
    finally:
        stream.close()
    raise Unavailable(
        "The service ended before the copy did.",
        target=path,
        hint="Ask for it again: it goes on where it was.",
    )


def _unseen(_done: int, _total: int) -> None:
    """Nobody looks on."""
