"""Cells that are sent to their session's node before their turn, and every way they can go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model.api import FollowJob
from jupyter_aml.model.job import CellInputs, Output
from jupyter_aml.service.backends.local.backend import LocalBackend
from jupyter_aml.service.backends.local.jobs import ahead
from tests.service.local.sessions_ahead import Line, every_cell_is_quick

NAMES = ("a", "b", "c")


@pytest.fixture
async def line(backend: LocalBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """Of ``local``, where every cell is taken for a quick one."""
    every_cell_is_quick(monkeypatch)
    return Line(backend, tmp_path)


# -- in line --------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [40, 260])
async def test_each_runs_once_and_in_the_order_they_came(line: Line, count: int) -> None:
    names = [f"cell{number}" for number in range(count)]
    await line.send("zero", f"seen = 0\n{line.gated('zero')}")
    await line.began("zero")
    for number, name in enumerate(names):
        await line.send(name, f"seen += 1\nmine = seen\nprint('I am', {number})")
    await line.open_gate("zero")
    await line.completed(*names)

    assert line.marks() == ["zero", *names]
    for number, name in ((0, names[0]), (17, names[17]), (count - 1, names[-1])):
        assert f"I am {number}\\n" in await line.output(name)
        result = (await line.get(name)).result
        assert result is not None
        assert {"seen", "mine"} <= result.names.keys()
    assert line.ahead == []
    assert line.node.state == "idle"


async def test_one_that_is_ahead_is_in_line_and_says_why(line: Line) -> None:
    await line.stand(*NAMES)
    job = await line.get("b")
    assert (job.status, job.status_reason) == ("Queued", "session s runs another cell")
    assert (job.started_at, job.nodes) == (None, [])
    wait = await line.backend.jobs.wait("b")
    assert wait.waiting
    assert "session s" in wait.stages[-1].reason or "session s" in wait.stages[0].reason
    assert (await line.backend.compute.get("local")).queued_jobs == len(NAMES)
    await line.open_gate("held")
    await line.completed("held", *NAMES)
    assert not (await line.backend.jobs.wait("b")).waiting


async def test_what_a_long_one_prints_is_followed_as_it_comes(line: Line) -> None:
    source = f"print('first', flush=True)\n{line.gated('long')}\nprint('last')"
    await line.stand("long", long=source)
    events = await line.backend.jobs.events("long", query=FollowJob())

    async def until(word: str) -> str:
        text = ""
        while word not in text:
            text += (await anext(events)).decode()
        return text

    await line.open_gate("held")
    assert "last" not in await until("first")
    await line.status("long", "Running")
    await line.open_gate("long")
    assert "first" not in await until("Completed")


async def test_what_it_took_is_counted_from_its_beginning(line: Line) -> None:
    await line.stand("timed", timed=line.gated("timed"))
    line.clock.advance(100.0)
    await line.open_gate("held")
    await line.status("timed", "Running")
    line.clock.advance(20.0)
    await line.open_gate("timed")
    [job] = await line.ended("timed")
    assert job.receipt is not None
    assert 100 <= job.receipt.queued_seconds < 115
    assert 20 <= job.receipt.seconds < 35
    assert 20 <= job.receipt.stages["running"] < 35


async def test_its_timeout_begins_when_it_does(line: Line) -> None:
    await line.hold()
    await line.send("timed", line.gated("never"), timeout=600.0)
    line.fill()
    assert line.ahead == ["timed"]
    line.clock.advance(700.0)
    await line.open_gate("held")
    await line.status("timed", "Running")
    line.clock.advance(700.0)
    [job] = await line.ended("timed")
    assert (job.status, job.status_reason) == ("Canceled", "Timeout")


async def test_one_that_fails_is_tried_again(line: Line) -> None:
    await line.hold()
    await line.send(
        "again", "import os\nassert os.environ['JUPYTER_AML_ATTEMPT'] == '2'", retries=1
    )
    await line.send("after")
    line.fill()
    assert line.ahead == ["again", "after"]
    await line.open_gate("held")
    await line.completed("again", "after")
    assert (await line.get("again")).attempt == 2
    assert line.marks() == ["held", "again", "after", "again"]


# -- canceled -------------------------------------------------------------------------------


async def test_one_that_is_canceled_before_it_begins_never_runs(line: Line) -> None:
    await line.stand(*NAMES)
    assert (await line.backend.jobs.cancel("b")).status == "CancelRequested"
    [job] = await line.ended("b")
    assert job.status == "Canceled"
    assert not line.claimed("b")
    await line.open_gate("held")
    await line.completed("held", "a", "c")
    assert line.marks() == ["held", "a", "c"]
    assert "gone" not in line.node_log()


async def test_one_that_has_begun_when_its_cancel_comes_keeps_what_it_printed(line: Line) -> None:
    source = f"print('printed', flush=True)\n{line.gated('never')}"
    await line.stand("late", long=source, late=source)
    line.mute()  # the service has not heard that it began
    await line.open_gate("held")
    await line.began("late")
    await line.written("late", "printed")
    assert (await line.get("late")).status == "Queued"
    await line.backend.jobs.cancel("late")
    line.unmute()
    [job] = await line.ended("late")
    assert job.status == "Canceled"
    assert job.started_at is not None
    assert "printed" in await line.output("late")
    assert line.marks() == ["held", "late"]


async def test_all_of_a_line_are_canceled(line: Line) -> None:
    await line.stand(*NAMES)
    for name in ("held", *NAMES):
        await line.backend.jobs.cancel(name)
    for job in await line.ended("held", *NAMES):
        assert job.status == "Canceled"
    assert line.ahead == []
    await line.send("after")
    await line.completed("after")


async def test_deleting_the_session_cancels_them(line: Line) -> None:
    await line.stand(*NAMES)
    await line.backend.sessions.delete("s")
    for job in await line.ended("held", *NAMES):
        assert job.status == "Canceled"
    await line.send("after", "assert 'x' not in globals()")
    await line.completed("after")


# -- the session ends -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ("exit()", "Completed"),
        ("import os; os._exit(3)", "Failed"),
        ("import os; os.kill(os.getpid(), 9)", "Failed"),
    ],
)
async def test_when_the_session_ends_the_others_begin_in_a_new_process(
    line: Line, last: str, status: str
) -> None:
    await line.hold(f"older = 1\n{last}")
    await line.send("a", "assert 'older' not in globals()\nx = 1")
    await line.send("b", "x += 1")
    await line.send("c", "assert x == 2")
    line.fill()
    assert line.ahead == list(NAMES)
    await line.open_gate("held")
    [held] = await line.ended("held")
    assert held.status == status
    await line.completed(*NAMES)
    assert line.marks() == ["held", *NAMES]


async def test_a_node_that_was_given_everything_back_is_idle(line: Line) -> None:
    """Else a cluster would keep it for ever."""
    await line.stand("a")
    node, live = line.node, line.engine.jobs["a"]
    line.compute.emptying = True  # nothing begins in its place
    reports, about = line.engine.reports, {"attempt": 1, "rank": 0}
    ended = {"job": "held", "code": 0, "signal": None, "reason": "", **about}
    reports.exited(line.compute, node, ended)
    assert node.state == "running"
    reports.refused(line.compute, node, {"job": "a", "code": "SessionEnded", **about})
    assert (node.state, live.ahead, list(line.compute.queue)) == ("idle", None, ["a"])
    line.compute.emptying = False
    await line.open_gate("held")
    await line.began("a")


# -- who is not overtaken -------------------------------------------------------------------


async def test_a_job_without_a_session_that_came_before_is_not_overtaken(line: Line) -> None:
    await line.one_at_a_time()
    await line.hold()
    await line.send("a")
    await line.command("fresh")
    await line.send("b")
    await line.send("c")
    line.fill()
    assert line.ahead == ["a"]
    await line.open_gate("held")
    await line.completed("held", "a", "fresh", "b", "c")
    assert line.marks() == ["held", "a", "fresh", "b", "c"]


async def test_another_sessions_earlier_cell_on_the_node_is_not_overtaken(line: Line) -> None:
    await line.send("other", session="t")
    await line.completed("other")
    await line.one_at_a_time()
    await line.hold()
    await line.send("a")
    await line.send("others", session="t")
    await line.send("b")
    await line.send("c")
    line.fill()
    assert line.ahead == ["a"]
    await line.open_gate("held")
    await line.completed("a", "b", "c", "others")
    assert line.marks() == ["other", "held", "a", "others", "b", "c"]


async def test_later_jobs_do_not_take_the_place_of_cells_that_are_ahead(line: Line) -> None:
    await line.one_at_a_time()
    await line.stand(*NAMES)
    await line.command("fresh")
    await line.send("d")
    await line.open_gate("held")
    await line.completed("held", *NAMES, "fresh", "d")
    assert line.marks() == ["held", *NAMES, "fresh", "d"]


async def test_a_node_that_has_cells_ahead_is_busy(line: Line) -> None:
    """No scale-down takes it away, and its place is kept, between one cell and the next."""
    await line.one_at_a_time()
    await line.stand("a")
    view = line.compute.node_view(line.node, 0.0)
    assert (view.busy, view.free) == (True, 0)
    line.node.jobs.discard("held")
    line.node.sent.pop("held")
    view = line.compute.node_view(line.node, 0.0)
    assert (view.busy, view.free) == (True, 0)
    line.node.jobs.add("held")
    line.node.sent["held"] = "s"
    await line.open_gate("held")
    await line.completed("held", "a")


# -- what is not sent ahead -----------------------------------------------------------------


async def stays(line: Line, prepare: Any = None, **spec: Any) -> None:
    """`second` waits for the service, though `first` is ahead and simple."""
    await line.hold()
    await line.send("first")
    await line.send("second", **spec)
    await line.send("third")
    if prepare is not None:
        prepare()
    line.fill()
    assert line.ahead == ([] if prepare is not None else ["first"])
    await line.open_gate("held")
    await line.completed("first", "second", "third")
    assert line.marks() == ["held", "first", "second", "third"]


async def test_cells_with_outputs_wait_for_the_service(line: Line) -> None:
    await stays(line, outputs={"model": Output(type="uri_folder")})


async def test_cells_with_a_code_folder_wait_for_the_service(line: Line, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "helper.py").write_text("x = 1\n")
    await stays(line, code=str(code))


async def test_cells_with_large_variables_wait_for_the_service(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their node would hold them all until they begin."""
    import pickle

    monkeypatch.setattr(ahead, "_MOST_BYTES", 100)
    await stays(line, variables=CellInputs(pickle=pickle.dumps({"text": "x" * 200})))


