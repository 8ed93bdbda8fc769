"""What the provisioner asks of the service, over the server extension's link."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from jupyter_aml.model.errors import ErrorEnvelope, NotFound, from_body
from jupyter_aml.model.kernel import Kernel, KernelList, StartKernel
from jupyter_aml.server.handler import SETTING
from jupyter_aml.server.link import ServiceLink
from jupyter_aml.server.locate import find, is_stopped, start

_JSON = [("Content-Type", "application/json")]


def link_of(configurable: Any) -> ServiceLink:
    """The link of the Jupyter Server that `configurable` belongs to; else one of its own.

    nbclient, papermill and scripts start kernels without a Jupyter Server.
    """
    while configurable is not None:
        application = getattr(configurable, "web_app", None)
        if application is not None and SETTING in application.settings:
            return application.settings[SETTING]
        configurable = getattr(configurable, "parent", None)
    return ServiceLink(find, start, is_stopped)


class KernelRequests:
    """The facet ``kernels``, on the event loop. Errors are those of the service, raised again."""

    def __init__(self, link: ServiceLink) -> None:
        self._link = link

    async def start(self, body: StartKernel) -> Kernel:
        encoded = msgspec.json.encode(body)
        return await self._ask("POST", "/v1/kernels", Kernel, encoded, may_start=True)

    async def get(self, name: str) -> Kernel:
        """Also wakes a service that died; one that was stopped stays so (`ServiceNotRunning`)."""
        return await self._ask("GET", f"/v1/kernels/{quote(name, safe='')}", Kernel)

    async def end(self, name: str) -> Kernel | None:
        """None if nobody knows it any more."""
        try:
            return await self._ask("DELETE", f"/v1/kernels/{quote(name, safe='')}", Kernel)
        except NotFound:
            return None

    async def list(self) -> list[Kernel]:
        return (await self._ask("GET", "/v1/kernels", KernelList)).value

    async def _ask(
        self, method: str, target: str, kind: Any, body: bytes = b"", *, may_start: bool = False
    ) -> Any:
        headers = _JSON if body else []
        async with await self._link.ask(
            method, target, headers=headers, body=body, may_start=may_start
        ) as answer:
            content = await answer.read()
            if answer.status >= 400:
                raise from_body(msgspec.json.decode(content, type=ErrorEnvelope).error)
            return msgspec.json.decode(content, type=kind)
