"""What every backend with environments must do; part of `BackendSuite`.

Nothing is built here: what a build needs (a package index, minutes) is the backend's own to test.
"""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_aml.model.api import FindEnvironment, FollowBuild, ListEnvironments
from jupyter_aml.model.environment import CreateEnvironment, DiffEnvironment
from jupyter_aml.model.errors import AmlError, Conflict, NotFound
from jupyter_aml.service.backends.protocol import Backend, EnvironmentsFacet
from jupyter_aml.testing.suite import Suite

NEWEST = FindEnvironment()


def trees(*requirements: str, **more: Any) -> CreateEnvironment:
    return CreateEnvironment(name="trees", requirements=list(requirements or ("numpy",)), **more)


class EnvironmentsSuite(Suite):
    @pytest.fixture
    def environments(self, backend: Backend) -> EnvironmentsFacet:
        if backend.environments is None:
            pytest.skip("this backend has no environments")
        return backend.environments

    async def test_the_same_packages_are_one_version(self, environments: EnvironmentsFacet) -> None:
        first = await environments.create(body=trees())
        again = await environments.create(body=trees())
        assert (first.name, first.version, again.version) == ("trees", "1", "1")
        second = await environments.create(body=trees("numpy", "pandas"))
        assert second.version == "2"
        assert (await environments.get("trees", query=NEWEST)).version == "2"
        old = await environments.get("trees", query=FindEnvironment(version="1"))
        assert old.requirements == ["numpy"]
        with pytest.raises(Conflict):
            await environments.create(body=trees("other", version="1"))

    async def test_one_is_hidden_and_shown_again(self, environments: EnvironmentsFacet) -> None:
        await environments.create(body=trees())
        assert (await environments.archive("trees", query=NEWEST)).archived
        assert "trees" not in await self.names(environments)
        assert "trees" in await self.names(environments, include_archived=True)
        await environments.restore("trees", query=FindEnvironment(version="1"))
        assert "trees" in await self.names(environments)

    async def test_what_is_described_for_one_use_is_in_no_list(
        self, environments: EnvironmentsFacet
    ) -> None:
        body = CreateEnvironment(name="once", version="0123abcd", requirements=["numpy"])
        made = await environments.define(body=body)
        assert made.requirements == ["numpy"]
        assert await environments.define(body=body) == made
        assert "once" not in await self.names(environments)

    async def test_it_is_compared_with_the_notebook(self, environments: EnvironmentsFacet) -> None:
        await environments.create(body=trees("numpy==1.0", "pandas"))
        body = DiffEnvironment(packages={"numpy": "2.0"})
        found = await environments.diff("trees", body=body, query=NEWEST)
        assert "numpy" in [row.package for row in found.rows]

    async def test_without_a_build_there_is_none_to_end(
        self, environments: EnvironmentsFacet
    ) -> None:
        made = await environments.create(body=trees())
        assert (await environments.cancel("trees", query=NEWEST)).state == made.state

    async def test_environments_that_are_not_there(self, environments: EnvironmentsFacet) -> None:
        for verb in (
            environments.get,
            environments.build,
            environments.cancel,
            environments.archive,
            environments.restore,
        ):
            with pytest.raises(NotFound):
                await verb("absent", query=NEWEST)
        with pytest.raises(NotFound):
            await environments.log("absent", query=FollowBuild())
        for name in ("a/b", "../up", "a b"):
            with pytest.raises(AmlError):
                await environments.create(body=CreateEnvironment(name=name, requirements=["x"]))

    async def names(self, environments: EnvironmentsFacet, **query: Any) -> list[str]:
        found = await environments.list(query=ListEnvironments(**query))
        return [one.name for one in found.value]
