"""One attempt of a job on an attached machine, from its start there to its exit here.

Every step may be done again: `start` is idempotent, streams go on at the byte that the file here
ends with, outputs are fetched as a whole. So a service that was killed, and a connection that
broke, cost nothing but time.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from jupyter_aml.model.errors import AmlError, ErrorBody, Unavailable
from jupyter_aml.service.attached.protocol import STREAMS, AttachedKind, Observation
from jupyter_aml.service.backends.local.attached import task
from jupyter_aml.service.backends.local.data import ending, execution, places
from jupyter_aml.service.backends.local.jobs.outcome import LOST
from jupyter_aml.service.backends.local.state import LiveJob

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.attached.link import AttachedLink

T = TypeVar("T")

log = logging.getLogger(__name__)

_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before what did not work is tried again; the last of them from then on."""


class Following:
    """Of one attempt; `run` ends with the message ``exited``."""

    def __init__(self, link: AttachedLink, machine: AttachedKind, job: str, attempt: int) -> None:
        self._link = link
        self._machine = machine
        self.job = job
        self.attempt = attempt
        self._stopping: asyncio.Task[None] | None = None

    async def run(self, live: LiveJob) -> None:
        started = await self._patiently(live, lambda: self._start(live))
        await self._patiently(live, lambda: self._read(live, started))
        seen = await self._patiently(live, lambda: self._machine.poll(started))
        message = self._exited(seen)
        if seen.state == "ended":
            self._link.collecting(live)
            try:
                await self._patiently(live, lambda: self._fetch(live, started))
            except (AmlError, OSError) as error:
                if seen.code == 0:
                    body = ending.error_body(error, live.layout.folder)
                    message |= {"reason": ending.FAILED, "error": body}
        self._keep(live, message)
        self._link.on_message(message)

    def stop(self, live: LiveJob, grace: float) -> None:
        """Have it ended; `run` then sees how. Asking twice changes nothing."""
        if self._stopping is None:
            self._stopping = self._link.spawn(self._stop(live, grace), f"stop {self.job}")

    async def _stop(self, live: LiveJob, grace: float) -> None:
        handle = await self._patiently(live, lambda: self._start(live))
        await self._patiently(live, lambda: self._machine.stop(handle, grace))

    # -- its steps ------------------------------------------------------------------------------

    async def _start(self, live: LiveJob) -> str:
        there = task.job_id(live.job)
        folder = await self._machine.folder(there)
        return await self._machine.start(there, task.task(live.job, folder))

    async def _read(self, live: LiveJob, handle: str) -> None:
        """Copy what it writes to the files that the job's log follows."""
        folder = live.layout.attempt(self.attempt)
        paths = {name: folder / f"{name}.0" for name in STREAMS}
        offsets = {name: _size(str(path)) for name, path in paths.items()}
        pieces = self._machine.logs(handle, offsets)
        async with aclosing(pieces):
            async for stream, data in pieces:
                self._link.answered(live)
                _append(paths[stream], data)

    async def _fetch(self, live: LiveJob, handle: str) -> None:
        layout, spec = live.layout, live.job.spec
        await self._machine.fetch(handle, task.FETCHED, layout.folder)
        for name, output in spec.outputs.items():
            if places.written_directly(output):
                own = layout.output(name, output.type)
                await asyncio.to_thread(execution.upload, output, layout.folder, own)

    # -- its end --------------------------------------------------------------------------------

    def _exited(self, seen: Observation) -> dict[str, Any]:
        message: dict[str, Any] = {
            "op": "exited",
            "job": self.job,
            "attempt": self.attempt,
            "rank": 0,
            "code": seen.code,
            "signal": seen.signal,
            "reason": "StartFailed" if seen.message else "",
            "message": seen.message,
            "peak_memory": seen.peak_memory,
            "cpu_seconds": seen.cpu_seconds,
        }
        if seen.state != "ended":
            message |= {"reason": LOST, "error": self._lost(seen)}
        return message

    def _lost(self, seen: Observation) -> ErrorBody:
        why = seen.reason or "nothing is known of it there any more"
        return ErrorBody(
            code="JobFailed",
            message=f"The job was lost on {self._machine.address}: {why}.",
            target=self.job,
            hint="Run it again; with --retries 1 that happens by itself.",
        )

    def _keep(self, live: LiveJob, message: dict[str, Any]) -> None:
        """On disk before anybody hears of it."""
        folder = live.layout.attempt(self.attempt)
        unfinished = folder / ".exit.0"
        with open(unfinished, "wb", opener=_private) as file:
            file.write(msgspec.json.encode(message))
        unfinished.replace(folder / "exit.0")

    async def _patiently(self, live: LiveJob, step: Callable[[], Awaitable[T]]) -> T:
        """Do `step` until the machine has answered and the disk here has taken it."""
        for number in range(10**9):
            try:
                found = await step()
            except Unavailable as error:
                self._link.silent(live, error)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                log.error("%s: %s", self.job, error)  # the disk here is full, and may not stay so
            else:
                self._link.answered(live)
                return found
            await asyncio.sleep(_PAUSES[min(number, len(_PAUSES) - 1)])
        raise AssertionError("not reached")


def _append(path: Path, data: bytes) -> None:
    with open(path, "ab", opener=_private) as file:
        file.write(data)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
