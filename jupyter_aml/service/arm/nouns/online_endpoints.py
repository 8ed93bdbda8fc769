"""Online endpoints: a URL with keys, and how its traffic is split.

``scoringUri`` is the router's own address: scripts send requests straight to it, with the key or
token that they were given here, over plain HTTP of loopback.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from jupyter_aml.model.endpoint import (
    AuthMode,
    CreateOnlineEndpoint,
    OnlineEndpoint,
    RegenerateKey,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import Conflict, Internal, Invalid
from jupyter_aml.service.arm import lro
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.nouns.endpoints import Endpoints
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import TENANT, USER

_HOLD_SECONDS = 10.0
"""How long a request waits for a router to come up or go: most scripts then never poll."""

_MODES: dict[str, AuthMode] = {"key": "key", "amltoken": "aml_token", "aml_token": "aml_token"}
_AZURE_MODES: dict[AuthMode, str] = {"key": "Key", "aml_token": "AMLToken"}


class _Properties(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    auth_mode: str
    description: str | None = None
    compute: str | None = None
    traffic: dict[str, int] | None = None
    mirror_traffic: dict[str, int] | None = None


class _Body(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    properties: _Properties
    tags: dict[str, str] | None = None


class _Regenerate(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    key_type: str
    key_value: str | None = None


class OnlineEndpoints(Endpoints[OnlineEndpoint]):
    noun = "onlineEndpoints"
    kept = "online_endpoints"
    operations = "OnlineEndpoints"
    note = "Managed endpoints with keys or tokens; identity and network settings are not kept."
    change = UpdateOnlineEndpoint
    beside: ClassVar[Json] = {
        "kind": "Managed",
        "identity": {"type": "SystemAssigned", "principalId": USER, "tenantId": TENANT},
    }

    async def put(self, request: Request, context: Context) -> Response:
        """Create it, or give the one that is there the body's traffic, tags and description."""
        body = await request.struct(_Body)
        name = request.fields["endpoint"]
        mode = _mode(body.properties)
        known = await self.known(context, name)
        if known is None:
            await _create(context, name, mode, body)
        else:
            await _update(context, known, mode, body)
        progress = await lro.settled(request, context, self.ready, [name], _HOLD_SECONDS)
        ended = progress.state == "Succeeded"
        headers = [] if ended else lro.headers(request, context, "online-endpoint", name)
        told = self.told(request, context, await context.online_endpoints.get(name))
        return json_response(told, 201 if known is None else 200, headers)

    def properties(self, _request: Request, _context: Context, one: OnlineEndpoint, /) -> Json:
        return {
            "authMode": _AZURE_MODES[one.auth_mode],
            "scoringUri": one.scoring_uri,
            "swaggerUri": one.openapi_uri,
            "traffic": one.traffic,
            "mirrorTraffic": one.mirror_traffic,
            "publicNetworkAccess": "Disabled",
        }

    def chosen(
        self, request: Request, found: Sequence[OnlineEndpoint], /
    ) -> Sequence[OnlineEndpoint]:
        wanted = request.option("name").lower()
        return [one for one in found if wanted in ("", one.name.lower())]

    async def deleted(self, request: Request, context: Context, name: str, /) -> Response:
        progress = await lro.settled(request, context, self.gone, [name], _HOLD_SECONDS)
        if progress.state == "InProgress":
            return lro.accepted(request, context, "delete-online-endpoint", name)
        return Response(200)

    # -- what takes a while ---------------------------------------------------------------------

    async def ready(self, _request: Request, context: Context, names: list[str]) -> lro.Progress:
        found = await context.online_endpoints.get(names[0])
        if found.state == "Failed":
            said = found.error.message if found.error else found.reason
            return lro.Progress("Failed", Internal(said or "The endpoint's router does not run."))
        if found.state == "Deleting":
            return lro.Progress("Canceled", Conflict(f"{found.name} is being deleted."))
        return lro.Progress("Succeeded" if found.state == "Succeeded" else "InProgress")

    async def gone(self, _request: Request, context: Context, names: list[str]) -> lro.Progress:
        there = await self.known(context, names[0])
        return lro.Progress("Succeeded" if there is None else "InProgress")


