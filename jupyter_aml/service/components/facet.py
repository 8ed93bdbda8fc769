"""The facet ``components``: names in, `model.component.Component` out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from jupyter_aml.model import api
from jupyter_aml.model.component import (
    Component,
    ComponentList,
    ComponentSpec,
    CreateComponent,
    UpdateComponent,
)
from jupyter_aml.service.components.catalogue import Catalogue

Settle = Callable[[ComponentSpec], Awaitable[ComponentSpec]]
"""Refuses what could not run; keeps its code folder and its environment as they are now."""


class Components:
    """See `service.backends.protocol.ComponentsFacet` for who calls what."""

    def __init__(self, catalogue: Catalogue, settle: Settle) -> None:
        self._catalogue = catalogue
        self._settle = settle

    async def list(self, *, query: api.ListAssets) -> ComponentList:
        catalogue = self._catalogue
        found = catalogue.versions(query.name) if query.name else catalogue.newest()
        return ComponentList([one for one in found if query.include_archived or not one.archived])

    async def get(self, name: str, *, query: api.FindAsset) -> Component:
        return self._catalogue.get(name, query.version)

    async def create(self, *, body: CreateComponent) -> Component:
        spec = await self._settle(body.spec)
        return await self._catalogue.keep(spec, anonymous=body.anonymous)

    async def update(self, name: str, *, body: UpdateComponent, query: api.FindAsset) -> Component:
        fields = UpdateComponent.__struct_fields__
        given = {key: value for key in fields if (value := getattr(body, key)) is not None}
        return await self._catalogue.change(self._catalogue.get(name, query.version), **given)

    async def archive(self, name: str, *, query: api.FindAsset) -> Component:
        return await self._catalogue.archive(
            self._catalogue.get(name, query.version), archived=True
        )

    async def restore(self, name: str, *, query: api.FindAsset) -> Component:
        return await self._catalogue.archive(
            self._catalogue.get(name, query.version), archived=False
        )
