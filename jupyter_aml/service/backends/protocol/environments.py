"""What a job's Python is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from jupyter_aml.model import api, environment


class EnvironmentsFacet(Protocol):
    """What a job's Python is: see `model.environment`. An empty version is the newest one."""

    async def list(self, *, query: api.ListEnvironments) -> environment.EnvironmentList: ...
    async def get(self, name: str, *, query: api.FindEnvironment) -> environment.Environment: ...
    async def create(self, *, body: environment.CreateEnvironment) -> environment.Environment:
        """Keep it durably; nothing is built yet. The same content again is the same version."""
        ...

    async def define(self, *, body: environment.CreateEnvironment) -> environment.Environment:
        """Keep what a client describes for one use: hidden from lists, under the key that the
        client made of it (``version``)."""
        ...

    async def build(self, name: str, *, query: api.FindEnvironment) -> environment.Environment:
        """Return as soon as the build is under way. What is built already is returned as it is."""
        ...

    async def cancel(self, name: str, *, query: api.FindEnvironment) -> environment.Environment:
        """End its build; without one it is returned unchanged."""
        ...

    async def log(self, name: str, *, query: api.FollowBuild) -> AsyncIterator[bytes]: ...
    async def diff(
        self,
        name: str,
        *,
        body: environment.DiffEnvironment,
        query: api.FindEnvironment,
    ) -> environment.EnvironmentDiff: ...
    async def archive(
        self, name: str, *, query: api.FindEnvironment
    ) -> environment.Environment: ...
    async def restore(
        self, name: str, *, query: api.FindEnvironment
    ) -> environment.Environment: ...
