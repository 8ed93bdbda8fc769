"""Connections: the local workspace has none, and says so."""

from __future__ import annotations

from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response
from jupyter_aml.service.arm.paging import page
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import WS


async def list_(request: Request, context: Context) -> Response:
    return page(request, context, [])


async def get(request: Request, _context: Context) -> Response:
    name = request.fields["name"]
    raise NotFound(
        f"There is no connection {name!r}: the local workspace has none.",
        target=name,
        hint="Give a job what it needs as environment variables.",
    )


_NONE = "There are none here, and none can be made."

ROUTES = (
    Route("WorkspaceConnections_List", "GET", WS + "/connections", list_, note=_NONE),
    Route("WorkspaceConnections_Get", "GET", WS + "/connections/{name}", get, note=_NONE),
)
