"""Components, of which pipelines are made."""

from __future__ import annotations

from jupyter_aml.model.component import (
    Component,
    ComponentList,
    CreateComponent,
    UpdateComponent,
)
from jupyter_aml.model.queries import FindAsset, ListAssets
from jupyter_aml.model.route import Route, route

ROUTES: tuple[Route, ...] = (
    route(
        "components.list",
        "GET /components",
        "Components: the newest version of each, or every version of one.",
        query=ListAssets,
        returns=ComponentList,
    ),
    route(
        "components.get",
        "GET /components/{name}",
        "One version.",
        query=FindAsset,
        returns=Component,
    ),
    route(
        "components.create",
        "POST /components",
        "Keep a component durably, with its code as it is now.",
        body=CreateComponent,
        returns=Component,
    ),
    route(
        "components.update",
        "PATCH /components/{name}",
        "Change its display name, description or tags.",
        body=UpdateComponent,
        query=FindAsset,
        returns=Component,
    ),
    route(
        "components.archive",
        "POST /components/{name}/archive",
        "Hide it from lists; pipelines that name its version go on using it.",
        query=FindAsset,
        returns=Component,
    ),
    route(
        "components.restore",
        "POST /components/{name}/restore",
        "Show it in lists again.",
        query=FindAsset,
        returns=Component,
    ),
)
