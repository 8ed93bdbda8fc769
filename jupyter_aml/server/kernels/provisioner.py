"""The kernel provisioner ``jupyter-aml``: a kernel that the service runs on a compute instance.

jupyter_client makes one per kernel, as the kernelspec of an instance says, and calls it where it
would call a local process. It owns nothing: the kernel is the service's, goes on without this
process, and is taken up by the same name (`server.kernels.comeback`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from pathlib import Path
from typing import Any, cast

import msgspec
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Float, Unicode

from jupyter_aml.model.errors import AmlError, ComputeNotRunning, NotFound, ServiceNotRunning
from jupyter_aml.model.kernel import Kernel, StartKernel
from jupyter_aml.server.kernels import memory
from jupyter_aml.server.kernels.requests import KernelRequests, link_of

_STEP_SECONDS = 0.05
"""Between two looks at a kernel that starts or ends."""
SESSION_NAME = "JPY_SESSION_NAME"
"""Jupyter's variable with the path of the notebook."""


class InstanceProvisioner(KernelProvisionerBase):  # type: ignore[misc] - traitlets' metaclass
    """A kernelspec's ``metadata.kernel_provisioner.config`` holds the traits."""

    compute = Unicode(help="The instance that the kernel runs on.").tag(config=True)
    start_seconds = Float(
        60.0, help="How long a kernel may take until it answers. More on a slow network disk."
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._requests = KernelRequests(link_of(self.parent))
        self._kernel: Kernel | None = None
        self._exit: int | None = None
        self._is_let_go = False
        self._usual_restarts: int | None = None

    # -- starting ---------------------------------------------------------------------------

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Ports and key are the kernel's own choice; the command line says which interpreter."""
        manager = self.parent
        extra = kwargs.pop("extra_arguments", [])
        own = dict(self.kernel_spec.env or {})
        asked = kwargs.get("env") or {}
        if SESSION_NAME in asked:
            own[SESSION_NAME] = asked[SESSION_NAME]
        kwargs = await super().pre_launch(**kwargs)
        command = (
            manager.format_kernel_cmd(extra_arguments=extra)
            if manager is not None
            else [*self.kernel_spec.argv, *extra]
        )
        # The kernel's environment is its instance's. What this server has in its own (tokens of a
        # hub, keys of a cloud) does not travel.
        return {**kwargs, "cmd": command, "env": own}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        environment: dict[str, str] = kwargs.get("env") or {}
        self._exit = None
        kernel = await self._requests.start(
            StartKernel(
                name=self.kernel_id,
                compute=self.compute,
                python=cmd[0],
                notebook=_notebook(environment.get(SESSION_NAME, "")),
                cwd=str(kwargs.get("cwd") or os.getcwd()),
                environment_variables=environment,
            )
        )
        is_new = kernel.state == "starting"
        try:
            self._kernel = await self._ready(kernel)
            self.connection_info = await asyncio.to_thread(self._take_over, self._kernel)
        except BaseException:  # also when the start is cancelled: nobody would know of it
            if is_new:
                await self._requests.end(kernel.name)
            raise
        self._allow_restarts(allowed=True)
        await self._note()
        return self.connection_info

    def _take_over(self, kernel: Kernel) -> KernelConnectionInfo:
        """What the manager is told of the kernel's ports and key."""
        own = getattr(self.parent, "connection_file", "")
        if own:
            # One of a killed server would keep the manager from taking this over.
            Path(own).unlink(missing_ok=True)
        return _read(kernel.connection_file)

    async def _ready(self, kernel: Kernel) -> Kernel:
        """Wait until it takes requests; raise what keeps it from that."""
        deadline = time.monotonic() + self.start_seconds
        while kernel.state == "starting" and time.monotonic() < deadline:
            await asyncio.sleep(_STEP_SECONDS)
            kernel = await self._requests.get(kernel.name)
        if kernel.state in ("idle", "busy"):
            return kernel
        raise ComputeNotRunning(
            f"The kernel on {self.compute} did not start: "
            f"{kernel.reason or f'it did not answer within {self.start_seconds:.0f} s'}",
            target=self.compute,
            hint=f"Read what it printed: jupyter aml job stream {kernel.job}",
        )

    # -- watching ---------------------------------------------------------------------------

    @property
    def has_process(self) -> bool:
        return self._kernel is not None

    async def poll(self) -> int | None:
        """None while it lives, or while nobody can say."""
        if self._kernel is None:
            return self._exit or 0
        if self._is_let_go:
            return None
        try:
            kernel = await self._requests.get(self._kernel.name)
        except NotFound:
            return self._ended("Nobody knows of it any more.", 1, can_restart=True)
        except ServiceNotRunning:
            return self._ended("The compute service was stopped.", 1, can_restart=False)
        except (AmlError, OSError) as error:
            # The service is on its way up or down; the kernel goes on without it.
            self.log.debug("jupyter_aml: no word of kernel %s: %s", self.kernel_id, error)
            return None
        if kernel.state != "ended":
            await self._note()
            return None
        code = kernel.exit_code if kernel.exit_code is not None else 1
        return self._ended(kernel.reason, code, can_restart=kernel.can_restart)

    def _ended(self, reason: str, code: int, *, can_restart: bool) -> int:
        """Say why, once. A kernel whose instance is gone is not started again and again."""
        if self._exit is None:
            level = self.log.info if code == 0 else self.log.warning
            level("Kernel %s on %s ended: %s", self.kernel_id, self.compute, reason)
            if self.parent is not None:
                self.parent.reason = reason  # shown by Jupyter Server's own API
        self._exit = code
        self._allow_restarts(allowed=can_restart)
        return code

    async def wait(self) -> int | None:
        """Until it has ended."""
        code = await self.poll()
        while code is None:
            await asyncio.sleep(_STEP_SECONDS)
            code = await self.poll()
        self._kernel = None
        return code

    def _allow_restarts(self, *, allowed: bool) -> None:
        """Jupyter starts a dead kernel again by itself, unless that cannot work."""
        # The restarter is nobody's public attribute; where there is none, nobody restarts.
        restarter = getattr(self.parent, "_restarter", None)
        if restarter is None:
            return
        if self._usual_restarts is None:
            self._usual_restarts = restarter.restart_limit
        restarter.restart_limit = self._usual_restarts if allowed else 0

    # -- ending -----------------------------------------------------------------------------

    async def send_signal(self, signum: int) -> None:
        """Only those that end it get there: interrupts travel as messages."""
        if signum in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            await self._end()

    async def kill(self, restart: bool = False) -> None:
        await self._end()

    async def terminate(self, restart: bool = False) -> None:
        await self._end()

    async def _end(self) -> None:
        if self._kernel is None or self._is_let_go:
            return
        with contextlib.suppress(AmlError, OSError):
            # Without a service there is nothing to be ended: it ends its kernels itself.
            await self._requests.end(self._kernel.name)

    async def cleanup(self, restart: bool = False) -> None:
        """Nothing is held here."""

    def let_go(self) -> None:
        """Jupyter Server is about to end, and the kernel is to go on."""
        self._is_let_go = True

    # -- finding it again -------------------------------------------------------------------

    async def get_provisioner_info(self) -> dict[str, Any]:
        return {**await super().get_provisioner_info(), "compute": self.compute}

    async def load_provisioner_info(self, provisioner_info: dict[str, Any]) -> None:
        """Afterwards it is this provisioner's kernel, if it lives."""
        await super().load_provisioner_info(provisioner_info)
        self.compute = provisioner_info["compute"]
        self._kernel = await self._requests.get(self.kernel_id)

    async def _note(self) -> None:
        """Keep on disk which notebook it belongs to: the next server puts both together again."""
        kernel, manager = self._kernel, self.parent
        if kernel is None or manager is None:
            return
        try:
            root, session = await _place(manager)
            if root:  # else it is a program that ends together with its kernel
                held = memory.mine(kernel.name, str(manager.kernel_name), root, session)
                await asyncio.to_thread(_update, kernel.connection_file, held)
        except Exception as error:
            # A full disk, or whatever Jupyter Server's own books raise while it ends: the kernel
            # runs all the same, and is not found again by itself.
            self.log.debug("jupyter_aml: kernel %s was not noted: %s", self.kernel_id, error)


def _notebook(session_name: str) -> str:
    """Consoles and their like have no file: Jupyter Server then gives the folder."""
    return "" if session_name.endswith(os.sep) else session_name


def _update(connection_file: str, held: memory.Held) -> None:
    known = memory.read(connection_file)
    if known is not None and known.root == held.root and not held.session:
        # A kernel is there before its session: what the server before knew of it stays.
        held = msgspec.structs.replace(held, session=known.session)
    if known != held:
        memory.write(connection_file, held)


def _read(connection_file: str) -> KernelConnectionInfo:
    info: dict[str, Any] = json.loads(Path(connection_file).read_bytes())
    return cast("KernelConnectionInfo", {**info, "key": info["key"].encode()})


async def _place(manager: Any) -> tuple[str, dict[str, str]]:
    """The root of the Jupyter Server, and its session that has the kernel; empty without one."""
    server: Any = getattr(getattr(manager, "parent", None), "parent", None)
    sessions = getattr(server, "session_manager", None)
    if sessions is None:
        return "", {}
    root = str(server.root_dir)
    for one in await sessions.list_sessions():
        if (one.get("kernel") or {}).get("id") == manager.kernel_id:
            return root, {
                "session_id": one["id"],
                "path": one.get("path") or "",
                "name": one.get("name") or "",
                "type": one.get("type") or "",
            }
    return root, {}
