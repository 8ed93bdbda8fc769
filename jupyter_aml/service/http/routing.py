"""From method and path to the row of the API table, its path fields decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from jupyter_aml.model.api import API_PREFIX, Route
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.http.message import BINARY, NDJSON

_RAW_BYTES = frozenset({"jobs.result", "jobs.read", "datastores.read", "data.read", "models.read"})
"""Streams that are a file's bytes, not JSON lines."""


@dataclass(frozen=True)
class Operation:
    """A row of the table with everything that can be prepared once."""

    facet: str
    verb: str
    path: tuple[str, ...]
    decode_body: Callable[[bytes], Any] | None
    query: type[msgspec.Struct] | None
    query_names: frozenset[str] = field(default_factory=frozenset[str])
    content_type: bytes = NDJSON


class Router:
    """Finds the operation of a request."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._fixed: dict[tuple[str, str], Operation] = {}
        self._patterns: dict[tuple[str, int], list[Operation]] = {}
        for route in routes:
            operation = _prepare(route)
            if "{" in route.path:
                key = route.method, len(operation.path)
                self._patterns.setdefault(key, []).append(operation)
            else:
                self._fixed[route.method, API_PREFIX + route.path] = operation

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """The operation and its path fields. Raises `NotFound`."""
        operation = self._fixed.get((method, path))
        if operation is not None:
            return operation, {}
        segments = tuple(path.split("/"))
        for candidate in self._patterns.get((method, len(segments)), ()):
            if (fields := _match(candidate.path, segments)) is not None:
                return candidate, fields
        raise NotFound(
            f"There is no operation {method} {path}.",
            target=path,
            hint="The operations are listed in schema/openapi.json.",
        )


def split_target(target: bytes) -> tuple[str, str]:
    """The path and the query of a request line."""
    try:
        path, _, query = target.decode("ascii").partition("?")
    except UnicodeDecodeError:
        raise Invalid("The URL is not ASCII.", hint="Percent-encode it as UTF-8.") from None
    return path, query


def read_query(operation: Operation, query: str) -> msgspec.Struct | None:
    """The query as the route's struct. Raises `Invalid` for what it does not know."""
    if operation.query is None:
        return None
    try:
        given = dict(parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=50))
        for name in given:
            if name not in operation.query_names:
                known = ", ".join(sorted(operation.query_names))
                raise Invalid(
                    f"There is no query field {name!r}.", target=name, hint=f"There are: {known}."
                )
        return msgspec.convert(given, operation.query, strict=False)
    except (ValueError, msgspec.ValidationError) as error:
        raise Invalid(f"The query cannot be read: {error}.", target="query") from None


def read_body(operation: Operation, body: bytes) -> Any:
    """The body as the route's type. Raises `Invalid` saying which field is wrong."""
    if operation.decode_body is None:
        return None
    try:
        return operation.decode_body(body or b"{}")
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise Invalid(
            f"The request's body is wrong: {what}.", target=where.rstrip("`") or "body"
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"The request's body is not JSON: {error}.", target="body") from None


def _prepare(route: Route) -> Operation:
    names = frozenset(f.encode_name for f in msgspec.structs.fields(route.query or msgspec.Struct))
    return Operation(
        facet=route.facet,
        verb=route.verb,
        path=tuple((API_PREFIX + route.path).split("/")),
        decode_body=msgspec.json.Decoder(route.body).decode if route.body else None,
        query=route.query,
        query_names=names,
        content_type=BINARY if route.operation in _RAW_BYTES else NDJSON,
    )


def _match(pattern: tuple[str, ...], segments: tuple[str, ...]) -> dict[str, str] | None:
    fields: dict[str, str] = {}
    for wanted, given in zip(pattern, segments, strict=True):
        if wanted.startswith("{"):
            if not given:
                return None
            fields[wanted[1:-1]] = _decode(given)
        elif wanted != given:
            return None
    return fields


def _decode(segment: str) -> str:
    try:
        return unquote(segment, errors="strict") if "%" in segment else segment
    except UnicodeDecodeError:
        raise Invalid("The URL is not UTF-8.", target=segment) from None
