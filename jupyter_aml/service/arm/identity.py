"""Where azure-identity gets its token: the endpoint that Azure gives to its own machines.

``GET /msi/token?resource=R`` with the header X-IDENTITY-HEADER, as on App Service. Plain HTTP on
loopback: azure-identity takes no other, and the header is the secret. Tokens are for the local
workspace alone; for any other resource there is none, so that a script which needs one hears so.
"""

from __future__ import annotations

import hmac

from jupyter_aml.model.errors import Forbidden, Invalid, NotFound, Unauthorized
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.tokens import MACHINE_LEARNING, MANAGEMENT, STORAGE

PATH = "/msi/token"
RESOURCES = frozenset({MANAGEMENT, MACHINE_LEARNING, STORAGE})


async def answer(request: Request, context: Context, hosts: frozenset[str]) -> Response:
    """Issue a token, or raise why not."""
    if request.header("Origin") or request.header("Host") not in hosts:
        raise Forbidden("This endpoint answers programs of this machine.", target="Host")
    if (request.method, request.path) != ("GET", PATH):
        raise NotFound(f"There is only GET {PATH} here.", target="path")
    expected = context.identity_secret
    if not hmac.compare_digest(request.header("X-IDENTITY-HEADER").encode(), expected.encode()):
        raise Unauthorized(
            "The header X-IDENTITY-HEADER is missing or wrong.", target="X-IDENTITY-HEADER"
        )
    resource = request.option("resource").removesuffix("/.default").rstrip("/")
    if resource not in RESOURCES:
        raise Invalid(
            f"The local workspace gives no token for {resource!r}.",
            target="resource",
            hint="It stands in for Azure Machine Learning and its storage, for nothing else.",
        )
    token, ends = context.tokens.issue(resource, context.clock.time())
    return json_response(
        {
            "access_token": token,
            "expires_on": str(ends),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": request.option("client_id"),
        }
    )
