"""Which sizes a rehearsed quota leaves room for."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from jupyter_aml.model.api import ListSizes
from jupyter_aml.model.compute import AmlCompute, ComputeSpec, Tier, VmSize
from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.backends.local.machine import quota
from jupyter_aml.service.backends.local.machine.offered import within_quota
from jupyter_aml.service.backends.local.machine.probe import GB, Machine
from jupyter_aml.service.backends.local.machine.quota import Limits
from jupyter_aml.service.backends.local.machine.sizes import Sizes

SIZES = Sizes(Machine(cpus=(0, 1), memory_bytes=8 * GB))


def offered(limits: Limits, *specs: ComputeSpec, tier: Tier = "dedicated") -> dict[str, VmSize]:
    families = {size.family for size in SIZES.list() if size.rehearsal}
    usage = quota.usages([(spec, 1) for spec in specs], SIZES.get, limits, 2, families)
    return {size.name: size for size in within_quota(SIZES.list(), tier, usage)}


def test_one_that_needs_more_than_its_family_has_left_says_so_and_what_can_be_had() -> None:
    held = AmlCompute(name="abc", size="Standard_NC8as_T4_v3", max_instances=1)
    sizes = offered(Limits(dedicated=100, family=24, low_priority=100), held)
    big = sizes["Standard_NC64as_T4_v3"]
    assert not big.available
    assert big.reason == "Needs 64 cores, 16 left in this family."
    assert big.nearest == "Standard_NC16as_T4_v3"  # the same GPU before a larger machine
    assert sizes["Standard_NC16as_T4_v3"].available


def test_a_family_without_quota_leads_to_another_with_the_same_kind_of_machine() -> None:
    sizes = offered(Limits(dedicated=100, family=0, low_priority=100))
    assert {size.reason for size in sizes.values() if size.rehearsal} == {
        "No quota for this family."
    }
    assert {size.nearest for size in sizes.values()} == {""}


def test_the_total_counts_too_and_low_priority_by_itself() -> None:
    limits = Limits(dedicated=8, family=24, low_priority=64)
    size = "Standard_D16s_v3"
    assert offered(limits)[size].reason == "Needs 16 cores, 8 left of all families."
    assert offered(limits, tier="low_priority")[size].available
    assert not offered(limits, tier="low_priority")["Standard_ND96asr_v4"].available


def test_this_machines_own_sizes_can_always_be_had() -> None:
    full = AmlCompute(name="abc", size="local.2cpu-4gb", max_instances=9)
    sizes = offered(Limits(dedicated=0, family=0, low_priority=0), full)
    ours = [size for size in sizes.values() if not size.rehearsal]
    assert ours
    assert all(size.available for size in ours)


@pytest.mark.slow
async def test_the_workspace_lists_them_by_what_its_computes_hold(backend_parts: Any) -> None:
    backend = LocalBackend(**backend_parts)
    await backend.open()
    computes, big = backend.compute, "Standard_ND96asr_v4"
    assert computes is not None

    async def available(tier: Tier | Literal[""]) -> bool:
        sizes = await computes.sizes(query=ListSizes(tier=tier))
        return next(size.available for size in sizes.value if size.name == big)

    try:
        assert not await available("dedicated")
        assert await available("low_priority")
        await computes.create(body=AmlCompute(name="spot", size=big, tier="low_priority"))
        assert not await available("low_priority")
        assert await available("")
        with pytest.raises(NotFound) as caught:
            await computes.get("spott")
        assert caught.value.hint.startswith("Did you mean spot? ")
    finally:
        await backend.close(end_everything=True)
