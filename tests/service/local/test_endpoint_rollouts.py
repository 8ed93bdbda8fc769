"""Traffic that moves in steps, and back."""

from __future__ import annotations

import pytest

from jupyter_aml.model.api import History
from jupyter_aml.model.endpoint import (
    RolloutRule,
    StartRollout,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import Conflict
from tests.service.local.endpoint_world import EndpointWorld, deployed


async def test_a_rollout_goes_through_its_steps(world: EndpointWorld) -> None:
    await deployed(world, "blue", "green")
    body = StartRollout(deployment="green", steps=[10, 100], seconds_per_step=5)
    await world.endpoints.rollout("digits", body=body)
    assert (await world.endpoints.get("digits")).traffic == {"blue": 90, "green": 10}
    with pytest.raises(Conflict):
        await world.endpoints.rollout("digits", body=body)
    live = world.engine.all["digits"]
    await world.until(lambda: live.record.rollout and live.record.rollout.state == "Succeeded")
    assert world.routers["digits"].table["traffic"].get("green") == 100


async def test_a_rollout_is_taken_back_when_the_new_one_errs(world: EndpointWorld) -> None:
    await deployed(world, "blue", "green")
    rule = RolloutRule(min_requests=5)
    body = StartRollout(deployment="green", seconds_per_step=60, rule=rule)
    await world.endpoints.rollout("digits", body=body)
    router = world.routers["digits"]
    router.count("green", requests=1, statuses={"200": 1})
    await world.clock.pass_time(1.0)
    router.count("green", requests=10, statuses={"200": 5, "424": 5})
    live = world.engine.all["digits"]
    await world.until(lambda: live.record.rollout and live.record.rollout.state == "RolledBack")
    found = await world.endpoints.get("digits")
    assert found.traffic == {"blue": 100}
    assert router.table["traffic"] == {"blue": 100}
    assert found.rollout is not None
    assert "requests failed" in found.rollout.reason


async def test_setting_the_traffic_by_hand_ends_a_rollout(world: EndpointWorld) -> None:
    await deployed(world, "blue", "green")
    await world.endpoints.rollout("digits", body=StartRollout(deployment="green"))
    await world.endpoints.update("digits", body=UpdateOnlineEndpoint(traffic={"blue": 100}))
    found = await world.endpoints.get("digits")
    assert found.rollout is not None
    assert found.rollout.state == "Canceled"
    assert found.traffic == {"blue": 100}


async def test_traffic_over_time_is_told(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    router = world.routers["digits"]
    router.count("blue", requests=4, statuses={"200": 3, "424": 1}, latency=[4, 0, 0, 0])
    found = await world.endpoints.traffic("digits", query=History(seconds=60))
    (sample,) = found.value[0].samples
    assert (sample.requests, sample.errors) == (4, 1)
    assert sample.p50 is not None
