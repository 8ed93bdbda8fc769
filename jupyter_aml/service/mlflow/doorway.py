"""Where jobs reach MLflow: a loopback address of its own, with a token for each job.

It checks the first request of a connection and then passes bytes both ways, unread: models of
any size go through, and answers come as they are made. A request waits here while the server
starts. The address is the same after the service was restarted, so jobs that go on find it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass

from jupyter_aml.model.errors import AmlError
from jupyter_aml.service.mlflow.server import TrackingServer

log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
_HEAD_LIMIT = 64 * 1024
_HEAD_SECONDS = 10.0
_BLOCK = 256 * 1024
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 64 * 1024 * 1024

Allowed = Callable[[str], bool]
"""Whether a token is that of a job which runs."""


@dataclass(frozen=True)
class _Refusal:
    status: str
    code: str
    message: str

    def bytes(self) -> bytes:
        """As MLflow's clients understand it."""
        body = json.dumps({"error_code": self.code, "message": self.message}).encode()
        return (
            b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"Connection: close\r\n\r\n%b" % (self.status.encode(), len(body), body)
        )


_TOO_LONG = _Refusal("431 Request Header Fields Too Large", "BAD_REQUEST", "The head is too long.")
_NO_PAGES = _Refusal("403 Forbidden", "PERMISSION_DENIED", "Requests of web pages are refused.")
_WRONG_HOST = _Refusal("403 Forbidden", "PERMISSION_DENIED", "The Host header is another one's.")
_NO_TOKEN = _Refusal(
    "401 Unauthorized",
    "UNAUTHENTICATED",
    "MLFLOW_TRACKING_TOKEN is missing, wrong, or of a job that has ended.",
)


class Doorway:
    """`allowed` is asked for the token of every connection."""

    def __init__(self, server: TrackingServer, allowed: Allowed) -> None:
        self._server = server
        self._allowed = allowed
        self._listening: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._host = ""

    @property
    def url(self) -> str:
        """What MLFLOW_TRACKING_URI is; "" before `open`."""
        return f"http://{self._host}" if self._host else ""

    async def open(self, port: int) -> int:
        """Listen on `port` if it is free, else on any other. Returns which."""
        listener = _listener(port)
        taken: int = listener.getsockname()[1]
        self._host = f"{ADDRESS}:{taken}"
        self._listening = await asyncio.start_server(self._met, sock=listener, limit=_HEAD_LIMIT)
        return taken

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.close()
        for task in list(self._open):
            task.cancel()
        if self._open:
            await asyncio.wait(self._open)

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            pass  # it hung up, or said nothing
        except asyncio.CancelledError:
            pass  # `close`; nobody awaits this task
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_SECONDS)
        except asyncio.LimitOverrunError:
            await _say(reader, writer, _TOO_LONG)
            return
        refusal = self._refusal(head)
        if refusal is not None:
            await _say(reader, writer, refusal)
            return
        try:
            upstream, upstream_writer = await self._server.connect()
        except AmlError as error:
            log.warning("%s", error)
            text = f"{error.message} {error.hint}"
            refusal = _Refusal("503 Service Unavailable", "TEMPORARILY_UNAVAILABLE", text)
            await _say(reader, writer, refusal)
            return
        upstream_writer.write(head)
        await _both_ways(reader, writer, upstream, upstream_writer)

    def _refusal(self, head: bytes) -> _Refusal | None:
        headers = _headers(head)
        if headers.get(b"origin"):
            return _NO_PAGES
        if headers.get(b"host") != [self._host.encode()]:
            return _WRONG_HOST
        given = headers.get(b"authorization", [])
        kind, _, token = (given[0] if len(given) == 1 else b"").decode("latin-1").partition(" ")
        return None if kind == "Bearer" and self._allowed(token) else _NO_TOKEN


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Connections of the service before may still be closing; nobody else can listen beside us.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
    except OSError:
        listener.bind((ADDRESS, 0))
    return listener


def _headers(head: bytes) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        found.setdefault(name.strip().lower(), []).append(value.strip())
    return found


async def _say(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, refusal: _Refusal
) -> None:
    """Answer, and read on for a moment: closing on unread bytes would take the answer back."""
    writer.write(refusal.bytes())
    writer.write_eof()
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(_discard(reader), _LINGER_SECONDS)


async def _discard(reader: asyncio.StreamReader) -> None:
    left = _LINGER_BYTES
    while left > 0 and (block := await reader.read(_BLOCK)):
        left -= len(block)


async def _both_ways(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    upstream: asyncio.StreamReader,
    upstream_writer: asyncio.StreamWriter,
) -> None:
    """Until either side has nothing more to say."""
    ways = [
        asyncio.ensure_future(_pass_on(reader, upstream_writer)),
        asyncio.ensure_future(_pass_on(upstream, writer)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        upstream_writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while block := await reader.read(_BLOCK):
            writer.write(block)
            await writer.drain()
