"""Operations that take a while: 202, then a status to ask for, then the result.

Nothing is remembered: the number of an operation says what it waits for, and the one who knows
(the noun's `Check`) looks at how that thing is now. So an operation outlives a restart.

A PUT that is done, or whose resource says its own ``provisioningState``, needs none of this: it
answers 201 with the resource.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jupyter_aml.model.errors import AmlError, NotFound
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.errors import inner
from jupyter_aml.service.arm.message import Request, Response, json_response

State = Literal["InProgress", "Succeeded", "Failed", "Canceled"]

HOLD_SECONDS = 20.0
"""How long a question for the status waits for news: answers come when there is something new."""
LOOK_SECONDS = 0.02

_SEAL = 12
"""Bytes by which an operation's number is known to be ours."""

# azure-core takes "Retry-After: 0" for no header at all, and then sleeps 5 or 30 seconds.
_AGAIN = ("x-ms-retry-after-ms", "50")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an operation is. `result` is the body of its result, None for none."""

    state: State
    error: AmlError | None = None
    result: dict[str, Any] | None = None


Check = Callable[[Request, Context, list[str]], Awaitable[Progress]]
"""Looks how the thing named by the list is now; registered in a noun's ``OPERATIONS``."""


def accepted(request: Request, context: Context, kind: str, *names: str) -> Response:
    """202: the work is under way. `kind` is the `Check`'s name in ``OPERATIONS``."""
    return Response(202, headers=headers(request, context, kind, *names))


def headers(request: Request, context: Context, kind: str, *names: str) -> list[tuple[str, str]]:
    """Where to ask; a 201 of a resource that is still being made may carry them too."""
    number = _pack(context, [kind, *names])
    status = request.scope.operation("mfeOperationsStatus", number)
    result = request.scope.operation("mfeOperationsResults", number)
    return [
        ("Azure-AsyncOperation", f"{context.base}{status}?api-version=2023-08-01-preview"),
        ("Location", f"{context.base}{result}?api-version=2023-08-01-preview"),
        _AGAIN,
    ]


async def status(
    request: Request, context: Context, number: str, checks: Mapping[str, Check]
) -> Response:
    """The answer of Azure-AsyncOperation; waits a moment for the end rather than to be asked."""
    progress = await _settled(request, context, number, checks)
    found: dict[str, Any] = {
        "id": request.scope.operation("mfeOperationsStatus", number),
        "name": number,
        "status": progress.state,
        "percentComplete": 100.0 if progress.state == "Succeeded" else 0.0,
    }
    if progress.error is not None:
        found["error"] = inner(progress.error)
    return json_response(found, headers=[_AGAIN])


async def result(
    request: Request, context: Context, number: str, checks: Mapping[str, Check]
) -> Response:
    """The answer of Location: 202 while it runs, then the result. Raises what it failed with."""
    progress = await _settled(request, context, number, checks)
    if progress.state == "InProgress":
        return Response(202, headers=[("Location", context.base + request.path), _AGAIN])
    if progress.error is not None:
        raise progress.error
    return Response(204) if progress.result is None else json_response(progress.result)


async def _settled(
    request: Request, context: Context, number: str, checks: Mapping[str, Check]
) -> Progress:
    kind, *names = _unpack(context, number)
    check = checks.get(kind)
    if check is None:
        raise NotFound("There is no such operation.", target="operation")
    return await settled(request, context, check, names, HOLD_SECONDS)


async def settled(
    request: Request, context: Context, check: Check, names: list[str], seconds: float
) -> Progress:
    """Wait for the end, at most that long. A PUT may do so, and then needs no operation."""
    deadline = context.clock.monotonic() + seconds
    while True:
        progress = await check(request, context, names)
        if progress.state != "InProgress" or context.clock.monotonic() >= deadline:
            return progress
        await context.clock.sleep(LOOK_SECONDS)


def _pack(context: Context, parts: list[str]) -> str:
    text = "\0".join(parts).encode()
    return base64.urlsafe_b64encode(_seal(context, text) + text).decode().rstrip("=")


def _unpack(context: Context, number: str) -> list[str]:
    """What `_pack` made. Raises `NotFound` for what it did not: checks get what they were given."""
    try:
        content = base64.urlsafe_b64decode(number + "=" * (-len(number) % 4))
    except ValueError:
        content = b""
    seal, text = content[:_SEAL], content[_SEAL:]
    if not hmac.compare_digest(seal, _seal(context, text)):
        raise NotFound("There is no such operation.", target="operation")
    return text.decode().split("\0")


def _seal(context: Context, text: bytes) -> bytes:
    return hmac.new(context.key("operations"), text, hashlib.sha256).digest()[:_SEAL]
