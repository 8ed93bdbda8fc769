"""`client.components` over a dictionary."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.model.component import (
    Component,
    ComponentList,
    ComponentSpec,
    UpdateComponent,
)
from jupyter_aml.model.errors import NotFound


class FakeComponents:
    """Each has one version, "1"."""

    def __init__(self) -> None:
        self.all: dict[str, Component] = {}

    def list(self, name: str = "", *, include_archived: bool = False) -> ComponentList:
        found = [one for one in self.all.values() if not one.archived or include_archived]
        return ComponentList([one for one in found if name in ("", one.name)])

    def get(self, name: str, version: str = "") -> Component:
        if name not in self.all or version not in ("", "1", "latest"):
            raise NotFound(f"There is no component {name}:{version}.", target="name")
        return self.all[name]

    def create(self, spec: ComponentSpec) -> Component:
        self.all[spec.name] = Component(name=spec.name, version="1", spec=spec)
        return self.all[spec.name]

    def update(self, name: str, body: UpdateComponent, version: str = "") -> Component:
        told = {
            key: value for key, value in msgspec.structs.asdict(body).items() if value is not None
        }
        found = self.get(name, version)
        return self._replace(found, spec=msgspec.structs.replace(found.spec, **told))

    def archive(self, name: str, version: str = "") -> Component:
        return self._replace(self.get(name, version), archived=True)

    def restore(self, name: str, version: str = "") -> Component:
        return self._replace(self.get(name, version), archived=False)

    def _replace(self, found: Component, **fields: Any) -> Component:
        self.all[found.name] = msgspec.structs.replace(found, **fields)
        return self.all[found.name]
