"""The node's end of a process that takes orders: a spare, a job's process, a session's."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, Protocol

from . import linux, spare
from .cell import Cell
from .start import BOOT
from .wire import Channel, Message


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it took. ``peak_rss`` counts shared pages too."""

    code: int | None
    signal: int | None
    cpu_seconds: float
    peak_rss: int

    @classmethod
    def of(cls, status: int, cpu_seconds: float, peak_rss: int) -> Ended:
        code = os.waitstatus_to_exitcode(status)
        return cls(
            code=code if code >= 0 else None,
            signal=-code if code < 0 else None,
            cpu_seconds=cpu_seconds,
            peak_rss=peak_rss,
        )


class Owner(Protocol):
    """Who a worker works for."""

    def heard(self, worker: Worker, message: Message) -> None: ...
    def gone(self, worker: Worker, ended: Ended) -> None: ...


@dataclass(eq=False)
class Worker:
    pid: int
    channel: Channel
    how: str
    """"fork", "preloaded" or "spawn": how it was made."""
    created: float = 0.0
    owner: Owner | None = None
    settled: bool = False
    """It has run a cell of its session: its environment and its place are the person's by now."""


Abandon = Callable[[], None]
"""Called in a forked child: close what belongs to who forked it."""


class Body(Protocol):
    """What a made process does for the rest of its life."""

    def __call__(
        self,
        channel: Channel,
        cell: Cell,
        marker: linux.MarkerPlace,
        parent: int | None,
        /,
    ) -> NoReturn: ...


def fork(
    cell: Cell, marker: linux.MarkerPlace, abandon: Abandon, body: Body = spare.main
) -> Worker:
    """A process that is there in a millisecond, with everything loaded that this one has."""
    ours, theirs = Channel.pair()
    me = os.getpid()
    pid = os.fork()
    if pid == 0:

        def life() -> NoReturn:
            abandon()
            ours.close()
            body(theirs, cell, marker, me)

        live(life)
    theirs.close()
    return Worker(pid, ours, "fork")


def live(life: Callable[[], NoReturn]) -> NoReturn:
    """Be a forked child: a fault goes into the log, and never back into who forked it."""
    try:
        life()
    except BaseException:  # SystemExit too would run on in the code of who forked it
        traceback.print_exc()
    finally:
        os._exit(70)


def spawn(python: str = sys.executable, part: str = "spare") -> Worker:
    """The same where a process cannot fork: an interpreter that starts and then waits."""
    ours, theirs = Channel.pair()
    environment = {**os.environ, "JUPYTER_AML_MARKER": linux.PLACEHOLDER}
    try:
        process = subprocess.Popen(
            [python, BOOT, part, str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            env=environment,
        )
    except OSError:
        ours.close()
        raise
    finally:
        theirs.close()
    process.returncode = 0  # the node reaps its children itself
    return Worker(process.pid, ours, "spawn")
