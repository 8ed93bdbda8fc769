"""Datastores. Each is a folder of this machine; the SDK reads and writes it as a blob container.

What a script registers for a container in Azure becomes an empty folder under that name: the
address that the SDK then gets is ours, so nothing of it reaches Azure. Secrets are not kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from jupyter_aml.model.data import CreateDatastore, Datastore
from jupyter_aml.model.errors import Conflict, Invalid
from jupyter_aml.service.arm.blob import account, containers
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.nouns import assets
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.paging import page
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import WS

ARTIFACTS = "workspaceartifactstore"
"""Azure's own name of the datastore that holds what jobs leave."""
_SAS_HOURS = 24.0
_MOST_HOURS = 24.0 * 7
_EVERYTHING = "racwdl"

_TYPES = ("AzureBlob", "AzureDataLakeGen1", "AzureDataLakeGen2", "AzureFile", "OneLake")
_CREDENTIALS = ("AccountKey", "Sas", "None", "ServicePrincipal", "Certificate")


class _Secrets(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    expirable_secret: bool = False
    expire_after_hours: float | None = None


async def list_(request: Request, context: Context) -> Response:
    """The default one first. ``isDefault``, ``names`` and ``searchText`` choose."""
    found = (await context.datastores.list()).value
    told = [_datastore(request, context, one, found) for one in found]
    told.insert(1, _artifacts(request, context))
    if request.option("isDefault").lower() in ("true", "false"):
        wanted = request.option("isDefault").lower() == "true"
        told = [one for one in told if one["properties"]["isDefault"] == wanted]
    if names := request.option("names"):
        told = [one for one in told if one["name"] in names.split(",")]
    if text := request.option("searchText"):
        told = [one for one in told if text.lower() in one["name"].lower()]
    return page(request, context, told)


async def get(request: Request, context: Context) -> Response:
    name = request.fields["name"]
    if name == ARTIFACTS:
        return json_response(_artifacts(request, context))
    one = await context.datastores.get(name)
    found = (await context.datastores.list()).value
    return json_response(_datastore(request, context, one, found))


async def create(request: Request, context: Context) -> Response:
    """The same name again changes what is said of it, never its folder."""
    name = request.fields["name"]
    if name.lower() == ARTIFACTS:
        raise Conflict(f"{ARTIFACTS} is there already, and stays as it is.", target="name")
    properties = await assets.said_properties(request)
    said = assets.as_said(properties)
    before = {one.name: one for one in (await context.datastores.list()).value}
    made = await context.datastores.create(
        body=CreateDatastore(
            name=name,
            **_as_before(context, before.get(name)),
            description=said.description or "",
            tags=said.plain_tags | _container_tag(properties),
            azure=_kept(properties),
        )
    )
    found = (await context.datastores.list()).value
    told = _datastore(request, context, made, found)
    return json_response(told, 200 if name in before else 201)


async def delete(request: Request, context: Context) -> Response:
    """The datastore is forgotten; its folder and files stay."""
    name = request.fields["name"]
    if name == ARTIFACTS:
        raise Invalid(f"{ARTIFACTS} cannot be deleted.", target="name")
    await context.datastores.delete(name)
    return Response(200)


async def list_secrets(request: Request, context: Context) -> Response:
    """The account's key, or a SAS for the container where it was registered with one."""
    name = request.fields["name"]
    asked = await request.struct(_Secrets)
    container, kind = containers.ARTIFACTS, "AccountKey"
    if name != ARTIFACTS:
        one = await context.datastores.get(name)
        found = (await context.datastores.list()).value
        container = containers.container_of(found, one.name)
        kind = _credentials(one)["credentialsType"]
    if kind == "None":
        raise Invalid(f"The datastore {name} has no secrets: it is used as who asks.", target=name)
    if kind == "AccountKey":
        return json_response({"secretsType": "AccountKey", "key": account.key_text(context)})
    hours = min(asked.expire_after_hours or _SAS_HOURS, _MOST_HOURS)
    token = account.sas(context, container, permissions=_EVERYTHING, seconds=hours * 3600)
    return json_response({"secretsType": "Sas", "sasToken": token})


# -- translation --------------------------------------------------------------------------------


def _datastore(request: Request, context: Context, one: Datastore, found: list[Datastore]) -> Json:
    container = containers.container_of(found, one.name)
    tags = {n: v for n, v in one.tags.items() if n != containers.CONTAINER_TAG}
    kept = {n: v for n, v in one.azure.items() if n != "credentials"}
    properties: Json = {
        "datastoreType": "AzureBlob",
        "description": one.description or None,
        "properties": {},
        **kept,
        "tags": tags,
        "isDefault": one.is_default,
        "credentials": _credentials(one),
        **_place(context, container, kept.get("datastoreType", "AzureBlob")),
    }
    path = ("datastores", one.name)
    created_at = one.created_at or context.created_at
    return resource(request.scope, path, properties, created_at=created_at, user=context.user)


def _artifacts(request: Request, context: Context) -> Json:
    properties: Json = {
        "datastoreType": "AzureBlob",
        "description": "What jobs left: logs and outputs. Read-only.",
        "tags": {},
        "properties": {},
        "isDefault": False,
        "credentials": {"credentialsType": "AccountKey"},
        **_place(context, containers.ARTIFACTS, "AzureBlob"),
    }
    path = ("datastores", ARTIFACTS)
    return resource(
        request.scope, path, properties, created_at=context.created_at, user=context.user
    )


def _place(context: Context, container: str, kind: str) -> Json:
    """Where the SDK finds it: here, whatever was registered."""
    word = {"AzureDataLakeGen2": "filesystem", "AzureFile": "fileShareName"}
    if kind == "AzureDataLakeGen1":
        return {"storeName": account.name(context)}
    if kind == "OneLake":
        return {"endpoint": account.ENDPOINT}
    return {
        "accountName": account.name(context),
        word.get(kind, "containerName"): container,
        "endpoint": account.ENDPOINT,
        "protocol": "https",
    }


def _credentials(one: Datastore) -> Json:
    return assets.as_object(one.azure.get("credentials"), "credentials") or {
        "credentialsType": "AccountKey"
    }


def _as_before(context: Context, known: Datastore | None) -> dict[str, Any]:
    """A folder that a person gave this name keeps it."""
    if known is None or Path(known.path).is_relative_to(context.home):
        return {}
    return {"path": known.path, "read_only": known.read_only}


def _container_tag(properties: Json) -> dict[str, str]:
    for name in ("containerName", "filesystem", "fileShareName"):
        if isinstance(properties.get(name), str):
            return {containers.CONTAINER_TAG: properties[name]}
    return {}


def _kept(properties: Json) -> Json:
    """What is given back as it was sent; of credentials their kind and what is no secret."""
    kind = _word(properties.get("datastoreType"), _TYPES, "$.properties.datastoreType")
    credentials = assets.as_object(properties.get("credentials"), "$.properties.credentials")
    word = _word(
        credentials.get("credentialsType"), _CREDENTIALS, "$.properties.credentials.credentialsType"
    )
    kept = {n: v for n, v in credentials.items() if n != "secrets" and isinstance(v, str)}
    left_out = ("tags", "description", "credentials", "isDefault", "accountName")
    return {
        **{n: v for n, v in properties.items() if n not in left_out and v is not None},
        "datastoreType": kind,
        "credentials": {**kept, "credentialsType": word},
    }


def _word(given: object, words: tuple[str, ...], path: str) -> str:
    for word in words:
        if isinstance(given, str) and given.lower() == word.lower():
            return word
    raise Invalid(f"{given!r} is none of {', '.join(words)}.", target=path)


_ONE = WS + "/datastores/{name}"
_NOTE = "A folder of this machine stands for the container; nothing is fetched from Azure."

ROUTES = (
    Route("Datastores_List", "GET", WS + "/datastores", list_),
    Route("Datastores_Get", "GET", _ONE, get),
    Route("Datastores_CreateOrUpdate", "PUT", _ONE, create, note=_NOTE),
    Route("Datastores_Delete", "DELETE", _ONE, delete, note="The folder and its files stay."),
    Route("Datastores_ListSecrets", "POST", _ONE + "/listSecrets", list_secrets),
)
