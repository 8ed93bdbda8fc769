"""Endpoints and deployments through their facets, over processes that are numbers."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model.api import History, ReadLog
from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    RegenerateKey,
    RolloutRule,
    ScaleSettings,
    StartRollout,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import BudgetReached, Conflict, ErrorBody, Invalid, NotFound
from jupyter_aml.service.store.db import Store
from tests.service.local.endpoint_world import EndpointWorld


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[EndpointWorld]:
    store = Store.open(tmp_path / "state.db")
    made = EndpointWorld(tmp_path, store)
    await made.open()
    yield made
    await made.let_go()
    store.close()


def blue(name: str = "blue", model: str = "digits:1", **fields: Any) -> CreateOnlineDeployment:
    return CreateOnlineDeployment(name=name, endpoint_name="digits", model=model, **fields)


async def deployed(world: EndpointWorld, *names: str, **fields: Any) -> None:
    """The endpoint with these deployments, all of them answering; the first has the traffic."""
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    for name in names:
        await world.deployments.create("digits", body=blue(name, **fields))
        await world.becomes("digits", name, "Succeeded")
    traffic = {names[0]: 100}
    await world.endpoints.update("digits", body=UpdateOnlineEndpoint(traffic=traffic))


# -- endpoints ----------------------------------------------------------------------------------


async def test_an_endpoint_has_a_url_and_keys_that_nobody_else_reads(world: EndpointWorld) -> None:
    made = await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    assert made.state == "Creating"
    await world.until(lambda: world.engine.all["digits"].record.state == "Succeeded")
    found = await world.endpoints.get("digits")
    assert found.scoring_uri.startswith("http://127.0.0.1:")
    kept = await world.endpoints.keys("digits")
    folder = world.folder / "home" / "endpoints" / "digits"
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
        assert kept.primary_key not in path.read_text() or path.name == "keys.json"
    said = json.dumps([list(command) for command in world.launcher.launched])
    assert kept.primary_key not in said
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


# -- deployments --------------------------------------------------------------------------------


async def test_a_deployment_answers_and_says_what_it_runs(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    found = await world.deployments.get("digits", "blue")
    assert found.model == "azureml:digits:1"
    assert found.spec.instance_type == "Standard_DS3_v2"
    assert [one.state for one in found.instances] == ["Ready"]
    assert found.ready_at
    assert found.list_price_per_hour
    states = [one.state for one in world.changes.of("deployment", "digits/blue")]
    assert states[0] == "Creating"
    assert states[-1] == "Succeeded"
    assert world.engine.serving("azureml:digits:1") == ["digits/blue"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"model": "nothing:1"}, NotFound),
        ({"environment": "missing"}, NotFound),
        ({"scoring_script": "score.py", "code": "/no/such/folder"}, Invalid),
        ({"python": "/no/such/python"}, NotFound),
        ({"instance_type": "Standard_No_Such"}, NotFound),
        ({"scale_settings": ScaleSettings(min_instances=2, max_instances=1)}, Invalid),
    ],
)
async def test_what_can_be_known_to_fail_is_refused_before_anything_is_kept(
    world: EndpointWorld, fields: dict[str, Any], error: type[Exception]
) -> None:
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    with pytest.raises(error) as refused:
        await world.deployments.create("digits", body=blue(**fields))
    assert refused.value.message  # type: ignore[attr-defined]
    assert not (await world.deployments.list("digits")).value
    assert not world.launcher.of("score")


async def test_a_plain_model_needs_a_script_and_the_hint_says_so(world: EndpointWorld) -> None:
    world.add_model("plain:1")
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    with pytest.raises(Invalid) as refused:
        await world.deployments.create("digits", body=blue(model="plain:1"))
    assert "--script" in refused.value.hint


async def test_a_script_that_needs_no_model_runs_without_one(world: EndpointWorld) -> None:
    code = world.folder / "code"
    code.mkdir()
    (code / "score.py").write_text("def init(): pass\ndef run(data): return 1\n")
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    body = blue(model="", code=str(code), scoring_script="score.py")
    await world.deployments.create("digits", body=body)
    found = await world.becomes("digits", "blue", "Succeeded")
    assert found.model == ""
    [config] = [
        json.loads(Path(one[3]).read_text())
        for one in world.launcher.running.values()
        if one[2] == "score"
    ]
    assert config["model_dir"] == config["code_dir"]


async def test_a_model_of_a_folder_lies_in_its_directory_by_its_name(world: EndpointWorld) -> None:
    code = world.folder / "code"
    code.mkdir()
    (code / "score.py").write_text("def init(): pass\n")
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    await world.deployments.create("digits", body=blue(code=str(code), scoring_script="score.py"))
    await world.becomes("digits", "blue", "Succeeded")
    [config] = [
        json.loads(Path(one[3]).read_text())
        for one in world.launcher.running.values()
        if one[2] == "score"
    ]
    where = Path(world.models["digits:1"].local_path)
    assert Path(config["model_dir"]) == where.parent


async def test_a_script_is_copied_so_that_later_edits_change_nothing(world: EndpointWorld) -> None:
    code = world.folder / "code"
    code.mkdir()
    (code / "score.py").write_text("def init(): pass\n")
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    with pytest.raises(NotFound) as refused:
        await world.deployments.create(
            "digits", body=blue(code=str(code), scoring_script="scor.py")
        )
    assert "score.py" in refused.value.hint
    body = blue(code=str(code), scoring_script="score.py")
    await world.deployments.create("digits", body=body)
    (code / "score.py").write_text("broken")
    found = await world.becomes("digits", "blue", "Succeeded")
    assert found.scoring_code == "def init(): pass\n"


async def test_a_model_that_does_not_load_fails_with_the_persons_own_line(
    world: EndpointWorld,
) -> None:
    world.launcher.fails = True
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    await world.deployments.create("digits", body=blue())
    found = await world.becomes("digits", "blue", "Failed")
    assert found.error is not None
    assert found.error.target == "score.py, line 7: model['coef']"
    assert found.error.details == ["Traceback", "KeyError: 'coef'"]
    starts = len([c for c in world.launcher.launched if c[2] == "score"])
    await world.clock.pass_time(30)
    assert len([c for c in world.launcher.launched if c[2] == "score"]) == starts == 1
    await world.until(lambda: world.routers["digits"].table["deployments"]["blue"]["trouble"])


async def test_an_update_that_works_again_leaves_failed(world: EndpointWorld) -> None:
    world.launcher.fails = True
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    await world.deployments.create("digits", body=blue())
    await world.becomes("digits", "blue", "Failed")
    world.launcher.fails = False
    await world.deployments.update("digits", "blue", body=blue(description="mended"))
    await world.becomes("digits", "blue", "Failed")
    world.add_model("digits:2", flavors={"python_object": {}})
    await world.deployments.update("digits", "blue", body=blue(model="digits:2"))
    found = await world.becomes("digits", "blue", "Succeeded")
    assert found.error is None


async def test_an_environment_that_cannot_be_built_fails_with_its_own_words(
    world: EndpointWorld,
) -> None:
    world.interpreters.error = ErrorBody(code="EnvironmentFailed", message="no such package")
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    await world.deployments.create("digits", body=blue(environment="trees:1"))
    found = await world.becomes("digits", "blue", "Failed")
    assert found.reason == "no such package"
    reasons = [one.reason for one in world.changes.of("deployment", "digits/blue")]
    assert "Building environment trees:1" in reasons


async def test_an_instance_that_dies_is_replaced(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    (before,) = (await world.deployments.get("digits", "blue")).instances
    world.launcher.end(before.pid, -9)
    live = world.engine.all["digits"].deployments["blue"]
    await world.until(lambda: [i.name for i in live.answering()] not in ([], [before.name]))
    found = await world.deployments.get("digits", "blue")
    assert found.state == "Succeeded"
    assert len(found.instances) == 1


async def test_one_that_dies_again_and_again_pauses_and_says_that_it_failed(
    world: EndpointWorld,
) -> None:
    await deployed(world, "blue")
    world.launcher.dies = True
    world.launcher.end(world.launcher.of("score")[0], -9)
    found = await world.becomes("digits", "blue", "Failed")
    assert found.error is not None
    assert "signal 9" in found.error.message
    world.launcher.dies = False
    await world.becomes("digits", "blue", "Succeeded")


async def test_an_update_replaces_what_runs_and_old_ones_leave_last(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    (old,) = (await world.deployments.get("digits", "blue")).instances
    world.add_model("digits:2", flavors={"python_object": {}})
    await world.deployments.update("digits", "blue", body=blue(model="digits:2"))
    live = world.engine.all["digits"].deployments["blue"]
    await world.until(lambda: old.name not in live.instances)
    found = await world.becomes("digits", "blue", "Succeeded")
    assert found.model == "azureml:digits:2"
    tables = [one for one in world.changes.of("deployment", "digits/blue") if one.instances]
    assert all(any(i.state == "Ready" for i in one.instances) for one in tables[3:])


async def test_an_update_that_fails_leaves_the_version_before_answering(
    world: EndpointWorld,
) -> None:
    await deployed(world, "blue")
    (old,) = (await world.deployments.get("digits", "blue")).instances
    world.launcher.fails = True
    world.add_model("digits:2", flavors={"python_object": {}})
    await world.deployments.update("digits", "blue", body=blue(model="digits:2"))
    found = await world.becomes("digits", "blue", "Failed")
    assert "version before goes on answering" in found.reason
    assert [one.name for one in found.instances if one.state == "Ready"] == [old.name]


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


# -- traffic ------------------------------------------------------------------------------------


async def test_a_deployment_with_traffic_is_not_deleted(world: EndpointWorld) -> None:
    await deployed(world, "blue", "green")
    with pytest.raises(Conflict) as refused:
        await world.deployments.delete("digits", "blue")
    assert "--traffic" in refused.value.hint
    await world.endpoints.update("digits", body=UpdateOnlineEndpoint(traffic={"green": 100}))
    assert (await world.deployments.delete("digits", "blue")).state == "Deleting"
    await world.until(lambda: "blue" not in world.engine.all["digits"].deployments)
    await world.until(lambda: len(world.launcher.of("score")) == 1)
    await world.until(lambda: world.changes.of("deployment", "digits/blue")[-1] is None)


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


# -- logs ---------------------------------------------------------------------------------------


async def test_logs_are_the_consoles_and_the_lines_of_the_router(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    live = world.engine.all["digits"]
    (instance,) = live.deployments["blue"].instances.values()
    instance.at.console.write_bytes(b"one\ntwo\nthree\nunfinished")
    live.layout.requests.write_text(
        "".join(
            json.dumps({"deployment": name, "instance": "i", "status": 200, "time": "t"}) + "\n"
            for name in ("blue", "green", "blue")
        )
    )

    async def lines(**query: Any) -> list[dict[str, Any]]:
        stream = await world.deployments.logs("digits", "blue", query=ReadLog(**query))
        told = b"".join([piece async for piece in stream])
        return [json.loads(line) for line in told.splitlines()]

    assert [line["text"] for line in await lines(tail=2)] == ["two", "three"]
    assert len(await lines(kind="requests")) == 2
    assert await lines(tail=0) == []
    with pytest.raises(Invalid):
        await lines(kind="weather")
    with pytest.raises(NotFound):
        await lines(instance="nobody")


# -- restarts -----------------------------------------------------------------------------------


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


async def test_deleting_an_endpoint_leaves_nothing(world: EndpointWorld) -> None:
    await deployed(world, "blue", "green")
    await world.endpoints.delete("digits")
    await world.until(lambda: "digits" not in world.engine.all)
    assert not world.launcher.running
    assert not world.meter.tapes
    with pytest.raises(NotFound):
        await world.endpoints.get("digits")
    await deployed(world, "blue")


# -- the guard of the budget, and the idle timers -------------------------------------------------


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


async def test_deleting_one_that_is_just_being_made_leaves_nothing(world: EndpointWorld) -> None:
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    await world.endpoints.delete("digits")
    await world.until(lambda: not world.engine.all)
    await world.until(lambda: not world.launcher.running)
    await world.clock.pass_time(1)
    assert not world.launcher.running


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
