"""``jupyter-aml/log``: the end of the service's own log, also while no service runs.

The service leaves tokens and keys out before it writes (`service.logfile`), so who may read its
state may read this. Nothing is started and nobody is asked: a file is read.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_aml.server.handler import ServiceHandler
from jupyter_aml.server.locate import home

FILE = "service.log"
TAIL_BYTES = 64 * 1024


class ServiceLog(msgspec.Struct, frozen=True, kw_only=True):
    """``path`` is where all of it is; ``text`` is empty where no service ever wrote one."""

    path: str
    text: str


class LogHandler(ServiceHandler):
    """For the banner that says that the service is not running, and the palette."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        path = Path(await asyncio.to_thread(home)) / FILE
        text = await asyncio.to_thread(tail, path)
        self.finish(msgspec.json.encode(ServiceLog(path=str(path), text=text)))


def tail(path: Path, limit: int = TAIL_BYTES) -> str:
    """The last whole lines of a file, at most `limit` bytes of them; "" if there is no file."""
    try:
        with path.open("rb") as log:
            size = log.seek(0, 2)
            log.seek(max(0, size - limit))
            end = log.read()
    except FileNotFoundError:
        return ""
    if size > limit:
        end = end[end.find(b"\n") + 1 :]
    return end.decode("utf-8", errors="replace")
