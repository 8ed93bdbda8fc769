"""A session on a node of this process's backend whose next cells wait on that node."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_aml.model.api import FollowJob
from jupyter_aml.model.job import CellJob, CommandJob, CreateJob, Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.names import LOCAL
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.backends.local.engine import Engine
from jupyter_aml.service.backends.local.jobs import ahead
from jupyter_aml.service.backends.local.state import LiveCompute, LiveNode
from jupyter_aml.testing.clock import MovableClock
from jupyter_aml.testing.waiting import eventually

FINAL = JOB.final


def every_cell_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this machine is: else nothing is sent ahead behind a cell that waited."""
    monkeypatch.setattr(ahead, "_QUICK_SECONDS", 3600.0)


class Line:
    """Cells of sessions on one compute. A gate is a pipe that a cell waits on until it is opened.

    Marks are lines of one file: who reads it knows what ran, how often, and in which order.
    """

    def __init__(self, backend: LocalBackend, folder: Path, compute: str = LOCAL) -> None:
        self.backend = backend
        self.compute_name = compute
        self._folder = folder
        self._marks = folder / "marks"

    @property
    def engine(self) -> Engine:
        assert self.backend._engine is not None
        return self.backend._engine

    @property
    def compute(self) -> LiveCompute:
        return self.engine.computes[self.compute_name]

    @property
    def clock(self) -> MovableClock:
        clock = self.engine.clock
        assert isinstance(clock, MovableClock)
        return clock

    @property
    def node(self) -> LiveNode:
        [node] = self.compute.nodes.values()
        return node

    @property
    def home(self) -> LiveNode:
        """The node of the session."""
        nodes = self.compute.nodes.values()
        return next(node for node in nodes if "s" in node.sessions)

    @property
    def ahead(self) -> list[str]:
        return [name for node in self.compute.nodes.values() for name in node.ahead]

    # -- cells --------------------------------------------------------------------------------

    def marking(self, name: str) -> str:
        return f"with open({str(self._marks)!r}, 'a') as file: file.write({name!r} + '\\n')"

    def gated(self, gate: str) -> str:
        """Source that goes on when `open_gate(gate)` was called."""
        pipe = self._pipe(gate)
        return f"open({str(pipe)!r}).close()"

    def _pipe(self, gate: str) -> Path:
        pipe = self._folder / f"{gate}.gate"
        if not pipe.exists():
            os.mkfifo(pipe)
        return pipe

    async def open_gate(self, gate: str) -> None:
        """Let the cell go on that stands there, or comes there."""

        async def is_there() -> bool:
            try:
                os.close(os.open(self._pipe(gate), os.O_WRONLY | os.O_NONBLOCK))
            except OSError:
                return False  # nobody has it open for reading
            return True

        await eventually(is_there)

    def marks(self) -> list[str]:
        return self._marks.read_text().split() if self._marks.exists() else []

    async def send(self, name: str, source: str = "", *, session: str = "s", **more: Any) -> Job:
        """A cell that leaves its mark, then runs `source`."""
        text = "\n".join([self.marking(name), source])
        spec = CellJob(source=text, session=session, compute=self.compute_name, **more)
        return await self.backend.jobs.create(body=CreateJob(name=name, spec=spec))

    async def command(self, name: str) -> Job:
        """A job without a session that leaves its mark."""
        spec = CommandJob(command=f"echo {name} >> {self._marks}", compute=self.compute_name)
        return await self.backend.jobs.create(body=CreateJob(name=name, spec=spec))

    async def stand(self, *names: str, **sources: str) -> None:
        """Cell `held` stands at its gate; the others are ahead behind it."""
        await self.hold()
        for name in names:
            await self.send(name, sources.get(name, ""))
        self.fill()
        assert self.ahead == list(names)

    async def hold(self, then: str = "") -> None:
        """Cell `held` stands at its gate, and the service knows its session."""
        await self.send("held", f"{self.gated('held')}\n{then}")
        await self.began("held")

        async def is_known() -> bool:
            return any("s" in node.sessions for node in self.compute.nodes.values())

        await eventually(is_known)

    def fill(self) -> None:
        """Send ahead what may be: as if a quick cell had ended, and `held` came behind it."""
        self.engine.ahead.fill(self.compute, self.home, self.engine.jobs["held"])

    # -- the node -----------------------------------------------------------------------------

    async def one_at_a_time(self) -> None:
        """The node has one place from now on."""

        async def is_up() -> bool:
            return any(node.state == "idle" for node in self.compute.nodes.values())

        await eventually(is_up)
        self.node.record = msgspec.structs.replace(self.node.record, max_jobs=1)

    def mute(self) -> None:
        """What nodes say is not heard until `unmute`."""
        self.engine.messages.hold()

    def unmute(self) -> None:
        self.engine.messages.release()

    def node_log(self) -> str:
        return (self.engine.folders.node_logs / f"{self.node.name}.log").read_text()

    # -- looking ------------------------------------------------------------------------------

    async def get(self, name: str) -> Job:
        return await self.backend.jobs.get(name)

    async def status(self, name: str, *wanted: str) -> Job:
        async def has() -> Job | None:
            job = await self.get(name)
            return job if job.status in wanted else None

        return await eventually(has)

    async def ended(self, *names: str) -> list[Job]:
        return [await self.status(name, *FINAL) for name in names]

    async def completed(self, *names: str) -> None:
        for job in await self.ended(*names):
            assert job.status == "Completed", (job.name, job.status, job.error)

    async def began(self, name: str) -> None:
        async def has() -> bool:
            return name in self.marks()

        await eventually(has)

    async def written(self, name: str, text: str, file: str = "stdout.0") -> None:
        """Wait until a cell has printed it, whoever reads that."""
        path = self.engine.folders.layout(name).attempt(1) / file

        async def has() -> bool:
            return path.exists() and text in path.read_text()

        await eventually(has)

    async def output(self, name: str) -> str:
        lines = await self.backend.jobs.events(name, query=FollowJob(wait=False))
        return b"".join([line async for line in lines]).decode()

    def claimed(self, name: str, attempt: int = 1) -> bool:
        layout = self.engine.folders.layout(name)
        return os.path.lexists(layout.attempt(attempt) / "claim.0")
