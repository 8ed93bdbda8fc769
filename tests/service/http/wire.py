"""A server in this process, on the in-memory backend, and a client that sends exact bytes."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from jupyter_aml.model.api import API_PREFIX, Route
from jupyter_aml.service.clock import Clock, SystemClock
from jupyter_aml.service.http.feed import Feeds
from jupyter_aml.service.http.server import Server
from jupyter_aml.testing.fakes import FakeBackend

TOKEN = "the-token"
PATIENCE = 30
"""Seconds until what should come never will: how busy the machine is must not matter."""


def path_of(route: Route) -> str:
    """Its path, with something in each of its places; a feed's name has a least length."""
    return API_PREFIX + re.sub(
        r"\{(\w+)\}", lambda place: "12345678" if place[1] == "feed" else "x", route.path
    )


@dataclass
class Response:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["error"]["code"]


class Client:
    """One connection; `send` and `read` are raw, `call` is what a well-behaved client does."""

    def __init__(self, url: str) -> None:
        self.host = url.removeprefix("http://")
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> Client:
        name, port = self.host.split(":")
        self._reader, self._writer = await asyncio.open_connection(name, int(port))
        return self

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        leave_out: tuple[str, ...] = (),
    ) -> Response:
        await self.send(self.request(method, path, body, headers=headers, leave_out=leave_out))
        return await self.response(method)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        leave_out: tuple[str, ...] = (),
    ) -> bytes:
        content = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        given = {
            "Host": self.host,
            "Authorization": f"Bearer {TOKEN}",
            "Content-Length": str(len(content)),
            **(headers or {}),
        }
        lines = [f"{name}: {value}" for name, value in given.items() if name not in leave_out]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + content

    async def send(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)
        await self._writer.drain()

    async def response(self, method: str = "GET") -> Response:
        status, headers = await self.head()
        if "content-length" in headers:
            length = 0 if method == "HEAD" else int(headers["content-length"])
            return Response(status, headers, await self._exactly(length))
        body = b"".join([chunk async for chunk in self.chunks()])
        return Response(status, headers, body)

    async def head(self) -> tuple[int, dict[str, str]]:
        assert self._reader is not None
        head = (await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), PATIENCE)).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
        return int(first.split(" ")[1]), headers

    async def chunks(self) -> AsyncIterator[bytes]:
        assert self._reader is not None
        while True:
            size = int((await asyncio.wait_for(self._reader.readline(), PATIENCE)) or b"0", 16)
            data = await self._exactly(size)
            await self._exactly(2)
            if not size:
                return
            yield data

    async def at_end(self) -> bool:
        """Whether the server has hung up."""
        assert self._reader is not None
        try:
            return await asyncio.wait_for(self._reader.read(1), PATIENCE) == b""
        except ConnectionResetError:
            return True

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            try:
                await self._writer.wait_closed()
            except OSError:
                pass  # the server was first

    async def _exactly(self, length: int) -> bytes:
        assert self._reader is not None
        return await asyncio.wait_for(self._reader.readexactly(length), PATIENCE)


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


class Stack:
    """Server, feeds and backend, wired as the daemon wires them."""

    def __init__(
        self, backend: FakeBackend | None = None, *, clock: Clock | None = None, **limits: int
    ) -> None:
        clock = clock or SystemClock()
        self.backend = backend or FakeBackend()
        self.feeds = Feeds(
            version="0.1.0",
            clock=clock,
            state=self.backend.state,
            find_jobs=lambda: self.backend.jobs,
        )
        self.backend.changes = self.feeds
        self.facets: dict[str, object] = {"feed": self.feeds}
        self.server = Server(TOKEN, self.facet, clock=clock, **limits)
        self.clients: list[Client] = []

    def facet(self, name: str) -> object | None:
        return self.facets.get(name) or getattr(self.backend, name, None)

    async def client(self) -> Client:
        made = await Client(self.server.url).open()
        self.clients.append(made)
        return made

    async def close(self) -> None:
        for client in self.clients:
            await client.close()
        self.feeds.close()
        await self.server.close()
        await self.backend.close(end_everything=True)


COMMAND = {"spec": {"type": "command", "command": "echo hello"}}


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
