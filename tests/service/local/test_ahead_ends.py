"""Cells that wait on their session's node ahead of their turn, and what comes between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_aml.model.api import FollowJob
from jupyter_aml.model.job import CellJob, CreateJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.many import CreateJobs
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.backends.local.jobs import ahead
from jupyter_aml.service.backends.local.nodes import processes
from jupyter_aml.service.backends.local.state import LiveNode
from jupyter_aml.testing.waiting import eventually

pytestmark = pytest.mark.slow

SESSION = "s"
MOST = ahead._MOST
"""So many are sent ahead at once."""


class Line:
    """Cells of one session: each notes its number and waits for its gate, if it has one."""

    def __init__(self, backend: LocalBackend, folder: Path, *gated: int) -> None:
        self.backend = backend
        self.ledger = folder / "ledger"
        self._gate = folder / "gate"
        self._gated = gated
        self.engine: Any = backend._engine

    async def begin(self, count: int) -> None:
        """Sends `count` cells; returns when the first runs and those behind it were sent ahead."""
        cells = [CreateJob(name=f"c{n}", spec=self._cell(n)) for n in range(1, count + 1)]
        await self.backend.jobs.create_many(body=CreateJobs(jobs=cells))
        await until(lambda: self.ran() == ["1"])
        first = self.engine.jobs["c1"]
        first.started_at = self.engine.clock.monotonic()  # as if it had been a quick one
        self.engine.ahead.fill(self.compute, self.node, first)
        assert len(self.node.ahead) == min(count - 1, MOST)

    def _cell(self, number: int) -> CellJob:
        source = (
            "import os, time\n"
            f"with open({str(self.ledger)!r}, 'a') as file:\n    print({number}, file=file)\n"
            f"print('ran', flush=True)\n"
            f"while {number in self._gated} and not os.path.exists({str(self._gate)!r}):\n"
            "    time.sleep(0.005)\n"
        )
        return CellJob(source=source, session=SESSION)

    @property
    def compute(self) -> Any:
        return self.engine.computes["local"]

    @property
    def node(self) -> LiveNode:
        [node] = self.compute.nodes.values()
        return node

    def ran(self) -> list[str]:
        return self.ledger.read_text().split() if self.ledger.exists() else []

    def open_gate(self) -> None:
        self._gate.touch()

    async def ends(self, names: Sequence[str]) -> list[str]:
        """Their statuses, once they have ended."""
        for name in names:
            await eventually(lambda name=name: self._has_ended(name))
        return [(await self.backend.jobs.get(name)).status for name in names]

    async def _has_ended(self, name: str) -> bool:
        return (await self.backend.jobs.get(name)).status in JOB.final


async def until(is_so: Callable[[], bool]) -> None:
    async def look() -> bool:
        return is_so()

    await eventually(look)


def slow(kill: Callable[[Any], int]) -> Callable[[Any], int]:
    """The same on a machine with many processes to look at."""

    def wait_and_kill(markers: Any) -> int:
        time.sleep(0.7)
        return kill(markers)

    return wait_and_kill


async def test_none_overtakes_those_that_a_lost_node_had(
    backend: LocalBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not sent ahead could begin on another node before it is known what has begun."""
    monkeypatch.setattr(processes, "kill_marked", slow(processes.kill_marked))
    line = Line(backend, tmp_path, 1)
    await line.begin(MOST + 4)
    assert line.node.link.pid is not None
    os.kill(line.node.link.pid, signal.SIGKILL)
    names = [f"c{n}" for n in range(1, MOST + 5)]
    assert await line.ends(names) == ["Failed", *["Completed"] * (MOST + 3)]
    assert line.ran() == [str(n) for n in range(1, MOST + 5)]


async def test_one_that_is_canceled_while_its_node_is_lost_ends_and_does_not_run(
    backend: LocalBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "kill_marked", slow(processes.kill_marked))
    line = Line(backend, tmp_path, 1)
    await line.begin(4)
    assert line.node.link.pid is not None
    os.kill(line.node.link.pid, signal.SIGKILL)
    await until(lambda: bool(line.compute.lost))
    await backend.jobs.cancel("c3")
    assert await line.ends(["c1", "c2", "c3", "c4"]) == [
        "Failed",
        "Completed",
        "Canceled",
        "Completed",
    ]
    assert line.ran() == ["1", "2", "4"]


