"""A request as the process got it: parsed as far as somebody asks, and no further."""

from __future__ import annotations

import io
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote

from .headers import Headers


class Request:
    """`head` is `METHOD TARGET` and the header lines, `body` is whole."""

    def __init__(self, head: bytes, body: bytes) -> None:
        self.head = head
        self.body = body

    @cached_property
    def _first(self) -> tuple[str, str]:
        method, _, target = self.head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        return method, target

    @property
    def method(self) -> str:
        """Upper case."""
        return self._first[0]

    @property
    def target(self) -> str:
        """Path and query, still quoted."""
        return self._first[1]

    @cached_property
    def path(self) -> str:
        """Without the query, unquoted."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> str:
        """What follows the question mark."""
        return self.target.partition("?")[2]

    @cached_property
    def arguments(self) -> dict[str, list[str]]:
        """The query's names and their values."""
        return parse_qs(self.query, keep_blank_values=True)

    @cached_property
    def headers(self) -> Headers:
        """Every header but the key."""
        return Headers(self.head.partition(b"\r\n")[2])

    @property
    def is_json(self) -> bool:
        """By its content type."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind == "application/json" or (
            kind.startswith("application/") and kind.endswith("+json")
        )

    def environ(self) -> dict[str, Any]:
        """The same as WSGI has it, for a script that wants the real Flask request."""
        host, _, port = self.headers.get("host", "localhost:80").partition(":")
        values: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path.encode().decode("latin-1"),
            "QUERY_STRING": self.query,
            "SERVER_NAME": host,
            "SERVER_PORT": port or "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REQUEST_URI": self.target,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.input_terminated": True,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            values["HTTP_" + name.upper().replace("-", "_")] = value
        values["CONTENT_TYPE"] = self.headers.get("content-type", "")
        values["CONTENT_LENGTH"] = str(len(self.body))
        return values
