"""A request and a response of the compatible API, as handlers see them.

Made and sent by `connection`. A body is read by the handler: whole (`Request.json`,
`Request.struct`) or as it comes (`Request.body`), so that a large blob never lies in memory.
Header names keep the case they were given in, both ways: the SDK compares the names of a blob's
metadata letter by letter.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from jupyter_aml.model.errors import Invalid, TooLarge
from jupyter_aml.service.arm.scope import Scope

T = TypeVar("T")

JSON_LIMIT = 16 * 1024 * 1024
"""Bytes of a body that is read whole: a pipeline of thousands of steps takes a few."""

Headers = Sequence[tuple[str, str]]


class ClientGone(Exception):
    """The client hung up before its body was whole: there is nobody to answer."""


class Body:
    """The bytes of a request, as they come; iterated at most once."""

    def __init__(self, parts: AsyncIterator[bytes], length: int | None = None) -> None:
        self._parts = parts
        self.length = length
        """What the client declared, None for a chunked body."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._parts

    async def read(self, limit: int = JSON_LIMIT) -> bytes:
        """All of it. Raises `TooLarge` past `limit` bytes."""
        found: list[bytes] = []
        size = 0
        async for part in self._parts:
            size += len(part)
            if size > limit:
                raise TooLarge(f"The request's body is over {limit / 1e6:,.0f} MB.", target="body")
            found.append(part)
        return b"".join(found)


@dataclass(slots=True)
class Request:
    """`fields` are those of the route's path, decoded; `query` keeps the last of equal names."""

    method: str
    path: str
    """As sent: percent-encoded, without the query."""
    query: dict[str, str]
    headers: Headers
    body: Body
    scope: Scope
    """The workspace as this caller names it; ids in answers are made of it."""
    fields: dict[str, str] = field(default_factory=dict[str, str])

    def header(self, name: str, default: str = "") -> str:
        """The first header of that name, whatever its case."""
        wanted = name.lower()
        return next((v for n, v in self.headers if n.lower() == wanted), default)

    def option(self, name: str, default: str = "") -> str:
        """A query field, whatever the case of its name (``$top``, ``listViewType``)."""
        if name in self.query:
            return self.query[name]
        wanted = name.lower()
        return next((v for n, v in self.query.items() if n.lower() == wanted), default)

    async def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises `Invalid` (400) for anything else."""
        return await self.struct(dict[str, Any])

    async def struct(self, kind: type[T]) -> T:
        """The body as `kind`. Raises `Invalid` with the JSON path of what is wrong."""
        content = await self.body.read()
        try:
            return msgspec.json.decode(content or b"{}", type=kind)
        except msgspec.ValidationError as error:
            raise refused(str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Invalid(f"The request's body is not JSON: {error}.", target="$") from None


def convert(value: object, kind: type[T], path: str = "$") -> T:
    """A part of a body as `kind`; `path` says where in the body it stood. Raises `Invalid`."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise refused(str(error), path) from None


def refused(said: str, path: str = "$") -> Invalid:
    """msgspec's sentence about a body, as an `Invalid` whose target is the JSON path."""
    what, _, where = said.partition(" - at `$")
    target = path + where.rstrip("`")
    return Invalid(f"The request's body is wrong at {target}: {what}.", target=target)


@dataclass(slots=True)
class Response:
    """`body` is bytes, or an iterator for what is not to lie in memory.

    An iterator without a Content-Length header is sent in chunks. HEAD sends no body; its
    length is the header's, else that of `body`.
    """

    status: int = 200
    body: bytes | AsyncIterator[bytes] = b""
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def json_response(
    value: object, status: int = 200, headers: Iterable[tuple[str, str]] = ()
) -> Response:
    """`value` (dicts, lists, structs) as JSON."""
    kind = ("Content-Type", "application/json; charset=utf-8")
    return Response(status, msgspec.json.encode(value), [kind, *headers])
