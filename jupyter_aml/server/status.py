"""``jupyter-aml/status``: what the extension knows, without starting the service."""

from __future__ import annotations

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyter_aml._version import __version__
from jupyter_aml.model.errors import AmlError, ErrorBody
from jupyter_aml.server.handler import ServiceHandler


class ExtensionStatus(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """``state``: stopped, starting, running or failed (then ``error`` says why).

    ``version`` is the extension's, ``service_version`` that of the live service.
    """

    version: str
    state: str
    service_version: str = ""
    pid: int | None = None
    started_at: str = ""
    error: ErrorBody | None = None


class StatusHandler(ServiceHandler):
    """A runtime file is read, nothing is asked and nothing started."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.finish(msgspec.json.encode(await self._status()))

    async def _status(self) -> ExtensionStatus:
        error = self.link.last_error
        try:
            endpoint = await self.link.find()
        except AmlError as failure:
            endpoint, error = None, failure
        if endpoint is not None:
            return ExtensionStatus(
                version=__version__,
                state="running",
                service_version=endpoint.version,
                pid=endpoint.pid,
                started_at=endpoint.started_at,
            )
        if self.link.is_starting:
            return ExtensionStatus(version=__version__, state="starting")
        return ExtensionStatus(
            version=__version__,
            state="failed" if error else "stopped",
            error=error.body() if error else None,
        )
