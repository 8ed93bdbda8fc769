"""Operations, and the table that finds the one that a request means.

Only the path counts: the SDK sends a different ``api-version`` for each of its operations, and
all of them mean the same here. Words of a path are matched without case, as ARM does; what
stands in ``{braces}`` is decoded and handed on, and ``{name*}`` takes the rest, slashes included.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response

Handler = Callable[[Request, Context], Awaitable[Response]]

Coverage = Literal["works", "accepted", "missing"]
"""``works``: has its effect here. ``accepted``: kept and given back, not executed."""

Guard = Literal["arm", "own"]
"""``arm``: the dispatcher asks for our bearer token. ``own``: the handler proves the caller
itself (a blob's SAS or key, an endpoint's key) and refuses with 401 or 403."""


@dataclass(frozen=True, slots=True)
class Route:
    """`operation` is the id in Azure's specification, or a name of ours for what is not in it."""

    operation: str
    method: str
    path: str
    handler: Handler
    coverage: Coverage = "works"
    note: str = ""
    """For the compatibility page: what differs from Azure, one sentence."""
    guard: Guard = "arm"


@dataclass(frozen=True, slots=True)
class _Pattern:
    route: Route
    segments: tuple[str, ...]
    rest: str
    """Name of the field that takes the rest of the path, "" without one."""


class Table:
    """All routes; two that cannot be told apart are refused when it is made."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._exact: dict[tuple[str, int], list[_Pattern]] = {}
        self._open: list[_Pattern] = []
        seen: dict[tuple[str, tuple[str, ...]], str] = {}
        for route in self.routes:
            pattern = _pattern(route)
            key = route.method, _anonymous(pattern)
            if key in seen:
                raise ValueError(f"{route.operation} and {seen[key]} have the same path")
            seen[key] = route.operation
            if pattern.rest:
                self._open.append(pattern)
            else:
                where = route.method, len(pattern.segments)
                self._exact.setdefault(where, []).append(pattern)
        for patterns in (*self._exact.values(), self._open):
            # Words before fields: …/computes/{name} must not take …/computes/known.
            patterns.sort(key=_openness)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route and its path fields, None when there is none."""
        segments = path.strip("/").split("/")
        for pattern in self._exact.get((method, len(segments)), ()):
            if (fields := _match(pattern, segments)) is not None:
                return pattern.route, fields
        for pattern in self._open:
            if pattern.route.method == method and (f := _match(pattern, segments)) is not None:
                return pattern.route, f
        return None


def _pattern(route: Route) -> _Pattern:
    segments = tuple(
        part if part.startswith("{") else part.lower() for part in route.path.strip("/").split("/")
    )
    rest = segments[-1][1:-2] if segments[-1].endswith("*}") else ""
    return _Pattern(route, segments[:-1] if rest else segments, rest)


def _anonymous(pattern: _Pattern) -> tuple[str, ...]:
    tail = ("*",) if pattern.rest else ()
    return (*("{}" if s.startswith("{") else s for s in pattern.segments), *tail)


def _openness(pattern: _Pattern) -> tuple[int, list[bool]]:
    return -len(pattern.segments), [s.startswith("{") for s in pattern.segments]


def _match(pattern: _Pattern, segments: list[str]) -> dict[str, str] | None:
    fields: dict[str, str] = {}
    if len(segments) < len(pattern.segments):
        return None
    for wanted, given in zip(pattern.segments, segments, strict=False):
        if wanted.startswith("{"):
            if not given:
                return None
            fields[wanted[1:-1]] = _decode(given)
        elif wanted != given.lower():
            return None
    if pattern.rest:
        rest = segments[len(pattern.segments) :]
        if not rest:
            return None
        fields[pattern.rest] = _decode("/".join(rest))
    return fields


def _decode(text: str) -> str:
    try:
        return unquote(text, errors="strict") if "%" in text else text
    except UnicodeDecodeError:
        raise Invalid("The URL is not UTF-8.", target="path") from None
