"""The body of a request of the compatible API, between the wire and its handler."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from jupyter_aml.service.arm.message import ClientGone


class Upload:
    """Fed by its connection, read by a handler."""

    def __init__(self, length: int | None, first_read: Callable[[], None]) -> None:
        self._parts: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._first_read = first_read
        self.length = length
        self.waiting = 0
        self.discarded = 0
        self.ended = False
        self.gone = False
        self.unwanted = False
        """The answer is sent: what still comes is dropped."""
        self.on_room: Callable[[], None] = lambda: None

    def feed(self, part: bytes) -> None:
        if self.unwanted:
            self.discarded += len(part)
            return
        self._parts.append(part)
        self.waiting += len(part)
        self._news.set()

    def end(self, *, gone: bool = False) -> None:
        self.ended = True
        self.gone = gone
        self._news.set()

    def drop(self) -> None:
        """Nobody reads on."""
        self.unwanted = True
        self.discarded += self.waiting
        self.waiting = 0
        self._parts.clear()
        self.on_room()

    async def read(self) -> AsyncIterator[bytes]:
        """The parts. Raises `ClientGone` if they end too early."""
        if not self.ended:
            self._first_read()
        while True:
            while self._parts:
                part = self._parts.popleft()
                self.waiting -= len(part)
                self.on_room()
                yield part
            if self.gone:
                raise ClientGone
            if self.ended:
                return
            self._news.clear()
            await self._news.wait()
