"""Connections: kept, given back, and their credentials told to who asks for them.

Nothing here acts upon one. A job that wants to reach something asks for its credentials, through
the SDK, as it would in Azure.
"""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from jupyter_aml.model.connection import (
    AuthType,
    Connection,
    CreateConnection,
    Credentials,
)
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.paging import page
from jupyter_aml.service.arm.remainder import without_nulls
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import WS

Json = dict[str, Any]

_PATH = "$.properties"
_OF_DATA = frozenset({"azureblob", "adlsgen2", "azureonelake"})
"""Categories that are listed with ``includeAll`` alone: in Azure they are datastores."""
_OURS = frozenset({"category", "authType", "target", "metadata", "credentials"})
_WORDS = {word.lower(): word for word in get_args(AuthType)}


class _Body(msgspec.Struct):
    properties: Json


class _Properties(msgspec.Struct, rename="camel"):
    category: str
    auth_type: str
    target: str = ""
    metadata: Json = {}
    credentials: Credentials | None = None


async def list_(request: Request, context: Context) -> Response:
    """``category`` and ``target`` choose; those of data are shown with ``includeAll``."""
    found = (await context.connections.list()).value
    if request.option("includeAll").lower() != "true":
        found = [one for one in found if one.category.lower() not in _OF_DATA]
    if category := request.option("category").lower():
        found = [one for one in found if one.category.lower() == category]
    if target := request.option("target"):
        found = [one for one in found if one.target == target]
    return page(request, context, [_said(request, context, one) for one in found])


async def get(request: Request, context: Context) -> Response:
    found = await context.connections.get(request.fields["name"])
    return json_response(_said(request, context, found))


async def create(request: Request, context: Context) -> Response:
    """The same name again replaces it; one without credentials keeps those there are."""
    sent = (await request.struct(_Body)).properties
    made = await context.connections.create(body=_read(request.fields["name"], sent))
    return json_response(_said(request, context, made))


async def update(request: Request, context: Context) -> Response:
    """What is sent replaces what there is, field by field."""
    known = await context.connections.get(request.fields["name"])
    sent = without_nulls((await request.struct(_Body)).properties)
    made = await context.connections.create(body=_read(known.name, _properties(known) | sent))
    return json_response(_said(request, context, made))


async def delete(request: Request, context: Context) -> Response:
    """One that is not there is deleted, as Azure has it."""
    try:
        await context.connections.delete(request.fields["name"])
    except NotFound:
        return Response(204)
    return Response(200)


async def list_secrets(request: Request, context: Context) -> Response:
    """The one answer that holds credentials."""
    found = await context.connections.get(request.fields["name"])
    secrets = await context.connections.secrets(found.name)
    return json_response(_said(request, context, found, secrets or None))


# -- translation --------------------------------------------------------------------------------


def _read(name: str, sent: Json) -> CreateConnection:
    sent = without_nulls(sent)
    asked = convert(sent, _Properties, _PATH)
    word = _WORDS.get(asked.auth_type.lower())
    if word is None:
        raise Invalid(
            f"{asked.auth_type!r} is no way to prove oneself that is known here.",
            target=f"{_PATH}.authType",
            hint=f"There are: {', '.join(_WORDS.values())}.",
        )
    wanted = {
        "name": name,
        "category": asked.category,
        "authType": word,
        "target": asked.target,
        "metadata": asked.metadata,
        # what was read of a connection has no credentials, and is sent again without
        "credentials": asked.credentials or None,
        "azure": {field: value for field, value in sent.items() if field not in _OURS},
    }
    return convert(wanted, CreateConnection, "$")


def _said(
    request: Request, context: Context, one: Connection, secrets: Credentials | None = None
) -> Json:
    return resource(
        request.scope,
        ("connections", one.name),
        _properties(one) | {"credentials": secrets},
        created_at=one.created_at,
        modified_at=one.modified_at,
        user=context.user,
    )


def _properties(one: Connection) -> Json:
    return {
        **one.azure,
        "category": one.category,
        "authType": one.auth_type,
        "target": one.target,
        "metadata": one.metadata,
    }


_ALL = WS + "/connections"
_ONE = _ALL + "/{name}"
_NOTE = "Kept for scripts and jobs that ask for it; nothing here uses it by itself."

ROUTES = (
    Route("WorkspaceConnections_List", "GET", _ALL, list_),
    Route("WorkspaceConnections_Get", "GET", _ONE, get),
    Route("WorkspaceConnections_Create", "PUT", _ONE, create, note=_NOTE),
    Route("WorkspaceConnections_Update", "PATCH", _ONE, update),
    Route("WorkspaceConnections_Delete", "DELETE", _ONE, delete),
    Route("WorkspaceConnections_ListSecrets", "POST", _ONE + "/listsecrets", list_secrets),
)
