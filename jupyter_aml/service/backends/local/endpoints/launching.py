"""Processes that outlive the service: started in sessions of their own, watched by pid.

`Launcher` is a parameter of the engine: tests give a fake that starts nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from jupyter_aml.service.backends.local.nodes import processes

_LOOK_SECONDS = 0.25
"""How often a process is looked for where the kernel cannot tell of its end."""


@dataclass(frozen=True)
class Launched:
    """A process: pid alone proves nothing."""

    pid: int
    created: float


@dataclass(frozen=True)
class Measured:
    memory_bytes: int = 0
    cpu_seconds: float = 0.0


class Watch(Protocol):
    def cancel(self) -> None: ...


class Launcher(Protocol):
    """Starts, watches and ends processes."""

    async def launch(
        self, command: Sequence[str], *, env: Mapping[str, str], log: Path, cpus: Sequence[int]
    ) -> Launched:
        """Raises `OSError` where the program cannot be started."""
        ...

    def watch(self, process: Launched, ended: Callable[[int | None], object]) -> Watch:
        """Call `ended` once, with the exit code where it is known (None for an adopted one)."""
        ...

    def alive(self, process: Launched) -> bool: ...
    def terminate(self, process: Launched) -> None:
        """Ask it to end. One that is gone is no error."""
        ...

    def kill(self, process: Launched) -> None: ...
    async def kill_marked(self, markers: Sequence[str]) -> None:
        """Those whose pid nobody knows."""
        ...

    def measure(self, process: Launched) -> Measured: ...


class RealLauncher:
    """This machine's processes."""

    def __init__(self) -> None:
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    async def launch(
        self, command: Sequence[str], *, env: Mapping[str, str], log: Path, cpus: Sequence[int]
    ) -> Launched:
        child = await asyncio.to_thread(_spawn, command, env, log)
        self._children[child.pid] = child
        if cpus and hasattr(os, "sched_setaffinity"):
            with contextlib.suppress(OSError):  # it has ended already, which its watch tells
                os.sched_setaffinity(child.pid, cpus)
        return Launched(child.pid, processes.created(child.pid) or 0.0)

    def watch(self, process: Launched, ended: Callable[[int | None], object]) -> Watch:
        def gone() -> None:
            ended(self._reap(process.pid))

        if hasattr(os, "pidfd_open"):
            with contextlib.suppress(OSError):
                return _PidWatch(os.pidfd_open(process.pid), gone)
        return _Poll(lambda: self._is_over(process), gone)

    def _is_over(self, process: Launched) -> bool:
        child = self._children.get(process.pid)
        return child.poll() is not None if child else not self.alive(process)

    def _reap(self, pid: int) -> int | None:
        child = self._children.pop(pid, None)
        if child is None:
            return None
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(1)  # it has ended: this only collects its code
        return None

    def alive(self, process: Launched) -> bool:
        return processes.alive(process.pid, process.created)

    def terminate(self, process: Launched) -> None:
        if self.alive(process):
            with contextlib.suppress(psutil.Error):
                psutil.Process(process.pid).send_signal(signal.SIGTERM)

    def kill(self, process: Launched) -> None:
        """With what it started: a session of its own has a group of its own."""
        if not self.alive(process):
            return
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
        processes.kill(process.pid, process.created)

    async def kill_marked(self, markers: Sequence[str]) -> None:
        await asyncio.to_thread(processes.kill_marked, markers)

    def measure(self, process: Launched) -> Measured:
        try:
            found = psutil.Process(process.pid)
            with found.oneshot():
                times = found.cpu_times()
                return Measured(found.memory_info().rss, times.user + times.system)
        except psutil.Error:
            return Measured()

    def let_go(self) -> None:
        """The service ends and they go on: nobody here is to wait for them."""
        for child in self._children.values():
            if child.poll() is None:
                child.returncode = 0
        self._children.clear()


def _spawn(command: Sequence[str], env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(env),
            cwd="/" if os.name == "posix" else None,
            start_new_session=True,
        )


class _PidWatch:
    """The kernel tells: a pidfd can be read once its process has ended."""

    def __init__(self, descriptor: int, gone: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(descriptor, self._fire)

    def _fire(self) -> None:
        self.cancel()
        self._gone()

    def cancel(self) -> None:
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


class _Poll:
    """Looks again and again."""

    def __init__(self, is_over: Callable[[], bool], gone: Callable[[], None]) -> None:
        self._is_over = is_over
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(0, self._look)

    def _look(self) -> None:
        if self._is_over():
            self._gone()
        else:
            self._timer = self._loop.call_later(_LOOK_SECONDS, self._look)

    def cancel(self) -> None:
        self._timer.cancel()
