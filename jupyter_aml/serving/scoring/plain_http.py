"""Plain HTTP in front of an application: for `curl`, and for a package that has no router.

Complete enough for a client that means well; what must withstand others is the router.
"""

from __future__ import annotations

import re
import socket
import uuid
from http import HTTPStatus
from typing import Protocol

from . import answer
from .answer import Answer
from .headers import Headers

_HEAD_BYTES = 1 << 16
_ID_LENGTH = 100
_SECONDS = 10.0
_FIRST = re.compile(rb"[A-Z]{1,16} [^\s]+ HTTP/1\.[01]")


class Answering(Protocol):
    """An application, or one of which only so many answers are made at a time."""

    def answer(self, head: bytes, body: bytes) -> Answer:
        """The answer to one request."""
        ...


class _Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = answer.error(status, message)


def answer_once(
    connection: socket.socket, received: bytes, app: Answering, *, most: int = 100 << 20
) -> None:
    """Answer the one request that begins with `received`; the caller closes. Raise OSError."""
    connection.settimeout(_SECONDS)
    is_bodiless = False
    try:
        head, body = _read(connection, received, most)
        is_bodiless = head.startswith(b"HEAD ")
        ids, refused = _ids(Headers(head.partition(b"\r\n")[2]))
        given = refused or app.answer(head, body)
    except _Refused as refusal:
        given, ids = refusal.answer, {}
    connection.sendall(_whole(given, ids, is_bodiless=is_bodiless))


def _read(connection: socket.socket, data: bytes, most: int) -> tuple[bytes, bytes]:
    """Head, as an application takes it, and body."""
    while b"\r\n\r\n" not in data:
        if len(data) > _HEAD_BYTES:
            raise _Refused(431, "The head of the request is too large")
        data += _more(connection)
    head, _, rest = data.partition(b"\r\n\r\n")
    first, _, lines = head.partition(b"\r\n")
    if not _FIRST.fullmatch(first):
        raise _Refused(400, "This is not an HTTP/1.1 request")
    headers = Headers(lines)
    if "transfer-encoding" in headers:
        raise _Refused(411, "Send a Content-Length; chunks are not taken here")
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise _Refused(400, "Content-Length is not a number")
    if int(length) > most:
        raise _Refused(413, f"The body has {length} bytes; {most} are allowed")
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    parts, missing = [rest], int(length) - len(rest)
    while missing > 0:
        parts.append(_more(connection))
        missing -= len(parts[-1])
    return first.rpartition(b" ")[0] + b"\r\n" + lines + b"\r\n", b"".join(parts)[: int(length)]


def _more(connection: socket.socket) -> bytes:
    try:
        data = connection.recv(1 << 18)
    except TimeoutError:
        raise _Refused(408, "The request did not come in time") from None
    if not data:
        raise ConnectionResetError
    return data


def _ids(headers: Headers) -> tuple[dict[str, str], Answer | None]:
    """The ids that go back with the answer; or the refusal of one that is too long."""
    request = headers.get("x-request-id") or str(uuid.uuid4())
    legacy = headers.get("x-ms-request-id", "")
    client = headers.get("x-ms-client-request-id", "") or legacy
    if len(request) > _ID_LENGTH:
        return {}, answer.error(431, f"x-request-id must not exceed {_ID_LENGTH} characters")
    if max(len(legacy), len(client)) > _ID_LENGTH:
        message = "x-ms-request-id and x-ms-client-request-id must not exceed"
        return {"x-request-id": request}, answer.error(431, f"{message} {_ID_LENGTH} characters")
    ids = {"x-request-id": request, "x-ms-request-id": legacy or client or request}
    if client:
        ids["x-ms-client-request-id"] = client
    if "traceid" in headers:
        ids["TraceId"] = headers["traceid"]
    return ids, None


def _whole(given: Answer, ids: dict[str, str], *, is_bodiless: bool) -> bytes:
    try:
        reason = HTTPStatus(given.status).phrase
    except ValueError:
        reason = ""
    lines = "".join(f"{name}: {value}\r\n" for name, value in ids.items()).encode("latin-1")
    first = f"HTTP/1.1 {given.status} {reason}\r\n".encode()
    length = b"content-length: %d\r\nconnection: close\r\n\r\n" % len(given.body)
    return first + given.head + lines + length + (b"" if is_bodiless else given.body)
