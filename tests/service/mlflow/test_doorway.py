"""The address that jobs reach: who gets in, and that bytes pass both ways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jupyter_aml.model.errors import Unavailable
from jupyter_aml.service.mlflow.doorway import Doorway
from jupyter_aml.service.mlflow.server import Connection, TrackingServer

LARGE = 3_000_000


class Echo(TrackingServer):
    """Answers with how much came; it is there when `there` is set."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, folder, {})
        self.there = asyncio.Event()
        self.fails = False
        self.seen: list[bytes] = []
        self._listening: asyncio.Server | None = None

    async def open(self) -> None:
        self._listening = await asyncio.start_unix_server(self._met, str(self.path))

    async def close(self) -> None:
        assert self._listening is not None
        self._listening.close()

    async def connect(self) -> Connection:
        if self.fails:
            raise Unavailable("It does not start.", hint="Look.")
        await self.there.wait()
        return await asyncio.open_unix_connection(str(self.path))

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.seen.append(head)
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length + bytes(length))
        await writer.drain()
        writer.close()


@pytest.fixture
async def echo(tmp_path: Path) -> AsyncIterator[Echo]:
    server = Echo(tmp_path)
    await server.open()
    server.there.set()
    yield server
    await server.close()


@pytest.fixture
async def door(echo: Echo) -> AsyncIterator[Doorway]:
    opened = Doorway(echo, lambda token: token == "good")
    await opened.open(0)
    yield opened
    await opened.close()


async def ask(door: Doorway, *headers: str, body: bytes = b"", host: str = "") -> bytes:
    address, _, port = door.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(address, int(port))
    lines = [f"Host: {host or f'{address}:{port}'}", f"Content-Length: {len(body)}", *headers]
    writer.write(("PUT /a HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode() + body)
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    return answer


async def test_large_bodies_pass_both_ways(door: Doorway, echo: Echo) -> None:
    answer = await ask(door, "Authorization: Bearer good", body=bytes(LARGE))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert len(body) == LARGE
    assert b"PUT /a HTTP/1.1" in echo.seen[0]


@pytest.mark.parametrize(
    ("headers", "host", "status"),
    [
        ([], "", b"401"),
        (["Authorization: Bearer bad"], "", b"401"),
        (["Authorization: Basic good"], "", b"401"),
        (["Authorization: Bearer good", "Authorization: Bearer good"], "", b"401"),
        (["Authorization: Bearer good", "Origin: http://evil"], "", b"403"),
        (["Authorization: Bearer good"], "evil:80", b"403"),
        (["Authorization: Bearer good", "X: " + "x" * 100_000], "", b"431"),
    ],
)
async def test_who_has_no_right_does_not_get_in(
    door: Doorway, echo: Echo, headers: list[str], host: str, status: bytes
) -> None:
    answer = await ask(door, *headers, host=host)
    assert answer.split()[1] == status
    assert echo.seen == []


async def test_a_request_waits_for_the_server(door: Doorway, echo: Echo) -> None:
    echo.there.clear()
    asked = asyncio.ensure_future(ask(door, "Authorization: Bearer good"))
    await asyncio.sleep(0)
    assert not asked.done()
    echo.there.set()
    assert (await asked).split()[1] == b"200"


async def test_a_server_that_does_not_start_is_said(door: Doorway, echo: Echo) -> None:
    echo.fails = True
    answer = await ask(door, "Authorization: Bearer good")
    assert answer.split()[1] == b"503"
    assert b"It does not start. Look." in answer


async def test_the_port_is_kept_and_another_taken_where_it_is_not_free(echo: Echo) -> None:
    first = Doorway(echo, lambda _: True)
    port = await first.open(0)
    second = Doorway(echo, lambda _: True)
    assert await second.open(port) != port
    await first.close()
    await second.close()
    third = Doorway(echo, lambda _: True)
    assert await third.open(port) == port
    await third.close()
