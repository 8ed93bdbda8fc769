"""The page that says, operation by operation, what of Azure's API the local workspace does.

It is made of the routes themselves: what has none is missing, whatever anybody hopes.
"""

from __future__ import annotations

from itertools import groupby

from jupyter_aml.service.arm.operations import API_VERSION, SpecifiedOperation, load
from jupyter_aml.service.arm.route import Coverage, Route
from jupyter_aml.service.arm.table import all_routes
from tools.markdown import code, joined, table

WORDS: dict[Coverage, str] = {
    "works": "works",
    "accepted": "accepted, not executed",
    "missing": "missing",
}

REASONS = {
    "CapabilityHosts": "Agents of AI Foundry.",
    "Features": "Feature stores.",
    "FeaturesetContainers": "Feature stores.",
    "FeaturesetVersions": "Feature stores.",
    "FeaturestoreEntityContainers": "Feature stores.",
    "FeaturestoreEntityVersions": "Feature stores.",
    "ManagedNetworkProvisions": "Networks of Azure.",
    "ManagedNetworkSettingsRule": "Networks of Azure.",
    "MarketplaceSubscriptions": "Azure's marketplace.",
    "PrivateEndpointConnections": "Networks of Azure.",
    "PrivateLinkResources": "Networks of Azure.",
    "ServerlessEndpoints": "Models that Azure hosts.",
    "Compute_ListKeys": "Keys that open attached machines are not handed out.",
    "Quotas_Update": "The settings of the service say the quotas.",
    "WorkspaceConnections": "There are none here, and none can be made.",
    "Registries": "The SDK looks for registries in Azure.",
    "Workspaces_CreateOrUpdate": "There is one workspace, and it is always there.",
    "Workspaces_Delete": "There is one workspace, and it is always there.",
}
"""Why a group has no route, or one of its operations."""

INTRODUCTION = """\
# Azure ML API, operation by operation

What of Azure Machine Learning's API {version} the workspace `local` serves to the stock SDK, as
tested with azure-ai-ml 1.35.2. Compatible with the SDK, never verified on Azure: how to use it is
in [Azure's SDK](../azure/index.md).

- **works**: it has its effect on this machine.
- **accepted, not executed**: kept and given back, without an effect.
- **missing**: answered with ARM's 404, which names the operation and this page.
"""


def compatibility() -> str:
    """``azure-compatibility.md``"""
    routes = {route.operation: route for route in all_routes()}
    specified = load()
    counted = [_coverage(routes.get(one.id)) for one in specified]
    rows = [(word, str(counted.count(kind))) for kind, word in WORDS.items()]
    groups = groupby(specified, key=lambda one: one.id.partition("_")[0])
    known = {one.id for one in specified}
    others = [route for route in all_routes() if route.operation not in known]
    return joined(
        INTRODUCTION.format(version=API_VERSION),
        table(("Of its operations", str(len(specified))), rows),
        *(_group(name, list(ones), routes) for name, ones in groups),
        _others(others),
    )


def _group(name: str, ones: list[SpecifiedOperation], routes: dict[str, Route]) -> str:
    rows = [_row(one, routes.get(one.id)) for one in ones]
    return joined(f"## {name}", table(("Operation", "", "Here"), rows))


def _row(one: SpecifiedOperation, route: Route | None) -> tuple[str, str, str]:
    word = WORDS[_coverage(route)]
    group = one.id.partition("_")[0]
    note = REASONS.get(one.id) or REASONS.get(group, "") if route is None else route.note
    return code(one.id), one.method, f"{word}. {note}".strip() if note else word


def _coverage(route: Route | None) -> Coverage:
    return "missing" if route is None else route.coverage


def _others(routes: list[Route]) -> str:
    rows = [
        (code(route.operation), route.method, f"{WORDS[route.coverage]}. {route.note}".strip(". "))
        for route in routes
    ]
    text = "Previews, and the data planes that the SDK finds by the workspace's discovery URL."
    return joined(f"## Beside the {API_VERSION} API", text, table(("Operation", "", "Here"), rows))
