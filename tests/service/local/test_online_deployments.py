"""Deployments through their facet, over processes that are numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model.endpoint import (
    CreateOnlineEndpoint,
    ScaleSettings,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import Conflict, ErrorBody, Invalid, NotFound
from tests.service.local.endpoint_world import EndpointWorld, blue, deployed


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
    ready = [any(i.state == "Ready" for i in one.instances) for one in tables]
    since = ready[ready.index(True) :]
    assert len(since) > 1
    assert all(since)


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


async def test_deleting_one_that_is_just_being_made_leaves_nothing(world: EndpointWorld) -> None:
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    await world.endpoints.delete("digits")
    await world.until(lambda: not world.engine.all)
    await world.until(lambda: not world.launcher.running)
    await world.clock.pass_time(1)
    assert not world.launcher.running
