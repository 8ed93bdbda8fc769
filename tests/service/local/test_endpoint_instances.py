"""Instances of a deployment: how many there are, when they sleep, and what they cost."""

from __future__ import annotations

import pytest

from jupyter_aml.model.endpoint import (
    CreateOnlineEndpoint,
    ScaleSettings,
)
from jupyter_aml.model.errors import BudgetReached, NotFound
from tests.service.local.endpoint_world import EndpointWorld, blue, deployed


async def test_changing_the_scale_alone_replaces_no_process(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    (old,) = (await world.deployments.get("digits", "blue")).instances
    more = ScaleSettings(min_instances=2, max_instances=2)
    await world.deployments.update("digits", "blue", body=blue(scale_settings=more))
    live = world.engine.all["digits"].deployments["blue"]
    await world.until(lambda: len(live.answering()) == 2)
    assert old.name in live.instances


async def test_it_scales_with_load_and_back_when_it_is_quiet(world: EndpointWorld) -> None:
    scale = ScaleSettings(min_instances=1, max_instances=3, idle_seconds_before_scale_down=20)
    await deployed(world, "blue", scale_settings=scale)
    live = world.engine.all["digits"].deployments["blue"]
    router = world.routers["digits"]
    router.count("blue", requests=1, busy_seconds=0.0)
    await world.clock.pass_time(1.0)
    router.count("blue", requests=50, busy_seconds=1.9, in_flight=2)
    await world.until(lambda: len(live.answering()) == 3)
    router.count("blue", in_flight=0)
    await world.clock.pass_time(10.0)
    assert len(live.answering()) == 3, "not before the idle time has passed"
    await world.until(lambda: len(live.answering()) == 1)
    await world.becomes("digits", "blue", "Succeeded")


async def test_it_sleeps_when_asked_to_and_the_first_request_wakes_it(
    world: EndpointWorld,
) -> None:
    scale = ScaleSettings(min_instances=0, max_instances=1, idle_seconds_before_scale_down=5)
    await deployed(world, "blue", scale_settings=scale)
    live = world.engine.all["digits"].deployments["blue"]
    await world.until(lambda: not live.instances)
    found = await world.deployments.get("digits", "blue")
    assert found.state == "Succeeded"
    assert "asleep" in found.reason
    world.routers["digits"].say("wanted", deployment="blue", waiting=1)
    await world.until(lambda: live.answering())
    assert (await world.deployments.get("digits", "blue")).reason == ""


async def test_an_instance_that_hangs_is_killed_and_replaced(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    live = world.engine.all["digits"].deployments["blue"]
    (old,) = live.instances
    world.routers["digits"].say("instance", deployment="blue", instance=old, state="stuck")
    await world.until(lambda: [i.name for i in live.answering()] not in ([], [old]))


async def test_restarting_an_instance_brings_another_before_it_goes(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    live = world.engine.all["digits"].deployments["blue"]
    (old,) = live.instances
    await world.deployments.restart_instance("digits", "blue", old)
    assert old in live.instances
    await world.until(lambda: old not in live.instances)
    assert len(live.answering()) == 1
    with pytest.raises(NotFound):
        await world.deployments.restart_instance("digits", "blue", old)


async def test_nothing_paid_starts_while_the_budget_holds(world: EndpointWorld) -> None:
    world.held = "the budget of $1.00 a day is used up"
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    with pytest.raises(BudgetReached):
        await world.deployments.create("digits", body=blue())
    free = blue(instance_type="local.1cpu-2gb")
    await world.deployments.create("digits", body=free)
    await world.becomes("digits", "blue", "Succeeded")


async def test_an_instance_costs_its_list_price_while_it_runs(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    (tape,) = world.meter.tapes.values()
    assert tape.tariff.compute == "digits/blue"
    assert tape.tariff.idle == "endpoint"
    await world.clock.pass_time(3600)
    assert world.meter.spent().by_compute["digits/blue"] > 0


async def test_one_that_nobody_calls_is_put_to_sleep_and_never_deleted(
    world: EndpointWorld,
) -> None:
    await deployed(world, "blue")
    await world.clock.pass_time(600)
    metering = world.engine.metering
    (use,) = metering.uses()
    assert (use.compute, use.costs, use.busy) == ("digits/blue", True, False)
    assert not use.may_be_deleted
    assert metering.sleep("digits/blue", "asleep: nobody used it")
    live = world.engine.all["digits"].deployments["blue"]
    await world.until(lambda: not live.instances)
    found = await world.deployments.get("digits", "blue")
    assert (found.state, found.reason) == ("Succeeded", "asleep: nobody used it")
    assert not world.meter.tapes
    world.routers["digits"].say("wanted", deployment="blue", waiting=1)
    await world.until(lambda: live.answering())
    assert not metering.sleep("gpu-cluster", "")


async def test_a_budget_that_is_used_up_lets_everything_paid_sleep_until_it_is_not(
    world: EndpointWorld,
) -> None:
    await deployed(world, "blue")
    live = world.engine.all["digits"].deployments["blue"]
    world.held = "the budget of $1.00 a day is used up"
    world.engine.metering.sleep_all("stopped: the budget is used up")
    await world.until(lambda: not live.instances)
    world.routers["digits"].say("wanted", deployment="blue", waiting=1)
    await world.clock.pass_time(5)
    assert not live.instances
    assert "budget" in (await world.deployments.get("digits", "blue")).reason
    world.held = ""
    world.engine.metering.wake_all()
    await world.until(lambda: live.answering())
