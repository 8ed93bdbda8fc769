"""One connection: bytes in, requests one after the other, bytes out at the reader's pace."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, cast

import httptools

from jupyter_aml.model.errors import AmlError, Busy, Invalid, TooLarge
from jupyter_aml.service.http import message
from jupyter_aml.service.http.dispatch import internal
from jupyter_aml.service.http.message import Request, Stream

if TYPE_CHECKING:
    from jupyter_aml.service.http.server import Server

HEAD_LIMIT = 64 * 1024
DISCARD_LIMIT = 1024**3
"""A refused body up to this size is read to its end, so that the client sees the answer."""
PIPELINE = 8
UNKNOWN_SECONDS = 10.0
"""How long a connection may stay without one request that the gate let in."""
BUFFER = 256 * 1024
"""Bytes that may wait for a slow reader before its stream pauses."""
TOGETHER = 64 * 1024
"""Bytes that a stream gathers in a turn of the event loop before they are sent at once."""


class Connection(asyncio.Protocol):
    """Made by `Server` for each client. Only ever touched on the event loop."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._parser: Any = httptools.HttpRequestParser(self)
        self._waiting: deque[Request] = deque()
        self._task: asyncio.Task[None] | None = None
        self._streaming = False
        self.used = False
        """A request that makes use of the service is being answered."""
        self._gathered: list[bytes] = []
        self._gathered_size = 0
        self._writable = asyncio.Event()
        self._writable.set()
        self._deadline: asyncio.TimerHandle | None = None
        self._begin()

    # -- asyncio.Protocol -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in all but their class
        opened = self._transport = cast("asyncio.Transport", transport)
        opened.set_write_buffer_limits(high=BUFFER)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(UNKNOWN_SECONDS, opened.abort)
        if not self._server.joined(self):
            self._refuse(
                Busy(
                    "The service has too many connections open.",
                    hint="Close what is not needed (notebooks, followed jobs) and try again.",
                )
            )

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(Invalid("The service speaks plain HTTP/1.1 only.", target="Upgrade"))
        except httptools.HttpParserError as error:
            self._refuse(Invalid(f"This is not an HTTP request: {error}."))

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's name)
        self._transport = None
        self._gathered.clear()
        self._writable.set()
        self._waiting.clear()
        self._trust()
        self._server.left(self)
        # A request that changes something is carried out; a stream has nobody to go to.
        if self._task is not None and self._streaming:
            self._task.cancel()

    def close(self) -> None:
        """End what is being streamed and hang up."""
        if self._task is not None and self._streaming:
            self._task.cancel()
        elif self._task is None and self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Hang up without waiting for anything that is still to be sent."""
        if self._transport is not None:
            self._transport.abort()

    # -- httptools --------------------------------------------------------------------------

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value))
        known = self._headers.get(name.lower())
        if known is not None:
            known.append(value)

    def on_headers_complete(self) -> None:
        headers = self._headers
        self._refusal = self._server.gate.refusal(
            authorization=headers[b"authorization"],
            host=headers[b"host"],
            origin=headers[b"origin"],
        )
        if self._refusal is None:
            self._trust()
        declared = headers[b"content-length"]
        if declared and declared[0].isdigit():
            self._expect_body(int(declared[0]))
        if headers[b"expect"] and self._refusal is None:
            self._send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > self._server.body_limit:
            self._refusal = self._refusal or self._too_large()
        if self._refusal is None:
            self._parts.append(body)
        else:
            self._parts.clear()
            if self._size > DISCARD_LIMIT:
                self._refuse(self._refusal)

    def on_message_complete(self) -> None:
        http_1_0 = self._parser.get_http_version() == "1.0"
        request = Request(
            method=self._parser.get_method().decode("ascii", "replace"),
            target=self._url,
            body=self._parts[0] if len(self._parts) == 1 else b"".join(self._parts),
            keep_alive=self._parser.should_keep_alive() and not http_1_0,
            http_1_0=http_1_0,
            refusal=self._refusal,
        )
        self._begin()
        if not self._is_open():
            return
        self._waiting.append(request)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._serve())
        elif len(self._waiting) > PIPELINE:
            self._refuse(Busy("Too many requests at once on one connection."))

    # -- serving ----------------------------------------------------------------------------

    async def _serve(self) -> None:
        """Answer what waits, in order; one task per burst of requests."""
        try:
            while self._waiting:
                request = self._waiting.popleft()
                self.used = not _only_looks(request)
                answer = await self._server.dispatcher.answer(request)
                if isinstance(answer, Stream):
                    await self._stream(answer, request)
                else:
                    self._send(message.whole(answer, request))
                if self.used:
                    self._server.called()
                if not request.keep_alive or self._server.closing:
                    self._waiting.clear()
                    self._hang_up()
        finally:
            self._task = None
            self.used = False

    async def _stream(self, stream: Stream, request: Request) -> None:
        self._streaming = True
        try:
            self._gather(message.stream_head(stream, request))
            while self._is_open():
                batch = await anext(stream.batches, None)
                if batch is None:
                    self._gather(message.stream_end(request))
                    return
                self._gather(message.chunk(batch, request))
                if not self._writable.is_set():
                    await self._writable.wait()
        except asyncio.CancelledError:
            self._abort()
        except Exception as error:  # too late for a status; the missing end tells the client
            self._abort()
            internal(error, f"{request.method} stream")
        finally:
            self._streaming = False
            close = getattr(stream.batches, "aclose", None)
            if close is not None:
                await close()

    def _is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def _gather(self, data: bytes) -> None:
        """Send with all else that this turn of the event loop has for the client.

        Each write wakes its reader; the first lines of a quick job, and its last, come together.
        """
        if not self._gathered:
            asyncio.get_running_loop().call_soon(self._send_gathered)
        self._gathered.append(data)
        self._gathered_size += len(data)
        if self._gathered_size >= TOGETHER:
            self._send_gathered()

    def _send_gathered(self) -> None:
        data = b"".join(self._gathered)
        self._gathered.clear()
        self._gathered_size = 0
        if self._transport is not None and not self._transport.is_closing() and data:
            self._transport.write(data)

    def _send(self, data: bytes) -> None:
        self._gathered.append(data)
        self._send_gathered()

    def _hang_up(self) -> None:
        self._send_gathered()
        if self._transport is not None:
            self._transport.close()

    def _abort(self) -> None:
        """Hang up without the end of the stream, so that the client knows it is not whole."""
        self._waiting.clear()
        self._hang_up()

    # -- one request coming in ----------------------------------------------------------------

    def _begin(self) -> None:
        self._url = b""
        self._head = 0
        self._size = 0
        self._parts: list[bytes] = []
        self._refusal: AmlError | None = None
        self._headers: dict[bytes, list[bytes]] = {
            b"authorization": [],
            b"host": [],
            b"origin": [],
            b"content-length": [],
            b"expect": [],
        }

    def _expect_body(self, size: int) -> None:
        if size > self._server.body_limit:
            self._refusal = self._refusal or self._too_large()
        if size > DISCARD_LIMIT and self._refusal is not None:
            self._refuse(self._refusal)

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"The request's body is over {self._server.body_limit / 1e6:,.0f} MB.",
            target="body",
            hint="Large variables travel beside the request: see `%%aml -i`. The limit is "
            "ServiceSettings.body_limit_mb.",
        )

    def _count_head(self, size: int) -> None:
        self._head += size
        if self._head > HEAD_LIMIT:
            self._refuse(Invalid("The request's head is over 64 KB."))

    def _trust(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, error: AmlError) -> None:
        """Answer at once and hang up: what follows on this connection cannot be understood."""
        request = Request("", b"", b"", keep_alive=False, http_1_0=False)
        self._send(message.whole(message.error_answer(error), request))
        self._hang_up()


def _only_looks(request: Request) -> bool:
    """``GET /v1/service``: who asks whether the service lives does not keep it alive."""
    return request.method == "GET" and request.target == b"/v1/service"
