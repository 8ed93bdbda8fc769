"""The control socket: JSON lines from the service, and what it watches."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

from ..settings import ConfigError
from .router import Router

_WATCH_SECONDS = 1.0
_LINE_BYTES = 1 << 16
_BEHIND_BYTES = 4 << 20


class Control:
    """Listens on a Unix socket of the service's choice."""

    def __init__(
        self,
        router: Router,
        reload: Callable[[], int],
        leave: Callable[[float], Awaitable[None]],
    ) -> None:
        self._router = router
        self._reload = reload
        self._leave = leave
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    async def listen(self, path: str) -> None:
        """Replace whatever an earlier router left at the path."""
        temporary = f"{path}.{os.getpid()}"
        self._server = await asyncio.start_unix_server(self._serve, temporary, limit=_LINE_BYTES)
        os.chmod(temporary, 0o600)
        os.replace(temporary, path)

    def close(self) -> None:
        """End every connection."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self._router, writer)
        self._connections.add(connection)
        try:
            while line := await reader.readline():
                await self._do(connection, line)
        except (ConnectionError, ValueError):
            pass  # the service has gone, or sent no line
        finally:
            self._connections.discard(connection)
            connection.close()

    async def _do(self, connection: _Connection, line: bytes) -> None:
        try:
            asked = json.loads(line)
            op = asked["op"]
        except (ValueError, TypeError, KeyError):
            connection.say({"op": "refused", "message": "not a JSON object with an op"})
            return
        if op == "state":
            connection.say(self._router.state())
        elif op == "table":
            connection.say(self._adopted())
        elif op == "watch":
            connection.watch()
        elif op == "leave":
            await self._leave(float(asked.get("grace", 30)))
            connection.say({"op": "left"})
        else:
            connection.say({"op": "refused", "message": f"unknown op {op!r}"})

    def _adopted(self) -> dict[str, Any]:
        try:
            return {"op": "adopted", "generation": self._reload()}
        except ConfigError as error:
            return {"op": "refused", "message": str(error)}


class _Connection:
    """One client of the control socket."""

    def __init__(self, router: Router, writer: asyncio.StreamWriter) -> None:
        self._router = router
        self._writer = writer
        self._pushing: asyncio.Task[None] | None = None

    def say(self, message: dict[str, Any]) -> None:
        """Who does not read for long is not written to: states only grow, the next says it all."""
        transport = self._writer.transport
        if not transport.is_closing() and transport.get_write_buffer_size() < _BEHIND_BYTES:
            self._writer.write(json.dumps(message).encode() + b"\n")

    def watch(self) -> None:
        """From now on events, and the state every second in which something changed."""
        if self._pushing is None:
            self._router.watchers.add(self.say)
            self._pushing = asyncio.get_running_loop().create_task(self._push())

    def close(self) -> None:
        """Say nothing more."""
        self._router.watchers.discard(self.say)
        if self._pushing is not None:
            self._pushing.cancel()
        self._writer.close()

    async def _push(self) -> None:
        seen = -1
        while True:
            if seen != self._router.changes or not self._router.is_idle:
                seen = self._router.changes
                self.say(self._router.state())
            await asyncio.sleep(_WATCH_SECONDS)
