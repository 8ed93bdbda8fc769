"""Requests as they came, responses as they leave: bytes, with the headers built beforehand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from jupyter_aml.model.errors import AmlError, ErrorEnvelope

JSON = b"application/json"
NDJSON = b"application/x-ndjson"
BINARY = b"application/octet-stream"


@dataclass(slots=True)
class Request:
    """One request that was let in, or (`refusal`) is to be answered with an error."""

    method: str
    target: bytes
    body: bytes
    keep_alive: bool
    http_1_0: bool
    refusal: AmlError | None = None


@dataclass(slots=True)
class Answer:
    """A whole body."""

    body: bytes
    status: int = 200


@dataclass(slots=True)
class Stream:
    """A body without a known end."""

    batches: AsyncIterator[bytes]
    content_type: bytes = NDJSON


_COMMON = b"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
_STATUS_LINES[507] = b"HTTP/1.1 507 Insufficient Storage\r\n"
_JSON_HEADS = {
    status: line + b"Content-Type: " + JSON + b"\r\n" + _COMMON
    for status, line in _STATUS_LINES.items()
}
_CLOSE = b"Connection: close\r\n"


def error_answer(error: AmlError) -> Answer:
    """ARM's error body under the class's own status."""
    return Answer(msgspec.json.encode(ErrorEnvelope(error.body())), error.http_status)


def whole(answer: Answer, request: Request) -> bytes:
    """The bytes of a response with a body of known length."""
    head = _JSON_HEADS[answer.status]
    if answer.status == 401:
        head += b"WWW-Authenticate: Bearer\r\n"
    if not request.keep_alive:
        head += _CLOSE
    body = b"" if request.method == "HEAD" else answer.body
    return b"%bContent-Length: %d\r\n\r\n%b" % (head, len(answer.body), body)


def stream_head(stream: Stream, request: Request) -> bytes:
    """The head of a response that is sent in chunks (HTTP/1.0: until the connection closes)."""
    framing = b"" if request.http_1_0 else b"Transfer-Encoding: chunked\r\n"
    closing = b"" if request.keep_alive else _CLOSE
    return b"%bContent-Type: %b\r\n%b%b%b\r\n" % (
        _STATUS_LINES[200],
        stream.content_type,
        _COMMON,
        framing,
        closing,
    )


def chunk(batch: bytes, request: Request) -> bytes:
    return batch if request.http_1_0 else b"%x\r\n%b\r\n" % (len(batch), batch)


def stream_end(request: Request) -> bytes:
    return b"" if request.http_1_0 else b"0\r\n\r\n"
