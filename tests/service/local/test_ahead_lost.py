"""Cells ahead on a node that is lost, evicted, not heard, or that another service left there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_aml.model.compute import AmlCompute, Evict
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.backends.local.nodes import processes
from jupyter_aml.service.backends.local.state import LiveJob
from jupyter_aml.testing.waiting import eventually
from tests.service.local.sessions_ahead import Line, every_cell_is_quick

NAMES = ("a", "b", "c")


@pytest.fixture
async def pair(line: Line, tmp_path: Path) -> Line:
    """Of a low-priority cluster with two nodes that cost nothing."""
    spec = AmlCompute(name="pair", tier="low_priority", min_instances=2, max_instances=2)
    await line.backend.compute.create(body=spec)

    async def are_up() -> bool:
        nodes = line.engine.computes["pair"].nodes.values()
        return len(nodes) == 2 and all(node.state == "idle" for node in nodes)

    await eventually(are_up)
    return Line(line.backend, tmp_path, "pair")


def kill_node(line: Line) -> None:
    pid = line.home.record.pid
    assert pid is not None
    psutil.Process(pid).kill()


# -- the node -------------------------------------------------------------------------------


async def test_of_a_lost_node_what_had_not_begun_begins_elsewhere_in_order(pair: Line) -> None:
    await pair.stand(*NAMES)
    await pair.send("d")  # not ahead: it must not pass those that are
    kill_node(pair)
    [held] = await pair.ended("held")
    assert (held.status, held.status_reason) == ("Failed", "NodeLost")
    await pair.completed(*NAMES, "d")
    assert pair.marks() == ["held", *NAMES, "d"]
    assert pair.compute.lost == []


class Search:
    """For what is left of a lost node's jobs: from `begun` on it waits until `go_on` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        monkeypatch.setattr(asyncio, "to_thread", self._run)

    async def _run(self, function: Any, *args: Any) -> Any:
        if function is processes.kill_marked:
            self.begun.set()
            await self.go_on.wait()
        return function(*args)