async def test_a_lost_nodes_session_is_ended_before_it_is_judged_what_has_begun(
    backend: LocalBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lives a moment longer than its node, and could claim a cell that begins elsewhere."""
    line = Line(backend, tmp_path, 1)
    await line.begin(3)
    node, done = line.node, [""]
    session = node.sessions[SESSION].pid
    end_all, is_claimed = processes.end_all, line.engine.reports.is_claimed

    def end(those: list[tuple[int, float]]) -> None:
        assert [pid for pid, _ in those] == [session]
        end_all(those)
        done.append("ended")

    monkeypatch.setattr(processes, "end_all", end)
    line.engine.reports.is_claimed = lambda live: done.append(live.name) or is_claimed(live)
    assert node.link.pid is not None
    os.kill(node.link.pid, signal.SIGKILL)
    assert await line.ends(["c1", "c2", "c3"]) == ["Failed", "Completed", "Completed"]
    assert done == ["", "ended", "c2", "c3"]


def test_those_that_are_ended_are_gone_and_nobody_else_is() -> None:
    """A start time tells a process from another that has got its number."""
    with (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as one,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other,
    ):
        began = psutil.Process(one.pid).create_time()
        processes.end_all([(one.pid, began), (other.pid, began - 3600)])
        assert not processes.alive(one.pid, began)
        assert other.poll() is None
        other.kill()


async def test_what_a_cell_wrote_is_shown_when_it_is_canceled_before_its_start_was_heard(
    backend: LocalBackend, tmp_path: Path
) -> None:
    line = Line(backend, tmp_path, 1, 2)
    await line.begin(2)
    hear = line.engine.reports.started
    line.engine.reports.started = lambda message: message["job"] == "c2" or hear(message)
    os.kill(line.node.sessions[SESSION].pid, signal.SIGINT)  # the first, which has no end else
    await until(lambda: line.ran() == ["1", "2"])
    folder = line.engine.jobs["c2"].layout.attempt(1)
    await until(lambda: (folder / "stdout.0").read_bytes() == b"ran\n")
    await backend.jobs.cancel("c2")
    assert await line.ends(["c2"]) == ["Canceled"]
    told = await backend.jobs.events("c2", query=FollowJob(wait=False))
    assert b'"text":"ran\\n"' in b"".join([lines async for lines in told])


async def test_one_that_begins_on_a_node_that_is_taken_back_counts_as_evicted(
    backend: LocalBackend, tmp_path: Path
) -> None:
    """Its start and the news that the node goes cross: those that were known to run are told."""
    line = Line(backend, tmp_path, 1)
    await line.begin(2)
    line.node.state = "preempted"
    line.engine.ahead.begin(line.engine.jobs["c2"])
    assert line.engine.jobs["c2"].ending == "Evicted"
    line.node.state = "running"
    line.open_gate()
    assert await line.ends(["c1"]) == ["Completed"]


async def test_nothing_is_sent_ahead_while_it_is_not_known_what_an_earlier_service_left(
    backend: LocalBackend, tmp_path: Path
) -> None:
    line = Line(backend, tmp_path, 1)
    await line.begin(MOST + 1)
    for name in [f"c{n}" for n in range(2, MOST + 2)]:
        await backend.jobs.cancel(name)
    await line.ends([f"c{n}" for n in range(2, MOST + 2)])
    last = CreateJob(name="last", spec=line._cell(99))
    await backend.jobs.create(body=last)
    first = line.engine.jobs["c1"]
    first.started_at = line.engine.clock.monotonic()
    line.engine.taking_up = True
    line.engine.ahead.fill(line.compute, line.node, first)
    assert not line.node.ahead
    line.engine.taking_up = False
    line.engine.ahead.fill(line.compute, line.node, first)
    assert list(line.node.ahead) == ["last"]
    line.open_gate()
    assert await line.ends(["c1", "last"]) == ["Completed", "Completed"]
