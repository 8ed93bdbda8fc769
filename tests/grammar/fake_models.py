"""A model registry in a dictionary, for the verbs of ``model``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.registry import CreateModel, Model, ModelList, UpdateModel

MOMENT = "2023-11-14T22:13:10Z"


class FakeModels:
    """Remembers what it was asked, newest last."""

    def __init__(self) -> None:
        self.all: dict[tuple[str, str], Model] = {}
        self.asked: list[tuple[Any, ...]] = []

    def add(self, name: str, version: str = "1", **fields: Any) -> Model:
        given = {"type": "custom_model", "path": "", "local_path": f"/m/{name}", "content": "c"}
        body = {**given, "bytes": 10, "files": 1, "created_at": MOMENT, **fields}
        self.all[name, version] = Model(name=name, version=version, **body)
        return self.all[name, version]

    def list(self, name: str = "", **query: Any) -> ModelList:
        self.asked.append(("list", name, query))
        return ModelList([model for model in self.all.values() if name in ("", model.name)])

    def get(self, name: str, version: str = "") -> Model:
        self.asked.append(("get", name, version))
        found = [model for model in self.all.values() if model.name == name]
        if not found:
            raise NotFound(f"There is no model {name!r}.", target="name")
        return next((model for model in found if model.version == version), found[-1])

    def create(self, body: CreateModel) -> Model:
        self.asked.append(("create", body))
        return self.add(body.name, body.version or "1", stage=body.stage, tags=body.tags)

    def update(self, name: str, body: UpdateModel, version: str = "") -> Model:
        self.asked.append(("update", name, version, body))
        fields = {f: getattr(body, f) for f in ("stage", "description", "tags")}
        given = {key: value for key, value in fields.items() if value is not None}
        return msgspec.structs.replace(self.get(name, version), **given)

    def archive(self, name: str, version: str = "") -> Model:
        self.asked.append(("archive", name, version))
        return msgspec.structs.replace(self.get(name, version), archived=True)

    def restore(self, name: str, version: str = "") -> Model:
        self.asked.append(("restore", name, version))
        return self.get(name, version)

    def contents(self, name: str, version: str = "") -> Iterator[tuple[str, Iterator[bytes]]]:
        yield "model.pkl", iter([f"{name}:{version}".encode()])
