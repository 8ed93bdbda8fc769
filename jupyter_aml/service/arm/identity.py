"""Where azure-identity gets its token: the endpoint that Azure gives to its own machines.

``GET /msi/token?resource=R`` with the header X-IDENTITY-HEADER, as on App Service. Plain HTTP on
loopback: azure-identity takes no other, and the header is the secret. Tokens are for the local
workspace alone; for any other resource there is none, so that a script which needs one hears so.

``GET /obo/token?secret=S&resource=R`` is what AzureMLOnBehalfOfCredential asks for in a job. It
sends no header, so its secret stands in the address, which only the job's environment holds: as a
field of the query, since Azure's own log takes the values of those out.
"""

from __future__ import annotations

import hmac

from jupyter_aml.model.errors import Forbidden, Invalid, NotFound, Unauthorized
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.tokens import MACHINE_LEARNING, MANAGEMENT, STORAGE

PATH = "/msi/token"
ON_BEHALF = "/obo/token"
RESOURCES = frozenset({MANAGEMENT, MACHINE_LEARNING, STORAGE})


async def answer(request: Request, context: Context, hosts: frozenset[str]) -> Response:
    """Issue a token, or raise why not."""
    if request.header("Origin") or request.header("Host") not in hosts:
        raise Forbidden("This endpoint answers programs of this machine.", target="Host")
    _check_secret(request, context)
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


def _check_secret(request: Request, context: Context) -> None:
    if request.method != "GET" or request.path not in (PATH, ON_BEHALF):
        raise NotFound(f"There is only GET {PATH} here.", target="path")
    if request.path == PATH:
        given, expected, where = (
            request.header("X-IDENTITY-HEADER"),
            context.identity_secret,
            "X-IDENTITY-HEADER",
        )
    else:
        given, expected, where = request.option("secret"), context.on_behalf_secret, "secret"
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Unauthorized(f"{where} is missing or wrong.", target=where)
