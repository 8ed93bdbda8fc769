"""How long a deployment usually takes to come up: learnt here, and silent before."""

from __future__ import annotations

from jupyter_aml.model.endpoint import CreateOnlineEndpoint, OnlineDeployment
from tests.service.local.endpoint_world import EndpointWorld, blue, deployed

SIZE = "Standard_DS3_v2"


def coming(world: EndpointWorld, name: str) -> list[OnlineDeployment]:
    """As it was told while it came up, from the start of its first instance on."""
    told = [one for one in world.changes.of("deployment", f"digits/{name}") if one.stage]
    return [one for one in told if one.stage and one.stage.name == "start"]


async def test_it_is_silent_until_there_were_enough(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    (stage, *_) = [one.stage for one in coming(world, "blue")]
    assert stage is not None
    assert (stage.usual_low, stage.usual_high, stage.count) == (None, None, 0)
    assert stage.started_at
    found = await world.deployments.get("digits", "blue")
    assert found.stage is None, "it answers"


async def test_what_is_usual_is_of_the_model_and_the_size(world: EndpointWorld) -> None:
    for seconds in range(1, 13):
        world.past.note("deploy:start", seconds, size=SIZE, environment="digits")
    await deployed(world, "blue")
    stage = coming(world, "blue")[0].stage
    assert stage is not None
    assert stage.usual_low is not None
    assert stage.usual_high is not None
    assert 1 <= stage.usual_low < stage.usual_high <= 12
    assert stage.count == 12
    world.add_model("other:1", flavors={"python_object": {}})
    await world.deployments.create("digits", body=blue("green", model="other:1"))
    await world.becomes("digits", "green", "Succeeded")
    other = coming(world, "green")[0].stage
    assert other is not None
    assert other.usual_low is None


async def test_each_start_is_noted_and_known_after_a_restart(world: EndpointWorld) -> None:
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    for seconds in range(1, 9):
        world.past.note("deploy:start", seconds, size=SIZE, environment="digits")
    assert world.past.usual("deploy:start", size=SIZE, environment="digits") is None
    await world.deployments.create("digits", body=blue())
    await world.becomes("digits", "blue", "Succeeded")
    assert world.past.usual("deploy:start", size=SIZE, environment="digits") is not None
    await world.restart()
    assert world.past.usual("deploy:start", size=SIZE, environment="digits") is not None
