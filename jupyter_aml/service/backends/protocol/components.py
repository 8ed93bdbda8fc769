"""What pipelines are made of."""

from __future__ import annotations

from typing import Protocol

from jupyter_aml.model import api, component


class ComponentsFacet(Protocol):
    """What pipelines are made of: see `model.component`. An empty version is the newest one."""

    async def list(self, *, query: api.ListAssets) -> component.ComponentList:
        """Anonymous ones only where their name is asked for."""
        ...

    async def get(self, name: str, *, query: api.FindAsset) -> component.Component: ...
    async def create(self, *, body: component.CreateComponent) -> component.Component:
        """Keep its code as it is now. The same content again is the same version."""
        ...

    async def update(
        self, name: str, *, body: component.UpdateComponent, query: api.FindAsset
    ) -> component.Component: ...
    async def archive(self, name: str, *, query: api.FindAsset) -> component.Component: ...
    async def restore(self, name: str, *, query: api.FindAsset) -> component.Component: ...
