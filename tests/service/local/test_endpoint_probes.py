"""Instances and the probes that their deployment asks for."""

from __future__ import annotations

from jupyter_aml.model.endpoint import CreateOnlineEndpoint, Probe
from jupyter_aml.service.backends.local.endpoints.state import LiveInstance
from tests.service.local.endpoint_world import EndpointWorld, blue, deployed


def held(world: EndpointWorld) -> list[str]:
    """As the router was told last."""
    router = world.routers.get("digits")
    rows = router.table.get("deployments", {}) if router else {}
    return rows.get("blue", {}).get("held", [])


def only(world: EndpointWorld) -> LiveInstance:
    (found,) = world.engine.all["digits"].deployments["blue"].instances.values()
    return found


async def created(world: EndpointWorld, **probe: float) -> None:
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    """Asked for readiness alone."""
    readiness = Probe(**probe)  # pyright: ignore[reportArgumentType] - numbers
    spec = blue(readiness_probe=readiness, liveness_probe=Probe(initial_delay=1000))
    await world.deployments.create("digits", body=spec)


async def test_one_gets_no_request_before_it_answered_often_enough(world: EndpointWorld) -> None:
    await created(world, success_threshold=3, period=5, initial_delay=4)
    await world.until(lambda: held(world))
    began = only(world).began
    found = await world.becomes("digits", "blue", "Succeeded")
    (instance,) = found.instances
    assert instance.state == "Ready"
    assert instance.ready_seconds is not None
    assert 14 <= instance.ready_seconds < 16, "after 4, 9 and 14 seconds"
    assert min(world.probed) - began >= 4
    await world.until(lambda: not held(world))


async def test_one_that_fails_its_readiness_probe_gets_none_until_it_passes_again(
    world: EndpointWorld,
) -> None:
    probe = Probe(period=5, failure_threshold=2, success_threshold=1)
    await deployed(world, "blue", readiness_probe=probe)
    pid = only(world).record.pid
    world.is_silent = True
    await world.until(lambda: only(world).state == "Unhealthy")
    await world.until(lambda: held(world) == [only(world).name])
    found = await world.deployments.get("digits", "blue")
    assert "failed 2 readiness probes" in found.reason
    assert (found.state, found.wanted_instances) == ("Succeeded", 1)
    world.is_silent = False
    await world.until(lambda: only(world).state == "Ready")
    await world.until(lambda: not held(world))
    assert only(world).record.pid == pid, "nobody took its place"
    assert not (await world.deployments.get("digits", "blue")).reason


async def test_one_that_never_passes_its_readiness_probe_is_ended_with_the_time(
    world: EndpointWorld,
) -> None:
    world.is_silent = True
    await created(world, success_threshold=2, period=5, failure_threshold=3)
    found = await world.becomes("digits", "blue", "Failed")
    assert "was not ready after 10 s" in found.reason


async def test_one_that_fails_its_liveness_probe_is_started_anew(world: EndpointWorld) -> None:
    await deployed(world, "blue", liveness_probe=Probe(period=5, failure_threshold=2))
    first = only(world).name
    world.is_silent = True
    blue_live = world.engine.all["digits"].deployments["blue"]
    await world.until(lambda: first not in blue_live.instances)
    world.is_silent = False
    await world.until(lambda: bool(blue_live.answering()))
    assert world.launcher.of("score")


async def test_probes_that_may_take_as_long_are_one_question(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    before = len(world.probed)
    moment = world.clock.monotonic()
    await world.until(lambda: world.clock.monotonic() - moment > 50)
    asked = len(world.probed) - before
    assert 4 <= asked <= 6, "every 10 s, for both"
