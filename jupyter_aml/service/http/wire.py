"""A connection of HTTP/1.1: bytes in, requests in their order, bytes out at the reader's pace.

Who answers is a subclass. `http.connection` serves the service's own API and takes bodies whole,
`arm.connection` serves the compatible one and takes them as they come.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import httptools

from jupyter_aml.model.errors import AmlError, Busy, Invalid
from jupyter_aml.service.http.dispatch import internal

if TYPE_CHECKING:
    from jupyter_aml.service.http.listening import Listening

HEAD_LIMIT = 64 * 1024
DISCARD_LIMIT = 1024**3
"""A body that nobody wants is read up to this size, so that the client sees the answer."""
PIPELINE = 8
"""Requests of one connection that may wait for the one before them."""
BUFFER = 256 * 1024
"""Bytes that may wait for a slow reader before its answer pauses."""
TOGETHER = 64 * 1024
"""Bytes of an answer that are gathered in a turn of the event loop before they are sent."""

R = TypeVar("R")


class Wire(asyncio.Protocol, ABC, Generic[R]):
    """Made by `Listening` for each client; `R` is what waits to be answered.

    Only ever touched on the event loop. A subclass adds httptools' callbacks ``on_header``,
    ``on_headers_complete``, ``on_body`` and ``on_message_complete``.
    """

    def __init__(self, listening: Listening[Any]) -> None:
        self._listening = listening
        self._transport: asyncio.Transport | None = None
        self._parser: Any = httptools.HttpRequestParser(self)
        self._waiting: deque[R] = deque()
        self._task: asyncio.Task[None] | None = None
        self._gathered: list[bytes] = []
        self._gathered_size = 0
        self._writable = asyncio.Event()
        self._writable.set()
        self._timer: asyncio.TimerHandle | None = None
        self._begin()

    # -- what subclasses say ------------------------------------------------------------------

    @abstractmethod
    async def _answer(self, request: R) -> bool:
        """Answer it; False if the connection ends with that."""

    @abstractmethod
    def _refusal(self, error: AmlError) -> bytes:
        """The whole response to what cannot be understood."""

    @abstractmethod
    def _opened(self) -> None:
        """The client is there."""

    @abstractmethod
    def _forget(self) -> None:
        """What was kept of the request before is not of the next one."""

    @abstractmethod
    def _rested(self) -> None:
        """Nothing waits to be answered any more."""

    @abstractmethod
    def _lost(self) -> None:
        """The client is gone."""

    # -- asyncio.Protocol ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in all but their class
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=BUFFER)
        self._opened()
        if not self._listening.joined(self):
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
        self._stay()
        self._lost()
        self._listening.left(self)

    def close(self) -> None:
        """Hang up once the request under way is answered."""
        if self._task is None:
            self._hang_up()

    def abort(self) -> None:
        """Hang up without waiting for anything that is still to be sent."""
        if self._transport is not None:
            self._transport.abort()

    # -- reading ------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Before each request."""
        self._url = b""
        self._head = 0
        self._forget()

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._head += len(url)
        if self._head > HEAD_LIMIT:
            self._refuse_head()

    def _refuse_head(self) -> None:
        self._refuse(Invalid("The request's head is over 64 KB."))

    def _enqueue(self, request: R) -> None:
        """It is answered after those before it."""
        self._waiting.append(request)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._serve())
        elif len(self._waiting) > PIPELINE:
            self._refuse(Busy("Too many requests at once on one connection."))

    # -- answering ----------------------------------------------------------------------------

    async def _serve(self) -> None:
        """Answer what waits, in order; one task per burst of requests."""
        try:
            while self._waiting:
                if not await self._answer(self._waiting.popleft()) or self._listening.closing:
                    self._end()
        finally:
            self._task = None
            self._rested()

    async def _pour(
        self, parts: AsyncIterator[bytes], frame: Callable[[bytes], bytes], end: bytes, where: str
    ) -> None:
        """Send `parts`, each in its `frame`, at the reader's pace, and `end` after the last."""
        try:
            while self._is_open():
                part = await anext(parts, None)
                if part is None:
                    self._gather(end)
                    return
                self._gather(frame(part))
                if not self._writable.is_set():
                    await self._writable.wait()
        except asyncio.CancelledError:
            self._end()
        except Exception as error:  # too late for a status; the missing end tells the client
            self._end()
            internal(error, where)
        finally:
            await close_parts(parts)

    def _refuse(self, error: AmlError) -> None:
        """Answer at once and hang up: what follows on this connection cannot be understood."""
        self._send(self._refusal(error))
        self._hang_up()

    # -- the transport ------------------------------------------------------------------------

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

    def _continue(self) -> None:
        """The client waits to be told that its body is wanted."""
        self._send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hang_up(self) -> None:
        """Once everything is sent."""
        self._send_gathered()
        if self._transport is not None:
            self._transport.close()

    def _end(self) -> None:
        """Hang up, and answer nothing more."""
        self._waiting.clear()
        self._hang_up()

    def _leave_after(self, seconds: float, leave: Callable[[], None]) -> None:
        """`leave` then, unless `_stay` is called before."""
        self._stay()
        self._timer = asyncio.get_running_loop().call_later(seconds, leave)

    def _stay(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


async def close_parts(parts: AsyncIterator[bytes]) -> None:
    """Let a generator end that nobody reads on."""
    close = getattr(parts, "aclose", None)
    if close is not None:
        await close()
