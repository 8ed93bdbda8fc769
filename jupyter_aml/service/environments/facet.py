"""The facet ``environments``: names in, `model.environment.Environment` out."""

from __future__ import annotations

import statistics
from collections.abc import AsyncIterator

import msgspec

from jupyter_aml.model import api
from jupyter_aml.model.environment import (
    KERNEL,
    CreateEnvironment,
    DiffEnvironment,
    Environment,
    EnvironmentDiff,
    EnvironmentList,
)
from jupyter_aml.model.errors import Conflict, Invalid
from jupyter_aml.service.environments import diff
from jupyter_aml.service.environments.builds import Builds
from jupyter_aml.service.environments.catalogue import Catalogue
from jupyter_aml.service.environments.records import Build, Record
from jupyter_aml.service.environments.wish import RUNNER_NEEDS

_KERNEL = Environment(
    name=KERNEL,
    description="The notebook's own interpreter. Nothing to build.",
    state="Succeeded",
    source="kernel",
)


class Environments:
    """See `service.backends.protocol.EnvironmentsFacet` for who calls what."""

    def __init__(self, catalogue: Catalogue, builds: Builds) -> None:
        self._catalogue = catalogue
        self._builds = builds

    # -- looking ------------------------------------------------------------------------------

    async def list(self, *, query: api.ListEnvironments) -> EnvironmentList:
        if query.name == KERNEL:
            return EnvironmentList([_KERNEL])
        if query.name:
            records = self._catalogue.versions(query.name)
            records = [r for r in records if query.include_archived or not r.archived]
        else:
            records = list(self._catalogue.newest(archived=query.include_archived))
        for record in records:
            self._look(record)
        if query.name:
            return EnvironmentList([self.public(record) for record in records])
        return EnvironmentList([_KERNEL, *(self.public(record) for record in records)])

    async def get(self, name: str, *, query: api.FindEnvironment) -> Environment:
        return self.described(name, query.version)

    def described(self, name: str, version: str = "") -> Environment:
        """One environment with its modules. Raises `NotFound`."""
        record = self._find(name, version)
        if record is None:
            return _KERNEL
        self._look(record)
        modules = self._builds.get(record.content).modules if record.content else []
        conda_file = record.wished.conda_file
        return msgspec.structs.replace(self.public(record), modules=modules, conda_file=conda_file)

    def _look(self, record: Record) -> None:
        """Notice a folder that was removed to make room."""
        if record.content:
            self._builds.is_ready(record.content)

    def _find(self, name: str, version: str) -> Record | None:
        """`name` may be any reference that a job may use."""
        return self._catalogue.find(f"{name}:{version}" if version else name).record

    def public(self, record: Record) -> Environment:
        """A record with its build, as everybody but `get` tells of it."""
        if not record.content:
            return _image(record)
        build = self._builds.get(record.content)
        return Environment(
            name=record.name,
            version=record.version,
            description=record.description,
            state=build.state,
            reason=self._builds.stage(record.content),
            source=record.source,
            python=build.python,
            requirements=[line for line in build.requirements if line not in RUNNER_NEEDS],
            packages=build.packages,
            content=record.content,
            bytes=build.bytes if build.state == "Succeeded" else 0,
            build_seconds=build.seconds[-1] if build.seconds else None,
            usual_seconds=self.usual(record, build),
            build_started_at=build.started_at,
            built_at=build.built_at if build.state == "Succeeded" else None,
            created_at=record.created_at,
            error=build.error,
            warnings=record.warnings,
            image=record.wished.image,
            tags=record.tags,
            archived=record.archived,
            azure=record.azure,
        )

    def usual(self, record: Record, build: Build) -> float | None:
        """How long its builds took here: its own, else those of its other versions."""
        past = build.seconds or [
            seconds
            for other in self._catalogue.versions(record.name)
            if other.content
            for seconds in self._builds.get(other.content).seconds[-1:]
        ]
        return round(statistics.median(past), 1) if past else None

    # -- changing -----------------------------------------------------------------------------

    async def create(self, *, body: CreateEnvironment) -> Environment:
        return self.public(await self._catalogue.create(body))

    async def define(self, *, body: CreateEnvironment) -> Environment:
        return self.public(await self._catalogue.define(body, body.version, body.azure))

    async def build(self, name: str, *, query: api.FindEnvironment) -> Environment:
        record = self._built(name, query.version, "built")
        self._builds.start(record.content)
        return self.public(record)

    async def cancel(self, name: str, *, query: api.FindEnvironment) -> Environment:
        record = self._built(name, query.version, "canceled")
        await self._builds.cancel(record.content)
        return self.public(record)

    async def archive(self, name: str, *, query: api.FindEnvironment) -> Environment:
        return self.public(await self._catalogue.archive(name, query.version, archived=True))

    async def restore(self, name: str, *, query: api.FindEnvironment) -> Environment:
        return self.public(await self._catalogue.archive(name, query.version, archived=False))

    def _built(self, name: str, version: str, what: str) -> Record:
        record = self._find(name, version)
        if record is None or not record.content:
            raise Conflict(
                f"{name} is an interpreter that is there already: nothing can be {what}.",
                target="name",
                hint="Jobs use it as it is.",
            )
        return record

    # -- reading ------------------------------------------------------------------------------

    async def log(self, name: str, *, query: api.FollowBuild) -> AsyncIterator[bytes]:
        if query.after < 0:
            raise Invalid("after is negative.", target="after")
        record = self._built(name, query.version, "read")
        return self._builds.follow(record.content, query.after, wait=query.wait)

    async def diff(
        self, name: str, *, body: DiffEnvironment, query: api.FindEnvironment
    ) -> EnvironmentDiff:
        record = self._find(name, query.version)
        if record is None or not record.content:
            rows = diff.compare(body.packages, body.packages, (body.python, body.python))
            return EnvironmentDiff(environment=KERNEL, rows=rows)
        build = self._builds.get(record.content)
        is_built = build.state == "Succeeded"
        pythons = body.python, build.python
        rows = (
            diff.compare(body.packages, build.packages, pythons)
            if is_built
            else diff.compare_wished(body.packages, build.requirements, pythons)
        )
        return EnvironmentDiff(environment=record.reference, rows=rows, complete=is_built)


def _image(record: Record) -> Environment:
    """An image alone: nothing to build, the kernel's interpreter is used."""
    return Environment(
        name=record.name,
        version=record.version,
        description=record.description,
        state="Succeeded",
        image=record.wished.image,
        created_at=record.created_at,
        warnings=record.warnings,
        tags=record.tags,
        archived=record.archived,
        azure=record.azure,
    )
