"""What an endpoint answers, and to whom."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
from functools import partial
from typing import Any

import pytest

from tests.serving.conftest import KEY, Endpoint


async def test_shares_are_exact(endpoint: Endpoint) -> None:
    endpoint.add("green", "g1")
    endpoint.table["traffic"] = {"blue": 90, "green": 10}
    await endpoint.start()
    caller = await endpoint.connect()
    answers: list[Any] = []
    for _ in range(100):
        caller.writer.write(endpoint.request())
        answers.append((await caller.read()).json)
    assert (answers.count("b1"), answers.count("g1")) == (90, 10)
    assert answers.index("g1") < 15, "spread, not in a block at the end"


async def test_who_has_less_to_do_has_up_to_five_in_a_row(endpoint: Endpoint) -> None:
    endpoint.add("blue", "b1", max_concurrent=100)
    endpoint.add("green", "g1", max_concurrent=100)
    endpoint.table["traffic"] = {"blue": 90, "green": 10}
    await endpoint.start()
    for each in endpoint.instances.values():
        each.on_request = lambda _: None
    green = endpoint.instances["g1"]
    order = ""
    for number in range(1, 101):
        caller = await endpoint.connect()
        caller.writer.write(endpoint.request())
        await endpoint.until(partial(_has_sent, endpoint, number))
        order += "g" if len(green.received) > order.count("g") else "b"
    assert [len(row) for row in re.findall("g+", order)] == [5, 5]


def _has_sent(endpoint: Endpoint, count: int) -> bool:
    return sum(len(each.received) for each in endpoint.instances.values()) == count


async def test_an_instance_that_is_held_gets_nothing_until_it_is_let_go(endpoint: Endpoint) -> None:
    endpoint.add("blue", "b1", "b2", held=["b1"])
    await endpoint.start(alive=False)
    for each in endpoint.instances.values():
        await each.start()
    told = endpoint.router.deployments["blue"].instances
    await endpoint.until(lambda: all(one.state == "ready" for one in told.values()))
    assert {(await endpoint.ask()).json for _ in range(5)} == {"b2"}
    spec = endpoint.table["deployments"]["blue"]
    del spec["instances"]["b2"]
    endpoint.adopt()
    asked = asyncio.ensure_future(endpoint.ask())
    await endpoint.until(lambda: endpoint.router.deployments["blue"].queued == 1)
    spec["held"] = []
    endpoint.adopt()
    assert (await asked).json == "b1"


async def test_answers_have_azures_headers(endpoint: Endpoint) -> None:
    await endpoint.start()
    reply = await endpoint.ask(x_ms_client_request_id="mine-1", TraceId="t")
    assert reply.status == 200
    assert reply.headers["azureml-model-deployment"] == "blue"
    assert reply.headers["x-ms-client-request-id"] == "mine-1"
    assert reply.headers["traceid"] == "t"
    assert reply.headers["x-ms-request-id"] == reply.headers["x-request-id"]
    assert "x-ms-server-version" in reply.headers
    other = await endpoint.ask()
    assert other.headers["x-ms-request-id"] != reply.headers["x-ms-request-id"]


async def test_instances_never_see_the_key(endpoint: Endpoint) -> None:
    await endpoint.start()
    await endpoint.ask(body=b"[7]", X_Mine="yes")
    (seen,) = endpoint.instances["b1"].received
    assert seen.body == b"[7]"
    assert seen.head.startswith(b"POST /score\r\n")
    assert b"X-Mine: yes\r\n" in seen.head
    assert KEY.encode() not in seen.head


async def test_a_header_names_the_deployment(endpoint: Endpoint) -> None:
    endpoint.add("green", "g1")
    await endpoint.start()
    assert (await endpoint.ask(azureml_model_deployment="green")).json == "g1"
    missing = await endpoint.ask(azureml_model_deployment="red")
    assert (missing.status, missing.code) == (404, "NoDeployment")


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Bearer", f"Basic {KEY}"])
async def test_who_has_no_key_is_refused(endpoint: Endpoint, authorization: str) -> None:
    await endpoint.start()
    reply = await endpoint.ask(Authorization=authorization)
    assert (reply.status, reply.code) == (401, "Unauthorized")
    assert not endpoint.instances["b1"].received


async def test_a_key_that_was_changed_opens_nothing_on_an_old_connection(
    endpoint: Endpoint,
) -> None:
    await endpoint.start()
    caller = await endpoint.connect()
    caller.writer.write(endpoint.request())
    assert (await caller.read()).status == 200
    endpoint.table["auth"]["keys"] = [hashlib.sha256(b"another").hexdigest()]
    endpoint.adopt()
    caller.writer.write(endpoint.request())
    assert (await caller.read()).status == 401


def _token(secret: bytes, **claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    signature = hmac.new(secret, payload, hashlib.sha256).digest()
    return (payload + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


async def test_tokens_expire_also_on_an_open_connection(endpoint: Endpoint) -> None:
    secret = b"s" * 32
    endpoint.table["auth"] = {"mode": "aml_token", "token_key": secret.hex()}
    await endpoint.start()
    bearer = "Bearer " + _token(secret, endpoint="digits", exp=endpoint.wall[0] + 60)
    caller = await endpoint.connect()
    caller.writer.write(endpoint.request(Authorization=bearer))
    assert (await caller.read()).status == 200
    endpoint.wall[0] += 61
    caller.writer.write(endpoint.request(Authorization=bearer))
    assert (await caller.read()).status == 401


@pytest.mark.parametrize(
    "token",
    [
        _token(b"s" * 32, endpoint="another", exp=2_000_000),
        _token(b"t" * 32, endpoint="digits", exp=2_000_000),
        _token(b"s" * 32, endpoint="digits"),
        "not.base64!",
        "x",
    ],
)
async def test_other_tokens_are_refused(endpoint: Endpoint, token: str) -> None:
    endpoint.table["auth"] = {"mode": "aml_token", "token_key": (b"s" * 32).hex()}
    await endpoint.start()
    assert (await endpoint.ask(Authorization=f"Bearer {token}")).status == 401


async def test_another_host_is_refused(endpoint: Endpoint) -> None:
    await endpoint.start()
    reply = await endpoint.ask(Host="evil.example")
    assert (reply.status, reply.code) == (403, "HostNotAllowed")
    assert (await endpoint.ask(Host=f"localhost:{endpoint.port}")).status == 200


async def test_what_is_not_http_or_elsewhere_is_refused(endpoint: Endpoint) -> None:
    endpoint.table["limits"] = {"max_request_bytes": 10}
    await endpoint.start()
    host = f"Host: 127.0.0.1:{endpoint.port}\r\nAuthorization: Bearer {KEY}\r\n"
    both = "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"
    cases = {
        "hello\r\n\r\n": 400,
        f"POST /score HTTP/1.1\r\n{host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n": 400,
        f"POST /score HTTP/1.1\r\n{host}{both}\r\n": 400,
        f"POST /score HTTP/1.1\r\n{host}Transfer-Encoding: gzip\r\n\r\n": 400,
        f"POST /score HTTP/1.1\r\n{host}Content-Length: 11\r\n\r\n": 413,
        f"POST /score HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\nb\r\n": 413,
        f"POST /score HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\nzz\r\n": 400,
        f"PUT /score HTTP/1.1\r\n{host}\r\n": 405,
        f"POST /other HTTP/1.1\r\n{host}Content-Length: 0\r\n\r\n": 404,
        f"POST /score HTTP/1.1\r\n{host}X: {'x' * 17000}\r\n": 431,
        f"GET /score HTTP/1.1\r\n{host}Upgrade: websocket\r\nConnection: upgrade\r\n\r\n": 400,
    }
    for text, status in cases.items():
        caller = await endpoint.connect()
        caller.writer.write(text.encode())
        reply = await caller.read()
        assert (reply.status, text) == (status, text)
        assert reply.json["error"]["message"]
        assert await caller.is_closed()
    assert not endpoint.instances["b1"].received


async def test_bodies_in_pieces_and_in_chunks_arrive_whole(endpoint: Endpoint) -> None:
    await endpoint.start()
    caller = await endpoint.connect()
    whole = endpoint.request(b"x" * 3000)
    for start in range(0, len(whole), 700):
        caller.writer.write(whole[start : start + 700])
        await caller.writer.drain()
        await asyncio.sleep(0)
    assert (await caller.read()).status == 200
    chunked = endpoint.request(b"", Content_Length="", Transfer_Encoding="chunked")
    for byte in chunked + b"3\r\nabc\r\n2;e=1\r\nde\r\n0\r\nTrailer: x\r\n\r\n":
        caller.writer.write(bytes([byte]))
        await asyncio.sleep(0)
    assert (await caller.read()).status == 200
    bodies = [each.body for each in endpoint.instances["b1"].received]
    assert bodies == [b"x" * 3000, b"abcde"]


async def test_pipelined_requests_are_answered_in_order(endpoint: Endpoint) -> None:
    await endpoint.start()
    blue = endpoint.instances["b1"]
    blue.on_request = lambda each: blue.answer(each, body=each.body)
    caller = await endpoint.connect()
    caller.writer.write(b"".join(endpoint.request(b"%d" % number) for number in range(20)))
    assert [(await caller.read()).body for _ in range(20)] == [b"%d" % n for n in range(20)]


async def test_a_client_that_waits_for_100_is_told_to_go_on(endpoint: Endpoint) -> None:
    await endpoint.start()
    caller = await endpoint.connect()
    request = endpoint.request(b"[1]", Expect="100-continue")
    caller.writer.write(request[:-3])
    assert await caller.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    caller.writer.write(request[-3:])
    assert (await caller.read()).status == 200


@pytest.mark.parametrize(("errors", "status"), [("azure", 424), ("plain", 500)])
async def test_errors_of_the_model(endpoint: Endpoint, errors: str, status: int) -> None:
    endpoint.table["model_errors"] = errors
    await endpoint.start()
    blue = endpoint.instances["b1"]
    blue.on_request = lambda each: blue.answer(each, 500, b'{"message":"why"}')
    reply = await endpoint.ask()
    assert (reply.status, reply.json) == (status, {"message": "why"})
    if errors == "azure":
        assert reply.headers["ms-azureml-model-error-statuscode"] == "500"
        assert reply.headers["ms-azureml-model-error-reason"] == "Internal Server Error"


async def test_health_needs_no_key(endpoint: Endpoint) -> None:
    await endpoint.start()
    caller = await endpoint.connect()
    ask = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{endpoint.port}\r\n\r\n".encode()
    caller.writer.write(ask)
    assert (await caller.read()).status == 200
    endpoint.instances["b1"].die()
    await endpoint.until(lambda: not endpoint.is_ready("b1"))
    caller.writer.write(ask)
    assert (await caller.read()).status == 503


async def test_an_endpoint_without_traffic_says_so(endpoint: Endpoint) -> None:
    endpoint.table["traffic"] = {"blue": 0}
    await endpoint.start()
    assert (await endpoint.ask()).code == "NoDeployment"


async def test_the_request_log_has_every_request_and_no_secret(endpoint: Endpoint) -> None:
    await endpoint.start()
    await endpoint.ask(path="/score?secret=1", x_ms_client_request_id="c")
    await endpoint.ask(Authorization="Bearer wrong")
    log = endpoint.folder / "requests.log"
    await endpoint.until(lambda: log.exists() and log.read_text().count("\n") == 2)
    good, bad = map(json.loads, log.read_text().splitlines())
    assert (good["status"], good["deployment"], good["instance"]) == (200, "blue", "b1")
    assert (good["path"], good["client_id"], good["mirror"]) == ("/score", "c", False)
    assert (good["bytes_in"], good["bytes_out"]) == (3, 4)
    assert (bad["status"], bad["code"]) == (401, "Unauthorized")
    assert "secret" not in log.read_text()
    assert KEY not in log.read_text()


async def test_mirrored_copies_are_answered_to_nobody(endpoint: Endpoint) -> None:
    endpoint.add("shadow", "s1")
    endpoint.table["mirror"] = {"shadow": 50}
    await endpoint.start()
    for _ in range(10):
        assert (await endpoint.ask()).json == "b1"
    await endpoint.until(lambda: len(endpoint.instances["s1"].received) == 5)
    counters = endpoint.router.deployments["shadow"].counters
    await endpoint.until(lambda: counters.in_flight == 0)
    assert (counters.mirrored, counters.requests, counters.statuses[200]) == (5, 5, 5)


async def test_mirroring_keeps_to_its_bandwidth(endpoint: Endpoint) -> None:
    endpoint.add("shadow", "s1")
    endpoint.table |= {"mirror": {"shadow": 100}, "mirror_bytes_per_second": 500}
    await endpoint.start()
    await endpoint.ask(b"x" * 600)
    assert not endpoint.instances["s1"].received
    counters = endpoint.router.deployments["shadow"].counters
    assert counters.failures["MirrorSkipped"] == 1


async def test_so_many_requests_a_second(endpoint: Endpoint) -> None:
    endpoint.table["limits"] = {"requests_per_second": 2}
    endpoint.clock = lambda: 5.0
    await endpoint.start()
    replies = [await endpoint.ask() for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 429, 429]
    assert replies[-1].headers["retry-after"] == "1"
