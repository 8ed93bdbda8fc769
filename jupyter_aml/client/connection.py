"""One HTTP/1.1 connection to the service: a request goes out whole, its answer comes in pieces.

Used by `transport` (kept connections) and `wire.ask` (one request). httptools, which the service
itself speaks with, reads the answers: it loads in a tenth of the time of ``http.client``, takes a
fifth of its time for a head, and can say what of a stream has arrived without waiting for more.
"""

from __future__ import annotations

import re
import select
import socket
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

from jupyter_aml.model.api import API_PREFIX

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 120.0
"""For the head of an answer: taking a snapshot of a large folder is the slowest."""

_READ_BYTES = 1 << 16
_ONE_PIECE_BYTES = 1 << 16
"""A body up to this goes out together with its head: one packet, one wake-up over there."""
_UNFIT = re.compile(r"[^\x21-\x7e]")


class Answer:
    """What has arrived of one answer; httptools calls its ``on_`` methods."""

    def __init__(self) -> None:
        self.status = 0
        """0 until the head is there."""
        self.is_over = False
        """Its body is complete."""
        self.is_reusable = False
        """Once it is over: whether the connection may be used for another request."""
        self._body: list[bytes] = []
        self._parser = HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Take what arrived. Raise ConnectionError if that is no HTTP, or the end came too early.

        `data` is empty where the service closed the connection.
        """
        if not data:
            raise ConnectionResetError("the connection was closed before the answer was complete")
        if self.is_over:
            raise ConnectionAbortedError("more arrived than was asked for")
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            if isinstance(error.__context__, KeyboardInterrupt):
                raise error.__context__ from None  # it came while one of the ``on_`` methods ran
            raise ConnectionAbortedError(f"the answer is no HTTP: {error}") from error
        if self.is_over:
            del self._parser  # it refers to this object: else only the collector would free both

    def take(self) -> bytes:
        """What of the body has arrived since the last call."""
        body = self._body
        if not body:
            return b""
        self._body = []
        return body[0] if len(body) == 1 else b"".join(body)

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self.is_over = True
        self.is_reusable = self._parser.should_keep_alive()


class Connection:
    """An open connection. `send` one request, then `receive` until its answer is over."""

    def __init__(self, url: str, *, timeout: float = ANSWER_SECONDS) -> None:
        """`timeout` is that of each wait for an answer. Raise OSError if nobody listens there.

        The service listens on the loopback address of IPv4 only.
        """
        address = urlsplit(url)
        self._host = address.netloc
        self._answer_seconds = timeout
        self._timeout: float | None = CONNECT_SECONDS
        # Not `socket.create_connection`: interrupted, it leaves its socket open.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(CONNECT_SECONDS)
            self._socket.connect((address.hostname or "", address.port or 80))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:  # an interrupt, too
            self._socket.close()
            raise

    def send(self, method: str, path: str, token: str, body: bytes | None) -> Answer:
        """Send a request; `path` is without the API's prefix. Nothing of the answer is read."""
        if _UNFIT.search(path) or _UNFIT.search(token):
            raise ValueError("an address or token with a character that HTTP has another use for")
        length = (
            "" if body is None and method == "GET" else f"Content-Length: {len(body or b'')}\r\n"
        )
        kind = "" if body is None else "Content-Type: application/json\r\n"
        head = (
            f"{method} {API_PREFIX}{path} HTTP/1.1\r\nHost: {self._host}\r\n"
            f"Authorization: Bearer {token}\r\n{kind}{length}\r\n"
        ).encode("ascii")
        self._set_timeout(self._answer_seconds)
        if body is None or len(body) <= _ONE_PIECE_BYTES:
            self._socket.sendall(head + (body or b""))
        else:
            self._socket.sendall(head)
            self._socket.sendall(body)
        return Answer()

    def receive_head(self, answer: Answer) -> None:
        """Read until the head of `answer` is there; some of the body may come along."""
        while not answer.status:
            self.receive(answer, self._answer_seconds)

    def receive_all(self, answer: Answer) -> bytes:
        """Read to the end of `answer`, and return the body."""
        while not answer.is_over:
            self.receive(answer, self._answer_seconds)
        return answer.take()

    def receive(self, answer: Answer, timeout: float | None) -> None:
        """Read once. Raise TimeoutError if nothing came within `timeout` seconds; None is for ever.

        Raise another OSError if the connection broke.
        """
        self._set_timeout(timeout)
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError as error:
            raise TimeoutError("nothing has come") from error
        answer.feed(data)

    def is_stale(self) -> bool:
        """Whether the service closed this idle connection: it can be read then."""
        try:
            return _is_readable(self._socket)
        except (OSError, ValueError):
            return True

    def break_off(self) -> None:
        """Wake the thread that reads, which gets an OSError. It is to `close` afterwards."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side was faster

    def close(self) -> None:
        self._socket.close()

    def _set_timeout(self, timeout: float | None) -> None:
        if timeout != self._timeout:
            self._timeout = timeout
            self._socket.settimeout(timeout)


def _is_readable(sock: socket.socket) -> bool:
    """Whether something (or the end) is there now."""
    if not hasattr(select, "poll"):
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
