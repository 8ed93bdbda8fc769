"""One HTTP request to the service, its answer read piece by piece.

`ask` sends the request and returns when the head of the answer is there; `Answer.chunks` then
yields the body as it arrives, undecoded. At most 128 KiB are read ahead: who stops taking chunks
stops the sender, through TCP. One connection per request: opening one on loopback costs 0.1 ms,
and a stream that is given up is simply closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any

import httptools

from jupyter_aml.model.errors import Unavailable
from jupyter_aml.server.endpoint import Endpoint

READ_BYTES = 65_536
CONNECT_SECONDS = 5.0
Header = tuple[str, str]


class NotReached(ConnectionError):
    """Nobody listens at the endpoint. The request was not delivered: it may be sent again."""


class NotAnswered(Unavailable, status=503, registered=False):
    """The connection ended before an answer began. The request may have been carried out."""


class Answer:
    """An answer whose head has arrived. Close it, or use it as a context manager."""

    def __init__(
        self, endpoint: Endpoint, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.endpoint = endpoint
        self.headers: list[Header] = []
        self._reader = reader
        self._writer = writer
        self._parser: Any = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._head = False
        self._complete = False

    @property
    def status(self) -> int:
        return self._parser.get_status_code()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raise `Unavailable` if the service goes away before its end."""
        while True:
            pieces, self._body = self._body, []
            if pieces:
                yield b"".join(pieces)
            elif self._complete:
                return
            else:
                await self._feed()

    async def read(self) -> bytes:
        """The whole body. For small ones."""
        return b"".join([chunk async for chunk in self.chunks()])

    def close(self) -> None:
        """Let go of the connection, whatever is left of the answer."""
        self._writer.close()

    async def __aenter__(self) -> Answer:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    async def read_head(self) -> None:
        while not self._head:
            await self._feed()

    async def _feed(self) -> None:
        """Read and parse one piece; wait for one if need be."""
        try:
            data = await self._reader.read(READ_BYTES)
        except OSError as error:
            raise self._broken("The connection to the service broke.", str(error)) from error
        if not data:
            raise self._broken("The service went away before the end of its answer.")
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise Unavailable(
                "What listens at the service's address does not speak HTTP.",
                details=[str(error)],
                hint="Start the service anew: jupyter aml service start",
            ) from error

    def _broken(self, message: str, *details: str) -> Unavailable:
        return (Unavailable if self._head else NotAnswered)(message, details=list(details))

    # Called by the parser.

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        if self.status < 200:  # 100 Continue and its like: the real answer follows
            self.headers.clear()
        else:
            self._head = True

    def on_body(self, data: bytes) -> None:
        self._body.append(data)

    def on_message_complete(self) -> None:
        self._complete = self._head


async def ask(
    endpoint: Endpoint,
    method: str,
    target: str,
    *,
    headers: Sequence[Header] = (),
    body: bytes = b"",
    head_seconds: float = 120.0,
) -> Answer:
    """Send one request, with the token; return when the answer's head is there.

    `target` is path and query as they go on the wire. Raise `NotReached` when it was not
    delivered, `NotAnswered` when the connection ended without an answer, and `Unavailable` when
    what came is none.
    """
    try:
        reader, writer = await asyncio.wait_for(
            asyncio.open_connection(endpoint.host, endpoint.port, limit=READ_BYTES),
            CONNECT_SECONDS,
        )
    except (OSError, asyncio.TimeoutError) as error:
        raise NotReached(str(error)) from error
    answer = Answer(endpoint, reader, writer)
    try:
        writer.write(_head(endpoint, method, target, headers, body) + body)
        await asyncio.wait_for(_deliver(writer, answer), head_seconds)
    except asyncio.TimeoutError as error:
        answer.close()
        raise Unavailable(
            f"The service did not answer within {head_seconds:.0f} s.",
            hint="See what it is doing: jupyter aml service logs",
        ) from error
    except BaseException:  # also when the caller is cancelled: no connection may be left open
        answer.close()
        raise
    return answer


async def _deliver(writer: asyncio.StreamWriter, answer: Answer) -> None:
    try:
        await writer.drain()
    except OSError:
        pass  # a service that refuses a large body answers, and closes, before it has read it
    await answer.read_head()


def _head(
    endpoint: Endpoint, method: str, target: str, headers: Sequence[Header], body: bytes
) -> bytes:
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {endpoint.netloc}",
        f"Authorization: Bearer {endpoint.token}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers),
    ]
    if body or method in {"POST", "PUT", "PATCH"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
