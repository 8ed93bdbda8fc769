"""Sizes: what this machine can give, what rehearsal gives, what it lists at."""

from __future__ import annotations

import pytest

from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.backends.local.machine.probe import GB, Machine
from jupyter_aml.service.backends.local.machine.sizes import Sizes, price, price_note

MACHINE = Machine(cpus=(0, 1, 2, 3), memory_bytes=16 * GB)


@pytest.fixture
def sizes() -> Sizes:
    return Sizes(MACHINE)


def test_local_sizes_fit_the_machine(sizes: Sizes) -> None:
    local = [size for size in sizes.list() if not size.rehearsal]
    assert local[0].name == "local.1cpu-2gb"
    assert all(size.vcpus <= 4 and size.memory_gb <= 16 for size in local)
    assert "local.4cpu-14gb" in [size.name for size in local]
    assert all(size.price_per_hour is None for size in local)


def test_a_local_size_of_ones_own_is_real(sizes: Sizes) -> None:
    assert sizes.get("local.3cpu-5gb").memory_gb == 5


@pytest.mark.parametrize("name", ["local.8cpu-2gb", "local.1cpu-64gb", "local.1cpu-2gb-1gpu"])
def test_a_size_bigger_than_the_machine_is_refused_with_both_numbers(
    sizes: Sizes, name: str
) -> None:
    with pytest.raises(Invalid, match="4 cores, 14 GB and 0 GPUs") as caught:
        sizes.get(name)
    assert "rehearse" in caught.value.hint


@pytest.mark.parametrize("name", ["Standard_D2s_v3", "standard_d2s_v3", "D2s_v3"])
def test_azure_names_are_matched_without_case_and_prefix(sizes: Sizes, name: str) -> None:
    assert sizes.get(name).name == "Standard_D2s_v3"


def test_an_unknown_size_names_the_nearest(sizes: Sizes) -> None:
    with pytest.raises(NotFound) as caught:
        sizes.get("Standard_D2s_v33")
    assert "Standard_D2s_v3" in caught.value.hint


def test_a_rehearsal_node_gets_the_smaller_of_size_and_fair_share(sizes: Sizes) -> None:
    share = sizes.share(sizes.get("Standard_D8s_v3"), 2)
    assert share.cores == 2
    assert share.memory_bytes == int(16 * GB * 0.9 / 2)
    assert share.note == "rehearsal: 2 of 8 cores, 7.2 of 32 GB"


def test_more_nodes_than_cores_still_get_a_core_each(sizes: Sizes) -> None:
    assert sizes.share(sizes.get("Standard_D8s_v3"), 40).cores == 1


def test_a_gpu_size_says_that_there_is_none(sizes: Sizes) -> None:
    share = sizes.share(sizes.get("Standard_NC4as_T4_v3"), 1)
    assert share.gpus == 0
    assert "no GPU here" in share.note


def test_prices_have_a_date_and_low_priority_is_an_estimate(sizes: Sizes) -> None:
    size = sizes.get("Standard_D2s_v3")
    dedicated, low = price(size, "dedicated"), price(size, "low_priority")
    assert dedicated is not None
    assert low == pytest.approx(dedicated * 0.2, abs=1e-4)
    assert size.price_as_of in price_note()
