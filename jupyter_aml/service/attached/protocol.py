"""What a kind of attached compute is. See docs/developer/add-an-attached-kind.md.

The local backend holds one `AttachedKind` for each attached machine and calls it from one event
loop. A job is the same job for as long as it has the same id: that is what lets a service that
was killed go on, whatever it had done by then.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal, Protocol

import msgspec

from jupyter_aml.model.compute import AttachedMachine

GROUP = "jupyter_aml.attached_computes"
"""The entry-point group: the name of a kind, and its class as module:class."""

STREAMS = ("stdout", "stderr", "frames")
"""What a job writes; frames are the JSON lines of ``aml.log`` and ``aml.progress``."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What one job is there."""

    command: str
    """For ``/bin/sh -c``, in the folder ``work`` of the job's own."""
    env: dict[str, str]
    """May hold secrets: it goes into no argument list and no file of the machine."""
    folders: list[str]
    """Made before it starts, below the job's folder."""


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """How a job is. ``lost``: it ran, and nobody can know how it ended."""

    state: Literal["unknown", "running", "ended", "lost"]
    code: int | None = None
    signal: int | None = None
    reason: str = ""
    """Why it is lost, in words."""
    message: str = ""
    """Why it could not start, in words."""
    cpu_seconds: float = 0.0
    peak_memory: int = 0


class AttachedKind(Protocol):
    """One attached machine.

    Every coroutine raises `Unavailable` while the machine does not answer; the caller then tries
    again, with the same arguments, for as long as the job is wanted. What trying again cannot mend
    is another `AmlError`.
    """

    Config: ClassVar[type[msgspec.Struct]]

    def __init__(self, config: msgspec.Struct) -> None: ...

    @property
    def address(self) -> str:
        """What is reached, for people; no secret in it."""
        ...

    async def check(self) -> AttachedMachine:
        """Look at the machine, and change nothing of anybody there."""
        ...

    async def send(self, job: str, files: Mapping[str, Path]) -> None:
        """Make the folder of a job, with `files` in it: the path there to the path here.

        The folder of a job that was started stays as it is.
        """
        ...

    async def folder(self, job: str) -> str:
        """Where the folder of a job is, or will be: an absolute path there."""
        ...

    async def start(self, job: str, task: Task) -> str:
        """Start it and return its handle (JSON or a name, no secret, at most a kilobyte).

        A second call with the same `job` starts nothing and returns the same handle, also when the
        job has ended or was lost.
        """
        ...

    def logs(self, handle: str, offsets: Mapping[str, int]) -> AsyncGenerator[tuple[str, bytes]]:
        """Pieces of its streams, from any byte on; ends when the job has ended or was lost."""
        ...

    async def poll(self, handle: str) -> Observation: ...

    async def stop(self, handle: str, grace: float) -> None:
        """End it and everything that it started: politely, and by force after `grace` seconds.

        A job that has ended keeps how it ended; doing it twice is no error.
        """
        ...

    async def fetch(self, handle: str, names: Sequence[str], into: Path) -> None:
        """Copy those of `names`, paths in its folder, that are there to the same paths in `into`.

        What the machine sends is not trusted: nothing is written outside of `into`.
        """
        ...

    async def forget(self, handle: str) -> None:
        """Remove what it left there; nothing of a job that runs."""
        ...

    async def close(self) -> None:
        """Let go of the machine. Jobs go on."""
        ...
