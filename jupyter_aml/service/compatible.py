"""The facet ``arm``: opens the Azure-compatible API when it is asked for.

All of `service.arm` is imported then, not before: who does not use Azure's SDK pays nothing. A
file in the home remembers that it was opened, and at which ports, so that the next service opens
it again at the same addresses: what people have exported in their shells goes on working.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_aml.model.azure import ArmAccess, OpenArm
from jupyter_aml.model.errors import AmlError, Unavailable
from jupyter_aml.service.clock import Clock

if TYPE_CHECKING:
    from jupyter_aml.service.arm.server import ArmServer

log = logging.getLogger(__name__)

FOLDER = "arm"
PORTS = "ports.json"


class ArmFacet:
    """``arm.*``. `find` gives the local workspace's facets; `called` hears of every request.

    `tell_jobs` is told the variables that lead the SDK here from inside of a job, and nothing
    once there are none.
    """

    def __init__(
        self,
        home: Path,
        find: Callable[[str], object | None],
        clock: Clock,
        called: Callable[[], None],
        tell_jobs: Callable[[Mapping[str, str]], None],
    ) -> None:
        self._home = home
        self._find = find
        self._clock = clock
        self._called = called
        self._tell_jobs = tell_jobs
        self._server: ArmServer | None = None
        self._opening = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        return self._server is not None

    async def status(self) -> ArmAccess:
        return ArmAccess(state="closed") if self._server is None else self._server.access("")

    async def open(self, *, body: OpenArm) -> ArmAccess:
        server = await self._opened()
        self._called()
        return await asyncio.to_thread(server.access, server.bundle(body.ca_bundle))

    async def close(self) -> ArmAccess:
        await self.end()
        (self._home / FOLDER / PORTS).unlink(missing_ok=True)
        return ArmAccess(state="closed")

    async def resume(self) -> None:
        """Open it again if it was open when the last service ended. Never fails the service."""
        if not (self._home / FOLDER / PORTS).exists():
            return
        try:
            await self._opened()
        except (AmlError, OSError) as error:
            log.warning("the Azure-compatible API is not opened again: %s", error)

    async def end(self) -> None:
        """Stop listening; the next service opens it again."""
        async with self._opening:
            server, self._server = self._server, None
            self._tell_jobs({})
            if server is not None:
                await server.close()

    async def _opened(self) -> ArmServer:
        async with self._opening:
            if self._server is None:
                made = await asyncio.to_thread(_load)
                server = made(self._home, self._find, self._clock, self._called)
                await server.open()
                self._server = server
                self._tell_jobs(await asyncio.to_thread(server.job_variables))
            return self._server


def _load() -> type[ArmServer]:
    try:
        from jupyter_aml.service.arm.server import ArmServer
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"The Azure-compatible API needs a package that is not installed: {error.name}.",
            target="azure",
            hint="pip install 'jupyter-aml[azure]'",
        ) from error
    return ArmServer
