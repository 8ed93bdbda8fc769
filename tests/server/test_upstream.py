"""The small HTTP client: odd framings, answers that end early, a request that is given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from jupyter_aml.model.errors import Unavailable
from jupyter_aml.server import upstream
from jupyter_aml.server.endpoint import Endpoint, parse_url


@asynccontextmanager
async def says(
    *pieces: bytes, stays_open: bool = False
) -> AsyncIterator[tuple[Endpoint, list[bytes]]]:
    """A server that answers every request with `pieces`, and what it heard."""
    heard: list[bytes] = []
    done = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        if stays_open:
            await done.wait()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    yield Endpoint("127.0.0.1", server.sockets[0].getsockname()[1], "sesame"), heard
    done.set()
    server.close()
    await server.wait_closed()


async def test_a_request_is_written_as_the_contract_says() -> None:
    async with says(b"HTTP/1.1 204 No Content\r\n\r\n") as (endpoint, heard):
        async with await upstream.ask(
            endpoint, "POST", "/v1/x?a=%20", headers=[("Content-Type", "a/b")]
        ) as answer:
            assert answer.status == 204
            assert await answer.read() == b""
        assert heard[0].decode().split("\r\n") == [
            "POST /v1/x?a=%20 HTTP/1.1",
            f"Host: 127.0.0.1:{endpoint.port}",
            "Authorization: Bearer sesame",
            "Connection: close",
            "Content-Type: a/b",
            "Content-Length: 0",
            "",
            "",
        ]


async def test_chunks_split_anywhere_are_joined() -> None:
    answered = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    async with (
        says(*(bytes([byte]) for byte in answered)) as (endpoint, _),
        await upstream.ask(endpoint, "GET", "/") as answer,
    ):
        assert await answer.read() == b"abcde"


async def test_an_interim_answer_is_skipped() -> None:
    async with (
        says(
            b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        ) as (endpoint, _),
        await upstream.ask(endpoint, "GET", "/") as answer,
    ):
        assert answer.status == 200
        assert answer.headers == [("Content-Length", "2")]
        assert await answer.read() == b"ok"


@pytest.mark.parametrize(
    "answered",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
    ],
)
async def test_an_answer_that_ends_early_is_an_error(answered: bytes) -> None:
    async with says(answered) as (endpoint, _), await upstream.ask(endpoint, "GET", "/") as answer:
        chunks = answer.chunks()
        assert await anext(chunks) == b"half"
        with pytest.raises(Unavailable):
            await anext(chunks)


async def test_no_answer_at_all_is_an_error() -> None:
    async with says() as (endpoint, _):
        with pytest.raises(Unavailable):
            await upstream.ask(endpoint, "GET", "/")


async def test_silence_ends_after_its_time() -> None:
    async with says(stays_open=True) as (endpoint, _):
        with pytest.raises(Unavailable, match="did not answer within"):
            await upstream.ask(endpoint, "GET", "/", head_seconds=0.05)


async def test_nobody_there_is_told_apart() -> None:
    async with says() as (endpoint, _):
        pass
    with pytest.raises(upstream.NotReached):
        await upstream.ask(endpoint, "GET", "/")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8123", ("127.0.0.1", 8123)),
        ("http://[::1]:8123/", ("::1", 8123)),
        ("http://localhost:1", ("localhost", 1)),
    ],
)
def test_a_loopback_address_is_taken(url: str, expected: tuple[str, int]) -> None:
    assert parse_url(url) == expected


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1:80", "https://127.0.0.1:1", "http://127.0.0.1", "", "http://[::1]:x"]
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(Unavailable):
        parse_url(url)
