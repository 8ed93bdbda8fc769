"""Components: what pipelines are made of. Anonymous ones come with each pipeline that is sent."""

from __future__ import annotations

import msgspec

from jupyter_aml.model.api import FindAsset, ListAssets
from jupyter_aml.model.component import ANONYMOUS, Component, CreateComponent, UpdateComponent
from jupyter_aml.model.errors import AmlError, Conflict, NotFound
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.jobs import errors
from jupyter_aml.service.arm.labels import newest_first, next_version
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.nouns import assets, component_spec
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.paging import page, shown
from jupyter_aml.service.arm.remainder import without_nulls
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import WS

NOUN = "components"
DEFAULT_VERSION = "azureml_default"
"""What the SDK asks for where no version was named: the newest."""
_PROPERTIES = "properties"


async def list_containers(request: Request, context: Context) -> Response:
    found = (await context.components.list(query=ListAssets(include_archived=True))).value
    wanted = shown(request, found)
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
    return page(request, context, [_component(request, context, one) for one in versions])


async def get(request: Request, context: Context) -> Response:
    return json_response(_component(request, context, await _get(request, context)))


async def create(request: Request, context: Context) -> Response:
    """What a version does stays; its words and its archiving may change."""
    properties: Json = without_nulls(await assets.said_properties(request))
    said = assets.as_said(properties)
    name, version = request.fields["name"], request.fields["version"]
    known = await _known(request, context)
    sent = convert(properties.get(component_spec.KEPT), Json, component_spec.PATH)
    if known is None or sent != known.spec.azure.get(component_spec.KEPT):
        made = await _made(context, sent, name, version, said)
    else:
        made = await _described(context, known, said)
    made = await _archive(context, made, said.is_archived)
    told = _component(request, context, made)
    return json_response(told, 201 if known is None else 200)


async def _made(
    context: Context, sent: Json, name: str, version: str, said: assets.Said
) -> Component:
    azure: Json = {_PROPERTIES: said.plain_properties}
    with assets.refusing():
        spec = await component_spec.read(sent, name, version, context.codes, azure)
    spec = msgspec.structs.replace(
        spec,
        description=spec.description or said.description or "",
        tags=spec.tags or said.plain_tags,
    )
    anonymous = bool(said.is_anonymous) or name == ANONYMOUS
    try:
        return await context.components.create(body=CreateComponent(spec=spec, anonymous=anonymous))
    except Conflict:
        raise
    except AmlError as error:
        raise errors.of_body(error, component_spec.PATH) from None


async def _described(context: Context, known: Component, said: assets.Said) -> Component:
    change = UpdateComponent(
        description=said.description, tags=None if said.tags is None else said.plain_tags
    )
    query = FindAsset(version=known.version)
    return await context.components.update(known.name, body=change, query=query)


async def _known(request: Request, context: Context) -> Component | None:
    try:
        return await _get(request, context)
    except NotFound:
        return None


async def _get(request: Request, context: Context) -> Component:
    version = request.fields["version"]
    query = FindAsset(version="" if version == DEFAULT_VERSION else version)
    return await context.components.get(request.fields["name"], query=query)


async def _versions(context: Context, name: str) -> list[Component]:
    """Every one, the newest first. Raises `NotFound`."""
    query = ListAssets(name=name, include_archived=True)
    return (await context.components.list(query=query)).value


async def _archive(context: Context, one: Component, archived: bool | None) -> Component:
    if archived is None or archived == one.archived:
        return one
    act = context.components.archive if archived else context.components.restore
    return await act(one.name, query=FindAsset(version=one.version))


def _component(request: Request, context: Context, one: Component) -> Json:
    properties: Json = {
        "description": one.spec.description or None,
        "tags": one.spec.tags,
        "properties": one.spec.azure.get(_PROPERTIES, {}),
        "isArchived": one.archived,
        "isAnonymous": one.anonymous,
        "provisioningState": "Succeeded",
        component_spec.KEPT: component_spec.told(one.spec),
    }
    path = (NOUN, one.name, "versions", one.version)
    return resource(request.scope, path, properties, created_at=one.created_at, user=context.user)


def _container(request: Request, context: Context, versions: list[Component]) -> Json:
    alive = newest_first([one for one in versions if not one.archived] or versions)
    newest = alive[0]
    properties: Json = {
        "description": newest.spec.description or None,
        "tags": newest.spec.tags,
        "properties": {},
        "isArchived": all(one.archived for one in versions),
        "latestVersion": newest.version,
        "nextVersion": next_version(one.version for one in versions),
        "provisioningState": "Succeeded",
    }
    created_at = min(one.created_at for one in versions)
    path = (NOUN, newest.name)
    return resource(request.scope, path, properties, created_at=created_at, user=context.user)


_ONE = WS + "/components/{name}"
_VERSION = _ONE + "/versions/{version}"

ROUTES = (
    Route("ComponentContainers_List", "GET", WS + "/components", list_containers),
    Route("ComponentContainers_Get", "GET", _ONE, get_container),
    Route(
        "ComponentContainers_CreateOrUpdate",
        "PUT",
        _ONE,
        update_container,
        note="Archives or restores all versions; the first version makes the container.",
    ),
    Route("ComponentVersions_List", "GET", _ONE + "/versions", list_versions),
    Route("ComponentVersions_Get", "GET", _VERSION, get),
    Route(
        "ComponentVersions_CreateOrUpdate",
        "PUT",
        _VERSION,
        create,
        note="Command, parallel and pipeline components.",
    ),
)