async def test_none_passes_while_it_is_found_out_what_had_begun(
    pair: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other node is free all the time, and whoever asks has everything planned anew."""
    await pair.stand("a")
    await pair.send("b")
    search = Search(monkeypatch)
    kill_node(pair)
    await search.begun.wait()
    pair.engine.wake(pair.compute)
    assert [(await pair.get(name)).status for name in ("a", "b")] == ["Queued", "Queued"]
    assert "session s" in (await pair.get("a")).status_reason
    search.go_on.set()
    await pair.completed("a", "b")
    assert pair.marks() == ["held", "a", "b"]


async def test_of_a_lost_node_each_ends_as_it_had_come_to(pair: Line) -> None:
    """What had ended keeps its end, what had begun is not run again, and the rest begins."""
    await pair.stand("ended", "begun", "waiting", begun=pair.gated("never"))
    pair.mute()
    await pair.open_gate("held")
    await pair.began("begun")
    assert (await pair.get("begun")).status == "Queued"
    kill_node(pair)
    await pair.completed("ended")
    [begun] = await pair.ended("begun")
    assert (begun.status, begun.status_reason) == ("Failed", "NodeLost")
    pair.unmute()
    await pair.completed("waiting")
    assert pair.marks() == ["held", "ended", "begun", "waiting"]


async def test_a_lost_nodes_session_is_ended_before_it_is_judged_what_has_begun(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lives a moment longer than its node, and could claim a cell that begins elsewhere."""
    await line.stand("a", "b")
    session = line.home.sessions["s"].pid
    done: list[str] = []
    end_all, is_claimed = processes.end_all, line.engine.reports.is_claimed

    def end(those: list[tuple[int, float]]) -> None:
        assert [pid for pid, _ in those] == [session]
        end_all(those)
        done.append("ended")

    def judge(live: LiveJob) -> bool:
        done.append(live.name)
        return is_claimed(live)

    monkeypatch.setattr(processes, "end_all", end)
    monkeypatch.setattr(line.engine.reports, "is_claimed", judge)
    kill_node(line)
    await line.completed("a", "b")
    assert done == ["ended", "a", "b"]


async def test_of_a_lost_node_one_is_canceled_before_the_loss_is_heard(pair: Line) -> None:
    await pair.stand("a", "b")
    kill_node(pair)
    await pair.backend.jobs.cancel("a")
    [a] = await pair.ended("a")
    assert a.status == "Canceled"
    await pair.completed("b")
    assert pair.marks() == ["held", "b"]


async def test_of_a_lost_node_one_is_canceled_while_it_is_found_out_what_had_begun(
    pair: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pair.stand(*NAMES)
    search = Search(monkeypatch)
    kill_node(pair)
    await search.begun.wait()
    await pair.backend.jobs.cancel("b")
    search.go_on.set()
    [b] = await pair.ended("b")
    assert b.status == "Canceled"
    await pair.completed("a", "c")
    assert pair.marks() == ["held", "a", "c"]


async def test_of_an_evicted_node_what_had_not_begun_begins_elsewhere(pair: Line) -> None:
    await pair.stand(*NAMES)
    await pair.send("d")
    await pair.backend.compute.evict("pair", body=Evict(node=pair.home.name))
    [held] = await pair.ended("held")
    assert held.status_reason == "Evicted"
    await pair.completed(*NAMES, "d")
    assert pair.marks() == ["held", *NAMES, "d"]


async def test_what_begins_as_its_node_is_evicted_is_evicted_too(pair: Line) -> None:
    await pair.stand("a", a=pair.gated("never"))
    node = pair.home
    pair.mute()
    await pair.open_gate("held")
    await pair.began("a")
    await pair.backend.compute.evict("pair", body=Evict(node=node.name))
    pair.unmute()
    [a] = await pair.ended("a")
    assert a.status_reason == "Evicted"
    assert pair.marks() == ["held", "a"]


async def test_deleting_the_compute_cancels_them(pair: Line) -> None:
    await pair.stand(*NAMES)
    await pair.backend.compute.delete("pair")
    for job in await pair.ended("held", *NAMES):
        assert job.status == "Canceled"
    assert pair.marks() == ["held"]


# -- the connection -------------------------------------------------------------------------


class Outage:
    """The connection to a node breaks, and is not opened again before `end`."""

    def __init__(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        self._over = asyncio.Event()
        link = line.home.link
        reopen = link.open

        async def when_over(**options: Any) -> Any:
            await self._over.wait()
            return await reopen(**options)

        monkeypatch.setattr(link, "open", when_over)
        lines: Any = getattr(link, "_lines")  # noqa: B009
        lines.transport.abort()
        self._lines = lines

    async def begun(self) -> None:
        async def is_gone() -> bool:
            return self._lines.transport is None

        await eventually(is_gone)

    def end(self) -> None:
        self._over.set()


async def test_what_became_of_them_during_an_outage_is_taken_in(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    await line.stand(*NAMES, b=line.gated("b"))
    outage = Outage(line, monkeypatch)
    await outage.begun()
    await line.open_gate("held")
    await line.began("b")  # a has ended, c has not begun
    await line.send("d")
    outage.end()
    await line.completed("held", "a")
    await line.status("b", "Running")
    assert line.ahead[0] == "c"
    await line.open_gate("b")
    await line.completed("b", "c", "d")
    assert line.marks() == ["held", *NAMES, "d"]


async def test_what_the_node_never_heard_of_keeps_its_place(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each end that was missed has more sent ahead: behind those that were sent in vain."""
    await line.stand("a")
    outage = Outage(line, monkeypatch)
    await outage.begun()
    await line.send("b")
    line.fill()
    assert line.ahead == ["a", "b"]
    await line.send("c")
    await line.open_gate("held")
    await line.began("a")
    outage.end()
    await line.completed("held", "a", "b", "c")
    assert line.marks() == ["held", "a", "b", "c"]


async def test_a_session_that_ended_during_an_outage_is_begun_anew(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    await line.hold("exit()")

    async def is_told() -> bool:
        return line.home.sessions["s"].state == "running"

    await eventually(is_told)
    pid = line.home.sessions["s"].pid
    assert pid is not None
    await line.send("a")
    await line.send("b")
    line.fill()
    outage = Outage(line, monkeypatch)
    await outage.begun()
    await line.open_gate("held")

    async def has_ended() -> bool:
        return not psutil.pid_exists(pid)

    await eventually(has_ended)
    outage.end()
    await line.completed("held", "a", "b")
    assert line.marks() == ["held", "a", "b"]


# -- the service ----------------------------------------------------------------------------


async def test_the_next_service_takes_them_up(
    backend_parts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_cell_is_quick(monkeypatch)
    earlier = LocalBackend(**backend_parts)
    await earlier.open()
    line = Line(earlier, tmp_path)
    await line.stand("ends", "runs", "waits", runs=line.gated("runs"))
    heard = line.home.link.send
    monkeypatch.setattr(line.home.link, "send", lambda *_: True)
    await line.send("unheard")
    line.fill()
    assert line.ahead == ["ends", "runs", "waits", "unheard"]
    monkeypatch.setattr(line.home.link, "send", heard)
    await line.send("last")
    line.mute()
    await earlier.close(end_everything=False)
    await line.open_gate("held")
    await line.began("runs")

    following = LocalBackend(**backend_parts)
    await following.open()
    line = Line(following, tmp_path)
    assert (await line.get("runs")).status == "Running"
    assert line.ahead == ["waits"]
    assert line.home.sent == {"runs": "s"}
    await line.completed("held", "ends")
    await line.open_gate("runs")
    await line.completed("runs", "waits", "unheard", "last")
    assert line.marks() == ["held", "ends", "runs", "waits", "unheard", "last"]
    await following.close(end_everything=True)


async def test_one_that_is_canceled_after_a_restart_never_runs(
    backend_parts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_cell_is_quick(monkeypatch)
    earlier = LocalBackend(**backend_parts)
    await earlier.open()
    line = Line(earlier, tmp_path)
    await line.stand("a", "b")
    await earlier.close(end_everything=False)

    following = LocalBackend(**backend_parts)
    await following.open()
    line = Line(following, tmp_path)
    assert line.ahead == ["a", "b"]
    await following.jobs.cancel("a")
    [a] = await line.ended("a")
    assert a.status == "Canceled"
    await line.open_gate("held")
    await line.completed("held", "b")
    assert line.marks() == ["held", "b"]
    await following.close(end_everything=True)
