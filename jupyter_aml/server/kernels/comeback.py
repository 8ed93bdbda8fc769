"""Kernels on instances over the end of Jupyter Server: let go of, and found again by the next.

`KernelsApp` is an extension application only because those alone are told before Jupyter Server
shuts its kernels down.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import ensure_async

from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.kernel import Kernel
from jupyter_aml.server import upstream
from jupyter_aml.server.handler import SETTING
from jupyter_aml.server.kernels import memory
from jupyter_aml.server.kernels.provisioner import SESSION_NAME, InstanceProvisioner
from jupyter_aml.server.kernels.requests import KernelRequests
from jupyter_aml.server.link import ServiceLink

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


class Wish(msgspec.Struct, rename="camel"):
    """The part of `Preferences` that counts."""

    keep_kernels: bool = True


class KernelsApp(ExtensionApp):
    """Beside the extension itself: `server.extension.load` does the rest."""

    name = "jupyter_aml_kernels"

    async def stop_extension(self) -> None:
        """Called by Jupyter Server before it ends its kernels."""
        server: Any = self.serverapp
        link = server.web_app.settings.get(SETTING)
        if link is not None and await _is_wanted(link):
            let_go(server.kernel_manager)


async def _is_wanted(link: ServiceLink) -> bool:
    """The person's preference. Without a service no kernel lives that could be kept."""
    try:
        endpoint = await link.find()
        if endpoint is None:
            return False
        async with await upstream.ask(endpoint, "GET", "/v1/preferences", head_seconds=5) as answer:
            return msgspec.json.decode(await answer.read(), type=Wish).keep_kernels
    except (AmlError, OSError, msgspec.DecodeError):
        return True  # nobody to ask, so nothing that could not be undone


def let_go(kernel_manager: Any) -> None:
    """Take ours out of Jupyter Server's hands, so that it does not end them."""
    for kernel_id in list(kernel_manager.list_kernel_ids()):
        manager = kernel_manager.get_kernel(kernel_id)
        provisioner = getattr(manager, "provisioner", None)
        if isinstance(provisioner, InstanceProvisioner):
            manager.stop_restarter()
            provisioner.let_go()
            kernel_manager.remove_kernel(kernel_id)


async def take_up(server: ServerApp, link: ServiceLink) -> list[str]:
    """Called once the loop runs: the kernels that an earlier server with this root left running.

    They have their ids, their notebooks and their sessions back, so an open page goes on.
    """
    if await link.find() is None:
        return []
    taken: list[str] = []
    for kernel in await KernelRequests(link).list():
        held = memory.read(kernel.connection_file)
        if held is None or held.root != server.root_dir or not held.is_given_up():
            continue
        if kernel.name in server.kernel_manager:
            continue
        try:
            await _take(server, kernel, held)
        except Exception as error:  # whatever Jupyter Server says of one: the others come back
            server.log.warning("Kernel %s was not taken up: %s", kernel.name, error)
            continue
        taken.append(kernel.name)
        server.log.info("Kernel %s on %s was taken up again", kernel.name, kernel.compute)
    return taken


async def _take(server: ServerApp, kernel: Kernel, held: memory.Held) -> None:
    await ensure_async(
        server.kernel_manager.start_kernel(
            kernel_id=kernel.name,
            kernel_name=held.kernel_name,
            env={**os.environ, SESSION_NAME: kernel.notebook},
        )
    )
    if held.session:
        session = dict(held.session)
        number = session.pop("session_id")
        await server.session_manager.save_session(number, **session, kernel_id=kernel.name)
