"""Computes in ARM's words, over the fake workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.testing.clock import FakeClock
from jupyter_aml.testing.fakes import FakeBackend
from tests.arm.caller import WS, Caller

COMPUTES = WS + "/computes"
LOCATION = "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/local"


def cluster(**scale: Any) -> dict[str, Any]:
    inside = {"vmSize": "", "scaleSettings": {"maxNodeCount": 2, **scale}}
    return {"properties": {"computeType": "AmlCompute", "properties": inside}}


def instance(**inside: Any) -> dict[str, Any]:
    return {"properties": {"computeType": "computeinstance", "properties": inside}}


async def test_a_cluster_comes_back_as_it_was_put(arm: Caller) -> None:
    body = cluster(minNodeCount=1, nodeIdleTimeBeforeScaleDown="PT2M")
    made = await arm("PUT", f"{COMPUTES}/cpu1", {**body, "tags": {"a": "b"}})

    assert made.status == 201
    found = (await arm("GET", f"{COMPUTES}/cpu1")).json
    assert found["id"] == f"{COMPUTES}/cpu1"
    assert found["type"] == "Microsoft.MachineLearningServices/workspaces/computes"
    assert found["tags"] == {"a": "b"}
    assert found["properties"]["computeType"] == "AmlCompute"
    scale = found["properties"]["properties"]["scaleSettings"]
    assert scale == {
        "minNodeCount": 1,
        "maxNodeCount": 2,
        "nodeIdleTimeBeforeScaleDown": "PT120S",
    }


async def test_a_put_again_changes_what_may_change(arm: Caller) -> None:
    await arm("PUT", f"{COMPUTES}/cpu1", cluster())
    changed = await arm("PUT", f"{COMPUTES}/cpu1", cluster(maxNodeCount=5))

    assert changed.status == 200
    assert changed.json["properties"]["properties"]["scaleSettings"]["maxNodeCount"] == 5
    other = cluster()
    other["properties"]["properties"]["vmPriority"] = "LowPriority"
    refused = await arm("PUT", f"{COMPUTES}/cpu1", other)
    assert refused.status == 400
    assert refused.json["error"]["target"].endswith("vmPriority")
    assert (await arm("PUT", f"{COMPUTES}/cpu1", instance())).status == 409


async def test_patch_changes_the_scale(arm: Caller) -> None:
    await arm("PUT", f"{COMPUTES}/cpu1", cluster())
    scale = {"minNodeCount": 1, "maxNodeCount": 4}
    body = {"properties": {"properties": {"scaleSettings": scale}}}
    found = await arm("PATCH", f"{COMPUTES}/cpu1", body)

    assert found.json["properties"]["properties"]["scaleSettings"]["maxNodeCount"] == 4


async def test_this_machine_itself_is_not_told_of(arm: Caller) -> None:
    assert (await arm("GET", COMPUTES)).json["value"] == []
    assert (await arm("GET", f"{COMPUTES}/local")).status == 404


async def test_lists_come_in_pages_that_hold_everything_once(arm: Caller) -> None:
    for number in range(7):
        await arm.facets["compute"].create(body=AmlCompute(name=f"c{number}xx"))  # type: ignore[attr-defined]

    seen: list[str] = []
    target: str | None = f"{COMPUTES}?$skip=0&api-version=2023-08-01-preview"
    from jupyter_aml.service.arm import paging

    while target:
        found = (await arm("GET", target)).json
        seen += [one["name"] for one in found["value"]]
        target = found["nextLink"]
    assert sorted(seen) == [f"c{n}xx" for n in range(7)]
    assert paging.PAGE >= 7
    top = (await arm("GET", f"{COMPUTES}?$top=3")).json
    assert len(top["value"]) == 3


async def test_an_instance_stops_as_an_operation_that_is_asked_for(arm: Caller) -> None:
    await arm("PUT", f"{COMPUTES}/ci1", instance())
    accepted = await arm("POST", f"{COMPUTES}/ci1/stop")

    assert accepted.status == 202
    status = await arm("GET", accepted.headers["azure-asyncoperation"])
    assert status.json["status"] == "Succeeded"
    assert (await arm("GET", accepted.headers["location"])).status == 204
    found = (await arm("GET", f"{COMPUTES}/ci1")).json
    assert found["properties"]["properties"]["state"] == "Stopped"


async def test_what_still_starts_is_said_to(arm: Caller) -> None:
    clock = FakeClock()
    arm.clock = arm.context.clock = clock

    class Slow(FakeBackend):
        start_seconds = 3600.0

    backend = Slow(clock=clock)
    arm.facets["compute"] = backend.compute
    clock.sleep = _skip(clock)  # type: ignore[method-assign]  # waiting is moving the clock

    made = await arm("PUT", f"{COMPUTES}/ci1", instance())

    assert made.status == 201
    assert made.json["properties"]["provisioningState"] == "Creating"
    status = await arm("GET", made.headers["azure-asyncoperation"])
    assert status.json["status"] == "InProgress"
    await backend.close(end_everything=True)


def _skip(clock: FakeClock) -> Any:
    async def sleep(seconds: float) -> None:
        clock.advance(seconds)

    return sleep


async def test_an_operation_that_never_was_is_not_found(arm: Caller) -> None:
    for number in ("%%%", "AAAA", "Y29tcHV0ZQ", "bm90aGluZwB4"):
        found = await arm("GET", f"{LOCATION}/mfeOperationsStatus/{number}")
        assert found.status == 404, number


async def test_delete_and_detach(arm: Caller) -> None:
    await arm("PUT", f"{COMPUTES}/cpu1", cluster())

    detached = await arm("DELETE", f"{COMPUTES}/cpu1?underlyingResourceAction=Detach")
    assert detached.status == 400
    deleted = await arm("DELETE", f"{COMPUTES}/cpu1?underlyingResourceAction=Delete")
    assert deleted.status == 200
    assert (await arm("GET", f"{COMPUTES}/cpu1")).status == 404


@pytest.mark.parametrize("kind", ["HDInsight", "Kubernetes", "Databricks"])
async def test_other_kinds_are_refused_by_name(arm: Caller, kind: str) -> None:
    found = await arm("PUT", f"{COMPUTES}/vm1", {"properties": {"computeType": kind}})

    assert found.status == 400
    assert kind in found.json["error"]["message"]


async def test_idle_shutdown(arm: Caller) -> None:
    await arm("PUT", f"{COMPUTES}/ci1", instance(idleTimeBeforeShutdown="PT1H"))
    path = f"{COMPUTES}/ci1/updateIdleShutdownSetting"
    found = (await arm("GET", f"{COMPUTES}/ci1")).json
    assert found["properties"]["properties"]["idleTimeBeforeShutdown"] == "PT60M"

    assert (await arm("POST", path, {"idleTimeBeforeShutdown": "PT30M"})).status == 200
    found = (await arm("GET", f"{COMPUTES}/ci1")).json
    assert found["properties"]["properties"]["idleTimeBeforeShutdown"] == "PT30M"
    assert (await arm("POST", path, {"idleTimeBeforeShutdown": "P4D"})).status == 400


def machine(**inside: Any) -> dict[str, Any]:
    vm = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm1"
    told = {"computeType": "VirtualMachine", "resourceId": vm, "properties": inside}
    return {"properties": told}


async def test_a_machine_is_attached_by_its_address(arm: Caller) -> None:
    inside = {"address": "10.0.0.5", "sshPort": 22, "administratorAccount": {"username": "me"}}
    made = await arm("PUT", f"{COMPUTES}/my-vm", machine(**inside))
    assert made.status == 201
    assert (await arm("PUT", f"{COMPUTES}/my-vm", machine(**inside))).status == 200

    told = made.json["properties"]
    assert told["computeType"] == "VirtualMachine"
    assert told["isAttachedCompute"] is True
    assert told["resourceId"].endswith("/vm1")
    assert told["properties"]["address"] == "10.0.0.5"
    assert told["properties"]["administratorAccount"] == {"username": "me"}
    assert (await arm("DELETE", f"{COMPUTES}/my-vm")).status == 400
    gone = await arm("DELETE", f"{COMPUTES}/my-vm?underlyingResourceAction=Detach")
    assert gone.status in (200, 202)


async def test_a_machine_without_an_address_is_what_its_id_calls_it(arm: Caller) -> None:
    made = (await arm("PUT", f"{COMPUTES}/my-vm", machine())).json
    assert made["properties"]["properties"]["address"] == "vm1"


async def test_a_password_is_refused_and_kept_nowhere(arm: Caller, tmp_path: Path) -> None:
    account = {"username": "me", "password": "canary-4711"}
    refused = await arm("PUT", f"{COMPUTES}/my-vm", machine(administratorAccount=account))
    assert refused.status == 400
    assert "canary" not in refused.body.decode()
    assert not (tmp_path / "attached").exists()


async def test_a_key_of_what_was_not_attached_is_not_kept(arm: Caller, tmp_path: Path) -> None:
    await arm("PUT", f"{COMPUTES}/my-vm", machine())
    account = {"username": "me", "privateKeyData": "a key"}
    other = await arm("PUT", f"{COMPUTES}/my-vm", machine(administratorAccount=account))
    assert other.status == 409
    assert not list((tmp_path / "attached").iterdir())
    odd = await arm("PUT", f"{COMPUTES}/..%2Fup", machine(administratorAccount=account))
    assert odd.status in (400, 404)


async def test_what_was_created_is_not_attached_over(arm: Caller) -> None:
    await arm("PUT", f"{COMPUTES}/cpu1", cluster())
    assert (await arm("PUT", f"{COMPUTES}/cpu1", machine())).status == 409
    await arm("PUT", f"{COMPUTES}/my-vm", machine())
    assert (await arm("PUT", f"{COMPUTES}/my-vm", cluster())).status == 409
