"""Who holds how many cores, and when a wish is too much."""

from __future__ import annotations

import pytest

from jupyter_aml.model.compute import AmlCompute, ComputeInstance, ComputeSpec
from jupyter_aml.model.errors import QuotaExceeded
from jupyter_aml.service.backends.local.machine import quota
from jupyter_aml.service.backends.local.machine.probe import GB, Machine
from jupyter_aml.service.backends.local.machine.quota import Limits
from jupyter_aml.service.backends.local.machine.sizes import Sizes

SIZES = Sizes(Machine(cpus=(0, 1), memory_bytes=8 * GB))
LIMITS = Limits(dedicated=16, family=12, low_priority=8)


def claim(spec: ComputeSpec) -> quota.Claim:
    return quota.claim(spec, SIZES.get(spec.size))


def cluster(
    name: str, nodes: int, size: str = "Standard_D4s_v3", tier: str = "dedicated"
) -> AmlCompute:
    return AmlCompute(name=name, size=size, max_instances=nodes, tier=tier)  # type: ignore[arg-type]


def test_a_cluster_holds_its_maximum() -> None:
    assert claim(cluster("abc", 3)).cores == 12


def test_over_the_family_is_refused_with_both_numbers_and_the_holder() -> None:
    held = [claim(cluster("abc", 2))]
    with pytest.raises(QuotaExceeded, match=r"def needs 8 cores, 4 of 12 are left") as caught:
        quota.check(claim(cluster("def", 2)), held, LIMITS)
    assert "abc: 2 x 4 cores" in caught.value.hint


def test_the_total_counts_over_families() -> None:
    held = [claim(cluster("abc", 3))]
    with pytest.raises(QuotaExceeded, match="4 of 16 are left"):
        quota.check(claim(cluster("def", 2, "Standard_E4s_v3")), held, LIMITS)


def test_low_priority_is_one_number_of_its_own() -> None:
    held = [claim(cluster("abc", 3))]
    quota.check(claim(cluster("low", 2, tier="low_priority")), held, LIMITS)
    with pytest.raises(QuotaExceeded, match="LowPriority"):
        quota.check(claim(cluster("low", 3, tier="low_priority")), held, LIMITS)


def test_a_change_does_not_count_against_itself() -> None:
    held = [claim(cluster("abc", 3))]
    quota.check(claim(cluster("abc", 3)), held, LIMITS)


def test_real_sizes_count_against_the_machine_alone() -> None:
    assert claim(cluster("abc", 50, "local.1cpu-2gb")).rows == ()


def test_usage_rows_are_azures() -> None:
    held: list[tuple[ComputeSpec, int]] = [
        (cluster("abc", 2), 0),
        (ComputeInstance(name="box", size="local.1cpu-2gb"), 1),
    ]
    rows = {row.name: row for row in quota.usages(held, SIZES.get, LIMITS, 2)}
    assert rows["Total Cluster Dedicated Regional vCPUs"].current_value == 8
    assert rows["Clusters"].current_value == 2
    assert rows[quota.MACHINE].holders == ["box: 1 x 1 cores"]
    assert rows[quota.family_row(SIZES.get("Standard_D4s_v3").family)].limit == 12


def test_of_the_machine_only_what_nodes_have_now_is_in_use() -> None:
    held: list[tuple[ComputeSpec, int]] = [
        (cluster("large", 50, "local.1cpu-2gb"), 2),
        (cluster("asleep", 4, "local.1cpu-2gb"), 0),
    ]
    machine = next(quota.usages(held, SIZES.get, LIMITS, 2))
    assert (machine.current_value, machine.limit) == (2, 2)
    assert machine.holders == ["large: 2 x 1 cores"]


def test_the_limit_of_a_family_that_nobody_uses_is_told_to_who_chooses() -> None:
    found = quota.usages([], SIZES.get, LIMITS, 2, families=["standardNCFamily"])
    row = {row.name: row for row in found}[quota.family_row("standardNCFamily")]
    assert (row.current_value, row.limit) == (0, LIMITS.family)
