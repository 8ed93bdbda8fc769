"""Online endpoints and deployments in ARM's words: each claim is one that the SDK relies on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.service.store.db import Store
from tests.arm.endpoints_world import SCOPE, Caller, FakeCodes

ENDPOINT = "onlineEndpoints/digits"
BLUE = f"{ENDPOINT}/deployments/blue"
MODEL = SCOPE.id("models", "digits", "versions", "1")


@pytest.fixture
async def call(tmp_path: Path) -> AsyncIterator[Caller]:
    store = Store.open(tmp_path / "state.db")
    caller = Caller(tmp_path, store)
    await caller.world.open()
    yield caller
    await caller.world.let_go()
    store.close()


def endpoint(mode: str = "Key", **fields: Any) -> dict[str, Any]:
    """What the SDK puts."""
    properties = {"authMode": mode, "properties": {}, "traffic": {}, "mirrorTraffic": {}, **fields}
    return {
        "location": "local",
        "tags": {"team": "a"},
        "identity": {"type": "SystemAssigned"},
        "properties": properties,
    }


def deployment(model: str | None = MODEL, *, capacity: int = 1, **fields: Any) -> dict[str, Any]:
    properties = {"endpointComputeType": "Managed", "model": model, "properties": {}, **fields}
    return {
        "location": "local",
        "tags": {},
        "sku": {"name": "Default", "capacity": capacity},
        "properties": properties,
    }


async def deployed(call: Caller, *names: str) -> None:
    assert (await call("PUT", ENDPOINT, endpoint())).status == 201
    for name in names:
        put = await call("PUT", f"{ENDPOINT}/deployments/{name}", deployment())
        assert put.status == 201
        await call.world.becomes("digits", name, "Succeeded")


# -- endpoints --------------------------------------------------------------------------------


async def test_a_created_endpoint_is_ready_in_the_first_answer(call: Caller) -> None:
    put = await call("PUT", ENDPOINT, endpoint(description="of digits"))
    assert put.status == 201
    assert "Azure-AsyncOperation" not in put.headers
    assert put.body["id"] == SCOPE.id("onlineEndpoints", "digits")
    properties = put.body["properties"]
    assert properties["provisioningState"] == "Succeeded"
    assert properties["scoringUri"].startswith("http://127.0.0.1:")
    assert properties["authMode"] == "Key"
    assert put.body["tags"] == {"team": "a"}
    assert put.body["systemData"]["createdAt"].endswith("Z")
    assert (await call("GET", ENDPOINT)).body == put.body
    assert (await call("GET", "onlineEndpoints")).body["value"] == [put.body]


async def test_the_same_again_updates_and_says_200(call: Caller) -> None:
    await call("PUT", ENDPOINT, endpoint())
    again = await call("PUT", ENDPOINT, endpoint(description="newer"))
    assert (again.status, again.body["properties"]["description"]) == (200, "newer")
    patched = await call("PATCH", ENDPOINT, {"tags": {"a": "b"}})
    assert (patched.status, patched.body["tags"]) == (200, {"a": "b"})


@pytest.mark.parametrize("mode", ["AADToken", "aadToken", "none"])
async def test_sign_in_that_is_not_here_is_refused_with_its_place(call: Caller, mode: str) -> None:
    refused = await call("PUT", ENDPOINT, endpoint(mode))
    assert refused.status == 400
    assert refused.body["error"]["target"] == "$.properties.authMode"


@pytest.mark.parametrize(
    ("body", "target"),
    [
        (endpoint(traffic={"blue": 100}), "$.properties.traffic"),
        (endpoint(compute="azureml:aks"), "$.properties.compute"),
        (endpoint(traffic={"blue": "all"}), "$.properties.traffic[...]"),
        ({"properties": {}}, "$.properties"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_json_path(
    call: Caller, body: dict[str, Any], target: str
) -> None:
    refused = await call("PUT", ENDPOINT, body)
    assert (refused.status, refused.body["error"]["target"]) == (400, target)
    assert (await call("GET", ENDPOINT)).status == 404


async def test_a_name_that_azure_refuses_is_refused(call: Caller) -> None:
    refused = await call("PUT", "onlineEndpoints/9lives", endpoint())
    assert (refused.status, refused.body["error"]["target"]) == (400, "$.name")


async def test_how_callers_prove_themselves_stays(call: Caller) -> None:
    await call("PUT", ENDPOINT, endpoint())
    refused = await call("PUT", ENDPOINT, endpoint("AMLToken"))
    assert (refused.status, refused.body["error"]["target"]) == (400, "$.properties.authMode")


async def test_traffic_is_split_whatever_case_the_names_come_in(call: Caller) -> None:
    await deployed(call, "Blue", "green")
    split = await call("PUT", ENDPOINT, endpoint(traffic={"blue": 90, "green": 10}))
    assert split.body["properties"]["traffic"] == {"Blue": 90, "green": 10}
    mirrored = endpoint(traffic={"blue": 100}, mirrorTraffic={"green": 20})
    found = (await call("PUT", ENDPOINT, mirrored)).body["properties"]
    assert (found["traffic"], found["mirrorTraffic"]) == ({"Blue": 100}, {"green": 20})


@pytest.mark.parametrize("traffic", [{"blue": 90}, {"blue": 101}, {"blue": -1}])
async def test_traffic_that_is_no_whole_is_a_bad_request(
    call: Caller, traffic: dict[str, int]
) -> None:
    await deployed(call, "blue")
    assert (await call("PUT", ENDPOINT, endpoint(traffic=traffic))).status == 400


async def test_keys_open_it_and_are_renewed_although_the_sdk_sends_the_old_one(
    call: Caller,
) -> None:
    await call("PUT", ENDPOINT, endpoint())
    keys = (await call("POST", f"{ENDPOINT}/listKeys")).body
    body = {"keyType": "Primary", "keyValue": keys["primaryKey"]}
    renewed = await call("POST", f"{ENDPOINT}/regenerateKeys", body)
    assert renewed.status == 200
    now = (await call("POST", f"{ENDPOINT}/listKeys")).body
    assert now["primaryKey"] != keys["primaryKey"]
    assert now["secondaryKey"] == keys["secondaryKey"]
    own = {"keyType": "Secondary", "keyValue": "of-my-own-0123456789"}
    await call("POST", f"{ENDPOINT}/regenerateKeys", own)
    now = (await call("POST", f"{ENDPOINT}/listKeys")).body
    assert now["secondaryKey"] == "of-my-own-0123456789"
    assert (await call("POST", f"{ENDPOINT}/regenerateKeys", {"keyType": "x"})).status == 400


async def test_an_endpoint_with_tokens_gives_one(call: Caller) -> None:
    made = await call("PUT", ENDPOINT, endpoint("AMLToken"))
    assert made.body["properties"]["authMode"] == "AMLToken"
    token = (await call("POST", f"{ENDPOINT}/token")).body
    assert token["tokenType"] == "Bearer"
    assert token["refreshAfterTimeUtc"] < token["expiryTimeUtc"]


async def test_a_deleted_endpoint_is_gone_when_the_answer_comes(call: Caller) -> None:
    await deployed(call, "blue")
    assert (await call("DELETE", ENDPOINT)).status == 200
    assert (await call("GET", ENDPOINT)).status == 404
    assert (await call("DELETE", ENDPOINT)).status == 204


# -- deployments ------------------------------------------------------------------------------


async def test_a_deployment_says_all_that_it_was_given(call: Caller) -> None:
    await call("PUT", ENDPOINT, endpoint())
    body = deployment(
        capacity=2,
        description="first",
        environmentVariables={"A": "b"},
        instanceType="Standard_DS3_v2",
        requestSettings={"requestTimeout": "PT1M30S", "maxConcurrentRequestsPerInstance": 3},
        livenessProbe={"initialDelay": "PT2S", "period": "PT20S", "failureThreshold": 5},
        appInsightsEnabled=True,
    )
    await call("PUT", BLUE, body)
    found = (await call("GET", BLUE)).body
    properties = found["properties"]
    assert found["sku"] == {"name": "Default", "capacity": 2}
    assert properties["endpointComputeType"] == "Managed"
    assert properties["scaleSettings"] == {"scaleType": "Default"}
    assert properties["model"] == MODEL
    assert properties["environmentVariables"] == {"A": "b"}
    assert properties["instanceType"] == "Standard_DS3_v2"
    assert properties["requestSettings"]["requestTimeout"] == "PT90S"
    assert properties["requestSettings"]["maxConcurrentRequestsPerInstance"] == 3
    assert properties["livenessProbe"]["period"] == "PT20S"
    assert properties["livenessProbe"]["failureThreshold"] == 5
    assert properties["appInsightsEnabled"] is True
    assert (await call("GET", f"{ENDPOINT}/deployments")).body["value"] == [found]


async def test_one_that_takes_a_while_is_asked_for_by_its_operation(call: Caller) -> None:
    await call("PUT", ENDPOINT, endpoint())
    environment = SCOPE.id("environments", "mine", "versions", "3")
    gate = asyncio.Event()

    async def ready(_environment: str, _tell: object, *, of: str) -> tuple[str, None]:
        assert not of
        await gate.wait()
        return "/env/bin/python", None

    call.world.interpreters.ready = ready  # type: ignore[method-assign] - a slow build
    put = await call("PUT", BLUE, deployment(environmentId=environment))
    assert (put.status, put.body["properties"]["provisioningState"]) == (201, "Creating")
    where = put.headers["Azure-AsyncOperation"].removeprefix("https://127.0.0.1:1")
    assert (await call("GET", where)).body["status"] == "InProgress"
    gate.set()
    await call.world.becomes("digits", "blue", "Succeeded")
    assert (await call("GET", where)).body["status"] == "Succeeded"
    assert (await call("GET", BLUE)).body["properties"]["environmentId"] == environment


async def test_a_script_that_fails_is_the_operations_error(call: Caller) -> None:
    await call("PUT", ENDPOINT, endpoint())
    call.world.launcher.fails = True
    put = await call("PUT", BLUE, deployment())
    await call.world.becomes("digits", "blue", "Failed")
    where = put.headers["Azure-AsyncOperation"].removeprefix("https://127.0.0.1:1")
    told = (await call("GET", where)).body
    assert told["status"] == "Failed"
    assert "KeyError: 'coef'" in told["error"]["message"]


async def test_its_code_comes_from_a_code_asset_and_goes_back_as_one(
    call: Caller, tmp_path: Path
) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "score.py").write_text("def init(): ...\ndef run(data): return data\n")
    taken = call.world.engine.world.snapshots.take(source, 1)
    call.facets["codes"] = FakeCodes(mine=f"snapshot:{taken.id}")
    await call("PUT", ENDPOINT, endpoint())
    code = {"codeId": SCOPE.id("codes", "mine", "versions", "1"), "scoringScript": "score.py"}
    put = await call("PUT", BLUE, deployment(codeConfiguration=code))
    assert put.status == 201
    found = await call("GET", BLUE)
    assert found.body["properties"]["codeConfiguration"] == code
    # What was got can be put again: that is how the SDK updates.
    again = {"location": "local", "sku": {"name": "Default", "capacity": 3}, "tags": {}}
    put = await call("PUT", BLUE, {**again, "properties": found.body["properties"]})
    assert (put.status, put.body["sku"]["capacity"]) == (200, 3)


async def test_instances_can_be_patched(call: Caller) -> None:
    await deployed(call, "blue")
    put = await call("PATCH", BLUE, {"sku": {"name": "Default", "capacity": 2}})
    assert (put.status, put.body["sku"]["capacity"]) == (200, 2)


@pytest.mark.parametrize(
    ("fields", "status", "target"),
    [
        ({"model": None}, 400, "model"),
        ({"model": "azureml://registries/r/models/m/versions/1"}, 400, "$.properties.model"),
        ({"model": SCOPE.id("models", "other", "versions", "1")}, 404, "model"),
        ({"endpointComputeType": "Kubernetes"}, 400, "$.properties.endpointComputeType"),
        ({"requestSettings": {"requestTimeout": "5 s"}}, 400, None),
        ({"requestSettings": {"requestTimeout": "PT1H"}}, 400, None),
        ({"environmentId": SCOPE.id("environments", "missing")}, 404, "environment"),
        (
            {"codeConfiguration": {"codeId": "src", "scoringScript": "score.py"}},
            400,
            "$.properties.codeConfiguration.codeId",
        ),
    ],
)
async def test_what_cannot_run_is_refused_at_the_door(
    call: Caller, fields: dict[str, Any], status: int, target: str | None
) -> None:
    await call("PUT", ENDPOINT, endpoint())
    refused = await call("PUT", BLUE, deployment(**{"model": MODEL, **fields}))
    assert refused.status == status, refused.body
    assert target in (None, refused.body["error"]["target"])
    assert (await call("GET", BLUE)).status == 404


async def test_a_deployment_with_traffic_is_not_deleted(call: Caller) -> None:
    await deployed(call, "blue")
    await call("PUT", ENDPOINT, endpoint(traffic={"blue": 100}))
    refused = await call("DELETE", BLUE)
    # 409 would mean "it exists already" to the SDK.
    assert (refused.status, "traffic" in refused.body["error"]["message"]) == (400, True)
    await call("PUT", ENDPOINT, endpoint())
    assert (await call("DELETE", BLUE)).status == 200
    assert (await call("GET", BLUE)).status == 404
    assert (await call("DELETE", BLUE)).status == 204


async def test_without_its_endpoint_nothing_is_made(call: Caller) -> None:
    assert (await call("PUT", BLUE, deployment())).status == 404
    assert (await call("GET", f"{ENDPOINT}/deployments")).status == 404


async def test_logs_are_the_newest_lines(call: Caller) -> None:
    await deployed(call, "blue")
    live, one = call.world.engine.deployment("digits", "blue")
    [instance] = one.instances
    console = live.layout.deployment("blue") / "instances" / instance / "console.log"
    console.write_text("one\ntwo\nthree\n")
    logs = await call("POST", f"{BLUE}/getLogs", {"containerType": None, "tail": 2})
    assert logs.body == {"content": "two\nthree\n"}
    storage = {"containerType": "StorageInitializer", "tail": 2}
    assert (
        "lies on this machine" in (await call("POST", f"{BLUE}/getLogs", storage)).body["content"]
    )


async def test_sizes_of_a_deployment_are_counted_in_instances(call: Caller) -> None:
    await deployed(call, "blue")
    [sku] = (await call("GET", f"{BLUE}/skus")).body["value"]
    assert sku["capacity"]["maximum"] == 50
