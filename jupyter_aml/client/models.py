"""The client's facet ``models``: the registry."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_aml.client.facet import Facet
from jupyter_aml.model import api
from jupyter_aml.model.data import EntryList
from jupyter_aml.model.registry import CreateModel, Model, ModelList, UpdateModel


class Models(Facet):
    """Named versions of models. An empty version is the newest one."""

    def list(
        self,
        name: str = "",
        *,
        stage: str = "",
        job: str = "",
        data: str = "",
        include_archived: bool = False,
    ) -> ModelList:
        """Every version of `name`, of a stage, a job or a data asset; else the newest of each."""
        query = api.ListAssets(
            name=name, stage=stage, job=job, data=data, include_archived=include_archived
        )
        return self._call("models.list", ModelList, query=query)

    def get(self, name: str, version: str = "") -> Model:
        return self._call("models.get", Model, query=_version(version), name=name)

    def create(self, body: CreateModel) -> Model:
        """Register it; the same content under the same name returns the version that is there."""
        return self._call("models.create", Model, body=body)

    def update(self, name: str, body: UpdateModel, version: str = "") -> Model:
        return self._call("models.update", Model, body=body, query=_version(version), name=name)

    def archive(self, name: str, version: str = "") -> Model:
        return self._call("models.archive", Model, query=_version(version), name=name)

    def restore(self, name: str, version: str = "") -> Model:
        return self._call("models.restore", Model, query=_version(version), name=name)

    def files(self, name: str, path: str = "", version: str = "") -> EntryList:
        """What lies directly in one of its folders."""
        query = api.BrowseFiles(version=version, path=path)
        return self._call("models.files", EntryList, query=query, name=name)

    def read(
        self, name: str, path: str = "", version: str = "", *, offset: int = 0
    ) -> Iterator[bytes]:
        """The bytes of one of its files; "" is the model itself where that is a file."""
        query = api.BrowseFiles(version=version, path=path, offset=offset)
        return self._stream("models.read", query=query, name=name).pieces()

    def contents(self, name: str, version: str = "") -> Iterator[tuple[str, Iterator[bytes]]]:
        """Every file with its bytes, for a download."""
        waiting = [""]
        while waiting:
            for entry in self.files(name, waiting.pop(), version).value:
                if entry.folder:
                    waiting.append(entry.path)
                else:
                    yield entry.path, self.read(name, entry.path, version)


def _version(version: str) -> api.FindAsset:
    return api.FindAsset(version=version)
