"""A port of the compatible API: that of last time where it is free."""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Awaitable, Callable

from jupyter_aml.service.arm.connection import Connection
from jupyter_aml.service.arm.message import Request, Response
from jupyter_aml.service.http.listening import ADDRESS, Listening


class Listener:
    """`handle` answers every request that comes in."""

    def __init__(self, handle: Callable[[Request], Awaitable[Response]]) -> None:
        self.answer = handle
        self.listening = Listening(lambda: Connection(self))
        self.port = 0

    @property
    def hosts(self) -> frozenset[str]:
        """What a Host header may say."""
        return frozenset(f"{name}:{self.port}" for name in (ADDRESS, "localhost"))

    async def open(self, port: int, tls: ssl.SSLContext | None) -> None:
        """Listen at `port` of loopback if it is free, else at any."""
        listener = _bound(port)
        self.port = listener.getsockname()[1]
        await self.listening.open(listener, tls)

    async def close(self) -> None:
        """Take no more calls, let requests under way be answered."""
        await self.listening.close()


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
