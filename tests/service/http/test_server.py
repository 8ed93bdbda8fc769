"""The generic handler: what goes in, what comes out, and what a connection survives."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from jupyter_aml.model.api import ROUTES
from jupyter_aml.model.errors import StorageFull
from jupyter_aml.testing.waiting import eventually
from tests.service.http.wire import Client, Stack

COMMAND = {"spec": {"type": "command", "command": "echo hello"}}


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


# -- streams --------------------------------------------------------------------------------


async def test_a_run_streams_the_job_and_its_events(client: Client) -> None:
    answer = await client.call("POST", "/v1/jobs/run", COMMAND)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert lines[0]["job"]["status"] == "Queued"
    assert "hello\n" in [line.get("text") for line in lines]
    assert lines[-2]["status"] == "Completed"
    assert (await client.call("GET", "/v1/jobs")).status == 200, "the connection goes on"


async def test_a_refused_run_keeps_its_status(client: Client) -> None:
    body = {"spec": {"type": "command", "command": "echo", "compute": "nowhere"}}
    answer = await client.call("POST", "/v1/jobs/run", body)
    assert (answer.status, answer.code) == (404, "NotFound")


class Endless:
    """Streams batches until its reader goes away, and says how it ended."""

    def __init__(self, batch: bytes) -> None:
        self.batch = batch
        self.sent = 0
        self.ended = asyncio.Event()

    async def events(self, name: str, *, query: Any) -> AsyncIterator[bytes]:
        return self._batches()

    async def _batches(self) -> AsyncIterator[bytes]:
        try:
            while True:
                self.sent += 1
                yield self.batch
                await asyncio.sleep(0)
        finally:
            self.ended.set()


async def test_a_client_that_goes_away_ends_its_iterator(stack: Stack, client: Client) -> None:
    stack.facets["jobs"] = endless = Endless(b"{}\n")
    await client.send(client.request("GET", "/v1/jobs/x/events"))
    await client.head()
    await client.close()
    await asyncio.wait_for(endless.ended.wait(), 5)


async def test_a_client_that_goes_away_while_nothing_happens_ends_its_iterator(
    stack: Stack, client: Client
) -> None:
    ended = asyncio.Event()

    class Silent:
        async def events(self, name: str, *, query: Any) -> AsyncIterator[bytes]:
            return self._batches()

        async def _batches(self) -> AsyncIterator[bytes]:
            try:
                await asyncio.Event().wait()
                yield b""
            finally:
                ended.set()

    stack.facets["jobs"] = Silent()
    await client.send(client.request("GET", "/v1/jobs/x/events"))
    await client.head()
    await client.close()
    await asyncio.wait_for(ended.wait(), 5)


async def test_a_slow_reader_makes_its_stream_wait(stack: Stack, client: Client) -> None:
    stack.facets["jobs"] = endless = Endless(b"x" * 65_536)
    await client.send(client.request("GET", "/v1/jobs/x/events"))
    await client.head()
    before = -1
    while before != endless.sent:  # until nothing more is taken from it
        before = endless.sent
        await asyncio.sleep(0.1)
    assert endless.sent * 65_536 < 64_000_000
    other = await stack.client()
    assert (await other.call("GET", "/v1/compute")).status == 200


async def test_a_stream_that_breaks_has_no_end(
    stack: Stack, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def events(self, name: str, *, query: Any) -> AsyncIterator[bytes]:
            return self._batches()

        async def _batches(self) -> AsyncIterator[bytes]:
            yield b"{}\n"
            raise ZeroDivisionError

    stack.facets["jobs"] = Broken()
    await client.send(client.request("GET", "/v1/jobs/x/events"))
    await client.head()
    with pytest.raises(asyncio.IncompleteReadError):
        [chunk async for chunk in client.chunks()]
    assert "ZeroDivisionError" in caplog.text


async def test_http_1_0_gets_a_stream_until_the_end_of_the_connection(client: Client) -> None:
    request = client.request("POST", "/v1/jobs/run", COMMAND).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    await client.send(request)
    _, headers = await client.head()
    assert "transfer-encoding" not in headers
    assert client._reader is not None
    body = await asyncio.wait_for(client._reader.read(), 10)
    assert json.loads(body.splitlines()[-1])["job"]["status"] == "Completed"


async def test_files_are_bytes_not_lines(stack: Stack, client: Client) -> None:
    class Files:
        async def read(self, name: str, *, query: Any) -> AsyncIterator[bytes]:
            return self._bytes(query.offset)

        async def _bytes(self, offset: int) -> AsyncIterator[bytes]:
            yield bytes(range(256))[offset:]

    stack.facets["jobs"] = Files()
    answer = await client.call("GET", "/v1/jobs/x/file?path=a.bin&offset=6")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.body == bytes(range(256))[6:]


# -- connections ----------------------------------------------------------------------------


async def test_pipelined_requests_are_answered_in_order(client: Client) -> None:
    await client.send(
        client.request("POST", "/v1/jobs/run", COMMAND)
        + client.request("GET", "/v1/compute/local")
        + client.request("GET", "/v1/compute/nowhere")
    )
    assert json.loads((await client.response()).body.splitlines()[0])["job"]
    assert (await client.response()).json["spec"]["name"] == "local"
    assert (await client.response()).status == 404


async def test_bytes_may_come_one_by_one(client: Client) -> None:
    for byte in client.request("POST", "/v1/jobs", {**COMMAND, "name": "mine"}):
        await client.send(bytes([byte]))
    assert (await client.response()).json["name"] == "mine"


async def test_a_chunked_body_is_read(client: Client) -> None:
    body = json.dumps({**COMMAND, "name": "mine"}).encode()
    head = client.request(
        "POST",
        "/v1/jobs",
        headers={"Transfer-Encoding": "chunked"},
        leave_out=("Content-Length",),
    )
    chunks = b"".join(b"%x\r\n%b\r\n" % (1, body[i : i + 1]) for i in range(len(body)))
    await client.send(head + chunks + b"0\r\n\r\n")
    assert (await client.response()).json["name"] == "mine"


async def test_a_client_may_ask_before_it_sends(client: Client) -> None:
    request = client.request("POST", "/v1/jobs", COMMAND, headers={"Expect": "100-continue"})
    head, _, body = request.partition(b"\r\n\r\n")
    await client.send(head + b"\r\n\r\n")
    assert (await client.head())[0] == 100
    await client.send(body)
    assert (await client.response()).status == 200


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"hello\r\n\r\n",
        b"GET /v1/jobs HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /v1/jobs HTTP/1.1\r\n" + b"X-Large: " + b"x" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_refused_and_hung_up_on(client: Client, garbage: bytes) -> None:
    await client.send(garbage)
    answer = await client.response()
    assert (answer.status, answer.code) == (400, "Invalid")
    assert await client.at_end()


async def test_an_upgrade_is_refused(client: Client) -> None:
    await client.send(
        client.request(
            "GET", "/v1/feed/12345678", headers={"Connection": "Upgrade", "Upgrade": "websocket"}
        )
    )
    status, _ = await client.head()
    assert status in (200, 400)


async def test_connection_close_is_honoured(client: Client) -> None:
    answer = await client.call("GET", "/v1/compute", headers={"Connection": "close"})
    assert answer.headers["connection"] == "close"
    assert await client.at_end()


async def test_a_body_over_the_limit_is_too_large_and_the_connection_goes_on() -> None:
    stack = Stack(body_limit=1_000_000)
    await stack.server.open()
    client = await stack.client()
    for size in (1_000_001, 20_000_000):
        answer = await client.call("POST", "/v1/jobs", b"x" * size)
        assert (answer.status, answer.code) == (413, "TooLarge")
    assert (await client.call("GET", "/v1/compute")).status == 200
    await stack.close()


async def test_a_body_without_reason_is_not_waited_for(client: Client) -> None:
    await client.send(client.request("POST", "/v1/jobs", headers={"Content-Length": str(10**12)}))
    assert (await client.response()).status == 413
    assert await client.at_end()


async def test_too_many_connections_are_told_so() -> None:
    stack = Stack(connection_limit=3)
    await stack.server.open()
    first = [await stack.client() for _ in range(3)]
    for client in first:
        assert (await client.call("GET", "/v1/compute")).status == 200
    late = await stack.client()
    answer = await late.response()
    assert (answer.status, answer.code) == (429, "Busy")
    await first[0].close()

    async def again() -> bool:
        client = await stack.client()
        await client.send(client.request("GET", "/v1/compute"))
        return (await client.response()).status == 200

    assert await eventually(again, seconds=5)
    await stack.close()


async def test_a_stranger_that_says_nothing_is_hung_up_on(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_aml.service.http.connection.UNKNOWN_SECONDS", 0.05)
    silent = await stack.client()
    assert await silent.at_end()
    known = await stack.client()
    await known.call("GET", "/v1/compute")
    await asyncio.sleep(0.1)
    assert (await known.call("GET", "/v1/compute")).status == 200


async def test_closing_answers_what_is_under_way_and_ends_streams(
    stack: Stack, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    gate = asyncio.Event()

    class Slow:
        async def get(self, name: str) -> dict[str, str]:
            await gate.wait()
            return {"name": name}

        async def events(self, name: str, *, query: Any) -> AsyncIterator[bytes]:
            return Endless(b"{}\n")._batches()

    stack.facets["jobs"] = Slow()
    stream, idle = await stack.client(), await stack.client()
    await stream.send(stream.request("GET", "/v1/jobs/x/events"))
    await stream.head()
    await idle.call("GET", "/v1/compute")
    await client.send(client.request("GET", "/v1/jobs/x"))
    await asyncio.sleep(0.05)
    closing = asyncio.ensure_future(stack.server.close())
    await asyncio.sleep(0.05)
    gate.set()
    assert (await client.response()).json == {"name": "x"}
    assert await idle.at_end()
    await asyncio.wait_for(closing, 5)
    assert not caplog.text


async def test_idle_means_that_nobody_makes_use_of_it(stack: Stack, client: Client) -> None:
    class Service:
        async def status(self) -> dict[str, str]:
            return {"state": "running"}

    stack.facets["service"] = Service()
    await client.call("GET", "/v1/compute")
    await asyncio.sleep(0.05)
    await client.call("GET", "/v1/service")
    assert stack.server.idle_seconds() > 0.04, "who only looks does not count"
    await client.call("GET", "/v1/compute")
    assert stack.server.idle_seconds() < 0.04
    follower = await stack.client()
    stack.facets["jobs"] = Endless(b"")
    await follower.send(follower.request("GET", "/v1/feed/12345678"))
    await follower.head()
    await asyncio.sleep(0.05)
    assert stack.server.idle_seconds() == 0.0, "who follows does"


async def test_every_route_reaches_the_method_that_it_names(stack: Stack, client: Client) -> None:
    seen: list[str] = []

    class Facet:
        def __init__(self, name: str) -> None:
            self.name = name

        def __getattr__(self, verb: str) -> Any:
            async def call(**arguments: Any) -> None:
                seen.append(f"{self.name}.{verb}")

            return call

    stack.facets.update({route.facet: Facet(route.facet) for route in ROUTES})
    bodies = {
        "compute.create": {"type": "computeinstance", "name": "dev-box"},
        "jobs.create": COMMAND,
        "jobs.run": COMMAND,
        "jobs.check": COMMAND,
        "snapshots.create": {"path": "/x"},
        "workspaces.use": {"name": "x"},
    }
    queries = {"jobs.read": "?path=x", "cells.get": "?notebook=a&cellId=b"}
    for route in ROUTES:
        path = "/v1" + route.path.format(name="x", node="y", feed="12345678")
        body = bodies.get(route.operation)
        answer = await client.call(route.method, path + queries.get(route.operation, ""), body)
        assert answer.status == 200, answer.body
    assert seen == [route.operation for route in ROUTES]
