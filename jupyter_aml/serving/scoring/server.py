"""The loop of a scoring process: wait for connections and requests, answer, drain.

Blocking on purpose, and no asyncio: `run` is called on the main thread with no event loop around
it, as under Azure's inference server, so a script may call `asyncio.run` and set signal handlers.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from ..begun import Begun
from .app import Application
from .channel import Channel
from .workers import Workers

_BACKLOG = 64


class Server:
    """Listens on a Unix socket until SIGTERM."""

    def __init__(self, app: Application, begun: Begun, *, threads: int, drain_seconds: float):
        self._app = app
        self._begun = begun
        self._workers = Workers(threads) if threads > 1 else None
        self._drain_seconds = drain_seconds
        self._selector = selectors.DefaultSelector()
        self._channels: dict[int, Channel] = {}
        self._ends = False
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._selector.register(self._reader, selectors.EVENT_READ)

    def listen(self, path: str) -> None:
        """Afterwards the socket can be connected to; it was not there before."""
        temporary = f"{path}.{os.getpid()}"
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(temporary)
        os.chmod(temporary, 0o600)
        self._listener.listen(_BACKLOG)
        self._listener.setblocking(False)
        os.rename(temporary, path)
        self._path = path
        self._selector.register(self._listener, selectors.EVENT_READ)
        signal.signal(signal.SIGTERM, self._on_sigterm)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)

    def run(self, interface: dict[str, Any], on_drain: Callable[[], None]) -> None:
        """Serve; return when drained."""
        while not self._ends:
            for key, _ in self._selector.select():
                self._turn(key.fileobj, interface)
        on_drain()
        self._drain(interface)

    def _turn(self, ready: Any, interface: dict[str, Any]) -> None:
        if ready is self._reader:
            self._reader.recv(4096)
        elif ready is self._listener:
            self._accept()
        else:
            channel = self._channels[ready.fileno()]
            if not channel.receive(lambda: interface):
                self._close(channel)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # who wanted in has gone again, or there are too many files open
        connection.setblocking(True)
        self._channels[connection.fileno()] = Channel(
            connection, self._app, self._begun, self._workers
        )
        self._selector.register(connection, selectors.EVENT_READ)

    def _close(self, channel: Channel) -> None:
        self._selector.unregister(channel.connection)
        del self._channels[channel.connection.fileno()]
        channel.connection.close()

    def _on_sigterm(self, _number: int, _frame: FrameType | None) -> None:
        self._ends = True

    def _drain(self, interface: dict[str, Any]) -> None:
        """Answer what routers had sent before they heard `bye`, until they close."""
        self._selector.unregister(self._listener)
        self._listener.close()
        try:
            os.unlink(self._path)
        except OSError:
            pass  # the folder went first
        for channel in self._channels.values():
            channel.bye()
        until = time.monotonic() + self._drain_seconds
        while self._channels and (left := until - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                self._turn(key.fileobj, interface)
        if self._workers is not None:
            self._workers.drain(max(0.0, until - time.monotonic()))
