"""What online and batch endpoints answer alike; a noun is a subclass of `Endpoints`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import msgspec

from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.paging import Listed, page
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import LOCATION, WS


class Endpoint(Protocol):
    """Any struct of ours that is an endpoint."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def tags(self) -> dict[str, str]: ...
    @property
    def created_at(self) -> str: ...


E = TypeVar("E", bound=Endpoint)
Told = TypeVar("Told", covariant=True)


class Facet(Protocol[Told]):
    """The part of both facets that is alike; the types of bodies are their own."""

    async def list(self) -> Listed[Told]: ...
    async def get(self, name: str) -> Told: ...
    async def update(self, name: str, *, body: Any) -> Told: ...
    async def delete(self, name: str) -> Told: ...


class _Patch(msgspec.Struct, frozen=True, kw_only=True):
    tags: dict[str, str] | None = None


class Endpoints(ABC, Generic[E]):
    """The handlers of one noun; without state."""

    noun: ClassVar[str]
    """In paths: ``onlineEndpoints``."""
    kept: ClassVar[str]
    """Name of the facet: ``online_endpoints``."""
    operations: ClassVar[str]
    """What Azure's operations begin with: ``OnlineEndpoints`` of ``OnlineEndpoints_Get``."""
    note: ClassVar[str]
    """Of `put`, for the page of operations."""
    change: ClassVar[type[Any]]
    """Body of the facet's ``update``."""
    beside: ClassVar[Json] = {}
    """What a resource says beside its properties."""

    # -- what nouns say -------------------------------------------------------------------------

    @abstractmethod
    async def put(self, request: Request, context: Context) -> Response:
        """Create it, or give the one that is there what the body says."""

    @abstractmethod
    def properties(self, request: Request, context: Context, one: E, /) -> Json:
        """What ARM tells of one beside what it tells of both nouns."""

    def chosen(self, _request: Request, found: Sequence[E], /) -> Sequence[E]:
        """Those that a query of the noun's own asks for."""
        return found

    async def deleted(self, _request: Request, _context: Context, _name: str, /) -> Response:
        """What a DELETE answers, once the wish is kept."""
        return Response(200)

    # -- handlers -------------------------------------------------------------------------------

    async def get(self, request: Request, context: Context) -> Response:
        found = await self.facet(context).get(request.fields["endpoint"])
        return json_response(self.told(request, context, found))

    async def list_(self, request: Request, context: Context) -> Response:
        found = self.chosen(request, (await self.facet(context).list()).value)
        return page(request, context, [self.told(request, context, one) for one in found])

    async def patch(self, request: Request, context: Context) -> Response:
        """Tags alone; the SDK puts the whole endpoint."""
        change = self.change(tags=(await request.struct(_Patch)).tags)
        found = await self.facet(context).update(request.fields["endpoint"], body=change)
        return json_response(self.told(request, context, found))

    async def delete(self, request: Request, context: Context) -> Response:
        """With its deployments. What is not there is deleted already: 204."""
        name = request.fields["endpoint"]
        if await self.known(context, name) is None:
            return Response(204)
        await self.facet(context).delete(name)
        return await self.deleted(request, context, name)

    # -- parts of them --------------------------------------------------------------------------

    def facet(self, context: Context) -> Facet[E]:
        return context.facet(self.kept)

    async def known(self, context: Context, name: str) -> E | None:
        try:
            return await self.facet(context).get(name)
        except NotFound:
            return None

    def told(self, request: Request, context: Context, one: E) -> Json:
        properties: Json = {
            "description": one.description,
            "properties": {},
            "provisioningState": one.state,
            **self.properties(request, context, one),
        }
        return resource(
            request.scope,
            (self.noun, one.name),
            properties,
            created_at=one.created_at,
            user=context.user,
            location=LOCATION,
            tags=one.tags,
            **self.beside,
        )

    @property
    def one(self) -> str:
        """Path of one; its deployments lie below."""
        return f"{WS}/{self.noun}/{{endpoint}}"

    def routes(self) -> tuple[Route, ...]:
        every, one, name = f"{WS}/{self.noun}", self.one, self.operations
        return (
            Route(f"{name}_List", "GET", every, self.list_),
            Route(f"{name}_Get", "GET", one, self.get),
            Route(f"{name}_CreateOrUpdate", "PUT", one, self.put, note=self.note),
            Route(f"{name}_Update", "PATCH", one, self.patch, note="Tags alone."),
            Route(f"{name}_Delete", "DELETE", one, self.delete),
        )
