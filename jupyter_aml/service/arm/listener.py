"""A listening socket of the compatible API: its connections, and the end of them."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable

from jupyter_aml.service.arm.connection import Connection
from jupyter_aml.service.arm.message import Request, Response

ADDRESS = "127.0.0.1"
CLOSE_SECONDS = 5.0
CONNECTION_LIMIT = 512


class Listener:
    """`handle` answers every request that comes in."""

    def __init__(self, handle: Callable[[Request], Awaitable[Response]]) -> None:
        self._handle = handle
        self._connections: set[Connection] = set()
        self._all_left = asyncio.Event()
        self._listening: asyncio.Server | None = None
        self.port = 0

    @property
    def hosts(self) -> frozenset[str]:
        """What a Host header may say."""
        return frozenset(f"{name}:{self.port}" for name in (ADDRESS, "localhost"))

    async def open(self, port: int, tls: ssl.SSLContext | None) -> None:
        """Listen at `port` of loopback if it is free, else at any."""
        listener = _bound(port)
        self.port = listener.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(lambda: Connection(self), sock=listener, ssl=tls)

    async def close(self) -> None:
        """Take no more calls, let requests under way be answered."""
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

    # -- called by connections --------------------------------------------------------------

    async def answer(self, request: Request) -> Response:
        return await self._handle(request)

    def joined(self, connection: Connection) -> bool:
        self._connections.add(connection)
        return len(self._connections) <= CONNECTION_LIMIT

    def left(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._all_left.set()


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform == "win32":  # there REUSEADDR would let another process take the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:  # the connections of the service before may still be fading away
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
    except OSError:
        listener.bind((ADDRESS, 0))
    return listener
