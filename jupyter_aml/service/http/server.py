"""Listens on loopback and keeps count of who is connected."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from jupyter_aml.model.api import ROUTES
from jupyter_aml.service.clock import Clock
from jupyter_aml.service.http.auth import Gate
from jupyter_aml.service.http.connection import Connection
from jupyter_aml.service.http.dispatch import Dispatcher
from jupyter_aml.service.http.routing import Router

ADDRESS = "127.0.0.1"
CLOSE_SECONDS = 5.0


class Server:
    """`find_facet` gives the object whose methods serve the routes of a facet."""

    def __init__(
        self,
        token: str,
        find_facet: Callable[[str], object | None],
        *,
        clock: Clock,
        body_limit: int = 64 * 1024 * 1024,
        connection_limit: int = 512,
    ) -> None:
        self.dispatcher = Dispatcher(Router(ROUTES), find_facet)
        self.body_limit = body_limit
        self.closing = False
        self.gate = Gate(token, "")
        self._token = token
        self._clock = clock
        self._limit = connection_limit
        self._connections: set[Connection] = set()
        self._all_left = asyncio.Event()
        self._listening: asyncio.Server | None = None
        self._last_call = clock.monotonic()
        self.url = ""

    async def open(self) -> None:
        """Listen on any free port of loopback; ``url`` says which."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind((ADDRESS, 0))
        host = f"{ADDRESS}:{listener.getsockname()[1]}"
        self.url = f"http://{host}"
        self.gate = Gate(self._token, host)
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(lambda: Connection(self), sock=listener)

    async def close(self) -> None:
        """Take no more calls, end streams, let requests under way be answered."""
        self.closing = True
        if self._listening is not None:
            self._listening.close()
        self._all_left.clear()
        for connection in list(self._connections):
            connection.close()
        if self._connections:
            try:
                await asyncio.wait_for(self._all_left.wait(), CLOSE_SECONDS)
            except asyncio.TimeoutError:
                for connection in list(self._connections):
                    connection.abort()

    def idle_seconds(self) -> float:
        """How long nobody made use of it; 0 while anybody follows or waits for an answer."""
        if any(connection.used for connection in self._connections):
            return 0.0
        return self._clock.monotonic() - self._last_call

    # -- called by connections --------------------------------------------------------------

    def joined(self, connection: Connection) -> bool:
        """False when there are too many; the connection then says so and hangs up."""
        self._connections.add(connection)
        return len(self._connections) <= self._limit

    def left(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._all_left.set()

    def called(self) -> None:
        self._last_call = self._clock.monotonic()
