"""Cells that are sent to their session's node before their turn, and every way they can go."""

from __future__ import annotations

import pytest

from jupyter_aml.model.api import FollowJob
from jupyter_aml.service.backends.local.jobs import ahead
from tests.service.local.sessions_ahead import Line

NAMES = ("a", "b", "c")


# -- in line --------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [8, ahead._MOST])
async def test_each_runs_once_and_in_the_order_they_came(
    line: Line, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Four times as many, and some more, as wait on their node at once."""
    monkeypatch.setattr(ahead, "_MOST", most)
    count = 4 * most + 4
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


@pytest.mark.parametrize("told", ["late", "never"])
async def test_one_that_has_begun_when_its_cancel_comes_keeps_what_it_printed(
    line: Line, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    """When a connection breaks, its start is never told, only its end."""
    source = f"print('printed', flush=True)\n{line.gated('never')}"
    await line.stand("a", "late", late=source)  # the log of the first in line is listened to
    line.mute()  # the service has not heard that it began
    await line.open_gate("held")
    await line.began("late")
    await line.written("late", "printed")
    assert (await line.get("late")).status == "Queued"
    await line.backend.jobs.cancel("late")
    await line.written("late", '"k":"done"', "frames.0")
    await line.engine.saving.now()
    assert (await line.get("late")).status == "CancelRequested"  # its node has not said more
    if told == "never":
        monkeypatch.setattr(line.engine.reports, "started", lambda _: None)
    line.unmute()
    [job] = await line.ended("late")
    assert job.status == "Canceled"
    assert (job.started_at is not None) == (told == "late")
    assert '"text":"printed\\n"' in await line.output("late")
    assert line.marks() == ["held", "a", "late"]


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
