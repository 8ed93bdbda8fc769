"""The operations of jobs and run history, in process over the fake workspace."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_aml.model.job import CellJob, CreateJob
from jupyter_aml.service.arm.tokens import MACHINE_LEARNING
from jupyter_aml.testing.waiting import eventually
from tests.arm.caller import WS, Answer, Caller
from tests.arm.test_job_translation import LEAST, Codes

JOBS = WS + "/jobs"
RUNS = "/history/v1.0" + WS + "/runs"
BY_EXPERIMENT = "/history/v1.0" + WS + "/experiments/any/runs"
OVER = ("Completed", "Failed", "Canceled")


@pytest.fixture
def jobs(arm: Caller) -> Caller:
    arm.facets["codes"] = Codes()
    return arm


def body(command: str = "echo hello", **fields: Any) -> dict[str, Any]:
    return {"properties": LEAST | {"environmentId": "kernel", "command": command} | fields}


async def made(arm: Caller, name: str, command: str = "echo hello", **fields: Any) -> Answer:
    answer = await arm("PUT", f"{JOBS}/{name}", body(command, **fields))
    assert answer.status == 201, answer.json
    return answer


async def ended(arm: Caller, name: str) -> dict[str, Any]:
    async def over() -> dict[str, Any] | None:
        told = (await arm("GET", f"{JOBS}/{name}")).json["properties"]
        return told if told["status"] in OVER else None

    found = await eventually(over)
    assert found is not None
    return found


# -- accepting ---------------------------------------------------------------------------------


async def test_a_job_is_accepted_and_told_as_a_resource(jobs: Caller) -> None:
    told = (await made(jobs, "mine", tags={"team": "blue"})).json

    assert told["id"] == f"{WS}/jobs/mine"
    assert told["type"] == "Microsoft.MachineLearningServices/workspaces/jobs"
    assert told["systemData"]["createdBy"] == "someone"
    properties = told["properties"]
    assert (properties["jobType"], properties["command"]) == ("Command", "echo hello")
    assert properties["tags"] == {"team": "blue"}
    assert set(properties["services"]) == {"Studio", "Tracking"}
    assert properties["outputs"]["default"]["uri"] == (
        "azureml://datastores/workspaceartifactstore/ExperimentRun/dcid.mine"
    )
    assert (await ended(jobs, "mine"))["status"] == "Completed"


async def test_the_same_request_again_is_the_same_job(jobs: Caller) -> None:
    await made(jobs, "mine", resources={"dockerArgs": "--init"})

    again = await jobs("PUT", f"{JOBS}/mine", body(resources={"dockerArgs": "--init"}))

    assert again.status == 200
    assert len((await jobs("GET", JOBS)).json["value"]) == 1


async def test_what_it_is_shown_by_can_be_sent_again(jobs: Caller) -> None:
    await made(jobs, "mine", tags={"a": "1"}, displayName="Mine")

    changed = await jobs("PUT", f"{JOBS}/mine", body(tags={"b": "2"}, isArchived=True))

    told = changed.json["properties"]
    assert (told["tags"], told["displayName"], told["isArchived"]) == ({"b": "2"}, "Mine", True)


async def test_what_a_job_runs_never_changes(jobs: Caller) -> None:
    await made(jobs, "mine")

    refused = await jobs("PUT", f"{JOBS}/mine", body("echo another"))

    assert refused.status == 400
    assert refused.json["error"]["target"] == "$.properties.command"


async def test_a_job_that_was_read_can_be_sent_again_whole(jobs: Caller) -> None:
    await made(jobs, "mine", services={"lab": {"jobServiceType": "JupyterLab"}})
    read = (await jobs("GET", f"{JOBS}/mine")).json

    again = await jobs("PUT", f"{JOBS}/mine", {"properties": read["properties"]})

    assert again.status == 200, again.json
    assert again.json["properties"]["services"]["lab"] == {"jobServiceType": "JupyterLab"}


@pytest.mark.parametrize(
    ("properties", "target"),
    [
        ({"jobType": "Spark"}, "$.properties.jobType"),
        ({"jobType": "AutoML"}, "$.properties.jobType"),
        ({"jobType": "FineTuning"}, "$.properties.jobType"),
        ({"jobType": "Dance"}, "$.properties.jobType"),
        ({}, "$.properties.jobType"),
        ({"jobType": "Command", "command": 7}, "$.properties.command"),
        (LEAST | {"computeId": "nowhere", "environmentId": "kernel"}, "$.properties.computeId"),
    ],
)
async def test_a_refusal_names_the_place_in_the_body(
    jobs: Caller, properties: dict[str, Any], target: str
) -> None:
    refused = await jobs("PUT", f"{JOBS}/mine", {"properties": properties})

    assert refused.status == 400
    assert (refused.json["error"]["code"], refused.json["error"]["target"]) == (
        "BadRequest",
        target,
    )
    assert (await jobs("GET", f"{JOBS}/mine")).status == 404


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"properties": 3}', b"\xff"])
async def test_what_is_no_body_is_refused(jobs: Caller, text: bytes) -> None:
    assert (await jobs("PUT", f"{JOBS}/mine", text)).status == 400


async def test_a_token_of_the_users_own_has_to_be_ours_and_for_machine_learning(
    jobs: Caller,
) -> None:
    async def sent(token: str) -> int:
        headers = jobs.authorization() | {"x-azureml-token": token}
        return (await jobs("PUT", f"{JOBS}/mine", body(), headers)).status

    now = jobs.clock.time()
    assert await sent("not.a.token") == 401
    assert await sent(jobs.context.tokens.issue("https://other.example", now)[0]) == 401
    assert await sent(jobs.context.tokens.issue(MACHINE_LEARNING, now - 7200)[0]) == 401
    assert await sent(jobs.context.tokens.issue(MACHINE_LEARNING, now)[0]) == 201


# -- looking -----------------------------------------------------------------------------------


async def test_lists_come_in_pages_and_can_be_filtered(jobs: Caller) -> None:
    for number in range(60):
        await made(jobs, f"job{number}", tags={"even": str(number % 2 == 0)})
    await jobs("PATCH", f"{RUNS}/job5", {"hidden": True})

    first = (await jobs("GET", f"{JOBS}?api-version=1&listViewType=ActiveOnly")).json
    second = (await jobs("GET", first["nextLink"])).json
    names = [one["name"] for one in first["value"] + second["value"]]

    assert names == [f"job{number}" for number in range(59, -1, -1) if number != 5]
    assert second["nextLink"] is None

    async def found(query: str) -> list[str]:
        return [one["name"] for one in (await jobs("GET", f"{JOBS}?{query}")).json["value"]]

    assert await found("listViewType=ArchivedOnly") == ["job5"]
    assert "job5" in await found("listViewType=All&$skip=40")
    assert set(await found("tag=even%3DFalse")) <= {f"job{n}" for n in range(1, 60, 2)}
    assert await found("jobType=Sweep") == []
    assert await found("$top=2") == ["job59", "job58"]


async def test_cells_are_told_as_commands(jobs: Caller) -> None:
    facet: Any = jobs.facets["jobs"]
    await facet.create(body=CreateJob(spec=CellJob(source="print(1)"), name="cell"))

    told = (await jobs("GET", f"{JOBS}/cell")).json["properties"]

    assert (told["jobType"], told["command"]) == ("Command", "print(1)")
    assert told["properties"]["jupyter_aml.type"] == "cell"


async def test_a_batch_call_is_its_own_only_child(jobs: Caller) -> None:
    await made(jobs, "call", tags={"batch_deployment": "torch"})
    await made(jobs, "other")

    async def children(name: str) -> list[str]:
        told = (await jobs("GET", f"{RUNS}/{name}/children")).json
        assert told["nextLink"] is None
        return [one["runId"] for one in told["value"]]

    assert await children("call") == ["call"]
    assert await children("other") == []


async def test_a_job_that_is_not_there(jobs: Caller) -> None:
    for method, target in [
        ("GET", f"{JOBS}/none"),
        ("POST", f"{JOBS}/none/cancel"),
        ("DELETE", f"{JOBS}/none"),
        ("GET", f"{RUNS}/none"),
        ("GET", f"{RUNS}/none/details"),
        ("GET", f"{RUNS}/none/children"),
        ("PATCH", f"{RUNS}/none"),
    ]:
        answer = await jobs(method, target, {})
        assert answer.status == 404, (method, target)
        assert answer.json["error"]["code"] == "ResourceNotFound"


# -- ending ------------------------------------------------------------------------------------


async def test_a_cancel_is_over_when_the_job_is(jobs: Caller) -> None:
    await made(jobs, "mine", "sleep 60")

    answer = await jobs("POST", f"{JOBS}/mine/cancel")
    while answer.status == 202:
        answer = await jobs("GET", answer.headers["location"])

    assert answer.status in (200, 204)
    assert (await ended(jobs, "mine"))["status"] == "Canceled"
    assert (await jobs("POST", f"{JOBS}/mine/cancel")).status == 200  # it has ended


async def test_a_deleted_job_is_in_no_list_of_active_ones(jobs: Caller) -> None:
    await made(jobs, "mine")
    await ended(jobs, "mine")

    assert (await jobs("DELETE", f"{JOBS}/mine")).status == 200
    assert (await jobs("GET", JOBS)).json["value"] == []


async def test_a_job_that_runs_cannot_be_deleted(jobs: Caller) -> None:
    await made(jobs, "mine", "sleep 60")

    assert (await jobs("DELETE", f"{JOBS}/mine")).status == 400
    await jobs("POST", f"{JOBS}/mine/cancel")
    await ended(jobs, "mine")


# -- run history -------------------------------------------------------------------------------


async def test_the_first_look_at_a_job_that_has_ended_sees_its_last_state(jobs: Caller) -> None:
    """Else the SDK would print nothing of what a quick job printed."""
    await made(jobs, "mine", "echo hello; exit 3")
    await ended(jobs, "mine")

    first = (await jobs("GET", f"{RUNS}/mine/details")).json
    second = (await jobs("GET", f"{RUNS}/mine/details")).json

    assert (first["status"], "error" in first, "endTimeUtc" in first) == (
        "Finalizing",
        False,
        False,
    )
    assert (second["status"], second["runId"]) == ("Failed", "mine")
    assert "3" in second["error"]["error"]["message"]


async def test_the_log_has_an_address_that_needs_no_token(jobs: Caller) -> None:
    await made(jobs, "mine")
    await ended(jobs, "mine")

    logs = (await jobs("GET", f"{RUNS}/mine/details")).json["logFiles"]

    assert list(logs) == ["user_logs/std_log.txt"]
    address = logs["user_logs/std_log.txt"]
    assert "/azureml/ExperimentRun/dcid.mine/user_logs/std_log.txt?" in address
    assert "sig=" in address


async def test_tags_are_added_and_the_rest_replaced(jobs: Caller) -> None:
    await made(jobs, "mine", tags={"a": "1"}, properties={"p": "1"}, description="old")

    changed = await jobs(
        "PATCH",
        f"{BY_EXPERIMENT}/mine",
        {"tags": {"b": "2"}, "properties": {"q": "2"}, "displayName": "New", "hidden": True},
    )

    assert changed.status == 200
    told = (await jobs("GET", f"{JOBS}/mine")).json["properties"]
    assert told["tags"] == {"a": "1", "b": "2"}
    assert told["properties"] == {"p": "1", "q": "2"}
    assert (told["displayName"], told["description"], told["isArchived"]) == ("New", "old", True)
    shown = await jobs("PATCH", f"{RUNS}/mine", {"hidden": False})
    assert shown.json["hidden"] is False


async def test_named_outputs_are_found_by_the_data_plane(jobs: Caller) -> None:
    await made(jobs, "mine", outputs={"o": {"jobOutputType": "uri_folder"}})

    data = await jobs("POST", f"/history/v1.0{WS}/rundata", {"runId": "mine"})
    asset = data.json["runMetadata"]["outputs"]["o"]
    resolved = await jobs(
        "POST",
        f"/data/v1.0{WS}/dataversion/batchGetResolvedUris",
        {"values": [asset["assetId"]]},
    )

    assert asset["type"] == "uri_folder"
    uri = resolved.json["values"][asset["assetId"]]["uri"]
    assert uri.startswith("azureml://subscriptions/s/resourcegroups/g/workspaces/ws1/datastores/")
    assert uri.endswith("/workspaceblobstore/paths/azureml/mine/o")


async def test_stored_warnings_are_told_with_the_run(jobs: Caller) -> None:
    await made(jobs, "mine", queueSettings={"jobTier": "Spot"})

    said = (await jobs("GET", f"{RUNS}/mine")).json["warnings"]

    assert [one["message"] for one in said] == [
        "queue_settings are not used here: jobs wait in the order they came."
    ]


async def test_web_view_tells_nothing_of_the_job(jobs: Caller) -> None:
    await made(jobs, "mine", "echo a-secret-of-mine")
    web = (await jobs("GET", f"{JOBS}/mine")).json["properties"]["services"]["Studio"]["endpoint"]

    page = await jobs("GET", web + "&tid=1", headers={})

    assert page.status == 200
    assert b"mine" in page.body
    assert b"secret" not in page.body
    assert b"<script>" not in (await jobs("GET", "/jobs/%3Cscript%3E", headers={})).body
