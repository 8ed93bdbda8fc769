"""A connection to the compatible API: bodies as they come, header names as they were given.

Why not a server library: those at hand send header names in small letters, and take a body whole
or through a layer that copies it; here a blob of gigabytes goes to disk by parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from jupyter_aml.model.errors import AmlError
from jupyter_aml.service.arm.errors import error_response
from jupyter_aml.service.arm.message import Body, ClientGone, Request, Response
from jupyter_aml.service.arm.scope import Scope
from jupyter_aml.service.arm.upload import Upload
from jupyter_aml.service.http.wire import BUFFER, DISCARD_LIMIT, HEAD_LIMIT, Wire, close_parts

if TYPE_CHECKING:
    from jupyter_aml.service.arm.listener import Listener

IDLE_SECONDS = 120.0
"""A connection without a request under way is closed after this."""


@dataclass(slots=True)
class Exchange:
    """A request that waits for its answer."""

    request: Request
    upload: Upload
    keep_alive: bool


class Connection(Wire[Exchange]):
    """Made by `Listener` for each client."""

    def __init__(self, listener: Listener) -> None:
        super().__init__(listener.listening)
        self._listener = listener
        self._upload: Upload | None = None

    def _opened(self) -> None:
        self._leave_after(IDLE_SECONDS, self._hang_up)

    def _rested(self) -> None:
        if self._is_open():
            self._leave_after(IDLE_SECONDS, self._hang_up)

    def _lost(self) -> None:
        if self._upload is not None:
            self._upload.end(gone=True)

    # -- httptools --------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._stay()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value)
        if self._head > HEAD_LIMIT:
            self._refuse_head()
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
        )
        keep = self._parser.should_keep_alive() and self._parser.get_http_version() == "1.1"
        self._enqueue(Exchange(request, upload, keep))

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

    def _forget(self) -> None:
        self._headers: list[tuple[str, str]] = []

    def _let_come(self) -> None:
        upload = self._upload
        if self._transport is not None and (upload is None or upload.waiting <= BUFFER // 2):
            self._transport.resume_reading()

    # -- answering ----------------------------------------------------------------------------

    async def _answer(self, request: Exchange) -> bool:
        try:
            response = await self._listener.answer(request.request)
        except ClientGone:
            return False
        request.upload.drop()
        keep = request.keep_alive and not self._listening.closing
        await self._respond(request.request, response, keep=keep)
        return keep

    async def _respond(self, request: Request, response: Response, *, keep: bool) -> None:
        body = response.body
        chunked = not isinstance(body, bytes) and not _says_length(response)
        head = _head(response, chunked=chunked, keep=keep)
        if isinstance(body, bytes):
            self._send(head if request.method == "HEAD" else head + body)
            return
        self._send(head)
        if request.method == "HEAD":
            await close_parts(body)
        else:
            frame, end = (_chunk, b"0\r\n\r\n") if chunked else (bytes, b"")
            await self._pour(body, frame, end, f"{request.method} {request.path}")

    def _refusal(self, error: AmlError) -> bytes:
        response = error_response(error)
        body = response.body if isinstance(response.body, bytes) else b""
        return _head(response, chunked=False, keep=False) + body


_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def _head(response: Response, *, chunked: bool, keep: bool) -> bytes:
    head = [f"HTTP/1.1 {response.status} {_PHRASES.get(response.status, '')}\r\n"]
    head += [f"{_clean(name)}: {_clean(value)}\r\n" for name, value in response.headers]
    body = response.body
    if chunked:
        head.append("Transfer-Encoding: chunked\r\n")
    elif isinstance(body, bytes) and response.status != 204 and not _says_length(response):
        head.append(f"Content-Length: {len(body)}\r\n")
    if not keep:
        head.append("Connection: close\r\n")
    return "".join([*head, "\r\n"]).encode("latin-1", "replace")


def _says_length(response: Response) -> bool:
    return any(name.lower() == "content-length" for name, _ in response.headers)


def _chunk(part: bytes) -> bytes:
    """An empty one would be the end."""
    return b"%x\r\n%b\r\n" % (len(part), part) if part else part


def _clean(text: str) -> str:
    """A value cannot end its line: what a client sent comes back in some headers."""
    return text.replace("\r", "").replace("\n", "")


def _nothing() -> None:
    pass
