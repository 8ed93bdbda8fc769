"""The model registry."""

from __future__ import annotations

from jupyter_aml.model.data import (
    EntryList,
)
from jupyter_aml.model.queries import (
    BrowseFiles,
    FindAsset,
    ListAssets,
)
from jupyter_aml.model.registry import CreateModel, Model, ModelList, UpdateModel
from jupyter_aml.model.route import Route, route

ROUTES: tuple[Route, ...] = (
    route(
        "models.list",
        "GET /models",
        "Models: the newest version of each, or every version of one.",
        query=ListAssets,
        returns=ModelList,
    ),
    route(
        "models.get",
        "GET /models/{name}",
        "One version, with what serves it.",
        query=FindAsset,
        returns=Model,
    ),
    route(
        "models.create",
        "POST /models",
        "Register a file, a folder, a job's output or what MLflow logged.",
        body=CreateModel,
        returns=Model,
    ),
    route(
        "models.update",
        "PATCH /models/{name}",
        "Change its description, tags or stage.",
        body=UpdateModel,
        query=FindAsset,
        returns=Model,
    ),
    route(
        "models.archive",
        "POST /models/{name}/archive",
        "Hide it from lists; deployments that name its version go on using it.",
        query=FindAsset,
        returns=Model,
    ),
    route(
        "models.restore",
        "POST /models/{name}/restore",
        "Show it in lists again.",
        query=FindAsset,
        returns=Model,
    ),
    route(
        "models.files",
        "GET /models/{name}/files",
        "What lies in a folder of it.",
        query=BrowseFiles,
        returns=EntryList,
    ),
    route(
        "models.read",
        "GET /models/{name}/file",
        "The bytes of one of its files.",
        query=BrowseFiles,
        stream=True,
    ),
)
