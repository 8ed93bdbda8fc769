"""The generic handler: what goes in, what comes out, and what a connection survives."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_aml.model.errors import StorageFull
from tests.service.http.wire import COMMAND, Client, Stack


async def test_structs_go_in_and_out(client: Client) -> None:
    made = await client.call("POST", "/v1/compute", {"type": "computeinstance", "name": "dev-box"})
    assert made.status == 200
    assert made.headers["content-type"] == "application/json"
    assert made.headers["cache-control"] == "no-store"
    found = await client.call("GET", "/v1/compute/dev-box")
    assert found.json["spec"]["name"] == "dev-box"
    assert [c["spec"]["name"] for c in (await client.call("GET", "/v1/compute")).json["value"]] == [
        "local",
        "dev-box",
    ]


async def test_path_fields_are_decoded(stack: Stack, client: Client) -> None:
    class Seen:
        async def get(self, name: str) -> dict[str, str]:
            return {"name": name}

    stack.facets["jobs"] = Seen()
    for path, name in (("a%20b", "a b"), ("%C3%A4", "ä"), ("a%2Fb", "a/b"), ("%2E%2E", "..")):
        assert (await client.call("GET", f"/v1/jobs/{path}")).json == {"name": name}
    assert (await client.call("GET", "/v1/jobs/%FF")).status == 400


async def test_a_query_is_read_by_its_struct(client: Client) -> None:
    for number in range(3):
        await client.call("POST", "/v1/jobs", {**COMMAND, "name": f"job{number}"})
    page = await client.call("GET", "/v1/jobs?maxResults=2&includeArchived=false")
    assert [job["name"] for job in page.json["value"]] == ["job2", "job1"]
    rest = await client.call("GET", f"/v1/jobs?after={page.json['next']}")
    assert [job["name"] for job in rest.json["value"]] == ["job0"]


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ("maxResults=many", "query"),
        ("includeArchived=perhaps", "query"),
        ("max_results=3", "max_results"),
        ("a=1&" * 60, "query"),
        ("status=%FF", "query"),
    ],
)
async def test_a_query_that_cannot_be_read_is_invalid(
    client: Client, query: str, target: str
) -> None:
    answer = await client.call("GET", f"/v1/jobs?{query}")
    assert (answer.status, answer.code) == (400, "Invalid")
    assert answer.json["error"]["target"] == target


@pytest.mark.parametrize(
    ("body", "target"),
    [
        (b"not json", "body"),
        (b"\xff\xfe", "body"),
        (b"[" * 100_000, "body"),
        (b"[]", "body"),
        (b"{}", "spec"),
        (b'{"spec":{"type":"command","command":3}}', "spec.command"),
        (b'{"spec":{"type":"command","command":"x","instanceCount":0}}', "spec.instanceCount"),
        (b'{"spec":{"type":"nonsense"}}', "spec.type"),
    ],
)
async def test_a_body_that_cannot_be_read_names_its_field(
    client: Client, body: bytes, target: str
) -> None:
    answer = await client.call("POST", "/v1/jobs", body)
    assert (answer.status, answer.code) == (400, "Invalid")
    assert answer.json["error"]["target"] in (target, "body")


async def test_an_empty_body_is_an_empty_object(stack: Stack, client: Client) -> None:
    class Service:
        async def stop(self, *, body: Any) -> dict[str, bool]:
            return {"force": body.force}

    stack.facets["service"] = Service()
    assert (await client.call("POST", "/v1/service/stop")).json == {"force": False}


async def test_errors_are_arms_body_under_their_status(stack: Stack, client: Client) -> None:
    answer = await client.call("GET", "/v1/jobs/no_such_job")
    assert answer.status == 404
    assert answer.json["error"]["code"] == "NotFound"
    assert "no_such_job" in answer.json["error"]["message"]

    class Full:
        async def create(self, *, body: Any) -> None:
            raise StorageFull("The disk is full.", target="/home", hint="Free some space.")

    stack.facets["jobs"] = Full()
    answer = await client.call("POST", "/v1/jobs", COMMAND)
    assert (answer.status, answer.code) == (507, "StorageFull")


async def test_a_defect_is_internal_with_an_id_that_the_log_has(
    stack: Stack, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def get(self, name: str) -> None:
            raise ZeroDivisionError("secret details")

    stack.facets["jobs"] = Broken()
    answer = await client.call("GET", "/v1/jobs/x?not=logged")
    assert (answer.status, answer.code) == (500, "Internal")
    number = answer.json["error"]["details"][0]
    assert number in answer.json["error"]["message"]
    assert "secret details" not in answer.body.decode()
    assert number in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "not=logged" not in caplog.text


async def test_a_facet_that_the_workspace_lacks_is_not_found(client: Client) -> None:
    answer = await client.call("GET", "/v1/sessions")
    assert (answer.status, answer.code) == (404, "NotFound")
    assert "sessions" in answer.json["error"]["message"]


async def test_nothing_returned_is_an_empty_object(stack: Stack, client: Client) -> None:
    class Quiet:
        async def get(self, name: str) -> None:
            return None

    stack.facets["jobs"] = Quiet()
    assert (await client.call("GET", "/v1/jobs/x")).body == b"{}"


async def test_json_that_is_ready_passes_as_it_is(stack: Stack, client: Client) -> None:
    class Ready:
        async def list(self, *, query: Any) -> msgspec.Raw:
            return msgspec.Raw(b'{"value":[],"next":""}')

    stack.facets["jobs"] = Ready()
    assert (await client.call("GET", "/v1/jobs")).body == b'{"value":[],"next":""}'
