"""The router's process: listens, follows its table, leaves when asked."""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import json
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..settings import ConfigError, build, load
from . import table as tables
from .client import Client
from .control import Control
from .router import Router
from .table import Table

PORT_TAKEN = 3
_BACKLOG = 1024
_GRACE_SECONDS = 30.0
_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class RouterConfig:
    """Where things are; everything else is in the table."""

    table: str
    control: str
    console: str = ""


def main(arguments: Sequence[str]) -> int:
    """``router CONFIG``. Raise `ConfigError`."""
    config = build(RouterConfig, load(arguments[0]), arguments[0])
    table = tables.read(config.table)
    _open_console(config.console)
    faulthandler.enable()
    # Requests make no cycles to speak of; what is loaded now lives as long as the process.
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    try:
        _run(_Process(config, table).run())
    except OSError as error:
        text = {"error": {"code": "PortTaken", "message": f"{table.host}:{table.port}: {error}"}}
        print(json.dumps(text), file=sys.stderr, flush=True)
        return PORT_TAKEN
    return 0


def _run(work: Coroutine[Any, Any, None]) -> None:
    """On uvloop where it is."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
        return
    loop = uvloop.new_event_loop()
    try:
        loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


class _Process:
    """From listening to the last answer."""

    def __init__(self, config: RouterConfig, table: Table) -> None:
        self._config = config
        self._table = table
        self._left: asyncio.Event

    async def run(self) -> None:
        """Until it has left. Raise OSError: the port is taken."""
        loop = asyncio.get_running_loop()
        self._left = asyncio.Event()
        self._router = router = Router()
        host, port = self._table.host, self._table.port
        self._server = await loop.create_server(
            lambda: Client(router), host, port, backlog=_BACKLOG, start_serving=False
        )
        self._table = replace(self._table, port=self._server.sockets[0].getsockname()[1])
        router.adopt(self._table)
        await self._server.start_serving()
        control = Control(self._router, self._reload, self._leave)
        await control.listen(self._config.control)
        self._leaving: asyncio.Task[None] | None = None
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leave_soon)
        loop.add_signal_handler(signal.SIGHUP, self._reload_or_stay)
        await self._left.wait()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)  # it is leaving already
        control.close()
        self._router.close()

    def _reload(self) -> int:
        """Raise `ConfigError`; the table before then stays."""
        table = tables.read(self._config.table)
        if not table.port:
            table = replace(table, port=self._table.port)  # "any" is the one it has
        if (table.host, table.port) != (self._table.host, self._table.port):
            raise ConfigError("host, port: an address does not change while a router lives")
        self._router.adopt(table)
        return table.generation

    def _reload_or_stay(self) -> None:
        try:
            self._reload()
        except ConfigError as error:
            print(f"the table stays as it was: {error}", file=sys.stderr, flush=True)

    def _leave_soon(self) -> None:
        if self._leaving is None:
            self._leaving = asyncio.get_running_loop().create_task(self._leave(_GRACE_SECONDS))

    async def _leave(self, grace: float) -> None:
        """Listen no more, answer what is there, so long at most."""
        self._router.is_leaving = True
        self._server.close()
        self._router.touch()
        loop = asyncio.get_running_loop()
        until = loop.time() + grace
        while self._router.clients and loop.time() < until:
            self._router.touch()
            await asyncio.sleep(_LOOK_SECONDS)
        loop.call_soon(self._left.set)


def _open_console(path: str) -> None:
    if path:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(number, 1)
        os.dup2(number, 2)
        os.close(number)
