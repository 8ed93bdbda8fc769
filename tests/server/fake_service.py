"""A service of a few routes that honours docs/developer/contracts.md, and misbehaves on request."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from tornado import web
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets

from jupyter_aml.server.endpoint import Endpoint

TOKEN = "the-token-of-the-service"


@dataclass
class Heard:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeService:
    """Started by the fixture ``service``."""

    token: str = TOKEN
    heard: list[Heard] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    lines: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    """What the feed sends; None ends it."""
    open_feeds: set[str] = field(default_factory=set)
    feed_sent: int = 0
    jobs: int = 0
    preferences: dict[str, Any] = field(default_factory=dict)
    payload: bytes = b""
    server: HTTPServer | None = None
    port: int = 0

    def start(self, port: int = 0) -> Endpoint:
        [socket] = bind_sockets(port, "127.0.0.1")
        self.port = socket.getsockname()[1]
        self.server = HTTPServer(
            web.Application(
                [
                    (r"/v1/echo.*", Echo, {"fake": self}),
                    (r"/v1/bytes", Bytes, {"fake": self}),
                    (r"/v1/slow", Slow, {"fake": self}),
                    (r"/v1/cut", Cut, {"fake": self}),
                    (r"/v1/moved", Moved, {"fake": self}),
                    (r"/v1/missing", Missing, {"fake": self}),
                    (r"/v1/feed/(.*)", Feed, {"fake": self}),
                    (r"/v1/service", Status, {"fake": self}),
                    (r"/v1/preferences", Preferences, {"fake": self}),
                ]
            )
        )
        self.server.add_sockets([socket])
        return self.endpoint

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(host="127.0.0.1", port=self.port, token=self.token, version="9.9", pid=77)

    async def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            await self.server.close_all_connections()
            self.server = None


class Base(web.RequestHandler):
    def initialize(self, fake: FakeService) -> None:
        self.fake = fake

    def prepare(self) -> None:
        request = self.request
        assert request.method
        self.fake.heard.append(
            Heard(request.method, request.uri or "", dict(request.headers), request.body)
        )
        if request.headers.get("Authorization") != f"Bearer {self.fake.token}":
            self.fail(401, "Unauthorized")
        elif request.headers.get("Host") != f"127.0.0.1:{self.fake.port}":
            self.fail(403, "Forbidden")

    def fail(self, status: int, code: str) -> None:
        self.set_status(status)
        self.finish({"error": {"code": code, "message": f"{code} says the service.", "hint": "x"}})


class Echo(Base):
    """The body comes back, whatever the verb."""

    async def get(self) -> None:
        self.set_header("Content-Type", self.request.headers.get("Content-Type", "text/x-none"))
        self.set_header("Set-Cookie", "stolen=1")
        self.set_header("X-Odd", "caf\xe9")
        self.write(self.request.body)

    post = put = patch = delete = get


class Bytes(Base):
    async def get(self) -> None:
        self.set_header("Content-Type", "application/octet-stream")
        self.write(self.fake.payload)


class Slow(Base):
    """The first line at once, the second when the test says so."""

    async def get(self) -> None:
        self.set_header("Content-Type", "application/x-ndjson")
        self.write(b'{"seq":1}\n')
        await self.flush()
        await self.fake.go_on.wait()
        self.write(b'{"seq":2}\n')


class Cut(Base):
    """Dies halfway."""

    async def get(self) -> None:
        self.write(b"half")
        await self.flush()
        self.detach().close()


class Moved(Base):
    async def get(self) -> None:
        self.redirect("/v1/echo")


class Missing(Base):
    async def get(self) -> None:
        self.fail(404, "NotFound")


class Status(Base):
    async def get(self) -> None:
        self.write(json.dumps({"state": "running", "running": {"jobs": self.fake.jobs}}))


class Preferences(Base):
    async def get(self) -> None:
        self.write(json.dumps(self.fake.preferences))


class Feed(Base):
    async def get(self, name: str) -> None:
        self.fake.open_feeds.add(name)
        self.write(json.dumps({"type": "hello", "feed": name}) + "\n")
        try:
            await self.flush()
            while (line := await self.fake.lines.get()) is not None:
                self.write(line)
                await self.flush()
                self.fake.feed_sent += len(line)
        except StreamClosedError:
            pass
        finally:
            self.fake.open_feeds.discard(name)

    def on_connection_close(self) -> None:
        self.fake.lines.put_nowait(None)

    async def post(self, name: str) -> None:
        if b"unknown" in self.request.body:
            self.fail(404, "NotFound")
        elif name not in self.fake.open_feeds:
            self.fail(404, "NoSuchFeed")
