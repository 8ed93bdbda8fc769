"""Node processes: the nursery that forks them, and one `NodeLink` to each.

Node and nursery outlive the service. A link knows its node by pid *and* start time; a closed
connection to a live process is opened again, a dead process is reported once as lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import msgspec

from jupyter_aml._version import __version__
from jupyter_aml.model.errors import Unavailable
from jupyter_aml.service.backends.local.jobs.tasks import clean_environment
from jupyter_aml.service.backends.local.nodes import processes

log = logging.getLogger(__name__)

_START_SECONDS = 30.0
"""How long a nursery or a node may take to answer before the start is called failed."""

_END_SECONDS = 5.0
"""How long a nursery may take to end before it is killed."""

_STEP_SECONDS = 0.01
_SOON_SECONDS = 0.05
_encode = msgspec.json.encode
_decode = msgspec.json.decode

Message = dict[str, Any]


class _Lines(asyncio.Protocol):
    """JSON lines over a Unix socket, without a task per message."""

    def __init__(self, on_message: Callable[[Message], None], on_close: Callable[[], None]) -> None:
        self._on_message = on_message
        self._on_close = on_close
        self._rest = b""
        self.transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio's classes, only their likes.
        self.transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line:
                self._on_message(_decode(line))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        self.transport = None
        self._on_close()

    def send(self, *messages: Message) -> bool:
        """False when the connection is gone; the caller learns more from `on_close`."""
        if self.transport is None or self.transport.is_closing():
            return False
        self.transport.write(b"".join([_encode(message) + b"\n" for message in messages]))
        return True


async def _connect(
    socket: Path, on_message: Callable[[Message], None], on_close: Callable[[], None]
) -> _Lines:
    if not hasattr(asyncio.get_running_loop(), "create_unix_connection") or os.name == "nt":
        raise Unavailable("The local workspace needs Unix sockets, which this system lacks.")
    _, lines = await asyncio.get_running_loop().create_unix_connection(
        lambda: _Lines(on_message, on_close), str(socket)
    )
    return lines


class NodeLink:
    """The connection to one node process.

    `on_message` gets each message but the first; `on_lost` is called once, when the process is
    dead. Both are set by the engine before `open`.
    """

    def __init__(self, name: str, socket: Path) -> None:
        self.name = name
        self.socket = socket
        self.pid: int | None = None
        self.created: float | None = None
        self.on_message: Callable[[Message], None] = _ignore
        self.on_lost: Callable[[], None] = _nothing
        self._lines: _Lines | None = None
        self._first: asyncio.Future[Message] | None = None
        self._held: list[Message] | None = None
        """What came behind the ``state`` of a connection that was opened again, until that is
        told: it changes what the state says."""
        self._closing = False
        self._soon: list[Message] = []
        self._soon_timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, *, seconds: float = _START_SECONDS) -> Message:
        """Connect and return the node's ``state``. Raises `Unavailable` when none answers."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not self._closing:
            self._first = loop.create_future()
            try:
                self._lines = await _connect(self.socket, self._receive, self._closed)
                if self._closing:  # meanwhile
                    break
                state = await asyncio.wait_for(self._first, max(0.05, deadline - loop.time()))
                # Its socket's name proves who it is; its start time moved if the clock was set.
                self.pid = state["pid"]
                self.created = processes.created(state["pid"]) or state["created"]
                return state
            except (OSError, asyncio.TimeoutError) as error:
                gone = self.pid is not None and not processes.alive(self.pid, self.created)
                if gone or loop.time() > deadline:
                    raise Unavailable(
                        f"Node {self.name} does not answer.",
                        target=self.name,
                        details=[repr(error)],
                    ) from error
            await asyncio.sleep(_STEP_SECONDS)
        self.close()
        raise self._unwanted()

    def _unwanted(self) -> Unavailable:
        return Unavailable(f"Node {self.name} is not wanted any more.")

    def send(self, *messages: Message) -> bool:
        if self._held is not None:
            return False  # its state is not told yet, and would not tell of these
        soon = self._take_soon()
        return self._lines is not None and self._lines.send(*soon, *messages)

    def send_soon(self, message: Message) -> None:
        """Send it with the next message, or in `_SOON_SECONDS`: the node need not wake for it."""
        if self._soon_timer is None:
            loop = asyncio.get_running_loop()
            self._soon_timer = loop.call_later(_SOON_SECONDS, self._send_rest)
        self._soon.append(message)

    def _send_rest(self) -> None:
        messages = self._take_soon()
        if messages and self._lines is not None:
            self._lines.send(*messages)

    def _take_soon(self) -> list[Message]:
        if self._soon_timer is not None:
            self._soon_timer.cancel()
            self._soon_timer = None
        messages, self._soon = self._soon, []
        return messages

    def close(self) -> None:
        """Let go of the node; it goes on by itself. Who waits for its first word is told so."""
        self._closing = True
        if self._first is not None and not self._first.done():
            self._first.set_exception(self._unwanted())
            self._first.exception()  # nobody may be waiting: then it is no news
        if self._lines is not None and self._lines.transport is not None:
            self._lines.transport.close()

    def remove(self) -> None:
        """The node has ended: nothing of it stays on the disk."""
        with contextlib.suppress(OSError):
            self.socket.unlink()

    @property
    def alive(self) -> bool:
        return processes.alive(self.pid, self.created)

    async def ended(self, *, seconds: float) -> bool:
        """Wait until the process is gone; False when it is still there after `seconds`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while self.alive:
            if loop.time() > deadline:
                return False
            await asyncio.sleep(_STEP_SECONDS)
        return True

    def _receive(self, message: Message) -> None:
        if self._first is not None and not self._first.done() and message.get("op") == "state":
            if self._held is not None:
                self._held.clear()  # of a connection before this one
            self._first.set_result(message)
        elif self._held is not None:
            self._held.append(message)
        else:
            self._tell(message)

    def _tell(self, message: Message) -> None:
        try:
            self.on_message(message)
        except Exception:  # a defect about one message must not cost the connection, and the node
            log.exception("message %s of node %s", message.get("op"), self.name)

    def _closed(self) -> None:
        if self._first is not None and not self._first.done():
            self._first.set_exception(ConnectionResetError("closed before its first line"))
            self._first.exception()  # seen: whoever waits still gets it, and nobody else need
            return
        if not self._closing:
            task = asyncio.get_running_loop().create_task(self._reopen())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _reopen(self) -> None:
        """The connection broke: a live node is connected again, a dead one is lost."""
        self._held = []
        try:
            await self.ended(seconds=0.2)
            state = await self.open(seconds=5.0)
        except Unavailable:
            if self._closing:
                return  # it was let go of meanwhile, and goes on by itself
            if self.alive:
                processes.kill(self.pid, self.created)
            self.on_lost()
            return
        held, self._held = self._held, None
        for message in (state, *held):
            self._tell(message)


def _ignore(_: Message) -> None:
    return


def _nothing() -> None:
    return


class Nursery:
    """Starts node processes by forking them from one warm process."""

    def __init__(self, run_folder: Path, log_folder: Path) -> None:
        kind = hashlib.sha256(f"{sys.executable}\0{__version__}".encode()).hexdigest()[:8]
        self._socket = run_folder / f"nursery-{kind}.sock"
        self._logs = log_folder
        self._lines: _Lines | None = None
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._opening = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._has_ended = False

    async def open(self) -> None:
        """Connect to the nursery, starting one if none answers. Cheap when connected."""
        async with self._opening:
            if self._has_ended:
                raise Unavailable("The service is stopping.", hint="Try again in a moment.")
            if self._lines is None or self._lines.transport is None:
                self._lines = await self._reach()

    async def node(self, message: Message) -> Message:
        """Fork a node; returns ``{"name", "pid", "created"}``."""
        await self.open()
        assert self._lines is not None
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[message["name"]] = answer
        try:
            if not self._lines.send({"op": "node", **message}):
                raise Unavailable("The nursery went away.", hint="Try again.")
            return await asyncio.wait_for(answer, _START_SECONDS)
        except asyncio.TimeoutError as error:
            raise Unavailable("The nursery did not start a node in time.") from error
        finally:
            self._answers.pop(message["name"], None)

    async def end(self) -> None:
        """End the nursery process; nodes go on. A nursery of an earlier service ends too.

        Afterwards it is gone: who asked for the end of everything finds nothing of it.
        """
        async with self._opening:  # one that is just being started is to end as well
            self._has_ended = True
        pid: int | None = None
        with contextlib.suppress(OSError, Unavailable, asyncio.TimeoutError):
            pid = (await asyncio.wait_for(self._leave(), _END_SECONDS)).get("pid")
        if self._process is not None:
            await asyncio.to_thread(self._reap, self._process)
        elif pid is not None:
            await self._gone(pid)

    async def _leave(self) -> Message:
        """Tell it to end; its answer says which process that is."""
        lines = self._lines
        if lines is None or lines.transport is None:
            lines = self._lines = await _connect(self._socket, self._receive, self._closed)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[""] = answer
        lines.send({"op": "leave"})
        return await answer

    @staticmethod
    async def _gone(pid: int) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _END_SECONDS
        created = processes.created(pid)
        while processes.alive(pid, created):
            if loop.time() > deadline:
                processes.kill(pid, created)
            await asyncio.sleep(_STEP_SECONDS)

    def close(self) -> None:
        """Let go of it; it goes on by itself."""
        if self._lines is not None and self._lines.transport is not None:
            self._lines.transport.close()
        if self._process is not None and self._process.poll() is None:
            self._process.returncode = 0  # it outlives us: nobody here is to wait for it

    @staticmethod
    def _reap(process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    async def _reach(self) -> _Lines:
        with contextlib.suppress(OSError):
            return await _connect(self._socket, self._receive, self._closed)
        self._process = await asyncio.to_thread(self._spawn)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _START_SECONDS
        while True:
            try:
                return await _connect(self._socket, self._receive, self._closed)
            except OSError as error:
                if self._process.poll() is not None or loop.time() > deadline:
                    raise Unavailable(
                        "The process that starts nodes did not come up.",
                        hint=f"Read {self._logs / 'nursery.log'}.",
                        details=[repr(error), f"exit code {self._process.poll()}"],
                    ) from error
            await asyncio.sleep(_STEP_SECONDS)

    def _spawn(self) -> subprocess.Popen[bytes]:
        self._logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        env = clean_environment(os.environ) | {
            processes.MARKER: "0" * 32,
            # Says in the process table whose it is; jobs get an environment of their own.
            "JUPYTER_AML_HOME": str(self._logs.parent),
        }
        with (self._logs / "nursery.log").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "jupyter_aml.runner", "nursery", str(self._socket)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=env,
                cwd="/" if os.name == "posix" else None,
                start_new_session=True,
            )

    def _receive(self, message: Message) -> None:
        answer = self._answers.get(message.get("name", ""))
        if answer is None or answer.done():
            return
        if message.get("op") == "error":
            answer.set_exception(Unavailable(str(message.get("message", "it failed"))))
        else:
            answer.set_result(message)

    def _closed(self) -> None:
        self._lines = None
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(Unavailable("The process that starts nodes ended."))
