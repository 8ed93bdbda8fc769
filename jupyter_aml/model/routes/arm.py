"""The compatible API for the stock Azure SDK: opened when somebody asks."""

from __future__ import annotations

from jupyter_aml.model.azure import ArmAccess, OpenArm
from jupyter_aml.model.route import Route, route

ROUTES: tuple[Route, ...] = (
    route(
        "arm.status",
        "GET /arm",
        "Whether the Azure-compatible API is open; opens nothing.",
        returns=ArmAccess,
    ),
    route(
        "arm.open",
        "POST /arm",
        "Open the Azure-compatible API, now and whenever the service starts again.",
        body=OpenArm,
        returns=ArmAccess,
    ),
    route(
        "arm.close",
        "DELETE /arm",
        "Close it, and leave it closed.",
        returns=ArmAccess,
    ),
)
