"""■: the job is asked to stop, its true end is awaited, and nothing of its output is lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from jupyter_aml.kernel import live
from jupyter_aml.kernel.notebook import Notebook
from tests.client.fake_service import SECONDS, FakeJob, FakeService
from tests.kernel.conftest import RecordingShell


@pytest.fixture(autouse=True)
def _notebook(notebook: Notebook) -> None:
    """Every test here has one."""


@pytest.fixture(autouse=True)
def _as_in_a_kernel() -> Iterator[None]:
    """A kernel lets SIGINT raise while a cell runs."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_the_job_is_canceled_and_its_last_words_are_shown(
    shell: RecordingShell, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    def behave(job: FakeJob) -> None:
        job.move("Running")
        job.add("stdout", text="working\n")
        interrupt()
        assert job.is_canceled.wait(SECONDS)
        job.add("stdout", text="cleaning up\n")
        job.add("error", ename="KeyboardInterrupt", evalue="", traceback=["there, line 3"])
        job.end("Canceled")

    service.behave = behave
    shell.do("%%aml\nwhile True: pass")
    assert type(shell.raised) is KeyboardInterrupt
    assert capsys.readouterr().out == "working\ncleaning up\n"
    assert shell.traceback[0] == "there, line 3"
    assert "has stopped after" in shell.traceback[-1]


def test_variables_that_were_set_before_come_back(
    shell: RecordingShell, service: FakeService
) -> None:
    from tests.kernel.conftest import run_python

    def behave(job: FakeJob) -> None:
        interrupt()
        job.is_canceled.wait(SECONDS)
        spec, job.spec = job.spec, {**job.spec, "source": "x = 1\n"}
        ended: dict[str, object] = {}
        job.end = lambda *a, **fields: ended.update(fields)  # type: ignore[method-assign]
        run_python(job)
        job.spec = spec
        FakeJob.end(job, "Canceled", result=ended["result"])

    service.behave = behave
    shell.do("%%aml\nx = 1\nwhile True: pass")
    assert type(shell.raised) is KeyboardInterrupt
    assert shell.user_ns["x"] == 1


def test_a_second_interrupt_says_what_still_runs(
    shell: RecordingShell, service: FakeService
) -> None:
    def behave(job: FakeJob) -> None:
        interrupt()
        job.is_canceled.wait(SECONDS)
        interrupt()

    service.behave = behave
    shell.do("%%aml -c cpu --name stubborn\n1")
    assert type(shell.raised) is KeyboardInterrupt
    assert "stubborn was asked to stop and still runs on cpu" in shell.traceback[-1]


def test_an_interrupt_while_output_is_shown_is_taken_right_after(
    shell: RecordingShell, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int] = []
    show = live.Replay.show

    def slowly(self: live.Replay, event: object) -> None:
        if getattr(event, "text", "") == "2":
            interrupt()
        show(self, event)  # type: ignore[arg-type]
        shown.append(event.seq)  # type: ignore[attr-defined]

    monkeypatch.setattr(live.Replay, "show", slowly)

    def behave(job: FakeJob) -> None:
        for number in range(5):
            job.add("stdout", text=str(number))
        job.is_canceled.wait(SECONDS)
        job.end("Canceled")

    service.behave = behave
    shell.do("%%aml\n1")
    [job] = service.jobs.values()
    assert shown == list(range(1, len(job.events) + 1))
    assert type(shell.raised) is KeyboardInterrupt


@pytest.mark.parametrize("moment", ["flush", "tick"])
def test_an_interrupt_just_before_a_wait_is_not_slept_over(
    shell: RecordingShell, service: FakeService, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    original = getattr(live.Replay, moment)
    calls: list[str] = []

    def and_interrupt(self: live.Replay) -> None:
        original(self)
        if not calls:
            calls.append(moment)
            interrupt()

    monkeypatch.setattr(live.Replay, moment, and_interrupt)

    def behave(job: FakeJob) -> None:
        job.add("stdout", text="x")
        was_asked = job.is_canceled.wait(SECONDS)
        job.end("Canceled" if was_asked else "Completed")

    service.behave = behave
    shell.do("%%aml\n1")
    assert calls == [moment]
    assert type(shell.raised) is KeyboardInterrupt


def test_a_job_that_ends_before_the_cancel_arrives_has_completed(
    shell: RecordingShell, service: FakeService
) -> None:
    def behave(job: FakeJob) -> None:
        interrupt()
        job.is_canceled.wait(SECONDS)
        job.end("Completed")

    service.behave = behave
    shell.do("%%aml\n1")
    assert shell.raised is None


def test_the_kernels_own_handler_is_back_afterwards(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("%%aml\n1")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_in_another_thread_a_cell_runs_without_signals(
    shell: RecordingShell, service: FakeService
) -> None:
    service.behave = lambda job: job.end()
    thread = threading.Thread(target=lambda: shell.run_cell_magic("aml", "", "1\n"))
    thread.start()
    thread.join(SECONDS)
    assert [job.status for job in service.jobs.values()] == ["Completed"]


def test_watching_a_job_can_be_stopped_without_stopping_the_job(
    shell: RecordingShell, service: FakeService
) -> None:
    def behave(job: FakeJob) -> None:
        job.move("Running")
        while not any("/watched/events" in request for request in service.requests):
            time.sleep(0.001)
        interrupt()

    service.behave = behave
    shell.do("%%aml --detach --name watched\n1")
    shell.do("%aml job stream watched")
    assert type(shell.raised) is KeyboardInterrupt
    assert "the job watched goes on" in shell.traceback[-1]
    assert service.jobs["watched"].status == "Running"
