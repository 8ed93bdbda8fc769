"""Endpoints through their facet, over processes that are numbers."""

from __future__ import annotations

import asyncio
import json
import stat

import pytest

from jupyter_aml.model.endpoint import (
    CreateOnlineEndpoint,
    RegenerateKey,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import Conflict, NotFound
from tests.service.local.endpoint_world import EndpointWorld, deployed


async def test_an_endpoint_has_a_url_and_keys_that_nobody_else_reads(world: EndpointWorld) -> None:
    made = await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    assert made.state == "Creating"
    await world.until(lambda: world.engine.all["digits"].record.state == "Succeeded")
    found = await world.endpoints.get("digits")
    assert found.scoring_uri.startswith("http://127.0.0.1:")
    kept = await world.endpoints.keys("digits")
    folder = world.folder / "home" / "endpoints" / "digits"
    assert (folder / "keys.json").is_file()
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
        assert kept.primary_key not in path.read_text() or path.name == "keys.json"
    said = json.dumps([list(command) for command in world.launcher.launched])
    assert kept.primary_key not in said
    assert world.launcher.environments
    assert all(kept.primary_key not in str(env) for env in world.launcher.environments)


async def test_creating_twice_is_once_and_another_spec_is_a_conflict(world: EndpointWorld) -> None:
    body = CreateOnlineEndpoint(name="digits")
    first = await world.endpoints.create(body=body)
    assert (await world.endpoints.create(body=body)).scoring_uri == first.scoring_uri
    with pytest.raises(Conflict):
        await world.endpoints.create(body=CreateOnlineEndpoint(name="digits", description="x"))
    assert len((await world.endpoints.list()).value) == 1


async def test_a_renewed_key_is_told_to_the_router_as_a_hash(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    before = world.routers["digits"].table["auth"]["keys"]
    renewed = await world.endpoints.regenerate_key("digits", body=RegenerateKey())
    after = world.routers["digits"].table["auth"]["keys"]
    assert after[0] != before[0]
    assert after[1] == before[1]
    assert renewed.primary_key not in after


async def test_keys_are_for_endpoints_with_keys_and_tokens_for_those_with_tokens(
    world: EndpointWorld,
) -> None:
    body = CreateOnlineEndpoint(name="tokens", auth_mode="aml_token")
    await world.endpoints.create(body=body)
    assert (await world.endpoints.token("tokens")).access_token
    with pytest.raises(Conflict):
        await world.endpoints.keys("tokens")


async def test_a_port_that_is_taken_is_another_one_at_first(world: EndpointWorld) -> None:
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    live = world.engine.all["digits"]
    port = live.record.port
    await world.until(lambda: live.record.state == "Succeeded")
    assert live.record.port == port
    world.launcher.end(world.launcher.of("router")[0], 1)
    await world.until(lambda: len(world.launcher.of("router")) == 1)
    assert live.record.port == port, "once it answered, its port is its own for good"


async def test_a_router_that_dies_is_started_again_with_the_same_table(
    world: EndpointWorld,
) -> None:
    await deployed(world, "blue")
    before = world.routers["digits"]
    world.launcher.end(world.launcher.of("router")[0], -9)
    await world.until(lambda: world.routers["digits"] is not before)
    await world.until(lambda: world.routers["digits"].table)
    assert world.routers["digits"].table["traffic"] == {"blue": 100}
    assert world.routers["digits"].table["port"] == before.table["port"]


async def test_traffic_that_is_set_while_the_router_comes_up_is_kept(world: EndpointWorld) -> None:
    """The endpoint's state is stored at that very moment, too."""
    await deployed(world, "blue")
    live = world.engine.all["digits"]
    update = UpdateOnlineEndpoint(traffic={"blue": 0}, description="new")
    setting = asyncio.ensure_future(world.endpoints.update("digits", body=update))
    await asyncio.sleep(0)  # it waits for the disk
    world.engine.change_endpoint(live, reason="a moment")
    await world.finish(setting)
    await world.restart()
    found = await world.endpoints.get("digits")
    assert (found.traffic, found.description) == ({"blue": 0}, "new")
    assert found.reason in ("", "a moment")


async def test_deleting_an_endpoint_leaves_nothing(world: EndpointWorld) -> None:
    await deployed(world, "blue", "green")
    await world.endpoints.delete("digits")
    await world.until(lambda: "digits" not in world.engine.all)
    assert not world.launcher.running
    assert not world.meter.tapes
    with pytest.raises(NotFound):
        await world.endpoints.get("digits")
    await deployed(world, "blue")
