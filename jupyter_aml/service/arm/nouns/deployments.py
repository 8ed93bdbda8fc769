"""What online and batch deployments answer alike; a noun is a subclass of `Deployments`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import msgspec

from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.nouns import deployed
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.nouns.endpoints import Endpoints
from jupyter_aml.service.arm.paging import Listed, page
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import LOCATION, Scope


class Spec(Protocol):
    """What both kinds of deployments are asked for with."""

    @property
    def code(self) -> str: ...
    @property
    def scoring_script(self) -> str: ...
    @property
    def environment(self) -> str: ...
    @property
    def environment_variables(self) -> dict[str, str]: ...
    @property
    def description(self) -> str: ...
    @property
    def tags(self) -> dict[str, str]: ...


class Deployment(Protocol):
    """Any struct of ours that is a deployment."""

    @property
    def name(self) -> str: ...
    @property
    def endpoint_name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def created_at(self) -> str: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def spec(self) -> Spec: ...


D = TypeVar("D", bound=Deployment)
Told = TypeVar("Told", covariant=True)


class Facet(Protocol[Told]):
    """The part of both facets that is alike."""

    async def list(self, endpoint: str) -> Listed[Told]: ...
    async def get(self, endpoint: str, name: str) -> Told: ...
    async def delete(self, endpoint: str, name: str) -> Told: ...


class _Code(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    code_id: str | None = None
    scoring_script: str


class Asked(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The ``properties`` of a body that both kinds have."""

    code_configuration: _Code | None = None
    environment_id: str | None = None
    environment_variables: dict[str, str] | None = None
    description: str | None = None


class Deployments(ABC, Generic[D]):
    """The handlers of one noun; without state."""

    endpoints: ClassVar[Endpoints[Any]]
    kept: ClassVar[str]
    """Name of the facet: ``online_deployments``."""
    operations: ClassVar[str]
    """What Azure's operations begin with: ``OnlineDeployments`` of ``OnlineDeployments_Get``."""
    put_note: ClassVar[str]
    patch_note: ClassVar[str]
    """For the page of operations."""

    # -- what nouns say -------------------------------------------------------------------------

    @abstractmethod
    async def put(self, request: Request, context: Context) -> Response:
        """Create it, or replace the one that is there."""

    @abstractmethod
    async def patch(self, request: Request, context: Context) -> Response:
        """Change what can be changed without replacing it."""

    @abstractmethod
    def properties(self, scope: Scope, one: D) -> Json:
        """What ARM tells of one beside what it tells of both nouns. None is left out."""

    def beside(self, _one: D, /) -> Json:
        """What a resource says beside its properties."""
        return {}

    async def forget(self, context: Context, endpoint: str, name: str) -> None:
        """Delete one that is there."""
        await self.facet(context).delete(endpoint, name)

    async def deleted(self, _request: Request, _context: Context, /) -> Response:
        """What a DELETE answers, once the wish is kept."""
        return Response(200)

    # -- handlers -------------------------------------------------------------------------------

    async def get(self, request: Request, context: Context) -> Response:
        found = await self.facet(context).get(*names(request))
        return json_response(await self.told(request, context, found))

    async def list_(self, request: Request, context: Context) -> Response:
        found = (await self.facet(context).list(request.fields["endpoint"])).value
        return page(request, context, [await self.told(request, context, one) for one in found])

    async def delete(self, request: Request, context: Context) -> Response:
        """What is not there is deleted already: 204."""
        endpoint, name = names(request)
        if await self.known(context, endpoint, name) is None:
            return Response(204)
        await self.forget(context, endpoint, name)
        return await self.deleted(request, context)

    # -- parts of them --------------------------------------------------------------------------

    def facet(self, context: Context) -> Facet[D]:
        return context.facet(self.kept)

    async def known(self, context: Context, endpoint: str, name: str) -> D | None:
        """Raises `NotFound` where there is no such endpoint."""
        await self.endpoints.facet(context).get(endpoint)
        try:
            return await self.facet(context).get(endpoint, name)
        except NotFound:
            return None

    async def told(self, request: Request, context: Context, one: D) -> Json:
        spec, scope = one.spec, request.scope
        code = await deployed.code_configuration(context, scope, spec.code, spec.scoring_script)
        properties: Json = {
            "description": spec.description,
            "properties": deployed.told(one.warnings),
            "codeConfiguration": code,
            "environmentId": deployed.environment_id(scope, spec.environment),
            "environmentVariables": spec.environment_variables,
            "provisioningState": one.state,
            **self.properties(scope, one),
        }
        return resource(
            scope,
            (self.endpoints.noun, one.endpoint_name, "deployments", one.name),
            {name: value for name, value in properties.items() if value is not None},
            created_at=one.created_at,
            user=context.user,
            location=LOCATION,
            tags=spec.tags,
            **self.beside(one),
        )

    def routes(self) -> tuple[Route, ...]:
        every, one, name = f"{self.endpoints.one}/deployments", self.one, self.operations
        return (
            Route(f"{name}_List", "GET", every, self.list_),
            Route(f"{name}_Get", "GET", one, self.get),
            Route(f"{name}_CreateOrUpdate", "PUT", one, self.put, note=self.put_note),
            Route(f"{name}_Update", "PATCH", one, self.patch, note=self.patch_note),
            Route(f"{name}_Delete", "DELETE", one, self.delete),
        )

    @property
    def one(self) -> str:
        return f"{self.endpoints.one}/deployments/{{deployment}}"


def names(request: Request) -> tuple[str, str]:
    """Of the endpoint and of the deployment that the path means."""
    return request.fields["endpoint"], request.fields["deployment"]


async def wish(
    request: Request, context: Context, asked: Asked, tags: dict[str, str] | None
) -> Json:
    """The part of the facet's body that both kinds have. Raises `Invalid`."""
    endpoint, name = names(request)
    code = asked.code_configuration
    return {
        "name": name,
        "endpointName": endpoint,
        "code": await deployed.code(context, code.code_id if code else None),
        "scoringScript": code.scoring_script if code else "",
        "environment": deployed.environment(asked.environment_id),
        "environmentVariables": asked.environment_variables or {},
        "description": asked.description or "",
        "tags": tags or {},
    }
