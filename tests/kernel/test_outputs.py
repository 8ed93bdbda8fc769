"""Events shown as a cell's own output, and the strip above it."""

from __future__ import annotations

import io
from typing import Any

import pytest

from jupyter_aml.kernel.outputs import STRIP_AFTER_SECONDS, Replay
from jupyter_aml.kernel.strip import Strip
from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import CellJob, Job, Receipt
from tests.kernel.conftest import RecordingShell

JOB = "maple_river_1"
OURS = {"jupyter_aml": {"job": JOB}}
STRIP_ID = {"display_id": f"jupyter_aml_{JOB}"}


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Flushed(io.StringIO):
    """What a front end has got of a stream, flush by flush."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed: list[str] = []

    def flush(self) -> None:
        if text := self.getvalue():
            self.flushed.append(text)
            self.seek(0)
            self.truncate()


class Stage:
    """A replay into a recording shell, with the time in the test's hand.

    Streams are recorded among the displays, in order.
    """

    def __init__(self, shell: Any, *, live: bool = True) -> None:
        self.shell = shell
        self.clock = Clock()
        self.replay = Replay(shell, JOB, "cpu", live=live, clock=self.clock)
        self.seq = 0
        self.replay._write = self._write  # type: ignore[method-assign]

    def _write(self, kind: str, text: str) -> None:
        self.shell.shown.append((kind, text))

    def event(self, kind: str, **fields: Any) -> None:
        self.seq += 1
        self.replay.show(Event(seq=self.seq, time="t", kind=kind, **fields))  # type: ignore[arg-type]

    def after(self, seconds: float) -> None:
        self.clock.now += seconds
        self.replay.tick()

    @property
    def shown(self) -> list[Any]:
        return self.shell.shown

    def kinds(self) -> list[str]:
        return [entry[0] for entry in self.shown]


@pytest.fixture
def stage(shell: RecordingShell) -> Stage:
    return Stage(shell)


def job(**more: Any) -> Job:
    return Job(name=JOB, spec=CellJob(source=""), created_at="t", **{"status": "Completed", **more})


def display(text: str, **transient: str) -> dict[str, Any]:
    return {"data": {"text/plain": text}, "metadata": {"m": 1}, "transient": transient}


def test_a_quick_cell_shows_its_output_and_nothing_else(stage: Stage) -> None:
    stage.event("status", status="Running")
    stage.event("stdout", text="a\n")
    stage.event("stderr", text="b\n")
    stage.event("status", status="Completed")
    stage.clock.now += STRIP_AFTER_SECONDS - 0.01
    stage.replay.tick()
    stage.replay.finish(job())
    assert stage.shown == [("stdout", "a\n"), ("stderr", "b\n")]


def test_displays_keep_their_metadata_and_the_first_one_carries_the_job(stage: Stage) -> None:
    stage.event("display_data", **display("one", display_id="d"))
    stage.event("display_data", **display("two"))
    stage.event("update_display_data", **display("uno", display_id="d"))
    assert stage.shown == [
        ("display", {"text/plain": "one"}, {"m": 1, **OURS}, {"display_id": "d"}),
        ("display", {"text/plain": "two"}, {"m": 1}, {}),
        ("update", {"text/plain": "uno"}, {"m": 1}, {"display_id": "d"}),
    ]


def test_a_last_value_may_be_the_first_output(stage: Stage) -> None:
    stage.event("execute_result", **display("1"))
    [(kind, _, data, metadata)] = stage.shown
    assert (kind, data, metadata) == ("result", {"text/plain": "1"}, {"m": 1, **OURS})
    assert stage.replay.result is not None


def test_the_strip_comes_after_a_moment_and_carries_the_job(stage: Stage) -> None:
    stage.event("status", status="Queued", reason="waiting for 1 node of cpu")
    stage.after(STRIP_AFTER_SECONDS)
    [(kind, data, metadata, transient)] = stage.shown
    assert (kind, metadata, transient) == ("display", OURS, STRIP_ID)
    assert data["text/plain"].startswith("Queued: waiting for 1 node of cpu (")
    assert "waiting for 1 node of cpu" in data["text/html"]


def test_what_came_before_the_strip_is_shown_below_it(stage: Stage) -> None:
    stage.event("stdout", text="early\n")
    stage.event("display_data", **display("plot"))
    stage.after(STRIP_AFTER_SECONDS)
    assert stage.kinds() == ["stdout", "display", "clear", "display", "stdout", "display"]
    assert stage.shown[2] == ("clear", True)
    assert stage.shown[3][2:] == (OURS, STRIP_ID)
    # The strip carries the name now.
    assert stage.shown[5][2] == {"m": 1}
    stage.event("stdout", text="late\n")
    assert stage.kinds()[6:] == ["stdout"]


def test_what_is_shown_again_below_the_strip_does_not_wait_for_the_kernels_next_flush(
    shell: RecordingShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    replay = Replay(shell, JOB, "cpu", live=True, clock=clock)
    stream = Flushed()
    monkeypatch.setattr("sys.stdout", stream)
    replay.show(Event(seq=1, time="t", kind="stdout", text="early\n"))
    replay.flush()
    clock.now += STRIP_AFTER_SECONDS
    replay.tick()
    assert stream.flushed == ["early\n", "early\n"]


def test_much_output_at_once_is_not_shown_twice(stage: Stage) -> None:
    for number in range(300):
        stage.event("stdout", text=f"{number}\n")
    stage.after(STRIP_AFTER_SECONDS)
    assert stage.kinds() == ["stdout"] * 300 + ["display"]


def test_the_strip_changes_with_the_status_at_once_and_with_time_slowly(stage: Stage) -> None:
    stage.after(STRIP_AFTER_SECONDS)
    stage.event("status", status="Running")
    assert [entry[0] for entry in stage.shown] == ["display", "update"]
    assert stage.shown[1][1]["text/plain"].startswith("Running on cpu (")
    assert stage.replay.wait() == pytest.approx(1.0)
    stage.after(0.5)
    assert len(stage.shown) == 2
    stage.after(0.6)
    assert len(stage.shown) == 3
    stage.clock.now += 300
    stage.replay.tick()
    assert stage.replay.wait() == pytest.approx(5.0)
    stage.clock.now += 3000
    stage.replay.tick()
    assert stage.replay.wait() == pytest.approx(30.0)


def test_progress_is_said_in_the_strip(stage: Stage) -> None:
    stage.after(STRIP_AFTER_SECONDS)
    stage.clock.now += 0.5
    stage.event("progress", value=7, total=20, text="epoch 7 of 20")
    data = stage.shown[-1][1]
    assert "epoch 7 of 20" in data["text/plain"]
    assert 'value="0.350"' in data["text/html"]


def test_what_it_costs_is_a_list_price(stage: Stage) -> None:
    stage.replay.price_per_second = lambda: 0.01
    stage.event("status", status="Running")
    stage.after(10)
    assert "would be $0.10 so far" in stage.shown[-1][1]["text/plain"]
    taken = Receipt(size="s", nodes=1, seconds=10, list_price=0.2, peak_memory_bytes=1 << 20)
    stage.replay.finish(job(receipt=taken))
    text = stage.shown[-1][1]["text/plain"]
    assert text.startswith("Completed on cpu (")
    assert "would be $0.20 in Azure" in text
    assert "at most 1" in text


def test_a_job_that_ends_badly_says_why_in_the_strip(stage: Stage) -> None:
    stage.after(STRIP_AFTER_SECONDS)
    stage.replay.finish(job(status="Failed", status_reason="OutOfMemory"))
    assert stage.shown[-1][1]["text/plain"].startswith("Failed: OutOfMemory (")


@pytest.mark.parametrize(
    ("status", "reason", "head"),
    [
        ("Canceled", "Canceled", "Canceled on cpu"),
        ("Canceled", "Timeout", "Canceled: Timeout"),
        ("CancelRequested", "Canceled", "Canceling on cpu"),
        ("Queued", "", "Queued on cpu"),
        ("Running", "whatever", "Running on cpu"),
    ],
)
def test_a_reason_is_given_where_it_says_more(status: str, reason: str, head: str) -> None:
    assert Strip(job="j", compute="cpu", status=status, reason=reason).head == head


def test_the_cause_of_a_failure_is_in_the_strip(stage: Stage) -> None:
    stage.after(STRIP_AFTER_SECONDS)
    error = ErrorBody(code="RemoteError", message="KeyError: 'k'\nmore")
    stage.replay.finish(job(status="Failed", status_reason="Exception", error=error))
    assert stage.shown[-1][1]["text/plain"].startswith("Failed: KeyError: 'k' (")


def test_a_cell_that_clears_its_output_keeps_the_strip_on_top(stage: Stage) -> None:
    stage.after(STRIP_AFTER_SECONDS)
    stage.event("clear_output", wait=True)
    assert stage.kinds() == ["display"]
    stage.event("display_data", **display("frame 2"))
    assert stage.kinds() == ["display", "clear", "display", "display"]
    assert stage.shown[2][3] == STRIP_ID
    stage.event("clear_output", wait=False)
    assert stage.kinds()[4:] == ["clear", "display"]


def test_what_a_quick_cell_cleared_does_not_come_back_with_the_strip(stage: Stage) -> None:
    stage.event("stdout", text="gone\n")
    stage.event("clear_output", wait=False)
    stage.event("stdout", text="kept\n")
    stage.after(STRIP_AFTER_SECONDS)
    assert stage.kinds() == ["stdout", "clear", "stdout", "clear", "display", "stdout"]
    assert stage.shown[-1] == ("stdout", "kept\n")


def test_after_a_clearing_the_next_output_carries_the_job(stage: Stage) -> None:
    stage.event("display_data", **display("one"))
    stage.event("clear_output", wait=True)
    stage.event("display_data", **display("two"))
    assert stage.shown[-1][2] == {"m": 1, **OURS}


def test_canceling_is_said_at_once(stage: Stage) -> None:
    stage.replay.canceling()
    assert stage.shown[0][1]["text/plain"].startswith("Canceling on cpu (")


def test_an_error_is_kept_for_raising_and_not_shown(stage: Stage) -> None:
    stage.event("error", ename="E", evalue="v", traceback=["t"])
    assert stage.shown == []
    assert stage.replay.error is not None
    assert stage.replay.error.ename == "E"


def test_a_notice_of_the_service_is_said_beside_the_output(stage: Stage) -> None:
    stage.event("notice", text="the first 200 MB of output were dropped")
    assert stage.shown == [("stderr", "the first 200 MB of output were dropped\n")]


def test_a_terminal_has_no_strip(shell: RecordingShell) -> None:
    stage = Stage(shell, live=False)
    stage.event("stdout", text="a")
    stage.after(100)
    stage.replay.canceling()
    stage.replay.finish(job())
    assert stage.shown == [("stdout", "a")]
    assert stage.replay.wait() is None


def test_a_script_without_ipython_prints_text(capsys: pytest.CaptureFixture[str]) -> None:
    replay = Replay(None, JOB, "cpu", live=False)
    replay.show(Event(seq=1, time="t", kind="stdout", text="a\n"))
    replay.show(Event(seq=2, time="t", kind="execute_result", data={"text/plain": "42"}))
    replay.show(Event(seq=3, time="t", kind="clear_output"))
    assert capsys.readouterr().out == "a\n42\n"


def test_everything_in_the_strip_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    strip = Strip(job=evil, compute=evil, status="Failed", reason=evil, doing=evil)
    assert "<script>" not in strip.html()
    assert "&lt;script&gt;" in strip.html()


def test_a_status_of_a_newer_service_is_shown_as_it_is() -> None:
    assert Strip(job="j", compute="c", status="Paused").text().startswith("Paused on c")


def test_while_a_job_waits_the_strip_says_what_is_usual(shell: RecordingShell) -> None:
    stage = Stage(shell)
    stage.replay.usual = lambda: "usually 3 to 5 s"
    stage.event("status", status="Queued", reason="all nodes are busy")
    stage.after(STRIP_AFTER_SECONDS)
    assert "usually 3 to 5 s" in stage.shown[-1][1]["text/plain"]
    stage.event("status", status="Running")
    assert "usually" not in stage.shown[-1][1]["text/plain"]
