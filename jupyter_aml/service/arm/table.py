"""All nouns of the compatible API in one table. A new noun is one line in `NOUNS`."""

from __future__ import annotations

from types import ModuleType

from jupyter_aml.service.arm import lro
from jupyter_aml.service.arm.blob import routes as blobs
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response
from jupyter_aml.service.arm.nouns import (
    batch_deployments,
    batch_endpoints,
    codes,
    components,
    computes,
    connections,
    data,
    datastores,
    environments,
    jobs,
    models,
    online_deployments,
    online_endpoints,
    runs,
    schedules,
    sizes,
    workspaces,
)
from jupyter_aml.service.arm.route import Route, Table
from jupyter_aml.service.arm.scope import LOC

NOUNS: tuple[ModuleType, ...] = (
    workspaces,
    computes,
    sizes,
    connections,
    jobs,
    runs,
    schedules,
    online_endpoints,
    online_deployments,
    batch_endpoints,
    batch_deployments,
    datastores,
    codes,
    environments,
    data,
    models,
    components,
    blobs,
)
"""Each has ``ROUTES``; one with operations that take a while also ``OPERATIONS``."""


def all_routes() -> tuple[Route, ...]:
    """Every route, in the order of the nouns; the compatibility page is made of this."""
    return (*(route for noun in NOUNS for route in noun.ROUTES), *_OPERATIONS)


def make_table() -> Table:
    return Table(all_routes())


def checks() -> dict[str, lro.Check]:
    """Who knows how an operation of a kind goes on."""
    return {
        kind: check for noun in NOUNS for kind, check in getattr(noun, "OPERATIONS", {}).items()
    }


async def _status(request: Request, context: Context) -> Response:
    return await lro.status(request, context, request.fields["number"], checks())


async def _result(request: Request, context: Context) -> Response:
    return await lro.result(request, context, request.fields["number"], checks())


# Here and not in a noun: they ask all of them.
_OPERATIONS = (
    Route("operations.status", "GET", LOC + "/mfeOperationsStatus/{number}", _status),
    Route("operations.result", "GET", LOC + "/mfeOperationsResults/{number}", _result),
)
