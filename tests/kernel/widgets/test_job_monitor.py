"""Following a job from the widget: traits, the end, a lost service, what is escaped."""

from __future__ import annotations

import threading
from typing import Any

import ipywidgets
import pytest

from jupyter_aml.kernel.widgets import JobMonitor
from jupyter_aml.kernel.widgets.stages import StageRow, stages
from jupyter_aml.model.errors import ErrorBody, NotFound
from jupyter_aml.model.job import Receipt
from jupyter_aml.model.waiting import Wait, WaitStage
from jupyter_aml.testing.waiting import eventually_sync
from tests.kernel.widgets.fake_client import MOMENT, row


def test_progress_reaches_the_traits_and_what_is_linked_to_them(client: Any) -> None:
    job = client.add()
    monitor = JobMonitor(job, client=client)
    bar = ipywidgets.FloatProgress(max=1.0)
    ipywidgets.dlink((monitor, "value"), (bar, "value"))
    stream = client.stream()
    stream.lines.put(b'{"type":"hello"}')
    stream.lines.put(row(job, name="another", progress=0.9))
    stream.lines.put(row(job, progress=0.35, doing="epoch 7 of 20"))
    # What is drawn is drawn after the traits are set.
    eventually_sync(lambda: "epoch 7 of 20" in monitor._body)
    assert bar.value == 0.35
    assert (monitor.status, monitor.progress, monitor.doing) == ("Running", 0.35, "epoch 7 of 20")
    assert "width:35%" in monitor._body
    assert "[#######.............] 35%" in str(monitor)


def test_the_end_stops_the_thread_and_says_cause_and_fix(client: Any) -> None:
    job = client.add()
    monitor = JobMonitor("sun", client=client)
    stream = client.stream()
    error = ErrorBody(
        code="JobFailed", message="It broke <i>", hint="Mend it", details=["\x1b[31mraw"]
    )
    receipt = Receipt(size="s", nodes=1, seconds=60, list_price=0.12, peak_memory_bytes=1 << 30)
    ended = {"status": "Failed", "ended_at": "2026-01-01T00:14:02Z", "error": error}
    client.add(**ended, receipt=receipt)
    stream.lines.put(row(job, status="Failed"))
    eventually_sync(lambda: monitor.is_done, seconds=30)
    assert monitor.status == "Failed"
    assert "14:02" in monitor._body
    assert "It broke &lt;i&gt;" in monitor._body
    assert "<pre>raw</pre>" in monitor._body
    assert "would be $0.12 in Azure" in monitor._body
    assert "cancel" not in monitor._body
    assert monitor._said == "Job sun: Failed"
    assert "application/vnd.jupyter.widget-view+json" not in monitor._bundle()
    eventually_sync(
        lambda: "aml-widgets" not in [t.name for t in threading.enumerate()], seconds=30
    )


def test_what_ended_before_the_feed_was_open_is_asked_for(client: Any) -> None:
    client.add()
    client.is_away = True
    monitor = JobMonitor("sun", client=client)
    client.add(status="Completed")
    client.is_away = False
    client.stream()
    eventually_sync(lambda: monitor.is_done, seconds=30)
    assert monitor.value == 1.0


def test_a_lost_service_makes_the_state_old_not_wrong(client: Any) -> None:
    client.add()
    monitor = JobMonitor("sun", client=client)
    stream = client.stream()
    client.is_away = True
    stream.close()
    eventually_sync(lambda: "Unknown, was Running at" in monitor._body, seconds=30)
    client.is_away = False
    client.stream()
    eventually_sync(lambda: "Unknown" not in monitor._body, seconds=30)


def test_a_job_that_ended_is_followed_by_nobody(client: Any) -> None:
    monitor = JobMonitor(client.add(status="Canceled"), client=client)
    assert monitor.is_done
    assert "aml-widgets" not in [thread.name for thread in threading.enumerate()]
    with pytest.raises(NotFound):
        JobMonitor("none", client=client)


def test_cancel_asks_the_service_and_everything_is_escaped(client: Any) -> None:
    client.add()
    monitor = JobMonitor("sun", client=client)
    assert 'data-do="cancel"' in monitor._body
    assert "train &lt;b&gt;" in monitor._body
    assert "<b>" not in monitor._body.replace('<b class="num">', "")
    monitor._heard(monitor, {"do": "cancel", "name": "another"}, [])
    assert client.asked == []
    monitor._heard(monitor, {"do": "cancel", "name": "sun"}, [])
    assert client.asked == [("cancel", "sun")]
    assert monitor.status == "CancelRequested"


def test_close_ends_the_thread(client: Any) -> None:
    client.add()
    first, second = JobMonitor("sun", client=client), JobMonitor("sun", client=client)
    client.stream()
    assert client.streams.empty(), "widgets share one feed"
    first.close()
    assert "aml-widgets" in [thread.name for thread in threading.enumerate()]
    second.close()
    eventually_sync(
        lambda: "aml-widgets" not in [t.name for t in threading.enumerate()], seconds=30
    )


def test_a_fault_of_one_widget_stops_no_other(
    client: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    job = client.add()
    broken, whole = JobMonitor("sun", client=client), JobMonitor("sun", client=client)
    monkeypatch.setattr(broken, "changed", lambda _: 1 / 0)
    client.stream().lines.put(row(job, progress=0.5))
    eventually_sync(lambda: whole.progress == 0.5, seconds=30)
    assert "ZeroDivisionError" in caplog.text


def test_stages_are_those_of_the_service_with_time_that_goes_on(client: Any) -> None:
    job = client.add(status="Preparing", started_at=None)
    told = [
        WaitStage(name="queued", state="done", seconds=41),
        WaitStage(
            name="node", state="current", seconds=10, usual_low=20, usual_high=40, slower=True
        ),
        WaitStage(name="process", state="ahead"),
    ]
    found = stages(job, Wait(job="sun", waiting=True, stages=told), told_at=100.0, now=105.0)
    assert [row.title for row in found] == ["Queued", "Node", "Process", "Running", "Outputs"]
    assert found[1].time(has_ended=False) == "0:15, usually 0:20 to 0:40"
    assert found[1].shape == "warn"
    assert found[2].time(has_ended=False) == "not yet"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (StageRow("node", "ahead", None, (20, 20)), "usually 0:20"),
        (StageRow("node", "ahead", None, (0.1, 0.5)), "usually under 1 s"),
        (StageRow("queued", "done", 0.42), "0.4 s"),
        (StageRow("running", "failed", 842), "failed after 14:02"),
        (StageRow("running", "current", 3723), "1:02:03"),
    ],
)
def test_the_time_of_a_stage(row: StageRow, says: str) -> None:
    assert row.time(has_ended=False) == says
    assert MOMENT
