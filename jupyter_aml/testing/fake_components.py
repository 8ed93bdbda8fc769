"""The components of `testing.fakes.FakeBackend`: versions in a dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from jupyter_aml.model.component import (
    Component,
    ComponentList,
    CreateComponent,
    UpdateComponent,
)
from jupyter_aml.model.errors import Conflict, NotFound
from jupyter_aml.model.queries import FindAsset, ListAssets
from jupyter_aml.model.references import asset
from jupyter_aml.service.backends.local.parents.kinds import BOOT
from jupyter_aml.service.components.catalogue import check, content_of
from jupyter_aml.service.pipelines.settling.asking import drive
from jupyter_aml.service.pipelines.settling.component import settled_component
from jupyter_aml.service.versions import chosen

if TYPE_CHECKING:
    from jupyter_aml.testing.fakes import FakeBackend


class FakeComponents:
    """All but anonymous ones, which only Azure's SDK makes."""

    def __init__(self, backend: FakeBackend) -> None:
        self._backend = backend
        self._kept: dict[str, list[Component]] = {}

    async def list(self, *, query: ListAssets) -> ComponentList:
        if query.name:
            found = [*reversed(self._versions(query.name))]
        else:
            found = [versions[-1] for versions in reversed(self._kept.values())]
        return ComponentList([one for one in found if query.include_archived or not one.archived])

    async def get(self, name: str, *, query: FindAsset) -> Component:
        return self._find(name, query.version)

    async def create(self, *, body: CreateComponent) -> Component:
        asking = settled_component(body.spec, self.find, str(BOOT))
        spec = drive(asking, self._backend.jobs.checked)
        known = self._kept.get(spec.name, [])
        check(spec.name, spec.version)
        content = content_of(spec)
        for one in known:
            if one.content == content and spec.version in ("", one.version):
                return one
            if one.version == spec.version:
                raise Conflict(f"{spec.name}:{one.version} does something else.", target="version")
        version = spec.version or str(len(known) + 1)
        made = Component(
            name=spec.name,
            version=version,
            spec=msgspec.structs.replace(spec, version=version),
            content=content,
            created_at=self._backend.now(),
        )
        self._kept.setdefault(spec.name, []).append(made)
        return self._told(made)

    async def update(self, name: str, *, body: UpdateComponent, query: FindAsset) -> Component:
        found = self._find(name, query.version)
        words = {key: one for key, one in msgspec.structs.asdict(body).items() if one is not None}
        return self._put(found, spec=msgspec.structs.replace(found.spec, **words))

    async def archive(self, name: str, *, query: FindAsset) -> Component:
        return self._put(self._find(name, query.version), archived=True)

    async def restore(self, name: str, *, query: FindAsset) -> Component:
        return self._put(self._find(name, query.version), archived=False)

    def find(self, reference: str) -> Component:
        """What a step names it by. Raises `NotFound`."""
        found = asset(reference)
        return self._find(found.name, found.version)

    def _find(self, name: str, version: str) -> Component:
        return chosen(self._versions(name), version, f"The component {name}")

    def _versions(self, name: str) -> list[Component]:
        """Oldest first."""
        if name not in self._kept:
            raise NotFound(f"There is no component {name!r}.", target="component")
        return self._kept[name]

    def _put(self, found: Component, **fields: object) -> Component:
        changed = msgspec.structs.replace(found, **fields)
        versions = self._kept[found.name]
        versions[versions.index(found)] = changed
        return self._told(changed)

    def _told(self, one: Component) -> Component:
        self._backend.changes.publish("component", f"{one.name}:{one.version}", one)
        return one
