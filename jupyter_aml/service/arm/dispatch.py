"""From a request to its answer: who calls, which operation, what it raised, what every answer has.

Called by `connection` for each request. Nothing gets past it: an error of ours becomes ARM's
envelope, any other is logged under an id.
"""

from __future__ import annotations

import logging
import uuid

from jupyter_aml.model.errors import AmlError, Forbidden
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.errors import error_response, unknown
from jupyter_aml.service.arm.message import ClientGone, Request, Response
from jupyter_aml.service.arm.operations import Specification
from jupyter_aml.service.arm.route import Table
from jupyter_aml.service.arm.scope import GROUP, SUBSCRIPTION, WORKSPACE, Scope
from jupyter_aml.service.http.dispatch import internal

log = logging.getLogger(__name__)

_REMAINING = {"GET": ("reads", "11999"), "HEAD": ("reads", "11999"), "DELETE": ("deletes", "14999")}
"""Azure counts calls per hour and says what is left; nothing is throttled here."""


class Dispatcher:
    """One for all connections."""

    def __init__(self, table: Table, context: Context) -> None:
        self._table = table
        self._context = context
        self._specification: Specification | None = None

    async def answer(self, request: Request) -> Response:
        """Raises nothing but `ClientGone`."""
        try:
            response = await self._call(request)
        except ClientGone:
            raise
        except AmlError as error:
            response = error_response(error)
        except Exception as error:  # a defect of ours: logged with an id, which the caller gets
            response = error_response(internal(error, f"{request.method} {request.path}"))
        _sign(request, response)
        return response

    async def _call(self, request: Request) -> Response:
        self._check_origin(request)
        found = self._table.find(request.method, request.path)
        if found is None:
            # Who may not call is not told what there is.
            self._check_token(request)
            raise self._unknown(request)
        route, request.fields = found
        request.scope = _scope(request.fields)
        if route.guard == "arm":
            self._check_token(request)
        return await route.handler(request, self._context)

    def _check_token(self, request: Request) -> None:
        context = self._context
        context.tokens.check(request.header("Authorization"), context.clock.time())

    def _check_origin(self, request: Request) -> None:
        """A web page can be made to call loopback: it cannot leave out Origin, nor choose Host."""
        if request.header("Origin"):
            raise Forbidden("Requests from web pages are refused.", target="Origin")
        if request.header("Host") not in self._context.hosts:
            raise Forbidden("The Host header does not name this API's address.", target="Host")

    def _unknown(self, request: Request) -> AmlError:
        if self._specification is None:
            self._specification = Specification.load()
        operation = self._specification.find(request.method, request.path)
        return unknown(operation, request.method, request.path)


def _scope(fields: dict[str, str]) -> Scope:
    return Scope(
        subscription=fields.get("subscription", SUBSCRIPTION),
        group=fields.get("group", GROUP),
        workspace=fields.get("workspace", WORKSPACE),
    )


def _sign(request: Request, response: Response) -> None:
    """The headers that every answer of ARM has."""
    number = str(uuid.uuid4())
    asked = request.header("x-ms-client-request-id")
    correlation = request.header("x-ms-correlation-request-id", number)
    kind, left = _REMAINING.get(request.method, ("writes", "1199"))
    response.headers += [
        ("x-ms-request-id", number),
        ("x-ms-correlation-request-id", correlation),
        ("x-ms-routing-request-id", f"LOCAL:{number}"),
        (f"x-ms-ratelimit-remaining-subscription-{kind}", left),
        ("Cache-Control", "no-cache"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if asked:
        response.headers.append(("x-ms-client-request-id", asked))
