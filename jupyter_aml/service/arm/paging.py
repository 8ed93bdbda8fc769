"""Lists in pages: ``value`` and ``nextLink``, ``$top``, ``$skip`` and ``listViewType``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response

PAGE = 100
"""Things in a page unless the caller asks for fewer."""

One = TypeVar("One", covariant=True)


class Listed(Protocol[One]):
    """What any facet's ``list`` returns."""

    @property
    def value(self) -> Sequence[One]: ...


def page(
    request: Request,
    context: Context,
    items: Sequence[Any],
    *,
    key: str = "value",
    size: int = PAGE,
) -> Response:
    """The part of `items` (ready for JSON) that the request is for.

    With ``$top`` that many come in all: the SDK asks for the newest one so, and reads one page.
    For a list that lies in memory; one that pages by itself takes `next_link` alone.
    """
    begin = number(request, "$skip")
    limit = number(request, "$top")
    end = begin + (min(limit, size) if limit else size)
    more = end < len(items) and not limit
    link = next_link(request, context, str(end)) if more else None
    return json_response({key: list(items[begin:end]), "nextLink": link})


def next_link(request: Request, context: Context, token: str) -> str:
    """The absolute URL of the page that begins at `token`."""
    kept = {n: v for n, v in request.query.items() if n.lower() != "$skip"}
    return f"{context.base}{request.path}?{urlencode({**kept, '$skip': token})}"


def number(request: Request, name: str) -> int:
    """A query field that is a number, 0 without it. Raises `Invalid`."""
    text = request.option(name)
    if not text:
        return 0
    if not text.isdecimal() or len(text) > 9:
        raise Invalid(f"{name} is {text!r}, not a number.", target=name)
    return int(text)


def is_shown(request: Request, *, archived: bool) -> bool:
    """What ``listViewType`` says about a thing; without it archived ones are hidden."""
    view = request.option("listViewType").lower()
    if view == "all":
        return True
    return archived == (view == "archivedonly")


def shown(request: Request, things: Iterable[Any]) -> list[Any]:
    """Those of `things` (structs with ``archived``) that the request asks for."""
    return [one for one in things if is_shown(request, archived=one.archived)]
