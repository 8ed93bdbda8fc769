"""Where a ``%%aml`` cell runs, its options and its session, in a real shell."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.kernel.handle import JobHandle
from tests.client.fake_service import SECONDS, FakeJob, FakeService
from tests.kernel.conftest import RecordingShell, only_job, run_python

pytestmark = pytest.mark.usefixtures("notebook")


# -- where it runs ------------------------------------------------------------------------------


def test_on_local_a_cell_runs_in_the_notebooks_folder(
    shell: RecordingShell, service: FakeService
) -> None:
    Path("data.txt").write_text("here")
    Path("mine.py").write_text("def f(): return 'mine'")
    shell.do("%%aml\nimport mine\nr = open('data.txt').read() + mine.f()")
    assert shell.raised is None
    assert shell.user_ns["r"] == "heremine"
    assert only_job(service).spec["cwd"] == str(Path.cwd())
    assert only_job(service).spec.get("code") is None


def test_elsewhere_a_snapshot_of_it_travels(shell: RecordingShell, service: FakeService) -> None:
    shell.do("%%aml -c cpu\n1")
    assert only_job(service).spec["code"] == str(Path.cwd())
    assert only_job(service).spec.get("cwd", "") == ""


def test_a_preferred_compute_is_used(shell: RecordingShell, service: FakeService) -> None:
    service.preferences = {"defaultCompute": "cpu"}
    shell.do("%%aml\n1")
    assert only_job(service).spec["compute"] == "cpu"


def test_the_notebooks_choice_goes_before_the_preferred_one(
    shell: RecordingShell, service: FakeService
) -> None:
    service.preferences = {"defaultCompute": "cpu"}
    shell.request = {"metadata": {"jupyter_aml": {"compute": "gpu"}}}
    shell.do("%%aml\n1")
    shell.do("%%aml -c big\n1")
    assert [job.spec["compute"] for job in service.jobs.values()] == ["gpu", "big"]


def test_the_cell_and_the_notebook_are_told(
    shell: RecordingShell, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/me/cats.ipynb")
    shell.request = {"metadata": {"cellId": "abc-1"}}
    shell.do("%%aml\n1")
    spec = only_job(service).spec
    assert (spec["notebook"], spec["cellId"]) == ("/home/me/cats.ipynb", "abc-1")
    assert spec["displayName"] == f"cats [{shell.execution_count - 1}]"


def test_options_become_the_jobs(
    shell: RecordingShell, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKEN", "1")
    shell.do(
        "%%aml -c cpu -n 2 --name my-job --timeout 10m --retries 2 --tag a=b --env TAKEN "
        "--env GIVEN=2 --experiment-name exp\n1"
    )
    assert shell.raised is None
    spec = service.jobs["my-job"].spec
    assert (spec["instanceCount"], spec["timeout"], spec["retries"]) == (2, 600.0, 2)
    assert spec["tags"] == {"a": "b"}
    assert spec["environmentVariables"] == {"TAKEN": "1", "GIVEN": "2"}
    assert spec["experimentName"] == "exp"
    assert "GIVEN" not in spec["source"]


def test_what_recent_cells_imported_may_be_loaded_ahead(
    shell: RecordingShell, service: FakeService
) -> None:
    Path("own.py").write_text("")
    shell.do("import numpy as np, own")
    shell.do("%%aml\nnp.zeros(1), own, __import__")
    shell.do("%%aml\nimport msgspec, json\n1")
    shell.do("%%aml\nprint(1)")
    asked = [job.spec.get("preload", []) for job in service.jobs.values()]
    # The last needs none of them: a process without packages starts faster.
    assert asked == [["numpy"], ["msgspec", "numpy"], []]


# -- sessions -----------------------------------------------------------------------------------


def session(**more: Any) -> dict[str, Any]:
    plain = {"name": "s", "compute": "local", "node": "n", "state": "idle", "pid": 7}
    return {**plain, "createdAt": "t1", "lastUsedAt": "t1", **more}


def sent(service: FakeService) -> list[list[str]]:
    return [job.spec["variables"]["names"] for job in service.jobs.values()]


def test_a_session_is_not_sent_what_it_has(shell: RecordingShell, service: FakeService) -> None:
    service.sessions = [session()]
    service.behave = lambda job: job.end()
    shell.do("a = [1]\nb = [2]")
    shell.do("%%aml -s s\na, b")
    shell.do("%%aml -s s\na, b")
    shell.do("b = [3]")
    shell.do("%%aml -s s\na, b")
    assert sent(service) == [["a", "b"], [], ["b"]]


def test_a_session_that_began_anew_is_sent_all(shell: RecordingShell, service: FakeService) -> None:
    service.sessions = [session()]
    service.behave = lambda job: job.end()
    shell.do("a = [1]")
    shell.do("%%aml -s s\na")
    service.sessions = [session(pid=8)]
    shell.do("%%aml -s s\na")
    assert sent(service) == [["a"], ["a"]]


def test_what_the_session_set_is_newer_than_the_notebooks(
    shell: RecordingShell, service: FakeService
) -> None:
    service.sessions = [session()]
    service.behave = lambda job: job.end()
    shell.do("a = ['old']")
    shell.do("%%aml -s s --no-out\na = ['new']")
    shell.do("%%aml -s s\na")
    assert sent(service) == [[], []]


# -- detached -----------------------------------------------------------------------------------


def test_detach_returns_a_handle_at_once(shell: RecordingShell, service: FakeService) -> None:
    go_on = threading.Event()

    def behave(job: FakeJob) -> None:
        go_on.wait(SECONDS)
        run_python(job)

    service.behave = behave
    shell.do("x = 2")
    handle = shell.do("%%aml --detach\ny = x + 1")
    assert isinstance(handle, JobHandle)
    assert "y" not in shell.user_ns
    assert shell.user_ns["_"] is handle
    go_on.set()
    assert handle.result(SECONDS) == {"y": 3}
    assert handle.fetch() == {"y": 3}
    assert shell.user_ns["y"] == 3


# -- data ---------------------------------------------------------------------------------------


def test_data_is_named_and_what_has_its_name_here_stays_here(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.user_ns["table"] = object()
    shell.do("%%aml --data table=azureml:digits:1 mine=data.csv\ntable, mine")
    spec = only_job(service).spec
    assert spec["data"]["table"]["path"] == "azureml:digits:1"
    assert spec["data"]["mine"]["path"] == str(Path.cwd() / "data.csv")
    assert "table" not in spec["variables"].get("names", [])


def test_data_that_means_nothing_is_refused(shell: RecordingShell, service: FakeService) -> None:
    shell.do("%%aml --data table=s3://bucket/x\ntable")
    assert "in a cloud" in str(shell.raised)
    assert not service.jobs
