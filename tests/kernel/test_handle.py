"""Job handles and remote functions."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time

import pytest

import jupyter_aml as aml
from jupyter_aml.kernel.handle import JobHandle
from jupyter_aml.kernel.notebook import Notebook
from jupyter_aml.model.errors import CannotTravel, JobFailed, NotFound
from tests.client.fake_service import SECONDS, FakeJob, FakeService
from tests.kernel.conftest import RecordingShell


@pytest.fixture(autouse=True)
def _notebook(notebook: Notebook) -> None:
    """Every test here has one."""


def detached(shell: RecordingShell, source: str, options: str = "") -> JobHandle:
    handle = shell.do(f"%%aml --detach {options}\n{source}")
    assert isinstance(handle, JobHandle)
    return handle


def forever(job: FakeJob) -> None:
    job.move("Running")
    job.is_canceled.wait(SECONDS)
    job.end("Canceled")


def test_a_handle_by_name_is_the_same_handle(shell: RecordingShell) -> None:
    handle = detached(shell, "x = 1", "--name kept").wait()
    again = aml.JobHandle("kept")
    assert again == handle
    assert again.status == "Completed"
    assert again.result() == {"x": 1}
    assert pickle.loads(pickle.dumps(handle)) == handle


def test_what_it_is_shown_by_can_be_changed(shell: RecordingShell) -> None:
    handle = detached(shell, "x = 1").wait()
    assert handle.update(display_name="Best", tags={"team": "blue"}) is handle
    assert (handle.job.spec.display_name, handle.job.spec.tags) == ("Best", {"team": "blue"})
    assert handle.update(tags={}).job.spec.display_name == "Best"
    assert handle.job.spec.tags == {}


def test_waiting_has_an_end(shell: RecordingShell, service: FakeService) -> None:
    service.behave = forever
    handle = detached(shell, "1")
    with pytest.raises(TimeoutError, match="has not ended within"):
        handle.wait(0.05)
    assert handle.cancel().status == "Canceled"
    assert handle.is_done


def test_what_it_raised_is_raised(shell: RecordingShell) -> None:
    handle = detached(shell, "raise KeyError('k')")
    with pytest.raises(KeyError):
        handle.result(SECONDS)


def test_a_failure_is_told(shell: RecordingShell, service: FakeService) -> None:
    service.behave = lambda job: job.end("Failed", error={"code": "JobFailed", "message": "Oh."})
    with pytest.raises(JobFailed, match=r"Oh\."):
        detached(shell, "1").result(SECONDS)


def test_its_output(shell: RecordingShell, capsys: pytest.CaptureFixture[str]) -> None:
    handle = detached(shell, "print('a')\nprint('b')").wait()
    assert handle.logs() == "a\nb\n"
    assert [event.kind for event in handle.events()] == ["status", "status", "stdout", "status"]
    handle.stream()
    assert capsys.readouterr().out == "a\nb\n"


def test_only_the_named_variables_are_fetched(shell: RecordingShell) -> None:
    handle = detached(shell, "x = 1\ny = 2")
    assert handle.fetch("y") == {"y": 2}
    assert shell.user_ns["y"] == 2
    assert "x" not in shell.user_ns
    with pytest.raises(NotFound, match="left no variable z"):
        handle.fetch("z")


def test_a_kernel_knows_whose_variables_it_has(shell: RecordingShell, notebook: Notebook) -> None:
    """JupyterLab offers to fetch what a kernel has not."""
    handle = detached(shell, "x = 1\ny = 2")
    handle.fetch("y")
    assert handle.name not in notebook.brought
    handle.fetch()
    assert handle.name in notebook.brought
    shell.do("%%aml --name ran_here\nz = 3")
    assert "ran_here" in notebook.brought


def test_results_are_there_after_a_restart_of_the_kernel(
    shell: RecordingShell, service: FakeService
) -> None:
    import numpy as np

    detached(shell, "import numpy as np\na = np.arange(300_000)", "--name big").wait()
    service.stop()
    service.start()
    assert (aml.JobHandle("big").result()["a"] == np.arange(300_000)).all()


def test_over_the_api_where_the_files_are_not_here(
    shell: RecordingShell, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_aml.kernel import results

    monkeypatch.setattr(results, "_is_ours", lambda *_: False)
    handle = detached(shell, "import numpy as np\na = np.arange(300_000)\nb = 'small'")
    found = handle.result(SECONDS)
    assert (int(found["a"].sum()), found["b"]) == (44_999_850_000, "small")
    found["a"][0] = 9
    assert any(request.endswith("/result") for request in service.requests)


def test_what_cannot_be_read_here_stays_and_is_named(
    shell: RecordingShell, service: FakeService
) -> None:
    handle = detached(shell, "x = 1").wait()
    path = service.jobs[handle.name].fields["result"]["path"]
    with open(path, "wb") as file:
        file.write(bytes(32) + b"cno_such_module_here\nC\n.")
    with pytest.raises(CannotTravel, match=r"left \(x\) cannot be read.*no_such_module_here"):
        handle.fetch()


def test_it_shows_how_the_job_is(shell: RecordingShell) -> None:
    handle = detached(shell, "1", "--name shown").wait()
    assert "Completed" in repr(handle)
    assert "Completed" in (handle._repr_html_() or "")


def test_without_a_service_it_still_has_a_repr(shell: RecordingShell, service: FakeService) -> None:
    service.behave = forever
    handle = detached(shell, "1", "--name lonely")
    service.stop()
    assert repr(handle) == "JobHandle('lonely')"
    assert handle._repr_html_() is None


def wait_for_a_follower(service: FakeService) -> None:
    deadline = time.monotonic() + SECONDS
    while not any("/events" in request for request in service.requests):
        assert time.monotonic() < deadline
        time.sleep(0.002)


# -- async --------------------------------------------------------------------------------------


async def test_a_handle_can_be_awaited(shell: RecordingShell) -> None:
    assert await detached(shell, "x = 7") == {"x": 7}


async def test_events_can_be_awaited_one_by_one(shell: RecordingShell) -> None:
    kinds = [event.kind async for event in detached(shell, "print(1)")]
    assert kinds == ["status", "status", "stdout", "status"]


async def test_a_canceled_wait_leaves_no_thread(
    shell: RecordingShell, service: FakeService
) -> None:
    service.behave = forever
    handle = detached(shell, "1")
    task = asyncio.ensure_future(handle._finished())
    await asyncio.to_thread(wait_for_a_follower, service)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    handle.cancel()


# -- remote functions ---------------------------------------------------------------------------


def test_a_remote_function_runs_there_and_returns_its_value(
    shell: RecordingShell, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.do("import jupyter_aml as aml\nk = 10")
    shell.do(
        "@aml.remote(compute='cpu', nodes=2, timeout=60, tags={'a': 'b'})\n"
        "def train(x, *, y=1):\n"
        "    'Train it.'\n"
        "    print('training', x)\n"
        "    return x * y + k\n"
    )
    shell.do("r = train(4, y=2)")
    assert shell.raised is None
    assert shell.user_ns["r"] == 18
    assert "training 4" in capsys.readouterr().out
    [job] = service.jobs.values()
    assert job.spec["source"] == "returned = train(*args, **kwargs)"
    assert (job.spec["compute"], job.spec["instanceCount"]) == ("cpu", 2)
    assert job.spec["timeout"] == 60.0
    assert shell.user_ns["train"].__doc__ == "Train it."
    assert "returned" not in shell.user_ns


def test_submitting_gives_a_handle_whose_result_is_the_value(shell: RecordingShell) -> None:
    shell.do("import jupyter_aml as aml\n@aml.remote\ndef f(x): return [x]")
    shell.do("h = f.submit(3)")
    assert shell.user_ns["h"].result(SECONDS) == [3]
    assert shell.user_ns["f"].function(4) == [4]


def test_mapping_makes_a_job_for_each_value(shell: RecordingShell, service: FakeService) -> None:
    shell.do("import jupyter_aml as aml\n@aml.remote\ndef f(x, y): return x * y")
    shell.do("hs = f.map([1, 2, 3], [10, 20, 30])")
    assert shell.raised is None
    handles = shell.user_ns["hs"]
    assert [handle.name for handle in handles] == list(service.jobs)
    assert [handle.result(SECONDS) for handle in handles] == [10, 40, 90]
    assert [request for request in service.requests if request.startswith("POST")] == [
        "POST /v1/jobs/many"
    ]


def test_what_it_raises_is_raised_here(shell: RecordingShell) -> None:
    shell.do("import jupyter_aml as aml\n@aml.remote\ndef f(): raise LookupError('gone')")
    shell.do("f()")
    assert type(shell.raised) is LookupError
    assert shell.traceback[0] == "remote traceback"


def test_arguments_that_cannot_travel_are_named(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("import jupyter_aml as aml, threading\n@aml.remote\ndef f(x): return x")
    shell.do("f(threading.Lock())")
    assert isinstance(shell.raised, CannotTravel)
    assert "args[0] is a lock" in shell.raised.message
    assert service.jobs == {}


def test_a_value_that_cannot_come_back_is_said(shell: RecordingShell) -> None:
    shell.do("import jupyter_aml as aml\n@aml.remote\ndef f(): return (i for i in [1])")
    shell.do("f()")
    assert isinstance(shell.raised, CannotTravel)
    assert "did not come back: it cannot be pickled" in shell.raised.message


def test_a_function_named_like_its_own_arguments(shell: RecordingShell) -> None:
    shell.do("import jupyter_aml as aml\n@aml.remote\ndef args(a): return a + 1")
    shell.do("r = args(1)")
    assert shell.user_ns["r"] == 2


def test_large_arguments_travel_aside_and_are_given_back(
    shell: RecordingShell, service: FakeService, notebook: Notebook
) -> None:
    shell.do("import jupyter_aml as aml, numpy as np\n@aml.remote\ndef f(a): return float(a.sum())")
    shell.do("r = f(np.ones(1_000_000))")
    assert shell.user_ns["r"] == 1e6
    assert notebook.pool.jobs() == set()


def test_segments_of_detached_jobs_come_back_when_they_have_ended(
    shell: RecordingShell, service: FakeService, notebook: Notebook
) -> None:
    go_on = threading.Event()

    def behave(job: FakeJob) -> None:
        go_on.wait(SECONDS)
        job.end()

    service.behave = behave
    shell.do("import numpy as np\na = np.ones(1_000_000)")
    handle = detached(shell, "a")
    notebook.free_segments()
    assert notebook.pool.jobs() == {handle.name}
    go_on.set()
    handle.wait(SECONDS)
    notebook.free_segments()
    assert notebook.pool.jobs() == set()
