"""What data, environments, models and components answer alike: containers of versions.

A noun is a subclass of `Versioned`, and says what a PUT of a version does (`create`). Code is none:
it cannot be archived, and is asked for by what it holds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from jupyter_aml.model.api import FindAsset, ListAssets
from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.nouns import assets
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.paging import Listed, page, shown
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import WS
from jupyter_aml.service.versions import next_version


class Version(Protocol):
    """Any struct of ours that is a version of an asset."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def created_at(self) -> str: ...
    @property
    def archived(self) -> bool: ...
    @property
    def description(self) -> str: ...
    @property
    def tags(self) -> dict[str, str]: ...


V = TypeVar("V", bound=Version)
Told = TypeVar("Told", covariant=True)


class Facet(Protocol[Told]):
    """The part of a noun's facet that is alike; the types of queries are the noun's own."""

    async def list(self, *, query: Any) -> Listed[Told]: ...
    async def get(self, name: str, *, query: Any) -> Told: ...
    async def archive(self, name: str, *, query: Any) -> Told: ...
    async def restore(self, name: str, *, query: Any) -> Told: ...


class Versioned(ABC, Generic[V]):
    """The handlers of one noun; without state."""

    noun: ClassVar[str]
    """In paths, and the name of the facet: ``models``."""
    operations: ClassVar[str]
    """What Azure's operations begin with: ``Model`` of ``ModelVersions_Get``."""
    note: ClassVar[str] = ""
    """Of `create`, for the page of operations."""
    listing: ClassVar[type[Any]] = ListAssets
    finding: ClassVar[type[Any]] = FindAsset

    # -- what nouns say -------------------------------------------------------------------------

    @abstractmethod
    async def create(self, request: Request, context: Context) -> Response:
        """PUT of a version."""

    @abstractmethod
    def properties(self, request: Request, one: V, /) -> Json:
        """What ARM tells of a version beside what it tells of all."""

    def of_container(self, _versions: Sequence[V]) -> Json:
        """What ARM tells of a container beside what it tells of all."""
        return {}

    def chosen(self, _request: Request, versions: list[V]) -> list[V]:
        """Those that a query of the noun's own asks for."""
        return versions

    def is_listed(self, _one: V) -> bool:
        """Whether its container is one of the list."""
        return True

    def called(self, _request: Request, one: V) -> str:
        """Its name as this caller knows it."""
        return one.name

    # -- finding --------------------------------------------------------------------------------

    def facet(self, context: Context) -> Facet[V]:
        return context.facet(self.noun)

    async def find(self, request: Request, context: Context) -> V:
        """The version that the path names. Raises `NotFound`."""
        query = self.finding(version=request.fields["version"])
        return await self.facet(context).get(request.fields["name"], query=query)

    async def known(self, request: Request, context: Context) -> V | None:
        try:
            return await self.find(request, context)
        except NotFound:
            return None

    async def versions(self, context: Context, name: str) -> Sequence[V]:
        """Every one, the newest first. Raises `NotFound`."""
        query = self.listing(name=name, include_archived=True)
        return (await self.facet(context).list(query=query)).value

    async def archive(self, context: Context, one: V, archived: bool | None) -> V:
        """Archived or not, as a body says; None leaves it."""
        if archived is None or archived == one.archived:
            return one
        facet = self.facet(context)
        act = facet.archive if archived else facet.restore
        return await act(one.name, query=self.finding(version=one.version))

    # -- telling --------------------------------------------------------------------------------

    def told(self, request: Request, context: Context, one: V) -> Json:
        """One version."""
        whole: Json = {
            "description": one.description or None,
            "tags": one.tags,
            "isArchived": one.archived,
            "isAnonymous": False,
            "provisioningState": "Succeeded",
            **self.properties(request, one),
        }
        path = (self.noun, self.called(request, one), "versions", one.version or "1")
        made, user = one.created_at, context.user
        return resource(request.scope, path, whole, created_at=made, user=user)

    def container(self, request: Request, context: Context, versions: Sequence[V]) -> Json:
        """The container of all `versions` of one asset; at least one is given."""
        newest = max([one for one in versions if not one.archived] or versions, key=_age)
        whole: Json = {
            "description": newest.description or None,
            "tags": newest.tags,
            "properties": {},
            "isArchived": all(one.archived for one in versions),
            "latestVersion": newest.version or "1",
            "nextVersion": next_version(one.version for one in versions),
            **self.of_container(versions),
        }
        path = (self.noun, self.called(request, newest))
        made, user = min(one.created_at for one in versions), context.user
        return resource(request.scope, path, whole, created_at=made, user=user)

    # -- handlers -------------------------------------------------------------------------------

    async def list_containers(self, request: Request, context: Context) -> Response:
        newest = (await self.facet(context).list(query=self.listing(include_archived=True))).value
        told = [
            self.container(request, context, await self.versions(context, one.name))
            for one in shown(request, newest)
            if self.is_listed(one)
        ]
        return page(request, context, told)

    async def get_container(self, request: Request, context: Context) -> Response:
        versions = await self.versions(context, request.fields["name"])
        return json_response(self.container(request, context, versions))

    async def update_container(self, request: Request, context: Context) -> Response:
        """Archive or restore every version; nothing else is said of a container."""
        said = assets.as_said(await assets.said_properties(request))
        for one in await self.versions(context, request.fields["name"]):
            await self.archive(context, one, said.is_archived)
        return await self.get_container(request, context)

    async def list_versions(self, request: Request, context: Context) -> Response:
        versions = shown(request, await self.versions(context, request.fields["name"]))
        told = [self.told(request, context, one) for one in self.chosen(request, versions)]
        return page(request, context, told)

    async def get(self, request: Request, context: Context) -> Response:
        return json_response(self.told(request, context, await self.find(request, context)))

    def routes(self) -> tuple[Route, ...]:
        every, one = f"{WS}/{self.noun}", f"{WS}/{self.noun}/{{name}}"
        versions, version = f"{one}/versions", f"{one}/versions/{{version}}"
        containers, single = f"{self.operations}Containers", f"{self.operations}Versions"
        return (
            Route(f"{containers}_List", "GET", every, self.list_containers),
            Route(f"{containers}_Get", "GET", one, self.get_container),
            Route(
                f"{containers}_CreateOrUpdate",
                "PUT",
                one,
                self.update_container,
                note="Archives or restores all versions; the first version makes the container.",
            ),
            Route(f"{single}_List", "GET", versions, self.list_versions),
            Route(f"{single}_Get", "GET", version, self.get),
            Route(f"{single}_CreateOrUpdate", "PUT", version, self.create, note=self.note),
        )


def _age(one: Version) -> tuple[str, int]:
    """The greater, the newer: two may be of the same moment."""
    return one.created_at, int(one.version) if one.version.isdecimal() else 0
