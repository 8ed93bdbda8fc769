"""One connection: HTTP/1.1, one request after the other, bodies as they come.

Why not a server library: those at hand send header names in small letters, and take a body whole
or through a layer that copies it; here a blob of gigabytes goes to disk by parts.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl

import httptools

from jupyter_aml.model.errors import AmlError, Busy, Invalid
from jupyter_aml.service.arm.errors import error_response
from jupyter_aml.service.arm.message import Body, ClientGone, Request, Response
from jupyter_aml.service.arm.scope import Scope
from jupyter_aml.service.http.dispatch import internal

HEAD_LIMIT = 64 * 1024
BUFFER = 256 * 1024
"""Bytes of a body that may wait for its handler, or for a slow reader."""
DISCARD_LIMIT = 1024**3
"""What a handler left unread is read up to this size, so that the client sees the answer."""
PIPELINE = 8
IDLE_SECONDS = 120.0
"""A connection without a request under way is closed after this."""


class Owner(Protocol):
    """What a connection needs of its server."""

    async def answer(self, request: Request) -> Response: ...
    def joined(self, connection: Connection) -> bool: ...
    def left(self, connection: Connection) -> None: ...


class Upload:
    """The body of one request between the parser and its handler."""

    def __init__(self, length: int | None, first_read: Callable[[], None]) -> None:
        self._parts: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._first_read = first_read
        self.length = length
        self.waiting = 0
        self.discarded = 0
        self.ended = False
        self.gone = False
        self.unwanted = False
        """The answer is sent: what still comes is dropped."""
        self.on_room: Callable[[], None] = lambda: None

    def feed(self, part: bytes) -> None:
        if self.unwanted:
            self.discarded += len(part)
            return
        self._parts.append(part)
        self.waiting += len(part)
        self._news.set()

    def end(self, *, gone: bool = False) -> None:
        self.ended = True
        self.gone = gone
        self._news.set()

    def drop(self) -> None:
        """Nobody reads on."""
        self.unwanted = True
        self.discarded += self.waiting
        self.waiting = 0
        self._parts.clear()
        self.on_room()

    async def read(self) -> AsyncIterator[bytes]:
        """The parts. Raises `ClientGone` if they end too early."""
        if not self.ended:
            self._first_read()
        while True:
            while self._parts:
                part = self._parts.popleft()
                self.waiting -= len(part)
                self.on_room()
                yield part
            if self.gone:
                raise ClientGone
            if self.ended:
                return
            self._news.clear()
            await self._news.wait()


class Connection(asyncio.Protocol):
    """Made by `Server` for each client. Only ever touched on the event loop."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._parser: Any = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, Upload, bool]] = deque()
        self._upload: Upload | None = None
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._idle: asyncio.TimerHandle | None = None
        self._closing = False
        self._begin()

    @property
    def busy(self) -> bool:
        """A request is being answered."""
        return self._task is not None

    # -- asyncio.Protocol -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in all but their class
        opened = self._transport = cast("asyncio.Transport", transport)
        opened.set_write_buffer_limits(high=BUFFER)
        self._rest()
        if not self._owner.joined(self):
            self._refuse(Busy("The API has too many connections open."))

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(Invalid("This API speaks HTTP/1.1 only.", target="Upgrade"))
        except httptools.HttpParserError as error:
            self._refuse(Invalid(f"This is not an HTTP request: {error}."))

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's name)
        self._transport = None
        self._writable.set()
        self._unrest()
        if self._upload is not None:
            self._upload.end(gone=True)
        self._waiting.clear()
        self._owner.left(self)

    def close(self) -> None:
        """Hang up once the request under way is answered."""
        self._closing = True
        if self._task is None and self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Hang up without waiting for anything."""
        if self._transport is not None:
            self._transport.abort()

    # -- httptools --------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._unrest()

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value))
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        if not self._is_open():
            return
        found = {name.lower(): value for name, value in self._headers}
        expects = found.get("expect", "").lower() == "100-continue"
        declared = found.get("content-length", "")
        length = int(declared) if declared.isdecimal() else None
        upload = self._upload = Upload(length, self._continue if expects else _nothing)
        upload.on_room = self._let_come
        path, _, query = self._url.decode("latin-1").partition("?")
        request = Request(
            method=self._parser.get_method().decode("ascii", "replace"),
            path=path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers=self._headers,
            body=Body(upload.read(), length),
            scope=Scope(),
            query_string=query,
        )
        keep = self._parser.should_keep_alive() and self._parser.get_http_version() == "1.1"
        self._waiting.append((request, upload, keep))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._serve())
        elif len(self._waiting) > PIPELINE:
            self._refuse(Busy("Too many requests at once on one connection."))

    def on_body(self, body: bytes) -> None:
        upload = self._upload
        if upload is None:
            return
        upload.feed(body)
        if upload.discarded > DISCARD_LIMIT:
            self.abort()
        elif upload.waiting > BUFFER and self._transport is not None:
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if self._upload is not None:
            self._upload.end()
        self._begin()

    # -- serving ----------------------------------------------------------------------------

    async def _serve(self) -> None:
        """Answer what waits, in order."""
        try:
            while self._waiting:
                request, upload, keep = self._waiting.popleft()
                try:
                    response = await self._owner.answer(request)
                except ClientGone:
                    return
                upload.drop()
                keep = keep and not self._closing
                await self._send_response(request, response, keep=keep)
                if not keep:
                    self._waiting.clear()
                    self._hang_up()
        finally:
            self._task = None
            if self._is_open():
                self._rest()

    async def _send_response(self, request: Request, response: Response, *, keep: bool) -> None:
        names = {name.lower() for name, _ in response.headers}
        head = [_status_line(response.status)]
        head += [f"{_clean(name)}: {_clean(value)}\r\n" for name, value in response.headers]
        body = response.body
        chunked = not isinstance(body, bytes) and "content-length" not in names
        if chunked:
            head.append("Transfer-Encoding: chunked\r\n")
        elif isinstance(body, bytes) and "content-length" not in names and response.status != 204:
            head.append(f"Content-Length: {len(body)}\r\n")
        if not keep:
            head.append("Connection: close\r\n")
        start = "".join([*head, "\r\n"]).encode("latin-1", "replace")
        if isinstance(body, bytes):
            self._send(start + (b"" if request.method == "HEAD" else body))
            return
        self._send(start)
        if request.method != "HEAD":
            await self._send_parts(request, body, chunked=chunked)
        await _close(body)

    async def _send_parts(
        self, request: Request, parts: AsyncIterator[bytes], *, chunked: bool
    ) -> None:
        try:
            async for part in parts:
                if not self._is_open():
                    return
                self._send(b"%x\r\n%b\r\n" % (len(part), part) if chunked and part else part)
                if not self._writable.is_set():
                    await self._writable.wait()
            if chunked:
                self._send(b"0\r\n\r\n")
        except Exception as error:  # too late for a status; the missing end tells the client
            self.abort()
            internal(error, f"{request.method} {request.path}")

    # -- the transport ------------------------------------------------------------------------

    def _is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def _send(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing() and data:
            self._transport.write(data)

    def _hang_up(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _continue(self) -> None:
        self._send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _let_come(self) -> None:
        upload = self._upload
        if self._transport is not None and (upload is None or upload.waiting <= BUFFER // 2):
            self._transport.resume_reading()

    def _rest(self) -> None:
        self._unrest()
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._hang_up)

    def _unrest(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _begin(self) -> None:
        self._url = b""
        self._head = 0
        self._headers: list[tuple[str, str]] = []

    def _count_head(self, size: int) -> None:
        self._head += size
        if self._head > HEAD_LIMIT:
            self._refuse(Invalid("The request's head is over 64 KB."))

    def _refuse(self, error: AmlError) -> None:
        """Answer at once and hang up: what follows on this connection cannot be understood."""
        response = error_response(error)
        body = response.body if isinstance(response.body, bytes) else b""
        self._send(
            f"{_status_line(response.status)}Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        self._hang_up()


_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def _status_line(status: int) -> str:
    return f"HTTP/1.1 {status} {_PHRASES.get(status, '')}\r\n"


def _clean(text: str) -> str:
    """A value cannot end its line: what a client sent comes back in some headers."""
    return text.replace("\r", "").replace("\n", "")


def _nothing() -> None:
    pass


async def _close(parts: AsyncIterator[bytes]) -> None:
    close = cast("Callable[[], Awaitable[None]] | None", getattr(parts, "aclose", None))
    if close is not None:
        await close()
