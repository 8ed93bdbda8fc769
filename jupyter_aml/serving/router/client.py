"""One client's connection: requests in, one at a time, answers out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from . import head as heads
from .chunks import Chunks
from .head import Head
from .reply import Refusal, first_line
from .request import Request

if TYPE_CHECKING:
    from .router import Router

_PIPELINED_BYTES = 64 << 10
_LINGER_SECONDS = 2.0
_VERSION = b"x-ms-server-version: jupyter_aml\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Client(asyncio.Protocol):
    """Waits for a head, reads a body, waits for the answer, or lingers after a refusal."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._transport: asyncio.Transport
        self._memo: Head | None = None  # the head that this client repeats
        self._held = b""
        self._head: Head | None = None  # whose body is being read
        self._parts: list[bytes] = []
        self._missing = 0
        self._chunks: Chunks | None = None
        self._reserved = 0
        self._request: Request | None = None
        self._is_paused = False
        self._is_closing = False
        self._is_partial = False  # a head has begun and is not whole
        self._since = router.now()
        """Since when this state has lasted, for the limits of time."""

    # ---- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._transport = transport
        router = self._router
        if len(router.clients) >= router.table.limits.max_connections:
            self._refuse(Refusal(503, "TooManyConnections", "Too many connections.", retry_after=1))
        router.clients.add(self)
        router.touch()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's
        self._router.clients.discard(self)
        self._is_closing = True
        self._release()
        if self._request is not None:
            self._request.asker = None
            self._request = None

    def data_received(self, data: bytes) -> None:
        if self._is_closing:
            return  # lingering: what still comes is not looked at
        if self._head is not None:
            self._more_body(data)
        elif self._request is not None:
            self._held += data
            if len(self._held) > _PIPELINED_BYTES:
                self._transport.pause_reading()
        else:
            if self._held:
                data, self._held = self._held + data, b""
            self._parse(data)

    def pause_writing(self) -> None:
        self._is_paused = True
        self._since = self._router.now()

    def resume_writing(self) -> None:
        self._is_paused = False
        self._go_on()

    # ---- requests

    def _parse(self, data: bytes) -> None:
        """`data` begins with a head. The usual case is the same head as before, and all of it."""
        try:
            while data and self._request is None and not (self._is_closing or self._is_paused):
                memo = self._memo
                if memo is None or not data.startswith(memo.raw):
                    memo = self._next_head(data)
                    if memo is None:
                        self._hold(data)
                        return
                if memo.accepted is not self._router.admission or memo.until < self._router.wall():
                    self._router.admission.check(memo)
                start = len(memo.raw)
                end = start + memo.length
                if memo.is_chunked or len(data) < end:
                    self._begin_body(memo, data[start:])
                    return
                body = data[start:end]
                data = data[end:]
                self._take(memo, body)
            self._held += data
        except Refusal as refusal:
            self._refuse(refusal)

    def _next_head(self, data: bytes) -> Head | None:
        """Parse the head that `data` begins with; None if it is not whole."""
        end = data.find(b"\r\n\r\n")
        if end < 0 or end > heads.MOST_BYTES:
            if len(data) > heads.MOST_BYTES:
                raise Refusal(431, "HeadTooLarge", "The head of the request is too large.")
            return None
        self._memo = None
        self._is_partial = False
        self._memo = heads.parse(data[: end + 4])
        return self._memo

    def _hold(self, data: bytes) -> None:
        self._held = data
        if not self._is_partial:
            self._is_partial = True
            self._since = self._router.now()

    def _take(self, head: Head, body: bytes) -> None:
        if head.path == b"/":
            self._answer_health(head)
            return
        self._request = None
        request = self._router.take(head, body, self)
        if not request.is_done:
            self._request = request

    def _answer_health(self, head: Head) -> None:
        is_ready = self._router.is_ready
        lines = b"content-type: text/plain\r\n"
        body = b"Healthy" if is_ready else b"No instance is ready"
        self._write(200 if is_ready else 503, lines + head.echoed, body, self._router.guid(), head)

    # ---- bodies that come in pieces

    def _begin_body(self, head: Head, data: bytes) -> None:
        self._reserve(head.length)
        self._head = head
        self._parts = []
        self._missing = head.length
        self._chunks = Chunks(self._router.admission.most_bytes) if head.is_chunked else None
        self._since = self._router.now()
        if head.expects and not data:
            self._transport.write(_CONTINUE)
        self._more_body(data)

    def _more_body(self, data: bytes) -> None:
        try:
            rest = self._chunk(data) if self._chunks is not None else self._piece(data)
            if rest is None:
                return
            head, self._head = self._head, None
            assert head is not None
            body = self._chunks.body if self._chunks is not None else b"".join(self._parts)
            self._parts, self._chunks = [], None
            self._take(head, body)
        except Refusal as refusal:
            self._refuse(refusal)
            return
        if rest and self._request is None:
            self._parse(rest)
        else:
            self._held = rest

    def _piece(self, data: bytes) -> bytes | None:
        """What follows the body; None while it is not whole."""
        if len(data) < self._missing:
            self._parts.append(data)
            self._missing -= len(data)
            return None
        self._parts.append(data[: self._missing])
        return data[self._missing :]

    def _chunk(self, data: bytes) -> bytes | None:
        assert self._chunks is not None
        self._reserve(len(data))
        self._chunks.feed(data)
        return self._chunks.rest if self._chunks.is_done else None

    def _reserve(self, amount: int) -> None:
        router = self._router
        if router.buffered + amount > router.table.limits.buffered_bytes:
            raise Refusal(503, "Busy", "Too many large requests at once.", retry_after=1)
        router.buffered += amount
        self._reserved += amount

    def _release(self) -> None:
        self._router.buffered -= self._reserved
        self._reserved = 0

    # ---- answers

    def answered(self, request: Request, status: int, lines: bytes, body: bytes) -> None:
        """From the deployment: the one answer to the one request."""
        head = request.head
        self._request = None
        if self._reserved:
            self._release()
        self._write(status, lines + head.echoed, body, request.guid, head)
        if self._held and not self._is_paused:
            self._go_on()

    def _write(self, status: int, lines: bytes, body: bytes, guid: bytes, head: Head) -> None:
        keeps = head.keeps and not self._router.is_leaving
        self._transport.write(
            b"%s%sx-ms-request-id: %s\r\nx-request-id: %s\r\n%s%scontent-length: %d\r\n\r\n%s"
            % (
                first_line(status),
                lines,
                guid,
                guid,
                _VERSION,
                b"" if keeps else b"connection: close\r\n",
                len(body),
                body,
            )
        )
        self._since = self._router.now()
        if not keeps:
            self._is_closing = True
            self._transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        """Answer by ourselves, and close: what else the client sends would not be understood."""
        head = self._head or self._memo
        guid = self._router.guid()
        self._router.refused(head, refusal, guid)
        self._head, self._parts, self._chunks, self._memo = None, [], None, None
        self._release()
        self._is_closing = True
        echoed = head.echoed if head is not None else b""
        full = refusal.body()
        lines = b"%s%s%sx-ms-request-id: %s\r\nx-request-id: %s\r\n%s" % (
            first_line(refusal.status),
            refusal.lines(),
            echoed,
            guid,
            guid,
            _VERSION,
        )
        body = b"" if head is not None and head.method == b"HEAD" else full
        self._transport.write(
            b"%sconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (lines, len(full), body)
        )
        self._since = self._router.now()
        if self._transport.can_write_eof():
            self._transport.write_eof()  # a close with unread bytes would take the answer back

    def _go_on(self) -> None:
        """Look at what came while the answer was on its way."""
        if self._request is None and not self._is_closing and self._held:
            self._transport.resume_reading()
            data, self._held = self._held, b""
            self._parse(data)

    # ---- limits of time

    def check(self, now: float) -> None:
        """End a client that takes too long with what it does."""
        limits = self._router.table.limits
        spent = now - self._since
        if self._is_paused:
            if spent > limits.write_seconds:
                self._transport.abort()
        elif self._is_closing:
            if spent > _LINGER_SECONDS:
                self._transport.abort()
        elif self._head is not None:
            if spent > limits.body_seconds:
                self._refuse(Refusal(408, "Timeout", "The body did not come in time."))
        elif self._request is None:
            self._check_idle(spent)

    def _check_idle(self, spent: float) -> None:
        limits = self._router.table.limits
        if self._held and spent > limits.header_seconds:
            self._refuse(Refusal(408, "Timeout", "The head of the request did not come in time."))
        elif not self._held and (spent > limits.idle_seconds or self._router.is_leaving):
            self._is_closing = True
            self._transport.close()
