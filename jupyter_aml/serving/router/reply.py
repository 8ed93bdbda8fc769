"""Answers as bytes: those of instances, and the router's own."""

from __future__ import annotations

import json
from http import HTTPStatus


class Refusal(Exception):
    """The router answers by itself."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def body(self) -> bytes:
        """ARM's body, as everywhere in this product."""
        return json.dumps({"error": {"code": self.code, "message": self.message}}).encode()

    def lines(self) -> bytes:
        """Its own header lines."""
        lines = b"content-type: application/json\r\n"
        if self.status == HTTPStatus.UNAUTHORIZED:
            lines += b"www-authenticate: Bearer\r\n"
        if self.retry_after:
            lines += b"retry-after: %d\r\n" % self.retry_after
        return lines


def _first_line(status: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()


FIRST_LINES = {status.value: _first_line(status.value) for status in HTTPStatus}


def first_line(status: int) -> bytes:
    """Also for a number that HTTP has no name for."""
    return FIRST_LINES.get(status) or _first_line(status)
