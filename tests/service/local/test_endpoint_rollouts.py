"""Traffic that moves in steps, and back."""

from __future__ import annotations

import pytest

from jupyter_aml.model.api import History
from jupyter_aml.model.endpoint import (
    RolloutRule,
    ScaleSettings,
    StartRollout,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import Conflict
from tests.service.local.endpoint_world import EndpointWorld, blue, deployed


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


async def test_a_rollout_may_begin_with_copies_that_nobody_depends_on(
    world: EndpointWorld,
) -> None:
    await deployed(world, "blue", "green")
    router, live = world.routers["digits"], world.engine.all["digits"]
    body = StartRollout(deployment="green", mirror=20, steps=[10, 100], seconds_per_step=5)
    made = await world.endpoints.rollout("digits", body=body)
    assert made.rollout is not None
    assert (made.rollout.step, made.rollout.mirror) == (-1, 20)
    assert (made.traffic, made.mirror_traffic) == ({"blue": 100}, {"green": 20})
    assert (router.table["traffic"], router.table["mirror"]) == ({"blue": 100}, {"green": 20})
    await world.until(lambda: live.record.rollout and live.record.rollout.step == 0)
    await world.until(lambda: router.table["traffic"] == {"blue": 90, "green": 10})
    assert router.table["mirror"] == {}, "no copies of a deployment that has live traffic"
    await world.until(lambda: live.record.rollout and live.record.rollout.state == "Succeeded")
    states = [one.rollout.step for one in world.changes.of("endpoint", "digits") if one.rollout]
    assert sorted(set(states)) == [-1, 0, 1]


async def test_copies_that_fail_end_it_before_anybody_saw_it(world: EndpointWorld) -> None:
    await deployed(world, "blue", "green")
    body = StartRollout(deployment="green", mirror=20, rule=RolloutRule(min_requests=5))
    await world.endpoints.rollout("digits", body=body)
    router, live = world.routers["digits"], world.engine.all["digits"]
    router.count("green", requests=1, statuses={"200": 1})
    await world.clock.pass_time(1.0)
    router.count("green", requests=10, statuses={"424": 10})
    await world.until(lambda: live.record.rollout and live.record.rollout.state == "RolledBack")
    await world.until(lambda: router.table["mirror"] == {})
    assert router.table["traffic"] == {"blue": 100}
    assert live.record.mirror_traffic == {}


async def test_the_way_out_of_copying_is_all_at_once_back_or_by_hand(world: EndpointWorld) -> None:
    await deployed(world, "blue", "green")
    body = StartRollout(deployment="green", mirror=20)
    for change, traffic, mirror in (
        (UpdateOnlineEndpoint(traffic={"green": 100}), {"green": 100}, {}),
        (UpdateOnlineEndpoint(mirror_traffic={"green": 30}), {"blue": 100}, {"green": 30}),
        (None, {"blue": 100}, {}),
    ):
        await world.endpoints.update(
            "digits", body=UpdateOnlineEndpoint(traffic={"blue": 100}, mirror_traffic={})
        )
        await world.endpoints.rollout("digits", body=body)
        if change is None:
            await world.endpoints.cancel_rollout("digits")
        else:
            await world.endpoints.update("digits", body=change)
        found = await world.endpoints.get("digits")
        assert found.rollout is not None
        assert found.rollout.state == "Canceled"
        assert (found.traffic, found.mirror_traffic) == (traffic, mirror)


async def test_copying_wakes_one_that_sleeps_and_goes_on_after_a_restart(
    world: EndpointWorld,
) -> None:
    await deployed(world, "blue")
    scale = ScaleSettings(min_instances=0, idle_seconds_before_scale_down=1)
    await world.deployments.create("digits", body=blue("green", scale_settings=scale))
    await world.becomes("digits", "green", "Succeeded")
    green = world.engine.all["digits"].deployments["green"]
    await world.until(lambda: not green.instances)
    body = StartRollout(deployment="green", mirror=20, steps=[100], seconds_per_step=20)
    await world.endpoints.rollout("digits", body=body)
    await world.until(lambda: bool(green.answering()))
    await world.restart()
    live = world.engine.all["digits"]
    assert live.record.mirror_traffic == {"green": 20}
    await world.until(lambda: live.record.rollout and live.record.rollout.state == "Succeeded")
    assert live.record.traffic["green"] == 100


async def test_traffic_over_time_is_told(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    router = world.routers["digits"]
    router.count("blue", requests=4, statuses={"200": 3, "424": 1}, latency=[4, 0, 0, 0])
    found = await world.endpoints.traffic("digits", query=History(seconds=60))
    (sample,) = found.value[0].samples
    assert (sample.requests, sample.errors) == (4, 1)
    assert sample.p50 is not None
