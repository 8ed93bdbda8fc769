"""What the client's facets have in common: an operation of the API table becomes one request."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from jupyter_aml.client.transport import Stream, Transport
from jupyter_aml.model import api

T = TypeVar("T")

# Sending these twice could do them twice.
_NOT_REPEATABLE = frozenset(
    {
        "compute.restart",
        "compute.evict",
        "online_endpoints.invoke",
        "online_endpoints.regenerate_key",
    }
)


class Facet:
    """The operations of one facet."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _call(
        self,
        operation: str,
        returns: type[T],
        *,
        body: object = None,
        query: msgspec.Struct | None = None,
        **names: str,
    ) -> T:
        method, path = _request(operation, query, names)
        sent = None if body is None else msgspec.json.encode(body)
        repeatable = operation not in _NOT_REPEATABLE
        content = self._transport.request(method, path, sent, repeatable=repeatable)
        return msgspec.json.decode(content, type=returns)

    def _stream(
        self,
        operation: str,
        *,
        body: object = None,
        query: msgspec.Struct | None = None,
        **names: str,
    ) -> Stream:
        method, path = _request(operation, query, names)
        return self._transport.stream(
            method, path, None if body is None else msgspec.json.encode(body)
        )


def _request(
    operation: str, query: msgspec.Struct | None, names: dict[str, str]
) -> tuple[str, str]:
    """Method and path of an operation: the table's row, filled in."""
    route = api.BY_OPERATION[operation]
    path = route.path.format_map({key: quote(name, safe="") for key, name in names.items()})
    if query is not None and (given := _given(query)):
        path += "?" + urlencode(given)
    return route.method, path


def _given(query: msgspec.Struct) -> dict[str, Any]:
    """The fields of a query that differ from their defaults, as they go into an address."""
    fields: list[tuple[str, Any]] = []
    for info in msgspec.structs.fields(query):
        value = getattr(query, info.name)
        if value != info.default:
            shown = str(value).lower() if isinstance(value, bool) else value
            fields.append((info.encode_name, shown))
    return dict(fields)
