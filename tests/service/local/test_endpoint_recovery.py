"""What a new service makes of the endpoints that it finds."""

from __future__ import annotations

import os

from jupyter_aml.model.api import History
from tests.service.local.endpoint_world import EndpointWorld, deployed


async def test_a_new_service_adopts_what_runs_and_starts_nothing(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    before, keys = world.launcher.running.copy(), await world.endpoints.keys("digits")
    uri = (await world.endpoints.get("digits")).scoring_uri
    await world.restart()
    live = world.engine.all["digits"]
    await world.until(lambda: live.came_up.is_set())
    await world.clock.pass_time(5)
    assert world.launcher.running == before
    assert await world.endpoints.keys("digits") == keys
    found = await world.endpoints.get("digits")
    assert found.scoring_uri == uri
    assert found.traffic == {"blue": 100}
    assert len(live.deployments["blue"].answering()) == 1
    world.launcher.end(world.launcher.of("score")[0], -9)
    await world.until(lambda: live.deployments["blue"].answering())


async def test_after_the_machine_restarted_everything_comes_back_on_its_port(
    world: EndpointWorld,
) -> None:
    await deployed(world, "blue")
    uri = (await world.endpoints.get("digits")).scoring_uri
    await world.let_go()
    world.launcher.running.clear()
    await world.restart()
    live = world.engine.all["digits"]
    await world.until(lambda: live.deployments["blue"].answering())
    assert (await world.endpoints.get("digits")).scoring_uri == uri
    assert len(world.launcher.of("router")) == len(world.launcher.of("score")) == 1


async def test_a_deletion_that_was_interrupted_is_finished(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    await world.endpoints.delete("digits")
    await world.restart()
    await world.until(lambda: not world.engine.all)
    await world.until(lambda: not world.launcher.running)
    assert not (world.folder / "home" / "endpoints" / "digits").exists()


async def test_what_a_router_counted_before_is_not_counted_as_of_now(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    world.routers["digits"].count("blue", requests=500, statuses={"200": 500})
    counters = world.routers["digits"].counters
    await world.restart()
    await world.until(lambda: world.engine.all["digits"].control is not None)
    assert not world.engine.metering.uses()[0].busy, "nobody called meanwhile"
    router = world.routers["digits"]
    router.counters = counters
    router.count("blue")
    router.count("blue", requests=3, statuses={"200": 3})
    found = await world.endpoints.traffic("digits", query=History(seconds=60))
    assert [one.requests for one in found.value[0].samples] == [0, 3]
    assert world.engine.metering.uses()[0].busy


async def test_a_request_that_came_while_there_was_no_service_is_known(
    world: EndpointWorld,
) -> None:
    await deployed(world, "blue")
    noted = world.engine.all["digits"].layout.requests
    noted.write_text("{}\n")
    os.utime(noted, (0, world.clock.time() - 30))
    await world.restart()
    assert world.engine.metering.uses()[0].busy
    os.utime(noted, (0, world.clock.time() - 3000))
    await world.restart()
    assert not world.engine.metering.uses()[0].busy