async def test_cells_whose_environment_is_not_ready_wait_for_it(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_ready = line.engine.environments.is_ready
    calls: list[str] = []

    def not_yet(live: Any) -> bool:
        calls.append(live.name)
        return live.name != "second" and is_ready(live)

    monkeypatch.setattr(line.engine.environments, "is_ready", not_yet)
    await line.hold()
    await line.send("first")
    await line.send("second")
    line.fill()
    assert line.ahead == ["first"]
    assert "second" in calls
    monkeypatch.undo()
    await line.open_gate("held")
    await line.completed("first", "second")


async def test_nothing_is_sent_behind_a_slow_cell(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow() -> None:
        monkeypatch.setattr(ahead, "_QUICK_SECONDS", 0.0)

    await stays(line, slow)


async def test_nothing_is_sent_ahead_on_compute_that_costs_something(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The budget's guard ends work between two cells: what is ahead would go on."""
    monkeypatch.setattr(line.engine.nodetime, "tariff", lambda _: object())
    monkeypatch.setattr(line.engine.nodetime, "note", lambda _: None)
    monkeypatch.setattr(line.engine.nodetime, "receipt", lambda *_: None)
    await stays(line, lambda: None)


async def test_nothing_is_sent_ahead_while_a_compute_is_emptied(line: Line) -> None:
    await line.stand("a")
    live, last = line.compute, line.engine.jobs["held"]
    await line.send("b")
    live.emptying = True
    line.engine.ahead.fill(live, line.node, last)
    assert line.ahead == ["a"]
    live.emptying = False
    line.engine.ahead.fill(live, line.node, last)
    assert line.ahead == ["a", "b"]
    await line.open_gate("held")
    await line.completed("held", "a", "b")
