"""MLflow's server as the service sees it: a socket to connect to, started when nobody answers."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import os
import socket
import sys
from collections.abc import Awaitable, Mapping
from pathlib import Path

import msgspec
import psutil

from jupyter_aml.model.errors import Unavailable
from jupyter_aml.service.mlflow.database import FOLDER
from jupyter_aml.service.mlflow.program import STATE, State

IDLE_SECONDS = 600.0
"""After so long without a request the server ends by itself."""

START_SECONDS = 120.0
"""MLflow is large: it takes seconds to load, and more on a busy machine or a cold disk."""

END_SECONDS = 20.0
"""It answers what it has received before it ends."""

LOG = "server.log"
_LOOK_SECONDS = 0.05
_SAME_SECONDS = 1.0
_LOG_LINES = 5

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def is_installed() -> bool:
    """Whether this interpreter has the whole of MLflow; its clients alone bring no server."""
    if not hasattr(socket, "AF_UNIX"):  # Windows
        return False
    importlib.invalidate_caches()
    return all(importlib.util.find_spec(name) for name in ("mlflow", "fastapi", "sqlalchemy"))


class TrackingServer:
    """Of one home. `environment` is the clean one that its process gets."""

    def __init__(
        self,
        home: Path,
        run_folder: Path,
        environment: Mapping[str, str],
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self.path = run_folder / "mlflow"  # no .sock: those are nodes'
        self._home = home
        self._environment = dict(environment)
        self._idle = idle_seconds
        self._starting: asyncio.Task[None] | None = None
        self._children: dict[int, asyncio.Task[int]] = {}
        """Waits for the end of each process that was started here, by its pid."""

    async def connect(self) -> Connection:
        """A connection to the server, which is started unless one answers. Raises `Unavailable`."""
        found = await self._answering()
        while found is None:
            await self.start()
            found = await self._answering()
        return found

    async def start(self) -> None:
        """Return when one answers, whoever started it. Raises `Unavailable`."""
        if self._starting is None:
            self._starting = asyncio.get_running_loop().create_task(self._start())
            self._starting.add_done_callback(self._started)
        await asyncio.shield(self._starting)

    def _started(self, task: asyncio.Task[None]) -> None:
        self._starting = None
        if not task.cancelled():
            task.exception()  # told to who waited; a start ahead of time has nobody to tell

    async def _answering(self) -> Connection | None:
        try:
            return await asyncio.open_unix_connection(str(self.path))
        except (FileNotFoundError, ConnectionError):
            return None

    async def _start(self) -> None:
        process = await self._spawn()
        ended = asyncio.get_running_loop().create_task(process.wait())
        self._children[process.pid] = ended
        ended.add_done_callback(lambda _: self._children.pop(process.pid, None))
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            if (found := await self._answering()) is not None:
                found[1].close()
                return
            if ended.done() and ended.result() != 0:  # 0: another one was first, wait for that
                break
            await asyncio.sleep(_LOOK_SECONDS)
        raise Unavailable(
            "MLflow's server does not start.",
            target="mlflow",
            hint=f"Its log is {self._log}. Install it anew: pip install 'jupyter-aml[mlflow]'",
            details=self._last_lines(),
        )

    @property
    def _log(self) -> Path:
        return self._home / FOLDER / LOG

    async def _spawn(self) -> asyncio.subprocess.Process:
        self._log.parent.mkdir(mode=0o700, exist_ok=True)
        arguments = [str(self._home), str(self.path), str(self._idle)]
        with await asyncio.to_thread(open, self._log, "wb", opener=_private) as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "jupyter_aml.service.mlflow.program",
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=self._environment | {"JUPYTER_AML_HOME": str(self._home)},
            )

    def _last_lines(self) -> list[str]:
        try:
            return self._log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        except OSError:
            return []

    async def end(self) -> None:
        """End the server, whoever started it; without one nothing happens."""
        if self._starting is not None:
            self._starting.cancel()
        process = self._process()
        if process is None:
            return
        with contextlib.suppress(psutil.Error):
            process.terminate()
        child = self._children.get(process.pid)
        # Only the loop may wait for a child of its own.
        gone: Awaitable[object] = (
            asyncio.to_thread(_gone, process) if child is None else asyncio.shield(child)
        )
        try:
            await asyncio.wait_for(gone, END_SECONDS)
        except asyncio.TimeoutError:
            with contextlib.suppress(psutil.Error):
                process.kill()

    def _process(self) -> psutil.Process | None:
        """The one that says it is the server, if it is still that very process."""
        try:
            told = (self._home / FOLDER / STATE).read_bytes()
            state = msgspec.json.decode(told, type=State)
            process = psutil.Process(state.pid)
            return process if abs(process.create_time() - state.created) < _SAME_SECONDS else None
        except (OSError, msgspec.MsgspecError, psutil.Error):
            return None


def _gone(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.Error):
        process.wait(timeout=END_SECONDS)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
