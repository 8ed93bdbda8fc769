"""One row of the API table; see `model.api`."""

from __future__ import annotations

import msgspec


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One operation. ``query`` is a struct of strings and numbers; path fields are strings."""

    operation: str
    method: str
    path: str
    summary: str
    body: object | None = None
    query: type[msgspec.Struct] | None = None
    returns: object | None = None
    stream: bool = False
    """The body of the answer is NDJSON lines (or raw bytes) without an end known before."""

    @property
    def facet(self) -> str:
        return self.operation.partition(".")[0]

    @property
    def verb(self) -> str:
        return self.operation.partition(".")[2]


def route(
    operation: str,
    request: str,
    summary: str,
    *,
    body: object | None = None,
    query: type[msgspec.Struct] | None = None,
    returns: object | None = None,
    stream: bool = False,
) -> Route:
    """A row; `request` is method and path: "GET /jobs/{name}"."""
    method, path = request.split(" ")
    return Route(
        operation=operation,
        method=method,
        path=path,
        summary=summary,
        body=body,
        query=query,
        returns=returns,
        stream=stream,
    )
