"""The service's own API on loopback, and how long nobody made use of it."""

from __future__ import annotations

import socket
from collections.abc import Callable

from jupyter_aml.model.api import ROUTES
from jupyter_aml.service.clock import Clock
from jupyter_aml.service.http.auth import Gate
from jupyter_aml.service.http.connection import Connection
from jupyter_aml.service.http.dispatch import Dispatcher
from jupyter_aml.service.http.listening import ADDRESS, CONNECTION_LIMIT, Listening
from jupyter_aml.service.http.routing import Router


class Server:
    """`find_facet` gives the object whose methods serve the routes of a facet."""

    def __init__(
        self,
        token: str,
        find_facet: Callable[[str], object | None],
        *,
        clock: Clock,
        body_limit: int = 64 * 1024 * 1024,
        connection_limit: int = CONNECTION_LIMIT,
    ) -> None:
        self.dispatcher = Dispatcher(Router(ROUTES), find_facet)
        self.body_limit = body_limit
        self.listening = Listening(lambda: Connection(self), connection_limit)
        self.gate = Gate(token, "")
        self._token = token
        self._clock = clock
        self._last_call = clock.monotonic()
        self.url = ""

    async def open(self) -> None:
        """Listen on any free port of loopback; ``url`` says which."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind((ADDRESS, 0))
        host = f"{ADDRESS}:{listener.getsockname()[1]}"
        self.url = f"http://{host}"
        self.gate = Gate(self._token, host)
        await self.listening.open(listener)

    async def close(self) -> None:
        """Take no more calls, end streams, let requests under way be answered."""
        await self.listening.close()

    def idle_seconds(self) -> float:
        """How long nobody made use of it; 0 while anybody follows or waits for an answer."""
        if any(connection.used for connection in self.listening):
            return 0.0
        return self._clock.monotonic() - self._last_call

    def called(self) -> None:
        """By a connection whose request made use of the service."""
        self._last_call = self._clock.monotonic()
