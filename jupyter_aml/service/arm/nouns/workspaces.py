"""Workspaces: the one there is, and where its other services are found."""

from __future__ import annotations

from typing import Any

from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import (
    GRP,
    LOCATION,
    PROVIDER,
    SUB,
    TENANT,
    USER,
    WORKSPACE_GUID,
    WS,
    Scope,
)

DISCOVERY = "/discovery"
_LIST = f"/providers/{PROVIDER}/workspaces"


async def get(request: Request, context: Context) -> Response:
    return json_response(_workspace(request.scope, context))


async def list_(request: Request, context: Context) -> Response:
    """The local one, under its own names, below whatever subscription and group were asked for."""
    scope = Scope(request.scope.subscription, request.scope.group)
    return json_response({"value": [_workspace(scope, context)], "nextLink": None})


async def discover(_request: Request, context: Context) -> Response:
    """Every data plane is here; the SDK reads ``api`` alone."""
    base = context.base
    names = (
        "api",
        "catalog",
        "experimentation",
        "gallery",
        "history",
        "hyperdrive",
        "labeling",
        "modelmanagement",
        "pipelines",
        "studio",
    )
    return json_response(dict.fromkeys(names, base))


def _workspace(scope: Scope, context: Context) -> dict[str, Any]:
    below = f"/subscriptions/{scope.subscription}/resourceGroups/{scope.group}/providers"
    properties: dict[str, Any] = {
        "workspaceId": WORKSPACE_GUID,
        "tenantId": TENANT,
        "friendlyName": scope.workspace,
        "description": "This machine: a workspace of jupyter_aml.",
        "discoveryUrl": context.base + DISCOVERY,
        "storageAccount": f"{below}/Microsoft.Storage/storageAccounts/local",
        "keyVault": f"{below}/Microsoft.KeyVault/vaults/local",
        "applicationInsights": f"{below}/Microsoft.Insights/components/local",
        "provisioningState": "Succeeded",
        "publicNetworkAccess": "Disabled",
        "hbiWorkspace": False,
        "v1LegacyMode": False,
        "storageHnsEnabled": False,
    }
    return resource(
        scope,
        (),
        properties,
        created_at=context.created_at,
        user=context.user,
        location=LOCATION,
        kind="Default",
        tags={},
        sku={"name": "Basic", "tier": "Basic"},
        identity={"type": "SystemAssigned", "principalId": USER, "tenantId": TENANT},
    )


ROUTES = (
    Route(
        "Workspaces_Get",
        "GET",
        WS,
        get,
        note="Every name leads to the local workspace. MLflow's address is for its jobs alone.",
    ),
    Route("Workspaces_ListByResourceGroup", "GET", GRP + _LIST, list_),
    Route("Workspaces_ListBySubscription", "GET", SUB + _LIST, list_),
    # the SDK fetches it without a token; it says nothing but our own address
    Route("discovery", "GET", DISCOVERY, discover, guard="own"),
)
