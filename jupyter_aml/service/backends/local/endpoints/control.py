"""The control connection to one router: JSON lines both ways (docs/developer/contracts.md)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec

from jupyter_aml.model.errors import Unavailable

log = logging.getLogger(__name__)

_STEP_SECONDS = 0.01
_LINE_LIMIT = 4 << 20

Message = dict[str, Any]


class Control(Protocol):
    """One open connection. `closed` is called once, when it is gone and nobody closed it."""

    async def ask(self, message: Message, *answers: str, seconds: float = 10.0) -> Message:
        """Send, and wait for the first message whose op is one of `answers`."""
        ...

    def close(self) -> None: ...


Connect = Callable[[Path, Callable[[Message], None], Callable[[], None], Callable[[], bool]], Any]
"""A coroutine function: socket, what to do with news, with the end, and whether it still lives."""


class RouterControl:
    """Use `connect`."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        news: Callable[[Message], None],
        closed: Callable[[], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._news = news
        self._closed = closed
        self._waiting: list[tuple[tuple[str, ...], asyncio.Future[Message]]] = []
        self._asking = asyncio.Lock()
        self._is_closing = False
        self._task = asyncio.get_running_loop().create_task(self._read(), name="router control")

    async def ask(self, message: Message, *answers: str, seconds: float = 10.0) -> Message:
        async with self._asking:
            answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
            self._waiting.append((answers, answer))
            try:
                self._writer.write(msgspec.json.encode(message) + b"\n")
                return await asyncio.wait_for(answer, seconds)
            except (OSError, asyncio.TimeoutError) as error:
                raise Unavailable("The router does not answer.", details=[repr(error)]) from error
            finally:
                self._waiting = [one for one in self._waiting if one[1] is not answer]

    def watch(self) -> None:
        """From now on news come by themselves."""
        self._writer.write(b'{"op":"watch"}\n')

    def close(self) -> None:
        self._is_closing = True
        self._task.cancel()
        self._writer.close()

    async def _read(self) -> None:
        try:
            while line := await self._reader.readline():
                self._take(msgspec.json.decode(line))
        except (OSError, ValueError) as error:
            log.warning("a router's control connection broke: %s", error)
        self._writer.close()
        for _, answer in self._waiting:
            if not answer.done():
                answer.set_exception(ConnectionResetError("the router closed the connection"))
        if not self._is_closing:
            self._closed()

    def _take(self, message: Message) -> None:
        for answers, answer in self._waiting:
            if message.get("op") in answers and not answer.done():
                answer.set_result(message)
                return
        try:
            self._news(message)
        except Exception:
            # A defect in handling one message must not cost the connection.
            log.exception("message %s of a router", message.get("op"))


async def connect(
    socket: Path,
    news: Callable[[Message], None],
    closed: Callable[[], None],
    alive: Callable[[], bool],
    *,
    seconds: float = 30.0,
) -> RouterControl:
    """Connect as soon as the router listens. Raises `Unavailable` when it is dead, or late."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_unix_connection(str(socket), limit=_LINE_LIMIT)
            found = RouterControl(reader, writer, news, closed)
            found.watch()
            return found
        if not alive() or loop.time() > deadline:
            raise Unavailable("The router did not come up.", target=str(socket))
        await asyncio.sleep(_STEP_SECONDS)
