"""An instance that speaks HTTP: Azure's own inference server, on a connection for each request.

Its gunicorn closes after each answer. What could not be written is sent elsewhere; what was
written may have run.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, cast

import httptools

from .instance import Instance
from .request import Request
from .table import InstanceSpec

if TYPE_CHECKING:
    from .deployment import Deployment

_HEALTH = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
_MOST_BYTES = 100 << 20
_DROPPED = frozenset(
    (b"connection", b"content-length", b"date", b"keep-alive", b"server", b"transfer-encoding",
     b"x-request-id", b"x-ms-request-id", b"x-ms-client-request-id", b"x-ms-server-version")
)  # fmt: skip


class Broken(Exception):
    """No answer came. `may_have_run` says whether the request had been written."""

    def __init__(self, *, may_have_run: bool) -> None:
        super().__init__()
        self.may_have_run = may_have_run


class HttpInstance(Instance):
    """Ready once `GET /` has been answered."""

    def __init__(self, name: str, spec: InstanceSpec, deployment: Deployment) -> None:
        super().__init__(name, spec, deployment)
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, request: Request) -> None:
        number = next(self._numbers)
        self.pending[number] = request
        self.requests += 1
        request.attempts += 1
        request.instance = self.name
        task = asyncio.get_running_loop().create_task(self._carry(number, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _try_once(self) -> bool:
        try:
            status, _, _ = await exchange(self.spec.socket, _HEALTH)
        except Broken:
            return False
        if status == 200:
            self.became_ready()
        return status == 200

    async def _carry(self, number: int, request: Request) -> None:
        try:
            status, lines, body = await exchange(self.spec.socket, _whole(request))
        except Broken as error:
            self.pending.pop(number, None)
            if self.state == "ready":
                self._restart()
            ran = [request] if error.may_have_run else []
            self.settle([] if ran else [request], ran)  # the others have connections of their own
            self.left_if_idle()
            return
        self.pending.pop(number, None)
        request.finish(status, lines, body)
        self.left_if_idle()
        self.deployment.pump()

    def _restart(self) -> None:
        """Send nothing more until it has shown that it lives."""
        self._turn("connecting", in_flight=len(self.pending))
        self.start()


def _whole(request: Request) -> bytes:
    first, _, lines = request.head.forwarded.partition(b"\r\n")
    kept = b"".join(
        line + b"\r\n"
        for line in lines.split(b"\r\n")
        if line and not line.lower().startswith(b"content-length:")
    )
    length = len(request.body)
    ours = b"x-request-id: %s\r\ncontent-length: %d\r\nconnection: close\r\n" % (
        request.guid,
        length,
    )
    return b"%s HTTP/1.1\r\n%s%s\r\n%s" % (first, kept, ours, request.body)


async def exchange(path: str, data: bytes) -> tuple[int, bytes, bytes]:
    """Status, header lines and body of the answer. Raise `Broken`."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[tuple[int, bytes, bytes]] = loop.create_future()
    try:
        transport, _ = await loop.create_unix_connection(lambda: _Exchange(data, answer), path)
    except OSError:
        raise Broken(may_have_run=False) from None
    try:
        return await answer
    finally:
        transport.close()


class _Exchange(asyncio.Protocol):
    """One request and its answer."""

    def __init__(self, data: bytes, answer: asyncio.Future[tuple[int, bytes, bytes]]) -> None:
        self._data = data
        self._answer = answer
        self._parser = httptools.HttpResponseParser(self)
        self._lines: list[bytes] = []
        self._body: list[bytes] = []
        self._length = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        transport.write(self._data)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's
        self._fail()

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() not in _DROPPED:
            self._lines.append(b"%s: %s\r\n" % (name, value))

    def on_body(self, body: bytes) -> None:
        self._length += len(body)
        if self._length > _MOST_BYTES:
            self._fail()
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        if not self._answer.done():
            status = self._parser.get_status_code()
            self._answer.set_result((status, b"".join(self._lines), b"".join(self._body)))

    def _fail(self) -> None:
        if not self._answer.done():
            self._answer.set_exception(Broken(may_have_run=True))
