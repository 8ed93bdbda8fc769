"""HTTP by the byte: bodies that stream, names that keep their case, clients that misbehave."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from jupyter_aml.service.arm.listener import Listener
from jupyter_aml.service.arm.message import ClientGone, Request, Response
from jupyter_aml.service.http import wire

MEGABYTE = 1024 * 1024
Handler = Callable[[Request], Awaitable[Response]]


class Talk:
    """A raw conversation with a listener."""

    def __init__(self, handler: Handler) -> None:
        self._listener = Listener(handler)

    async def __aenter__(self) -> Talk:
        await self._listener.open(0, None)
        address = ("127.0.0.1", self._listener.port)
        self.reader, self.writer = await asyncio.open_connection(*address, limit=MEGABYTE)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        await self._listener.close()

    async def send(self, text: str, body: bytes = b"") -> None:
        self.writer.write(text.replace("\n", "\r\n").encode() + body)
        await self.writer.drain()

    async def receive(self) -> tuple[str, dict[str, str], bytes]:
        """Status line, headers (names as they came), body."""
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 20)).decode()
        first, *lines = head.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        length = int(headers.get("Content-Length", 0))
        return first, headers, await asyncio.wait_for(self.reader.readexactly(length), 20)


async def echo(request: Request) -> Response:
    content = await request.body.read(limit=64 * MEGABYTE)
    given = [(n, v) for n, v in request.headers if n.lower().startswith("x-ms-meta-")]
    return Response(200, content, given)


async def test_header_names_keep_their_case_both_ways() -> None:
    async with Talk(echo) as talk:
        await talk.send("GET / HTTP/1.1\nHost: h\nx-ms-meta-upload_Status: Done\n\n")
        _, headers, _ = await talk.receive()

    assert headers["x-ms-meta-upload_Status"] == "Done"


async def test_requests_on_one_connection_are_answered_in_order() -> None:
    async with Talk(echo) as talk:
        one = "PUT /{0} HTTP/1.1\nHost: h\nContent-Length: 1\n\n{0}"
        await talk.send("".join(one.format(n) for n in range(4)))
        bodies = [(await talk.receive())[2] for _ in range(4)]

    assert bodies == [b"0", b"1", b"2", b"3"]


async def test_a_chunked_body_is_read_whole() -> None:
    async with Talk(echo) as talk:
        await talk.send(
            "PUT / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n3\nabc\n2\nde\n0\n\n"
        )
        assert (await talk.receive())[2] == b"abcde"


async def test_a_large_body_waits_for_its_handler() -> None:
    """What was sent and not read stays with the sender, not in our memory."""
    go = asyncio.Event()
    sizes: list[int] = []

    async def slow(request: Request) -> Response:
        await go.wait()
        sizes.extend([len(part) async for part in request.body])
        return Response(200)

    async with Talk(slow) as talk:
        total = 32 * MEGABYTE
        await talk.send(f"PUT / HTTP/1.1\nHost: h\nContent-Length: {total}\n\n")
        talk.writer.write(bytes(total))
        draining = asyncio.ensure_future(talk.writer.drain())
        done, _ = await asyncio.wait([draining], timeout=0.2)
        assert not done  # nobody takes it yet
        go.set()
        await asyncio.wait_for(draining, 20)
        assert (await talk.receive())[0].startswith("HTTP/1.1 200")
    assert sum(sizes) == total


async def test_a_body_that_nobody_reads_does_not_spoil_the_next_request() -> None:
    async def refuse(_request: Request) -> Response:
        return Response(403)

    async with Talk(refuse) as talk:
        for _ in range(2):
            await talk.send(f"PUT / HTTP/1.1\nHost: h\nContent-Length: {MEGABYTE}\n\n")
            await talk.send("", bytes(MEGABYTE))
            assert (await talk.receive())[0].startswith("HTTP/1.1 403")


async def test_who_expects_is_told_to_go_on_when_the_body_is_wanted() -> None:
    async with Talk(echo) as talk:
        await talk.send("PUT / HTTP/1.1\nHost: h\nContent-Length: 2\nExpect: 100-continue\n\n")
        assert (await talk.receive())[0] == "HTTP/1.1 100 Continue"
        await talk.send("ab")
        assert (await talk.receive())[2] == b"ab"


async def test_who_is_refused_is_not_told_to_send() -> None:
    async def refuse(_request: Request) -> Response:
        return Response(401)

    async with Talk(refuse) as talk:
        await talk.send("PUT / HTTP/1.1\nHost: h\nContent-Length: 2\nExpect: 100-continue\n\n")
        assert (await talk.receive())[0].startswith("HTTP/1.1 401")


async def test_a_handler_hears_that_its_client_hung_up() -> None:
    heard = asyncio.Event()

    async def read(request: Request) -> Response:
        try:
            await request.body.read()
        except ClientGone:
            heard.set()
            raise
        return Response(200)

    async with Talk(read) as talk:
        await talk.send("PUT / HTTP/1.1\nHost: h\nContent-Length: 100\n\nhalf")
        talk.writer.close()
        await asyncio.wait_for(heard.wait(), 20)


async def _parts() -> AsyncIterator[bytes]:
    yield b"abc"
    yield b"de"


async def test_a_stream_has_the_length_that_is_said_or_comes_in_chunks() -> None:
    async def stream(request: Request) -> Response:
        length = [("Content-Length", "5")] if request.path == "/known" else []
        return Response(200, _parts(), length)

    async with Talk(stream) as talk:
        await talk.send("GET /known HTTP/1.1\nHost: h\n\n")
        assert (await talk.receive())[2] == b"abcde"
        await talk.send("GET /open HTTP/1.1\nHost: h\n\n")
        _, headers, _ = await talk.receive()
        assert headers["Transfer-Encoding"] == "chunked"
        body = await asyncio.wait_for(talk.reader.readuntil(b"\r\n\r\n"), 20)
        assert body == b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"


async def test_head_has_the_length_and_no_body() -> None:
    async def blob(_request: Request) -> Response:
        return Response(200, _parts(), [("Content-Length", "5")])

    async with Talk(blob) as talk:
        await talk.send("HEAD / HTTP/1.1\nHost: h\n\nHEAD / HTTP/1.1\nHost: h\n\n")
        for _ in range(2):
            head = await asyncio.wait_for(talk.reader.readuntil(b"\r\n\r\n"), 20)
            assert b"Content-Length: 5" in head


async def test_a_stream_that_breaks_ends_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"abc"
        raise RuntimeError

    async def answer(_request: Request) -> Response:
        return Response(200, broken(), [("Content-Length", "5")])

    with caplog.at_level(logging.CRITICAL):
        async with Talk(answer) as talk:
            await talk.send("GET / HTTP/1.1\nHost: h\n\n")
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await talk.receive()


@pytest.mark.parametrize(
    "text",
    [
        "nonsense\n\n",
        "GET / HTTP/1.1\nHost: h\nContent-Length: -1\n\n",
        "GET / HTTP/1.1\nHost: h\nX: " + "a" * wire.HEAD_LIMIT + "\n\n",
    ],
)
async def test_what_is_no_request_is_refused_and_ends_the_connection(text: str) -> None:
    async with Talk(echo) as talk:
        await talk.send(text)
        assert (await talk.receive())[0].startswith("HTTP/1.1 400")
        assert await asyncio.wait_for(talk.reader.read(), 20) == b""


async def test_a_client_that_wants_to_close_is_hung_up_on() -> None:
    async with Talk(echo) as talk:
        await talk.send("GET / HTTP/1.1\nHost: h\nConnection: close\n\n")
        assert (await talk.receive())[1]["Connection"] == "close"
        assert await asyncio.wait_for(talk.reader.read(), 20) == b""


async def test_closing_lets_the_request_under_way_be_answered() -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> Response:
        asked.set()
        await go.wait()
        return Response(200, b"done")

    listener = Listener(slow)
    await listener.open(0, None)
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    await asyncio.wait_for(asked.wait(), 20)
    closing = asyncio.ensure_future(listener.close())
    go.set()
    await asyncio.wait_for(closing, 20)

    assert b"done" in await asyncio.wait_for(reader.read(), 20)
    writer.close()


async def test_the_port_of_last_time_is_taken_where_it_is_free() -> None:
    # Another process may have got the port meanwhile, which is no fault: not three times over.
    assert True in [await _is_taken_again() for _ in range(3)]


async def _is_taken_again() -> bool:
    first = Listener(echo)
    await first.open(0, None)
    port = first.port
    second = Listener(echo)
    await second.open(port, None)
    assert second.port != port  # taken
    await first.close()
    await second.close()

    again = Listener(echo)
    await again.open(port, None)
    await again.close()
    return again.port == port
