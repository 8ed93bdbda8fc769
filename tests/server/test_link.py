"""Finding and starting the service: once for all, off the loop, and again when it has moved."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_aml.model.errors import ServiceNotRunning, StorageFull, Unavailable
from jupyter_aml.server import link as links
from jupyter_aml.server.endpoint import Endpoint
from jupyter_aml.server.handler import SETTING
from jupyter_aml.server.link import ServiceLink
from jupyter_aml.testing.waiting import eventually
from tests.server.fake_service import FakeService


class SlowToStart:
    """Starts `service` when released; counts how often it was asked to."""

    def __init__(self, service: FakeService) -> None:
        self.service = service
        self.asked = 0
        self.release = threading.Event()

    async def was_asked(self) -> bool:
        return self.asked > 0

    def find(self) -> Endpoint | None:
        time.sleep(0.1)  # a network home that is slow to read
        return None

    def start(self) -> Endpoint:
        self.asked += 1
        assert self.release.wait(60)
        return self.service.endpoint


@pytest.fixture
def slow(service: FakeService) -> Iterator[SlowToStart]:
    slow = SlowToStart(service)
    yield slow
    slow.release.set()


async def test_requests_share_one_start_and_the_loop_goes_on(
    jp_serverapp: Any, jp_fetch: Any, slow: SlowToStart
) -> None:
    jp_serverapp.web_app.settings[SETTING] = ServiceLink(slow.find, slow.start)
    requests = [
        asyncio.ensure_future(jp_fetch("jupyter-aml", "api", "v1", "echo")) for _ in range(8)
    ]
    await eventually(slow.was_asked)
    # The start holds its thread until it is released; were that the loop's, nobody would answer.
    status = json.loads((await jp_fetch("jupyter-aml", "status")).body)
    assert status["state"] == "starting"
    assert not any(request.done() for request in requests)
    slow.release.set()
    answers = await asyncio.gather(*requests)
    assert {answer.code for answer in answers} == {200}
    assert slow.asked == 1


async def test_the_first_caller_may_go_away(service: FakeService, slow: SlowToStart) -> None:
    link = ServiceLink(slow.find, slow.start)
    first = asyncio.create_task(link.reach())
    second = asyncio.create_task(link.reach())
    await asyncio.sleep(0)
    first.cancel()
    slow.release.set()
    assert await second == service.endpoint
    assert slow.asked == 1


async def test_a_stopped_service_stays_stopped_until_it_is_wanted(service: FakeService) -> None:
    running: list[Endpoint] = []

    def start() -> Endpoint:
        running.append(service.endpoint)
        return service.endpoint

    link = ServiceLink(lambda: running[0] if running else None, start, lambda: True)
    with pytest.raises(ServiceNotRunning):
        await link.resume()
    assert not running
    assert await link.reach() == service.endpoint
    assert await link.resume() == service.endpoint


@pytest.mark.parametrize(("in_order", "state"), [(True, "stopped"), (False, "died")])
async def test_the_status_tells_a_stopped_service_from_one_that_died(
    jp_serverapp: Any, jp_fetch: Any, in_order: bool, state: str
) -> None:
    def start() -> Endpoint:
        raise AssertionError("looking starts nothing")

    link = ServiceLink(lambda: None, start, lambda: in_order)
    jp_serverapp.web_app.settings[SETTING] = link
    assert json.loads((await jp_fetch("jupyter-aml", "status")).body)["state"] == state


async def test_a_service_that_died_is_resumed(service: FakeService) -> None:
    link = ServiceLink(lambda: None, lambda: service.endpoint, lambda: False)
    assert await link.resume() == service.endpoint


async def test_one_that_somebody_else_started_is_found_without_a_start(
    service: FakeService,
) -> None:
    def start() -> Endpoint:
        raise AssertionError("it runs already")

    link = ServiceLink(lambda: service.endpoint, start, lambda: True)
    assert await link.resume() == service.endpoint


async def test_a_start_that_fails_says_what_and_how_to_mend_it(
    jp_serverapp: Any, jp_fetch: Any
) -> None:
    def start() -> Endpoint:
        raise Unavailable("It did not come up.", hint="Look there.", details=["line 1", "line 2"])

    jp_serverapp.web_app.settings[SETTING] = ServiceLink(lambda: None, start)
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("jupyter-aml", "api", "v1", "jobs")
    assert caught.value.code == 503
    assert caught.value.response is not None
    body = {
        "code": "Unavailable",
        "message": "It did not come up.",
        "hint": "Look there.",
        "details": ["line 1", "line 2"],
    }
    assert json.loads(caught.value.response.body) == {"error": body}
    status = json.loads((await jp_fetch("jupyter-aml", "status")).body)
    assert (status["state"], status["error"]) == ("failed", body)


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (StorageFull("The disk is full."), 507, "StorageFull"),
        (PermissionError(13, "not yours"), 503, "Unavailable"),
        (ZeroDivisionError("a defect"), 500, "Internal"),
    ],
)
async def test_every_failure_to_start_has_arms_shape(
    jp_serverapp: Any, jp_fetch: Any, raised: Exception, status: int, code: str
) -> None:
    def start() -> Endpoint:
        raise raised

    jp_serverapp.web_app.settings[SETTING] = ServiceLink(lambda: None, start)
    answer = await jp_fetch("jupyter-aml", "api", "v1", "jobs", raise_error=False)
    assert answer.code == status
    error = json.loads(answer.body)["error"]
    assert error["code"] == code
    assert "Traceback" not in answer.body.decode()


async def test_a_service_that_comes_back_elsewhere_is_found(service: FakeService) -> None:
    link = ServiceLink(lambda: service.endpoint, lambda: service.endpoint)
    async with await link.ask("GET", "/v1/echo"):
        pass
    await service.stop()
    service.token = "another"
    service.start()
    async with await link.ask("POST", "/v1/echo", body=b"once") as answer:
        assert await answer.read() == b"once"
    assert [heard.method for heard in service.heard] == ["GET", "POST"]


async def test_a_new_service_on_the_old_port_is_asked_with_its_own_token(
    service: FakeService,
) -> None:
    link = ServiceLink(lambda: service.endpoint, lambda: service.endpoint)
    async with await link.ask("GET", "/v1/echo"):
        pass
    service.token = "another"
    async with await link.ask("POST", "/v1/echo", body=b"x") as answer:
        assert answer.status == 200


async def test_a_token_refused_twice_is_not_the_users_sign_in(service: FakeService) -> None:
    stale = replace(service.endpoint, token="stale")
    link = ServiceLink(lambda: stale, lambda: stale)
    with pytest.raises(Unavailable) as caught:
        await link.ask("GET", "/v1/echo")
    assert "stale" not in str(caught.value) + str(caught.value.details)
    assert len(service.heard) >= 2


async def test_a_port_where_nobody_listens_ends_in_one_error(service: FakeService) -> None:
    await service.stop()
    link = ServiceLink(lambda: service.endpoint, lambda: service.endpoint)
    with pytest.raises(Unavailable) as caught:
        await link.ask("GET", "/v1/echo")
    assert "jupyter aml service status" in caught.value.hint


@asynccontextmanager
async def takes_and_drops() -> AsyncIterator[Endpoint]:
    """Someone who takes each connection and closes it without a word, as the dying do."""

    async def drop(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await asyncio.start_server(drop, "127.0.0.1", 0)
    yield Endpoint("127.0.0.1", server.sockets[0].getsockname()[1], "token")
    server.close()
    await server.wait_closed()


async def test_a_service_that_dies_under_a_question_is_asked_anew(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "DYING_SECONDS", 60.0)  # however busy this machine is
    async with takes_and_drops() as dying:
        found = iter([dying, dying, service.endpoint])
        link = ServiceLink(lambda: None, lambda: next(found))
        async with await link.ask("GET", "/v1/echo") as answer:
            assert answer.status == 200


async def test_an_order_that_may_have_been_carried_out_is_not_sent_again(
    service: FakeService,
) -> None:
    async with takes_and_drops() as dying:
        found = iter([dying, service.endpoint])
        link = ServiceLink(lambda: None, lambda: next(found))
        with pytest.raises(Unavailable):
            await link.ask("POST", "/v1/echo", body=b"once")
        assert service.heard == []
        async with await link.ask("POST", "/v1/echo", body=b"again") as answer:
            assert await answer.read() == b"again"


async def test_a_stranger_on_the_port_is_told_apart() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")  # closing with a request unread would be a reset
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    endpoint = Endpoint("127.0.0.1", server.sockets[0].getsockname()[1], "token")
    with pytest.raises(Unavailable, match="does not speak HTTP"):
        await ServiceLink(lambda: endpoint, lambda: endpoint).ask("GET", "/v1/echo")
    server.close()
    await server.wait_closed()


def test_a_token_is_not_shown() -> None:
    assert "sesame" not in repr(Endpoint("127.0.0.1", 1, "sesame"))
