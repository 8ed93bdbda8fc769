"""The head of a request: parsed strictly by llhttp, once for as long as a client repeats it.

Clients that keep a connection send the same bytes again and again. Whoever holds a `Head`
compares the bytes and is spared the parser; what is decided about a head (its key is right, its
route exists) is remembered in it for as long as the table is the same.
"""

from __future__ import annotations

import json
import re

import httptools

from .reply import Refusal

MOST_BYTES = 16 << 10
_ID = re.compile(rb"[A-Za-z0-9_-]{1,100}")
_NOT_FORWARDED = frozenset(
    (b"authorization", b"connection", b"keep-alive", b"expect", b"transfer-encoding",
     b"x-request-id", b"proxy-authorization", b"te", b"upgrade")
)  # fmt: skip


class Head:
    """One head, and what the router made of it."""

    __slots__ = (
        "accepted", "authorization", "client_id", "echoed", "expects", "forwarded", "host",
        "is_chunked", "keeps", "length", "logged", "method", "path", "pinned", "raw", "target",
        "until",
    )  # fmt: skip

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.method = b""
        self.target = b""
        self.path = b""
        self.length = 0
        self.is_chunked = False
        self.keeps = True
        self.expects = False
        self.host = b""
        self.authorization = b""
        self.pinned = b""
        self.client_id = b""
        self.echoed = b""
        """Header lines of the answer that only depend on this head."""
        self.forwarded = b""
        """The head of the frame, less the request's id."""
        self.logged = ""
        """The part of a line of the request log that only depends on this head."""
        self.accepted: object = None
        """The rules (`Admission`) that have accepted this head."""
        self.until = 0.0


def parse(raw: bytes) -> Head:
    """The head that ends with an empty line. Raise `Refusal`."""
    reader = _Reader(raw)
    parser = httptools.HttpRequestParser(reader)
    try:
        parser.feed_data(raw)
    except httptools.HttpParserUpgrade:
        raise Refusal(400, "BadRequest", "Upgrades are not served here.") from None
    except httptools.HttpParserError as error:
        raise Refusal(400, "BadRequest", f"Not an HTTP request: {error}.") from None
    if not reader.is_whole:
        raise Refusal(400, "BadRequest", "Not an HTTP request.")
    head = reader.head
    head.method = parser.get_method()
    head.keeps = parser.should_keep_alive()
    head.path = head.target.partition(b"?")[0]
    reader.finish()
    return head


class _Reader:
    """llhttp's callbacks."""

    def __init__(self, raw: bytes) -> None:
        self.head = Head(raw)
        self.is_whole = False
        self._lines: list[bytes] = []

    def on_url(self, url: bytes) -> None:
        self.head.target += url

    def on_headers_complete(self) -> None:
        self.is_whole = True

    def on_header(self, name: bytes, value: bytes) -> None:
        head, key, value = self.head, name.lower(), value.strip()
        if key == b"content-length":
            head.length = int(value)
        elif key == b"transfer-encoding":
            if value.lower() != b"chunked":
                raise Refusal(400, "BadRequest", "Only chunks are a known transfer encoding.")
            head.is_chunked = True
        elif key == b"host":
            head.host = value.lower()
        elif key == b"authorization":
            head.authorization = value
        elif key == b"azureml-model-deployment":
            head.pinned = value
        elif key == b"expect":
            head.expects = value.lower() == b"100-continue"
        elif key == b"x-ms-client-request-id" or (key == b"x-ms-request-id" and not head.client_id):
            head.client_id = value
        elif key == b"traceid":
            head.echoed += b"TraceId: %s\r\n" % value
        if key not in _NOT_FORWARDED:
            self._lines.append(b"%s: %s\r\n" % (name, value))

    def finish(self) -> None:
        """Make what is repeated for every request with this head. Raise `Refusal`."""
        head = self.head
        if head.client_id:
            if not _ID.fullmatch(head.client_id):
                raise Refusal(
                    431, "BadRequest",
                    "x-ms-client-request-id: at most 100 letters, digits, '-' and '_'.",
                )  # fmt: skip
            head.echoed += b"x-ms-client-request-id: %s\r\n" % head.client_id
        head.forwarded = b"%s %s\r\n%s" % (head.method, head.target, b"".join(self._lines))
        client, method, path = (
            json.dumps(part.decode("latin-1")) for part in (head.client_id, head.method, head.path)
        )
        head.logged = f'"client_id":{client},"method":{method},"path":{path}'
