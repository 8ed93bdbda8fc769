"""The generic handler: decode by the route, call the facet's method, encode what comes back."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import msgspec

from jupyter_aml.model.errors import AmlError, Internal, NotFound
from jupyter_aml.service.http.message import Answer, Request, Stream, error_answer
from jupyter_aml.service.http.routing import Router, read_body, read_query, split_target

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode


class Dispatcher:
    """`find_facet` gives the object of a facet's name, or None where the workspace lacks it."""

    def __init__(self, router: Router, find_facet: Callable[[str], object | None]) -> None:
        self._router = router
        self._find_facet = find_facet

    async def answer(self, request: Request) -> Answer | Stream:
        """Never raises, cancellation aside: whatever goes wrong becomes an error body."""
        try:
            if request.refusal is not None:
                return error_answer(request.refusal)
            return await self._call(request)
        except AmlError as error:
            return error_answer(error)
        except Exception as error:  # a defect of ours: logged with an id, which the caller gets
            return error_answer(internal(error, f"{request.method} {_path(request)}"))

    async def _call(self, request: Request) -> Answer | Stream:
        path, query_text = split_target(request.target)
        operation, arguments = self._router.find(request.method, path)
        call: dict[str, Any] = {**arguments}
        if operation.decode_body is not None:
            call["body"] = read_body(operation, request.body)
        if operation.query is not None:
            call["query"] = read_query(operation, query_text)
        facet = self._find_facet(operation.facet)
        if facet is None:
            raise NotFound(
                f"This workspace has no {operation.facet.replace('_', ' ')}.",
                target=operation.facet,
                hint="`%aml workspace list` shows what each workspace can do.",
            )
        result = await getattr(facet, operation.verb)(**call)
        if isinstance(result, AsyncIterator):
            return Stream(cast("AsyncIterator[bytes]", result), operation.content_type)
        return Answer(_body(result))


def internal(error: BaseException, where: str) -> Internal:
    """Log a defect under a new id and return what its victim is told."""
    number = secrets.token_hex(4)
    log.error("internal error %s in %s", number, where, exc_info=error)
    return Internal(
        f"Something went wrong inside the service (error {number}).",
        target=where,
        hint=f"`jupyter aml service logs` shows it: look for {number}.",
        details=[number],
    )


def _body(result: object) -> bytes:
    if result is None:
        return b"{}"
    if isinstance(result, (bytes, msgspec.Raw)):
        return bytes(result)
    return _encode(result)


def _path(request: Request) -> str:
    """Without the query: it may hold what belongs in no log."""
    return request.target.partition(b"?")[0].decode("ascii", "replace")
