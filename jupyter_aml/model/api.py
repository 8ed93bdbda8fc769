"""The HTTP API of the service, as a table.

Each row names an operation ``facet.verb``: the method of the backend's facet (or of the
service itself), the client's method, the operation id in ``schema/openapi.json`` and the key
of TypeScript's ``operations``. One generic handler serves them all.
"""

from __future__ import annotations

from jupyter_aml.model.queries import (
    BrowseFiles,
    FeedCommand,
    FindAsset,
    FindCell,
    FindEnvironment,
    FindStarts,
    FollowBuild,
    FollowJob,
    History,
    ListAssets,
    ListEnvironments,
    ListJobs,
    ListSizes,
    ReadFile,
    ReadLedger,
    ReadLog,
    StopService,
    TakeSnapshot,
    UseWorkspace,
)
from jupyter_aml.model.route import Route
from jupyter_aml.model.routes import (
    arm,
    batch,
    components,
    compute,
    connections,
    data,
    environments,
    feed,
    jobs,
    models,
    online,
    schedules,
    service,
)

__all__ = [
    "API_PREFIX",
    "API_VERSION",
    "BY_OPERATION",
    "ROUTES",
    "BrowseFiles",
    "FeedCommand",
    "FindAsset",
    "FindCell",
    "FindEnvironment",
    "FindStarts",
    "FollowBuild",
    "FollowJob",
    "History",
    "ListAssets",
    "ListEnvironments",
    "ListJobs",
    "ListSizes",
    "ReadFile",
    "ReadLedger",
    "ReadLog",
    "Route",
    "StopService",
    "TakeSnapshot",
    "UseWorkspace",
]
"""The queries are here too: who calls an operation finds what it takes beside it."""

API_PREFIX = "/v1"
API_VERSION = 1
"""Raised when a client and a service of different versions no longer understand each other."""

ROUTES: tuple[Route, ...] = (
    *service.ROUTES,
    *arm.ROUTES,
    *compute.ROUTES,
    *jobs.ROUTES,
    *environments.ROUTES,
    *data.ROUTES,
    *models.ROUTES,
    *components.ROUTES,
    *online.ROUTES,
    *batch.ROUTES,
    *schedules.ROUTES,
    *connections.ROUTES,
    *feed.ROUTES,
)

BY_OPERATION = {route.operation: route for route in ROUTES}
