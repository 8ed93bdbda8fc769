"""The WebSocket of a tab: who may, lines to the browser, commands to the service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClientConnection

from jupyter_aml.model.errors import Unavailable
from jupyter_aml.server import feed
from jupyter_aml.server.handler import SETTING
from jupyter_aml.server.link import ServiceLink
from tests.server.fake_service import FakeService

pytestmark = pytest.mark.usefixtures("link")

SECONDS = 60.0


class DenyEverything(Authorizer):
    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return False


async def read(socket: WebSocketClientConnection) -> str:
    message = await asyncio.wait_for(_message(socket), SECONDS)
    assert isinstance(message, str), f"closed: {socket.close_code} {socket.close_reason}"
    return message


async def closed(socket: WebSocketClientConnection) -> tuple[int | None, str | None]:
    """The close code and reason, whatever messages come before."""
    while await asyncio.wait_for(_message(socket), SECONDS) is not None:
        pass
    return socket.close_code, socket.close_reason


async def _message(socket: WebSocketClientConnection) -> str | bytes | None:
    return await socket.read_message()


async def until(condition: Any) -> None:
    deadline = asyncio.get_running_loop().time() + SECONDS
    while not condition():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.005)


@pytest.fixture
async def socket(jp_ws_fetch: Any, service: FakeService) -> AsyncIterator[Any]:
    """An open feed that has said hello."""
    socket = await jp_ws_fetch("jupyter-aml", "feed")
    assert json.loads(await read(socket))["type"] == "hello"
    yield socket
    socket.close()
    await until(lambda: not service.open_feeds)


async def test_without_a_token_there_is_no_feed(jp_ws_fetch: Any, service: FakeService) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await jp_ws_fetch("jupyter-aml", "feed", headers={"Authorization": "no"})
    assert caught.value.code == 403
    assert not service.heard


async def test_a_denying_authorizer_stops_the_feed(
    jp_serverapp: Any, jp_ws_fetch: Any, service: FakeService
) -> None:
    jp_serverapp.web_app.settings["authorizer"] = DenyEverything()
    with pytest.raises(HTTPClientError) as caught:
        await jp_ws_fetch("jupyter-aml", "feed")
    assert caught.value.code == 403
    assert not service.heard


async def test_a_page_of_another_origin_is_refused(
    jp_ws_fetch: Any, signed_in: dict[str, str], service: FakeService
) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await jp_ws_fetch(
            "jupyter-aml", "feed", headers={**signed_in, "Origin": "https://elsewhere.example"}
        )
    assert caught.value.code == 403
    assert not service.heard


async def test_a_signed_in_browser_gets_the_feed(
    jp_ws_fetch: Any, signed_in: dict[str, str], service: FakeService
) -> None:
    socket = await jp_ws_fetch("jupyter-aml", "feed", headers=dict(signed_in))
    assert json.loads(await read(socket))["type"] == "hello"
    socket.close()
    await until(lambda: not service.open_feeds)


async def test_a_feed_is_no_plain_request(jp_fetch: Any, service: FakeService) -> None:
    answer = await jp_fetch("jupyter-aml", "feed", raise_error=False)
    assert answer.code == 400
    assert not service.heard


async def test_lines_arrive_as_they_are(socket: Any, service: FakeService) -> None:
    odd = '{"type":"change", "x" : 1.50, "é":"🐍"}\n'
    service.lines.put_nowait(odd.encode())
    assert await read(socket) == odd


async def test_lines_that_came_together_share_a_message(socket: Any, service: FakeService) -> None:
    service.lines.put_nowait(b'{"n":1}\n{"n":2}\n{"n":')
    service.lines.put_nowait(b"3}\n")
    text = ""
    while text.count("\n") < 3:
        message = await read(socket)
        assert message.endswith("\n")
        text += message
    assert text == '{"n":1}\n{"n":2}\n{"n":3}\n'


async def test_a_line_larger_than_any_buffer_arrives_whole(
    socket: Any, service: FakeService
) -> None:
    line = json.dumps({"x": "y" * 3_000_000}) + "\n"
    service.lines.put_nowait(line.encode())
    assert await read(socket) == line


async def test_commands_reach_the_same_feed_verbatim_and_in_order(
    socket: Any, service: FakeService
) -> None:
    commands = [f'{{"follow": {{"job" :"j{n}","after":{n}}}}}' for n in range(20)]
    for command in commands:
        await socket.write_message(command)
    await until(lambda: len(service.heard) == 1 + len(commands))
    opened, *posted = service.heard
    assert [heard.body.decode() for heard in posted] == commands
    assert {heard.target for heard in service.heard} == {opened.target}
    assert {heard.method for heard in posted} == {"POST"}
    assert len(opened.target.removeprefix("/v1/feed/")) >= 32


async def test_a_refused_command_is_told_and_the_feed_goes_on(
    socket: Any, service: FakeService
) -> None:
    await socket.write_message('{"follow": {"job": "unknown"}}')
    line = json.loads(await read(socket))
    assert line["type"] == "error"
    assert line["error"]["code"] == "NotFound"
    service.lines.put_nowait(b'{"n":1}\n')
    assert await read(socket) == '{"n":1}\n'


async def test_too_large_a_message_closes_the_feed(socket: Any, service: FakeService) -> None:
    await socket.write_message("x" * (feed.MESSAGE_BYTES + 1))
    code, _ = await closed(socket)
    assert code == 1009
    assert [heard.method for heard in service.heard] == ["GET"]


async def test_binary_messages_close_the_feed(socket: Any) -> None:
    await socket.write_message(b"{}", binary=True)
    assert (await closed(socket))[0] == feed.NOT_TEXT


async def test_a_closed_tab_closes_the_feed_of_the_service(
    jp_ws_fetch: Any, service: FakeService
) -> None:
    socket = await jp_ws_fetch("jupyter-aml", "feed")
    await read(socket)
    assert len(service.open_feeds) == 1
    socket.close()
    await until(lambda: not service.open_feeds)


async def test_the_end_of_the_service_is_told(socket: Any, service: FakeService) -> None:
    service.lines.put_nowait(None)
    assert await closed(socket) == (feed.ENDED, "The service has ended the feed.")


async def test_a_service_that_dies_is_told(socket: Any, service: FakeService) -> None:
    await service.stop()
    code, reason = await closed(socket)
    assert code == feed.UNAVAILABLE
    assert reason
    assert "service" in reason


async def test_a_service_that_cannot_start_is_told(jp_serverapp: Any, jp_ws_fetch: Any) -> None:
    def start() -> Any:
        raise Unavailable("The disk is on fire. " * 20)

    jp_serverapp.web_app.settings[SETTING] = ServiceLink(lambda: None, start)
    socket = await jp_ws_fetch("jupyter-aml", "feed")
    code, reason = await closed(socket)
    assert code == feed.UNAVAILABLE
    assert reason
    assert reason.startswith("The disk is on fire.")
    assert len(reason.encode()) <= feed.REASON_BYTES
    socket.close()


async def test_a_tab_that_connects_again_leaves_a_stopped_service_alone(
    jp_serverapp: Any, jp_ws_fetch: Any, service: FakeService
) -> None:
    jp_serverapp.web_app.settings[SETTING] = ServiceLink(
        lambda: None, lambda: service.endpoint, lambda: True
    )
    socket = await jp_ws_fetch("jupyter-aml", "feed", params={"start": "false"})
    assert await closed(socket) == (feed.UNAVAILABLE, "The compute service was stopped.")
    socket.close()
    assert not service.heard


async def test_a_tab_that_is_opened_starts_a_stopped_service(
    jp_serverapp: Any, jp_ws_fetch: Any, service: FakeService
) -> None:
    jp_serverapp.web_app.settings[SETTING] = ServiceLink(
        lambda: None, lambda: service.endpoint, lambda: True
    )
    socket = await jp_ws_fetch("jupyter-aml", "feed")
    assert json.loads(await read(socket))["type"] == "hello"
    socket.close()
    await until(lambda: not service.open_feeds)


async def test_a_slow_browser_stops_the_reading(jp_ws_fetch: Any, service: FakeService) -> None:
    """What the browser does not take stays with the service: nothing piles up in between."""
    socket = await jp_ws_fetch("jupyter-aml", "feed")
    await read(socket)
    line = b'{"x":"' + b"y" * 60_000 + b'"}\n'
    count = 2_000  # 120 MB: far more than all buffers on the way hold
    for _ in range(count):
        service.lines.put_nowait(line)
    sent = -1
    while sent != service.feed_sent:  # until nothing moves any more
        sent = service.feed_sent
        await asyncio.sleep(0.3)
    assert sent < count * len(line) / 2
    received = 0
    while received < count * len(line):
        received += len(await read(socket))
    assert received == count * len(line)
    socket.close()
    await until(lambda: not service.open_feeds)


class TestWholeLines:
    @pytest.mark.parametrize(
        ("chunks", "messages"),
        [
            ([b"a\nb\n"], [b"a\nb\n"]),
            ([b"a", b"b", b"c\n"], [b"abc\n"]),
            ([b"a\nb", b"\n"], [b"a\n", b"b\n"]),
            ([b"a\n", b"half"], [b"a\n"]),
            ([b"", b"\n"], [b"\n"]),
        ],
    )
    async def test_bytes_are_cut_behind_newlines_only(
        self, chunks: list[bytes], messages: list[bytes]
    ) -> None:
        async def source() -> AsyncIterator[bytes]:
            for chunk in chunks:
                yield chunk

        assert [lines async for lines in feed.whole_lines(source())] == messages


def test_a_reason_is_cut_between_characters() -> None:
    assert len(feed.fitting("é" * 100).encode()) == 122
