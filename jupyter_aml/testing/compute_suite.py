"""What every backend's ``compute`` must do; see `testing.backend_suite`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jupyter_aml.model.api import History, ListSizes
from jupyter_aml.model.compute import AmlCompute, ComputeInstance, UpdateCompute
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.service.backends.protocol import Backend, ComputeFacet
from jupyter_aml.testing.suite import NAME_TRAPS, Suite
from jupyter_aml.testing.waiting import eventually


class ComputeSuite(Suite):
    """The facet ``compute``."""

    def instance(self, name: str = "dev-box", **spec: Any) -> ComputeInstance:
        return ComputeInstance(name=name, size=self.size, **spec)

    def cluster(self, name: str = "cpu-cluster", **spec: Any) -> AmlCompute:
        return AmlCompute(name=name, size=self.size, **spec)

    async def test_what_is_always_there_runs(self, computes: ComputeFacet) -> None:
        if not self.here:
            pytest.skip("nothing is always there")
        found = await computes.get(self.here)
        assert found.state == "Running"
        assert found.name in [one.name for one in (await computes.list()).value]

    async def test_an_instance_is_created_and_runs(
        self, backend: Backend, computes: ComputeFacet
    ) -> None:
        made = await computes.create(body=self.instance())
        assert made.state in ("Creating", "Running")
        assert made.spec.size, "the recommended size is filled in"
        running = await self.becomes(computes, "dev-box", "Running")
        assert running.spec == made.spec

        async def node() -> bool:
            return len((await computes.nodes("dev-box")).nodes) == 1

        await eventually(node, seconds=self.patience)
        (one,) = (await computes.nodes("dev-box")).nodes
        curve = await computes.history("dev-box", one.name, query=History(seconds=5))
        assert len(curve.value) <= 5
        assert backend.running()["nodes"] >= 1
        assert ("compute", "dev-box") in [(noun, name) for noun, name, _ in backend.state()]

    async def test_creating_twice_is_once_and_another_spec_is_a_conflict(
        self, computes: ComputeFacet
    ) -> None:
        first, second = await asyncio.gather(
            computes.create(body=self.instance()), computes.create(body=self.instance())
        )
        assert first.spec == second.spec
        with pytest.raises(Conflict):
            await computes.create(body=self.instance(description="another"))
        names = [one.name for one in (await computes.list()).value]
        assert names.count("dev-box") == 1

    @pytest.mark.parametrize("name", [*NAME_TRAPS, "local", "ab", "a-1", "x" * 25])
    async def test_a_compute_name_that_azure_refuses_is_refused(
        self, computes: ComputeFacet, name: str
    ) -> None:
        with pytest.raises(Invalid) as refused:
            await computes.create(body=self.instance(name))
        assert refused.value.message
        assert name == "local" or name not in [one.name for one in (await computes.list()).value]

    async def test_a_size_that_does_not_exist_is_refused(self, computes: ComputeFacet) -> None:
        with pytest.raises((Invalid, NotFound)) as refused:
            await computes.create(body=ComputeInstance(name="dev-box", size="Standard_No_Such"))
        assert refused.value.hint
        with pytest.raises(NotFound):
            await computes.get("dev-box")

    async def test_an_instance_stops_starts_and_restarts(self, computes: ComputeFacet) -> None:
        await computes.create(body=self.instance())
        await self.becomes(computes, "dev-box", "Running")
        assert (await computes.stop("dev-box")).state in ("Stopping", "Stopped")
        await self.becomes(computes, "dev-box", "Stopped")
        assert (await computes.stop("dev-box")).state == "Stopped", "stopping twice is no error"
        assert (await computes.start("dev-box")).state in ("Starting", "Running")
        await self.becomes(computes, "dev-box", "Running")
        assert (await computes.start("dev-box")).state == "Running", "starting twice neither"
        await computes.restart("dev-box")
        await self.becomes(computes, "dev-box", "Running")

    async def test_deleting_forgets_it_and_its_name_is_free_again(
        self, computes: ComputeFacet
    ) -> None:
        await computes.create(body=self.instance())
        await self.becomes(computes, "dev-box", "Running")
        assert (await computes.delete("dev-box")).state == "Deleting"
        await self.gone(computes, "dev-box")
        with pytest.raises(NotFound):
            await computes.get("dev-box")
        await computes.create(body=self.instance(description="another"))
        await self.becomes(computes, "dev-box", "Running")

    async def test_a_cluster_waits_without_nodes_and_changes_its_scale(
        self, computes: ComputeFacet
    ) -> None:
        await computes.create(body=self.cluster(max_instances=2))
        found = await self.becomes(computes, "cpu-cluster", "Steady")
        assert found.current_nodes == 0
        changed = await computes.update(
            "cpu-cluster", body=UpdateCompute(max_instances=1, idle_time_before_scale_down=7)
        )
        assert isinstance(changed.spec, AmlCompute)
        assert (changed.spec.max_instances, changed.spec.idle_time_before_scale_down) == (1, 7)
        assert (await computes.get("cpu-cluster")).spec == changed.spec

    @pytest.mark.parametrize("verb", ["get", "delete", "start", "stop", "restart", "nodes"])
    async def test_a_compute_that_is_not_there_is_not_found(
        self, computes: ComputeFacet, verb: str
    ) -> None:
        with pytest.raises(NotFound) as refused:
            await getattr(computes, verb)("no-such-compute")
        assert "no-such-compute" in refused.value.message

    async def test_sizes_can_be_listed_for_a_kind_of_compute(self, computes: ComputeFacet) -> None:
        everything = (await computes.sizes(query=ListSizes())).value
        assert everything
        for kind in ("amlcompute", "computeinstance"):
            some = (await computes.sizes(query=ListSizes(type=kind))).value
            assert some
            assert {one.name for one in some} <= {one.name for one in everything}

    async def test_usage_never_exceeds_its_limit(self, computes: ComputeFacet) -> None:
        await computes.create(body=self.instance())
        rows = (await computes.usage()).value
        assert any(row.current_value for row in rows)
        for row in rows:
            assert 0 <= row.current_value <= row.limit, row.name
