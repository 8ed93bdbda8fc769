"""An endpoint in this process: the real router, and scoring processes that a test plays itself."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.serving import frame
from jupyter_aml.serving.router import table as tables
from jupyter_aml.serving.router.client import Client
from jupyter_aml.serving.router.router import Router
from tests.serving.loading import make

__all__ = ["make"]

KEY = "the-key"
PATIENCE = 60.0
"""Seconds until what should come never will: how busy the machine is must not matter."""


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose name leaves room for a Unix socket in it."""
    folder = Path(tempfile.mkdtemp(prefix="jaml-"))
    yield folder
    shutil.rmtree(folder)


class FakeInstance:
    """A scoring process as the router sees it. What it does with a request is `on_request`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.socket = folder / f"{name}.sock"
        self.begun = folder / f"{name}.begun"
        self.received: list[frame.Frame] = []
        self.on_request: Callable[[frame.Frame], None] = self.answer
        self._writer: asyncio.StreamWriter | None = None
        self._server: asyncio.Server | None = None
        self.begin(0)

    @property
    def spec(self) -> dict[str, str]:
        return {"socket": str(self.socket), "begun": str(self.begun)}

    def begin(self, number: int) -> None:
        self.begun.write_bytes(number.to_bytes(8, "big"))

    def answer(self, request: frame.Frame, status: int = 200, body: bytes | None = None) -> None:
        """By default the body that came, and who answers."""
        text = b'"%s"' % self.name.encode() if body is None else body
        head = b"content-type: application/json\r\n"
        packed = frame.HEADER.pack(request.number, len(head), len(text), status, frame.ANSWER)
        assert self._writer is not None
        self._writer.write(packed + head + text)

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, str(self.socket))

    def say(self, kind: int) -> None:
        assert self._writer is not None
        self._writer.write(frame.pack(kind))

    def die(self) -> None:
        """As after SIGKILL: the connection ends, the file `begun` stays."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self.socket.unlink(missing_ok=True)
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        splitter = frame.Splitter()
        try:
            while data := await reader.read(1 << 16):
                for each in splitter.feed(data):
                    if each.kind == frame.PING:
                        writer.write(frame.pack(frame.HELLO, body=b"{}"))
                    else:
                        self.received.append(each)
                        self.on_request(each)
        except ConnectionError:
            pass
        finally:
            writer.close()


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["error"]["code"]


class Caller:
    """One connection of a client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def read(self) -> Reply:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        length = int(headers["content-length"])
        body = await asyncio.wait_for(self.reader.readexactly(length), PATIENCE)
        return Reply(int(first.split()[1]), headers, body)

    async def is_closed(self) -> bool:
        return await asyncio.wait_for(self.reader.read(), PATIENCE) == b""

    def close(self) -> None:
        self.writer.close()


@dataclass
class Endpoint:
    """The router under test and its surroundings."""

    folder: Path
    table: dict[str, Any]
    instances: dict[str, FakeInstance] = field(default_factory=dict[str, FakeInstance])
    clock: Callable[[], float] = time.monotonic
    wall: list[float] = field(default_factory=lambda: [1_000_000.0])
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    callers: list[Caller] = field(default_factory=list[Caller])

    async def start(self, *, alive: bool = True) -> None:
        """`alive`: with every instance of the table connected."""
        self.router = Router(clock=self.clock, wall=lambda: self.wall[0])
        self.router.watchers.add(self.events.append)
        for each in self.instances.values():
            if alive:
                await each.start()
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: Client(self.router), "127.0.0.1", 0)
        self.port = self.table["port"] = self.server.sockets[0].getsockname()[1]
        self.adopt()
        if alive:
            await self.until(lambda: all(self.is_ready(name) for name in self.instances))

    def is_ready(self, name: str) -> bool:
        found = [d.instances[name] for d in self.router.deployments.values() if name in d.instances]
        return all(instance.is_ready for instance in found)

    def add(self, deployment: str, *names: str, **more: Any) -> None:
        """A deployment of the table with these instances."""
        for name in names:
            self.instances[name] = FakeInstance(self.folder, name)
        spec = {"instances": {name: self.instances[name].spec for name in names}}
        self.table["deployments"][deployment] = {
            **spec,
            "max_concurrent": 8,
            "timeout_ms": 60000,  # no machine is so slow
            "hold_seconds": 60,
            **more,
        }

    def adopt(self) -> None:
        path = self.folder / "table.json"
        path.write_text(json.dumps(self.table))
        self.router.adopt(tables.read(str(path)))

    async def connect(self) -> Caller:
        caller = Caller(*await asyncio.open_connection("127.0.0.1", self.port))
        self.callers.append(caller)
        return caller

    def request(self, body: bytes = b"[1]", path: str = "/score", **headers: str) -> bytes:
        fields = {
            "Host": f"127.0.0.1:{self.port}",
            "Authorization": f"Bearer {KEY}",
            "Content-Length": str(len(body)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
        return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body

    async def ask(self, body: bytes = b"[1]", **headers: str) -> Reply:
        caller = await self.connect()
        caller.writer.write(self.request(body, **headers))
        return await caller.read()

    async def asked(self, count: int) -> list[asyncio.Task[Reply]]:
        """So many requests, all of them with the router when this returns."""
        before = self.requests
        tasks = [asyncio.ensure_future(self.ask()) for _ in range(count)]
        await self.until(lambda: self.requests >= before + count)
        return tasks

    @property
    def requests(self) -> int:
        return sum(d.counters.requests for d in self.router.deployments.values())

    async def until(self, holds: Callable[[], object], seconds: float = PATIENCE) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not holds():
            assert loop.time() < deadline, f"did not happen within {seconds} s"
            await asyncio.sleep(0.002)

    async def stop(self) -> None:
        for caller in self.callers:
            caller.close()
        self.server.close()
        self.router.close()
        for each in self.instances.values():
            each.die()
        for client in list(self.router.clients):
            client.connection_lost(None)
        await asyncio.sleep(0.01)  # what was closed says so in the next turns of the loop


@pytest.fixture
async def endpoint(short_path: Path) -> AsyncIterator[Endpoint]:
    """With one deployment "blue" of one instance "b1"; a test adds to it, then starts it."""
    table: dict[str, Any] = {
        "endpoint": "digits",
        "port": 0,
        "auth": {"mode": "key", "keys": [hashlib.sha256(KEY.encode()).hexdigest()]},
        "traffic": {"blue": 100},
        "deployments": {},
        "request_log": str(short_path / "requests.log"),
    }
    made = Endpoint(short_path, table)
    made.add("blue", "b1")
    yield made
    if hasattr(made, "server"):
        await made.stop()
