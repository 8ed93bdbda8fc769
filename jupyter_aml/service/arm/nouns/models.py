"""Models: the registry, in ARM's words."""

from __future__ import annotations

from typing import Any, cast, get_args

from jupyter_aml.model.api import FindAsset
from jupyter_aml.model.errors import Invalid
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
from jupyter_aml.service.arm.nouns.versioned import Versioned
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import GRP, PROVIDER

REGISTRY = f"/modelregistry/v1.0{GRP}/providers/{PROVIDER}/workspaces/{{workspace}}"
_TYPES: tuple[ModelType, ...] = get_args(ModelType)
_STAGES: tuple[Stage, ...] = get_args(Stage)


class Models(Versioned[Model]):
    noun = "models"
    operations = "Model"

    async def create(self, request: Request, context: Context) -> Response:
        """What a version holds stays; stage, description, tags and archiving may change."""
        properties = await assets.said_properties(request)
        said = assets.as_said(properties)
        known = await self.known(request, context)
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
        made = await self.archive(context, made, said.is_archived)
        return json_response(self.told(request, context, made), 201 if known is None else 200)

    def chosen(self, request: Request, versions: list[Model]) -> list[Model]:
        if wanted := request.option("version"):
            versions = [one for one in versions if one.version == wanted]
        if stage := request.option("stage"):
            versions = [one for one in versions if one.stage.lower() == stage.lower()]
        return versions

    def properties(self, request: Request, one: Model, /) -> Json:
        return {
            "modelUri": assets.long_uri(request.scope, one.path),
            "modelType": one.type,
            "stage": None if one.stage == "None" else one.stage,
            "jobName": one.lineage.job or None,
            # never null: the SDK reads it without looking
            "flavors": {name: {"data": _facts(facts)} for name, facts in one.flavors.items()},
            "properties": one.properties,
        }


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


def _facts(facts: object) -> dict[str, str]:
    inner = cast("dict[str, Any]", facts) if isinstance(facts, dict) else {}
    return {name: str(value) for name, value in inner.items()}


ROUTES = (
    *Models().routes(),
    Route("models_resolve", "POST", REGISTRY + "/models/batchGetResolvedUris", resolve),
)