# -- changing ---------------------------------------------------------------------------------


async def _create(context: Context, name: str, mode: AuthMode, body: _Body) -> None:
    asked = body.properties
    if any((asked.traffic or {}).values()) or any((asked.mirror_traffic or {}).values()):
        raise Invalid(
            f"The endpoint {name} has no deployments yet that traffic could go to.",
            target="$.properties.traffic",
            hint="Create the endpoint and its deployments, then set the traffic.",
        )
    await context.online_endpoints.create(
        body=convert(
            {
                "name": name,
                "authMode": mode,
                "description": asked.description or "",
                "tags": body.tags or {},
            },
            CreateOnlineEndpoint,
        )
    )


async def _update(context: Context, known: OnlineEndpoint, mode: AuthMode, body: _Body) -> None:
    if known.auth_mode != mode:
        raise Invalid(
            f"The endpoint {known.name} was made with {_AZURE_MODES[known.auth_mode]}.",
            target="$.properties.authMode",
            hint="Delete it and create it again to change how callers prove themselves.",
        )
    asked = body.properties
    await context.online_endpoints.update(
        known.name,
        body=UpdateOnlineEndpoint(
            traffic=_shares(asked.traffic, known.deployments, "$.properties.traffic"),
            mirror_traffic=_shares(
                asked.mirror_traffic, known.deployments, "$.properties.mirrorTraffic"
            ),
            description=asked.description,
            tags=body.tags,
        ),
    )


def _mode(asked: _Properties) -> AuthMode:
    if asked.compute:
        raise Invalid(
            "Endpoints of Kubernetes clusters are not served by the local workspace.",
            target="$.properties.compute",
            hint="Leave out compute: the endpoint then runs on this machine.",
        )
    mode = _MODES.get(asked.auth_mode.lower())
    if mode is None:
        raise Invalid(
            f"authMode {asked.auth_mode!r} is not served by the local workspace.",
            target="$.properties.authMode",
            hint="Take key or aml_token: nobody signs in with Microsoft Entra ID here.",
        )
    return mode


def _shares(
    asked: dict[str, int] | None, deployments: list[str], path: str
) -> dict[str, int] | None:
    """Under the deployments' own names: the SDK writes them in small letters."""
    if asked is None:
        return None
    for name, share in asked.items():
        if not 0 <= share <= 100:
            raise Invalid(f"{share} percent for {name} is no share.", target=path)
    own = {name.lower(): name for name in deployments}
    return {own.get(name.lower(), name): share for name, share in asked.items()}


# -- keys -------------------------------------------------------------------------------------


async def list_keys(request: Request, context: Context) -> Response:
    return json_response(await context.online_endpoints.keys(request.fields["endpoint"]))


async def regenerate_keys(request: Request, context: Context) -> Response:
    body = await request.struct(_Regenerate)
    name = request.fields["endpoint"]
    which = body.key_type.lower()
    if which not in ("primary", "secondary"):
        raise Invalid(f"There is no key {body.key_type!r}.", target="$.keyType")
    keys = await context.online_endpoints.keys(name)
    now = keys.primary_key if which == "primary" else keys.secondary_key
    # The SDK sends the present key along, which is hardly meant as the new one.
    value = "" if body.key_value in (None, now) else body.key_value
    wish = convert({"keyType": which, "keyValue": value}, RegenerateKey)
    await context.online_endpoints.regenerate_key(name, body=wish)
    return Response(200)


async def get_token(request: Request, context: Context) -> Response:
    return json_response(await context.online_endpoints.token(request.fields["endpoint"]))


ENDPOINTS = OnlineEndpoints()

ROUTES = (
    *ENDPOINTS.routes(),
    Route("OnlineEndpoints_ListKeys", "POST", ENDPOINTS.one + "/listKeys", list_keys),
    Route(
        "OnlineEndpoints_RegenerateKeys",
        "POST",
        ENDPOINTS.one + "/regenerateKeys",
        regenerate_keys,
    ),
    Route("OnlineEndpoints_GetToken", "POST", ENDPOINTS.one + "/token", get_token),
)

OPERATIONS = {"online-endpoint": ENDPOINTS.ready, "delete-online-endpoint": ENDPOINTS.gone}
