"""Models: the registry, in ARM's words."""

from __future__ import annotations

from typing import Any, cast, get_args

from jupyter_aml.model.api import FindAsset, ListAssets
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.references import Asset, parse
from jupyter_aml.model.registry import (
    CreateModel,
    Lineage,
    Model,
    ModelType,
    Stage,
    UpdateModel,
)
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.nouns import assets
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.paging import page, shown
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import GRP, PROVIDER, WS

NOUN = "models"
REGISTRY = f"/modelregistry/v1.0{GRP}/providers/{PROVIDER}/workspaces/{{workspace}}"
_TYPES: tuple[ModelType, ...] = get_args(ModelType)
_STAGES: tuple[Stage, ...] = get_args(Stage)


async def list_containers(request: Request, context: Context) -> Response:
    newest = (await context.models.list(query=ListAssets(include_archived=True))).value
    wanted = shown(request, newest)
    told = [_container(request, context, await _versions(context, one.name)) for one in wanted]
    return page(request, context, told)


async def get_container(request: Request, context: Context) -> Response:
    versions = await _versions(context, request.fields["name"])
    return json_response(_container(request, context, versions))


async def update_container(request: Request, context: Context) -> Response:
    """Archive or restore every version; nothing else is said of a container."""
    name = request.fields["name"]
    said = assets.as_said(await assets.said_properties(request))
    for one in await _versions(context, name):
        await _archive(context, one, said.is_archived)
    return json_response(_container(request, context, await _versions(context, name)))


async def list_versions(request: Request, context: Context) -> Response:
    versions = shown(request, await _versions(context, request.fields["name"]))
    if wanted := request.option("version"):
        versions = [one for one in versions if one.version == wanted]
    if stage := request.option("stage"):
        versions = [one for one in versions if one.stage.lower() == stage.lower()]
    return page(request, context, [_model(request, context, one) for one in versions])


async def get(request: Request, context: Context) -> Response:
    return json_response(_model(request, context, await _get(request, context)))


async def create(request: Request, context: Context) -> Response:
    """What a version holds stays; stage, description, tags and archiving may change."""
    properties = await assets.said_properties(request)
    said = assets.as_said(properties)
    try:
        known = await _get(request, context)
    except NotFound:
        known = None
    with assets.refusing():
        path = await assets.short_uri(context, _uri(properties))
        if known is not None and known.path.rstrip("/") == path.rstrip("/"):
            made = known
        else:
            made = await context.models.create(body=_body(request, properties, path))
    if known is not None:
        change = UpdateModel(
            description=said.description,
            tags=None if said.tags is None else said.plain_tags,
            stage=_stage(properties.get("stage")) if properties.get("stage") else None,
        )
        query = FindAsset(version=made.version)
        made = await context.models.update(made.name, body=change, query=query)
    made = await _archive(context, made, said.is_archived)
    return json_response(_model(request, context, made), 201 if known is None else 200)


async def resolve(request: Request, context: Context) -> Response:
    """Where the files of models lie: of each id its address."""
    asked = await request.struct(dict[str, list[str]])
    found: Json = {}
    for asset in asked.get("values", []):
        reference = parse(asset)
        if not isinstance(reference, Asset):
            raise Invalid(f"{asset!r} is no id of a model.", target="$.values")
        query = FindAsset(version=reference.version)
        one = await context.models.get(reference.name, query=query)
        found[asset] = {"path": assets.long_uri(request.scope, one.path), "type": one.type}
    return json_response({"values": found})


# -- translation --------------------------------------------------------------------------------


async def _get(request: Request, context: Context) -> Model:
    query = FindAsset(version=request.fields["version"])
    return await context.models.get(request.fields["name"], query=query)


async def _versions(context: Context, name: str) -> list[Model]:
    """Every one, the newest first. Raises `NotFound`."""
    return (await context.models.list(query=ListAssets(name=name, include_archived=True))).value


async def _archive(context: Context, one: Model, archived: bool | None) -> Model:
    if archived is None or archived == one.archived:
        return one
    act = context.models.archive if archived else context.models.restore
    return await act(one.name, query=FindAsset(version=one.version))


def _uri(properties: Json) -> str:
    uri = properties.get("modelUri")
    if not isinstance(uri, str) or not uri:
        raise Invalid("A model has a modelUri.", target="$.properties.modelUri")
    return uri


def _body(request: Request, properties: Json, path: str) -> CreateModel:
    said = assets.as_said(properties)
    return CreateModel(
        name=request.fields["name"],
        version=request.fields["version"],
        path=path,
        type=_type(properties.get("modelType")),
        stage=_stage(properties.get("stage")),
        description=said.description or "",
        tags=said.plain_tags,
        properties=said.plain_properties,
        flavors=_flavors(properties.get("flavors")),
        lineage=Lineage(job=str(properties.get("jobName") or "")),
    )


def _type(said: object) -> ModelType:
    for word in _TYPES:
        if str(said or "custom_model").lower() == word:
            return word
    raise Invalid(f"{said!r} is none of {', '.join(_TYPES)}.", target="$.properties.modelType")


def _stage(said: object) -> Stage:
    for word in _STAGES:
        if str(said or "None").lower() == word.lower():
            return word
    raise Invalid(f"{said!r} is none of {', '.join(_STAGES)}.", target="$.properties.stage")


def _flavors(said: object) -> dict[str, Any]:
    """Azure has the facts of a flavor in ``data``."""
    found = assets.as_object(said, "$.properties.flavors")
    return {
        name: assets.as_object(
            assets.as_object(one, "$.properties.flavors").get("data"), "$.properties.flavors"
        )
        for name, one in found.items()
    }


def _model(request: Request, context: Context, one: Model) -> Json:
    properties: Json = {
        "modelUri": assets.long_uri(request.scope, one.path),
        "modelType": one.type,
        "stage": None if one.stage == "None" else one.stage,
        "jobName": one.lineage.job or None,
        # never null: the SDK reads it without looking
        "flavors": {name: {"data": _facts(facts)} for name, facts in one.flavors.items()},
        "properties": one.properties,
    }
    return assets.version_resource(request, context, NOUN, one, properties)


def _facts(facts: object) -> dict[str, str]:
    inner = cast("dict[str, Any]", facts) if isinstance(facts, dict) else {}
    return {name: str(value) for name, value in inner.items()}


def _container(request: Request, context: Context, versions: list[Model]) -> Json:
    return assets.container_resource(request, context, NOUN, versions)


_ONE = WS + "/models/{name}"
_VERSION = _ONE + "/versions/{version}"

ROUTES = (
    Route("ModelContainers_List", "GET", WS + "/models", list_containers),
    Route("ModelContainers_Get", "GET", _ONE, get_container),
    Route(
        "ModelContainers_CreateOrUpdate",
        "PUT",
        _ONE,
        update_container,
        note="Archives or restores all versions; the first version makes the container.",
    ),
    Route("ModelVersions_List", "GET", _ONE + "/versions", list_versions),
    Route("ModelVersions_Get", "GET", _VERSION, get),
    Route("ModelVersions_CreateOrUpdate", "PUT", _VERSION, create),
    Route("models_resolve", "POST", REGISTRY + "/models/batchGetResolvedUris", resolve),
)
