"""Deployments of MLflow models without code and environment, in ARM's words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.service.store.db import Store
from tests.arm.endpoints_world import SCOPE, Caller

BLUE = "onlineEndpoints/digits/deployments/blue"


@pytest.fixture
async def call(tmp_path: Path) -> AsyncIterator[Caller]:
    store = Store.open(tmp_path / "state.db")
    caller = Caller(tmp_path, store)
    await caller.world.open()
    caller.world.add_model("line:1", type="mlflow_model")
    body = {"location": "local", "properties": {"authMode": "Key", "properties": {}}}
    assert (await caller("PUT", "onlineEndpoints/digits", body)).status == 201
    yield caller
    await caller.world.let_go()
    store.close()


def deployment(capacity: int = 1) -> dict[str, Any]:
    """What the SDK puts for a model and nothing else."""
    model = SCOPE.id("models", "line", "versions", "1")
    properties = {"endpointComputeType": "Managed", "model": model, "properties": {}}
    return {
        "location": "local",
        "sku": {"name": "Default", "capacity": capacity},
        "properties": properties,
    }


async def test_it_runs_in_its_own_packages_and_a_property_says_so(call: Caller) -> None:
    assert (await call("PUT", BLUE, deployment())).status == 201
    found = await call.world.becomes("digits", "blue", "Succeeded")
    assert found.environment == "of-line:1"
    told = (await call("GET", BLUE)).body["properties"]
    assert "environmentId" not in told  # nobody named one
    assert told["properties"] == {"jupyter_aml.warnings": "azureml:line:1 has its own."}


async def test_scaling_it_by_a_second_put_replaces_nothing(call: Caller) -> None:
    await call("PUT", BLUE, deployment())
    (before,) = (await call.world.becomes("digits", "blue", "Succeeded")).instances
    assert (await call("PUT", BLUE, deployment(2))).status == 200
    live = call.world.engine.all["digits"].deployments["blue"]
    await call.world.until(lambda: len(live.answering()) == 2)
    assert before.name in [one.name for one in live.answering()]
