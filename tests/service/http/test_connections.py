"""What a connection survives: its neighbours, its limits, its end."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from jupyter_aml.model.api import ROUTES
from jupyter_aml.testing.clock import FakeClock
from jupyter_aml.testing.waiting import eventually
from tests.service.http.wire import COMMAND, PATIENCE, Client, Endless, Stack, path_of


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
        try:
            return (await client.call("GET", "/v1/compute")).status == 200
        except (ConnectionError, asyncio.IncompleteReadError):
            return False  # hung up on while it asked

    assert await eventually(again)
    await stack.close()


async def test_a_stranger_that_says_nothing_is_hung_up_on(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_aml.service.http.connection.UNKNOWN_SECONDS", 0.5)
    known = await stack.client()
    await known.call("GET", "/v1/compute")
    silent = await stack.client()
    assert await silent.at_end()  # who came before it would be gone by now
    assert (await known.call("GET", "/v1/compute")).status == 200


async def test_closing_answers_what_is_under_way_and_ends_streams(
    stack: Stack, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    asked, gate = asyncio.Event(), asyncio.Event()

    class Slow:
        async def get(self, name: str) -> dict[str, str]:
            asked.set()
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
    await asyncio.wait_for(asked.wait(), PATIENCE)
    closing = asyncio.ensure_future(stack.server.close())
    assert await idle.at_end()
    assert not closing.done()
    gate.set()
    assert (await client.response()).json == {"name": "x"}
    await asyncio.wait_for(closing, PATIENCE)
    assert not caplog.text


async def test_idle_means_that_nobody_makes_use_of_it() -> None:
    class Service:
        async def status(self) -> dict[str, str]:
            return {"state": "running"}

    clock = FakeClock()
    stack = Stack(clock=clock)
    await stack.server.open()
    client, follower = await stack.client(), await stack.client()
    stack.facets["service"] = Service()
    await client.call("GET", "/v1/compute")
    clock.advance(50)
    await client.call("GET", "/v1/service")
    assert stack.server.idle_seconds() == 50, "who only looks does not count"
    await client.call("GET", "/v1/compute")
    assert stack.server.idle_seconds() == 0
    await follower.send(follower.request("GET", "/v1/feed/12345678"))
    await follower.head()
    clock.advance(50)
    assert stack.server.idle_seconds() == 0, "who follows does"
    await stack.close()


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
        "compute.attach": {"name": "my-vm"},
        "jobs.create": COMMAND,
        "jobs.create_many": {"jobs": [COMMAND]},
        "jobs.run": COMMAND,
        "jobs.check": COMMAND,
        "jobs.preflight": COMMAND,
        "environments.create": {"name": "x"},
        "environments.diff": {"name": "x"},
        "snapshots.create": {"path": "/x"},
        "workspaces.use": {"name": "x"},
        "kernels.start": {"name": "x", "compute": "x"},
        "datastores.create": (asset := {"name": "x", "path": "/x"}),
        "datastores.upload": {"path": "/x"},
        "data.create": asset,
        "data.upload": asset,
        "models.create": asset,
        "components.create": {"spec": {"type": "command", "command": "true"}},
        "schedules.preview": {"trigger": {"type": "cron", "expression": "0 6 * * *"}},
        "schedules.create": {
            "name": "x",
            "trigger": {"type": "cron", "expression": "0 6 * * *"},
            "job": COMMAND["spec"],
        },
        "online_endpoints.create": {"name": "abc"},
        "batch_endpoints.create": {"name": "abc"},
        "online_deployments.create": (
            deployment := {"name": "blue", "endpointName": "abc", "model": "x:1"}
        ),
        "online_deployments.update": deployment,
        "online_deployments.rehearse": {"deployment": deployment},
        "batch_deployments.create": deployment,
        "online_endpoints.invoke": {"requestData": []},
        "online_endpoints.rollout": {"deployment": "blue"},
        "batch_endpoints.invoke": {"input": "/x"},
    }
    queries = {"jobs.read": "?path=x", "cells.get": "?notebook=a&cellId=b"}
    for route in ROUTES:
        body = bodies.get(route.operation)
        answer = await client.call(
            route.method, path_of(route) + queries.get(route.operation, ""), body
        )
        assert answer.status == 200, answer.body
    assert seen == [route.operation for route in ROUTES]
