"""Our errors in ARM's words: its envelope, its codes, the statuses that the SDK acts upon."""

from __future__ import annotations

from typing import Any

from jupyter_aml.model import errors
from jupyter_aml.model.errors import AmlError
from jupyter_aml.service.arm.message import Response, json_response

COVERAGE_PAGE = "docs/reference/azure-compatibility.md"

_WORDS: list[tuple[type[AmlError], int, str]] = [
    # The SDK takes every 409 for "it exists already": a limit must not look like that.
    (errors.QuotaExceeded, 400, "QuotaExceeded"),
    (errors.BudgetReached, 400, "BudgetReached"),
    (errors.ComputeNotRunning, 409, "ComputeNotRunning"),
    (errors.Unauthorized, 401, "InvalidAuthenticationToken"),
    (errors.Forbidden, 403, "AuthorizationFailed"),
    (errors.NotFound, 404, "ResourceNotFound"),
    (errors.Conflict, 409, "Conflict"),
    (errors.TooLarge, 413, "RequestEntityTooLarge"),
    (errors.Busy, 429, "TooManyRequests"),
    (errors.Unavailable, 503, "ServiceUnavailable"),
    (errors.Invalid, 400, "BadRequest"),
]


class UnknownOperation(errors.NotFound, status=404, registered=False):
    """What this API does not do; the message names the operation and the coverage page."""


def unknown(operation: str, method: str, path: str) -> UnknownOperation:
    """`operation` is its id in Azure's specification, "" for what is not in it."""
    named = f"The operation {operation}" if operation else f"An operation {method} {path}"
    return UnknownOperation(
        f"{named} is not served by the local workspace.",
        target=operation or path,
        hint=f"What is served is listed in {COVERAGE_PAGE}.",
    )


def error_response(error: AmlError) -> Response:
    """The envelope under the status and code that ARM gives such a thing."""
    status, code = _status_and_code(error)
    headers: list[tuple[str, str]] = []
    if status == 401:
        headers.append(("WWW-Authenticate", 'Bearer error="invalid_token"'))
    if status in (429, 503):
        headers.append(("Retry-After", "1"))
    return json_response({"error": inner(error, code)}, status, headers)


def inner(error: AmlError, code: str = "") -> dict[str, Any]:
    """The inside of the envelope; also the ``error`` of a job or a failed operation."""
    # The SDK shows the message alone: what to do about it belongs into it.
    message = f"{error.message} {error.hint}".strip()
    found: dict[str, Any] = {"code": code or _status_and_code(error)[1], "message": message}
    if error.target:
        found["target"] = error.target
    if error.details:
        found["details"] = [{"code": error.code, "message": text} for text in error.details]
    return found


def _status_and_code(error: AmlError) -> tuple[int, str]:
    if isinstance(error, UnknownOperation):
        return 404, "UnknownOperation"
    for kind, status, code in _WORDS:
        if isinstance(error, kind):
            return status, code
    return error.http_status, error.code
