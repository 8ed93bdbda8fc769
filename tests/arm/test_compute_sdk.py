"""The stock SDK's compute operations, on real processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.arm.live import Live


def test_a_cluster_is_made_changed_and_deleted(ml_client: Any) -> None:
    from azure.ai.ml.entities import AmlCompute

    spec = AmlCompute(
        name="sdk-cluster", size="local.1cpu-1gb", max_instances=2, idle_time_before_scale_down=90
    )
    made = ml_client.compute.begin_create_or_update(spec).result()

    assert (made.size, made.min_instances, made.max_instances) == ("local.1cpu-1gb", 0, 2)
    assert made.provisioning_state == "Succeeded"
    made.max_instances = 3
    changed = ml_client.compute.begin_update(made).result()
    assert changed.max_instances == 3
    assert changed.idle_time_before_scale_down == 90
    assert "sdk-cluster" in [one.name for one in ml_client.compute.list()]
    assert list(ml_client.compute.list_nodes("sdk-cluster")) == []
    ml_client.compute.begin_delete("sdk-cluster").wait()
    assert "sdk-cluster" not in [one.name for one in ml_client.compute.list()]


def test_an_instance_stops_starts_and_restarts(ml_client: Any) -> None:
    from azure.ai.ml.entities import ComputeInstance

    spec = ComputeInstance(
        name="my-instance", size="local.1cpu-1gb", idle_time_before_shutdown_minutes=30
    )
    made = ml_client.compute.begin_create_or_update(spec).result()
    assert made.state == "Running"
    assert made.idle_time_before_shutdown_minutes == 30

    ml_client.compute.begin_stop("my-instance").wait()
    stopped = ml_client.compute.get("my-instance")
    assert stopped.state == "Stopped"
    assert stopped.last_operation["operationName"] == "Stop"

    ml_client.compute.begin_start("my-instance").wait()
    assert ml_client.compute.get("my-instance").state == "Running"
    ml_client.compute.begin_restart("my-instance").wait()
    assert ml_client.compute.get("my-instance").state == "Running"
    ml_client.compute.begin_delete("my-instance").wait()


def test_sizes_and_usage(ml_client: Any) -> None:
    sizes = {one.name: one for one in ml_client.compute.list_sizes()}

    assert vars(sizes["Standard_DS3_v2"])["vCPUs"] == 4  # the SDK hands the wire name on
    assert any(name.startswith("local.") for name in sizes)
    usages = [vars(one) for one in ml_client.compute.list_usage()]
    assert usages
    for usage in usages:
        assert usage["currentValue"] <= usage["limit"], usage["name"]


def test_what_cannot_be_is_refused_in_the_sdks_own_way(ml_client: Any) -> None:
    from azure.ai.ml.entities import (
        AmlCompute,
        VirtualMachineCompute,
        VirtualMachineSshSettings,
    )
    from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

    compute = ml_client.compute
    with pytest.raises(ResourceNotFoundError):
        compute.get("none-such")
    with pytest.raises(HttpResponseError, match="There is no size"):
        compute.begin_create_or_update(AmlCompute(name="too-odd", size="Standard_ODD")).result()
    ssh = VirtualMachineSshSettings(admin_username="me", admin_password="none")
    machine = VirtualMachineCompute(
        name="attached", resource_id="/subscriptions/s/vm", ssh_settings=ssh
    )
    with pytest.raises(HttpResponseError, match="not attached with a password"):
        compute.begin_create_or_update(machine).result()


def test_a_machine_is_attached_and_detached(ml_client: Any, live: Live, tmp_path: Path) -> None:
    from azure.ai.ml.entities import VirtualMachineCompute, VirtualMachineSshSettings
    from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

    group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines"
    key = tmp_path / "key"
    key.write_text("the content of a private key")
    ssh = VirtualMachineSshSettings(
        admin_username="me", ssh_port=2222, ssh_private_key_file=str(key)
    )
    machine = VirtualMachineCompute(
        name="sdk-vm", resource_id=f"{group}/vm1", ssh_settings=ssh, tags={"a": "b"}
    )
    made = ml_client.compute.begin_attach(machine).result()
    assert (made.name, made.type, made.provisioning_state) == (
        "sdk-vm",
        "virtualmachine",
        "Succeeded",
    )
    kept = live.home / "attached" / "sdk-vm.key"
    assert kept.read_text() == "the content of a private key"
    assert not kept.stat().st_mode & 0o077

    found = ml_client.compute.get("sdk-vm")
    assert (found.resource_id, found.tags) == (f"{group}/vm1", {"a": "b"})
    assert (found.ssh_settings.admin_username, found.ssh_settings.ssh_port) == ("me", 2222)
    assert "sdk-vm" in [one.name for one in ml_client.compute.list()]

    with pytest.raises(HttpResponseError, match="not ours to delete"):
        ml_client.compute.begin_delete("sdk-vm").wait()
    ml_client.compute.begin_delete("sdk-vm", action="Detach").wait()
    with pytest.raises(ResourceNotFoundError):
        ml_client.compute.get("sdk-vm")
    assert not kept.exists()
