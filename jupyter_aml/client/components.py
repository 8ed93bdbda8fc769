"""The client's facet ``components``: what pipelines are made of."""

from __future__ import annotations

from jupyter_aml.client.facet import Facet
from jupyter_aml.model import api
from jupyter_aml.model.component import (
    Component,
    ComponentList,
    ComponentSpec,
    CreateComponent,
    UpdateComponent,
)


class Components(Facet):
    """Named versions of components. An empty version is the newest one."""

    def list(self, name: str = "", *, include_archived: bool = False) -> ComponentList:
        """Every version of `name`; without one the newest version of each."""
        query = api.ListAssets(name=name, include_archived=include_archived)
        return self._call("components.list", ComponentList, query=query)

    def get(self, name: str, version: str = "") -> Component:
        return self._call("components.get", Component, query=_version(version), name=name)

    def create(self, spec: ComponentSpec, *, anonymous: bool = False) -> Component:
        """Keep it with its code as it is now; the same again is the version that is there."""
        body = CreateComponent(spec=spec, anonymous=anonymous)
        return self._call("components.create", Component, body=body)

    def update(self, name: str, body: UpdateComponent, version: str = "") -> Component:
        return self._call(
            "components.update", Component, body=body, query=_version(version), name=name
        )

    def archive(self, name: str, version: str = "") -> Component:
        return self._call("components.archive", Component, query=_version(version), name=name)

    def restore(self, name: str, version: str = "") -> Component:
        return self._call("components.restore", Component, query=_version(version), name=name)


def _version(version: str) -> api.FindAsset:
    return api.FindAsset(version=version)
