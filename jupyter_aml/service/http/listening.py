"""A listening socket, who is connected to it, and the end of both."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from jupyter_aml.service.http.wire import Wire

ADDRESS = "127.0.0.1"
CLOSE_SECONDS = 5.0
"""How long requests under way may take to be answered, once it closes."""
CONNECTION_LIMIT = 512

C = TypeVar("C", bound=Wire[Any])


class Listening(Generic[C]):
    """`make` gives the connection of a new client."""

    def __init__(self, make: Callable[[], C], limit: int = CONNECTION_LIMIT) -> None:
        self._make = make
        self._limit = limit
        self._connections: set[C] = set()
        self._all_left = asyncio.Event()
        self._server: asyncio.Server | None = None
        self.closing = False

    def __iter__(self) -> Iterator[C]:
        """Everybody who is connected."""
        return iter(self._connections)

    async def open(self, listener: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Take calls on a socket that is bound."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._make, sock=listener, ssl=tls)

    async def close(self) -> None:
        """Take no more calls, let requests under way be answered."""
        self.closing = True
        if self._server is not None:
            self._server.close()
        self._all_left.clear()
        for connection in list(self._connections):
            connection.close()
        if self._connections:
            try:
                await asyncio.wait_for(self._all_left.wait(), CLOSE_SECONDS)
            except asyncio.TimeoutError:
                for connection in list(self._connections):
                    connection.abort()

    # -- called by connections ----------------------------------------------------------------

    def joined(self, connection: C) -> bool:
        """False when there are too many; the connection then says so and hangs up."""
        self._connections.add(connection)
        return len(self._connections) <= self._limit

    def left(self, connection: C) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._all_left.set()
