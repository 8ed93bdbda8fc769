"""``jupyter-aml/status``: what the extension knows, without starting the service."""

from __future__ import annotations

import msgspec
from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from msgspec.structs import replace
from tornado import web

from jupyter_aml._version import __version__
from jupyter_aml.model.errors import AmlError, ErrorBody
from jupyter_aml.server.handler import RESOURCE, ServiceHandler


class ExtensionStatus(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """``state``: stopped (in order), died, starting, running or failed (``error`` says why).

    ``version`` is the extension's, ``service_version`` that of the live service.
    """

    version: str
    state: str
    service_version: str = ""
    pid: int | None = None
    started_at: str = ""
    may_write: bool = True
    """Whether the authorizer lets this user change anything: the front end's buttons go by it."""
    error: ErrorBody | None = None


class StatusHandler(ServiceHandler):
    """A runtime file is read, nothing is asked and nothing started."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        status = await self._status()
        may_write = await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, "write", RESOURCE)
        )
        self.finish(msgspec.json.encode(replace(status, may_write=bool(may_write))))

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
        if error is not None:
            return ExtensionStatus(version=__version__, state="failed", error=error.body())
        state = "stopped" if await self.link.was_stopped() else "died"
        return ExtensionStatus(version=__version__, state=state)
