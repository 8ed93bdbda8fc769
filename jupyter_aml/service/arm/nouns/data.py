"""Data assets: files, folders and MLTables, in versions."""

from __future__ import annotations

from typing import get_args

from jupyter_aml.model.api import FindAsset, ListAssets
from jupyter_aml.model.data import CreateData, Data, DataType, UpdateData
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.nouns import assets
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.paging import page, shown
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import WS

NOUN = "data"
_TYPES: tuple[DataType, ...] = get_args(DataType)


async def list_containers(request: Request, context: Context) -> Response:
    newest = (await context.data.list(query=ListAssets(include_archived=True))).value
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
    return page(request, context, [_data(request, context, one) for one in versions])


async def get(request: Request, context: Context) -> Response:
    return json_response(_data(request, context, await _get(request, context)))


async def create(request: Request, context: Context) -> Response:
    """What a version holds stays; description, tags and whether it is archived may change."""
    properties = await assets.said_properties(request)
    said = assets.as_said(properties)
    uri = properties.get("dataUri")
    if not isinstance(uri, str) or not uri:
        raise Invalid("A data asset has a dataUri.", target="$.properties.dataUri")
    try:
        known = await _get(request, context)
    except NotFound:
        known = None
    with assets.refusing():
        path = await assets.short_uri(context, uri)
        if known is None or known.path.rstrip("/") != path.rstrip("/"):
            made = await context.data.create(
                body=CreateData(
                    name=request.fields["name"],
                    version=request.fields["version"],
                    path=path,
                    type=_type(properties.get("dataType")),
                    description=said.description or "",
                    tags=said.plain_tags,
                    properties=said.plain_properties,
                )
            )
        else:
            made = known
    if known is not None and (said.tags is not None or said.description is not None):
        change = UpdateData(
            description=said.description, tags=None if said.tags is None else said.plain_tags
        )
        query = FindAsset(version=made.version)
        made = await context.data.update(made.name, body=change, query=query)
    made = await _archive(context, made, said.is_archived)
    return json_response(_data(request, context, made), 201 if known is None else 200)


# -- translation --------------------------------------------------------------------------------


async def _get(request: Request, context: Context) -> Data:
    query = FindAsset(version=request.fields["version"])
    return await context.data.get(request.fields["name"], query=query)


async def _versions(context: Context, name: str) -> list[Data]:
    """Every one, the newest first. Raises `NotFound`."""
    return (await context.data.list(query=ListAssets(name=name, include_archived=True))).value


async def _archive(context: Context, one: Data, archived: bool | None) -> Data:
    if archived is None or archived == one.archived:
        return one
    act = context.data.archive if archived else context.data.restore
    return await act(one.name, query=FindAsset(version=one.version))


def _type(said: object) -> DataType:
    for word in _TYPES:
        if isinstance(said, str) and said.lower() == word:
            return word
    raise Invalid(f"{said!r} is none of {', '.join(_TYPES)}.", target="$.properties.dataType")


def _data(request: Request, context: Context, one: Data) -> Json:
    uri = assets.long_uri(request.scope, one.path)
    if one.type != "uri_file" and not uri.endswith("/"):
        uri += "/"
    properties: Json = {"dataType": one.type, "dataUri": uri, "properties": one.properties}
    return assets.version_resource(request, context, NOUN, one, properties)


def _container(request: Request, context: Context, versions: list[Data]) -> Json:
    return assets.container_resource(
        request, context, NOUN, versions, {"dataType": versions[0].type}
    )


_ONE = WS + "/data/{name}"
_VERSION = _ONE + "/versions/{version}"

ROUTES = (
    Route("DataContainers_List", "GET", WS + "/data", list_containers),
    Route("DataContainers_Get", "GET", _ONE, get_container),
    Route(
        "DataContainers_CreateOrUpdate",
        "PUT",
        _ONE,
        update_container,
        note="Archives or restores all versions; the first version makes the container.",
    ),
    Route("DataVersions_List", "GET", _ONE + "/versions", list_versions),
    Route("DataVersions_Get", "GET", _VERSION, get),
    Route(
        "DataVersions_CreateOrUpdate",
        "PUT",
        _VERSION,
        create,
        note="The files have to be there; addresses of clouds are refused.",
    ),
)
