"""The service itself: what runs, what it keeps and costs, workspaces, preferences."""

from __future__ import annotations

from jupyter_aml.model.money import CostSummary, Ledger
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.model.queries import (
    ReadLedger,
    StopService,
    UseWorkspace,
)
from jupyter_aml.model.route import Route, route
from jupyter_aml.model.storage import PruneReport, PruneStorage, StorageUsage
from jupyter_aml.model.workspace import ServiceStatus, WorkspaceList

ROUTES: tuple[Route, ...] = (
    route("service.status", "GET /service", "What runs here.", returns=ServiceStatus),
    route(
        "service.stop",
        "POST /service/stop",
        "Stop the service.",
        body=StopService,
        returns=ServiceStatus,
    ),
    route(
        "service.prune",
        "POST /service/prune",
        "Remove what is old, or more than fits; never what runs.",
        body=PruneStorage,
        returns=PruneReport,
    ),
    route(
        "storage.usage",
        "GET /storage",
        "How much disk each kind of thing takes.",
        returns=StorageUsage,
    ),
    route(
        "costs.summary",
        "GET /costs",
        "Rate, spent, budget and its guard.",
        returns=CostSummary,
    ),
    route(
        "costs.ledger",
        "GET /costs/ledger",
        "What was spent on what; sums to the receipts and idle time.",
        query=ReadLedger,
        returns=Ledger,
    ),
    route("preferences.get", "GET /preferences", "The user's preferences.", returns=Preferences),
    route(
        "preferences.update",
        "PUT /preferences",
        "Replace them.",
        body=Preferences,
        returns=Preferences,
    ),
    route(
        "workspaces.list",
        "GET /workspaces",
        "Workspaces and the current one.",
        returns=WorkspaceList,
    ),
    route(
        "workspaces.use",
        "POST /workspaces/use",
        "Make one current.",
        body=UseWorkspace,
        returns=WorkspaceList,
    ),
)
