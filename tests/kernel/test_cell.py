"""``%%aml`` from the line to the variables that come back, in a real shell."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.kernel.handle import JobHandle
from jupyter_aml.kernel.notebook import Notebook
from jupyter_aml.model.errors import AmlError, CannotTravel, Invalid, JobFailed, RemoteError
from tests.client.fake_service import FakeJob, FakeService
from tests.kernel.conftest import RecordingShell, run_python


@pytest.fixture(autouse=True)
def _notebook(notebook: Notebook) -> None:
    """Every test here has one."""


def only_job(service: FakeService) -> FakeJob:
    [job] = service.jobs.values()
    return job


# -- variables ----------------------------------------------------------------------------------


def test_variables_go_there_and_come_back(shell: RecordingShell, service: FakeService) -> None:
    shell.do("x = 20\nd = {'k': [1]}")
    shell.do("%%aml\ny = x * 2 + d['k'][0] + 1\nz = 'new'")
    assert shell.raised is None
    assert (shell.user_ns["y"], shell.user_ns["z"], shell.user_ns["x"]) == (42, "new", 20)


def test_a_cell_costs_one_request(shell: RecordingShell, service: FakeService) -> None:
    shell.do("x = 20")
    shell.do("%%aml -c local\ny = x\nprint(y)\ny")
    assert service.requests == ["POST /v1/jobs/run"]


def test_the_source_keeps_this_cells_line_numbers(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("%%aml -c local\nx = 1\ny = 2")
    assert only_job(service).spec["source"] == "# %%aml -c local\nx = 1\ny = 2\n"


def test_a_cell_magic_below_stays_one(shell: RecordingShell, service: FakeService) -> None:
    service.behave = lambda job: job.end()
    shell.do("%%aml -c local\n%%time\nx = 1")
    assert only_job(service).spec["source"] == "%%time\nx = 1\n"


def test_functions_see_the_jobs_variables_and_then_the_notebooks(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("k = 1\ndef f(): return k\ndef g(): return f() + k")
    shell.do("%%aml\nk = 10\nr = g()\ndef h(): return k")
    assert shell.raised is None
    assert shell.user_ns["r"] == 20
    shell.do("k = 5\ns = h()\nt = g()")
    assert (shell.user_ns["s"], shell.user_ns["t"]) == (5, 10)


def test_what_a_function_came_with_overwrites_nothing(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("big = [1, 2, 3]\nbefore = big")
    shell.do("%%aml\ndef f(): return len(big)\nn = f()")
    assert shell.user_ns["big"] is shell.user_ns["before"]
    shell.do("big = [1]\nm = f()")
    assert shell.user_ns["m"] == 1


def test_an_instance_of_a_class_of_the_notebook_comes_back_as_one(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do(
        "class C:\n    def __init__(self, v): self.v = v\n    def twice(self): return self.v * 2"
    )
    shell.do("c = C(3)\nkept = C\ntwice = C.twice")
    shell.do("%%aml\nd = C(c.v + 1)")
    assert shell.raised is None
    d = shell.user_ns["d"]
    assert isinstance(d, shell.user_ns["kept"])
    assert d.twice() == 8
    assert shell.user_ns["C"].twice is shell.user_ns["twice"]


def test_a_class_of_the_cell_comes_back(shell: RecordingShell, service: FakeService) -> None:
    shell.do("%%aml\nclass D:\n    def v(self): return w\nw = 1\nd = D()")
    shell.do("w = 2\nr = d.v(), D().v()")
    assert shell.user_ns["r"] == (2, 2)


def test_large_arrays_travel_aside_and_come_back_writable(
    shell: RecordingShell, service: FakeService, notebook: Notebook
) -> None:
    shell.do("import numpy as np\na = np.arange(1_000_000)\nb = np.ones(400_000)")
    shell.do("%%aml\nc = a * 2\ns = float(b.sum())")
    assert shell.raised is None
    job = only_job(service)
    assert job.spec["variables"]["segment"]["lengths"] == [8_000_000, 3_200_000]
    c = shell.user_ns["c"]
    assert (int(c.sum()), shell.user_ns["s"]) == (999_999_000_000, 400_000.0)
    c[0] = 7
    assert c[0] == 7
    assert notebook.pool.jobs() == set()


def test_modules_are_imported_again_with_their_submodules(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("import xml, xml.dom.minidom, json as j")
    shell.do("%%aml\nr = xml.dom.minidom.parseString('<a/>').documentElement.tagName + j.dumps(1)")
    assert shell.raised is None
    assert shell.user_ns["r"] == "a1"
    assert only_job(service).spec["variables"]["imports"] == [
        "import xml",
        "import xml.dom",
        "import xml.dom.minidom",
        "import json as j",
    ]


def test_imports_of_the_cell_are_bound_here_if_loaded_here(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("%%aml\nimport json as jj, ftplib as ff\nfrom os import path as pp")
    assert shell.raised is None
    assert shell.user_ns["jj"].__name__ == "json"
    assert shell.user_ns["pp"].__name__ == "posixpath"
    assert "ff" not in shell.user_ns


def test_what_the_cell_changes_in_place_comes_back(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("d = {'a': 1}\nold = d")
    shell.do("%%aml\nd['b'] = 2\nn = 1\n_private = 1")
    assert shell.user_ns["d"] == {"a": 1, "b": 2}
    assert shell.user_ns["old"] == {"a": 1}
    assert only_job(service).spec["collect"] == ["n", "d"]


@pytest.mark.parametrize(
    ("options", "collect", "brought"),
    [("", None, {"y", "z"}), ("-o z", ["z"], {"z"}), ("--no-out", [], set())],
)
def test_what_comes_back_can_be_narrowed(
    shell: RecordingShell,
    service: FakeService,
    options: str,
    collect: list[str] | None,
    brought: set[str],
) -> None:
    shell.do(f"%%aml {options}\ny = 1\nz = 2")
    assert only_job(service).spec.get("collect") == collect
    assert {"y", "z"} & set(shell.user_ns) == brought


def test_asking_for_a_name_that_was_not_set_is_said(
    shell: RecordingShell, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.do("%%aml -o nothing\ny = 1")
    assert "nothing did not come back: the cell did not set it." in capsys.readouterr().err


def test_a_value_that_cannot_come_back_is_said(
    shell: RecordingShell, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.do("%%aml\ng = (i for i in [1])\nn = 1")
    assert "g did not come back: it cannot be pickled" in capsys.readouterr().err
    assert shell.user_ns["n"] == 1


def test_a_value_over_the_limit_stays_and_says_how_to_fetch_it(
    shell: RecordingShell, service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    service.preferences = {"fetchLimitMb": 2}
    shell.do("%%aml\nimport numpy as np\nbig = np.zeros(500_000)\nsmall = 1")
    assert "big" not in shell.user_ns
    assert shell.user_ns["small"] == 1
    job = only_job(service).name
    assert f"%aml job fetch {job} big" in capsys.readouterr().err
    shell.do(f"%aml job fetch {job} big")
    assert shell.user_ns["big"].size == 500_000


def test_only_the_named_inputs_travel(shell: RecordingShell, service: FakeService) -> None:
    shell.do("import json, threading\na, b, c = 1, 2, threading.Lock()")
    shell.do("%%aml -i a\nr = json.dumps(a)\nif False: b, c")
    assert shell.raised is None
    variables = only_job(service).spec["variables"]
    assert (variables["names"], variables["imports"]) == (["a"], ["import json"])


def test_a_named_input_that_is_not_there_is_refused(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("%%aml -i nowhere\n1")
    assert isinstance(shell.raised, Invalid)
    assert "There is no variable nowhere" in str(shell.raised)
    assert service.jobs == {}


# -- the last value -----------------------------------------------------------------------------


def test_the_last_value_is_shown_and_kept_as_for_a_local_cell(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("%%aml\n[1, 2]")
    number = shell.execution_count - 1
    [shown] = [entry for entry in shell.shown if entry[0] == "result"]
    assert shown[1:3] == (number, {"text/plain": "[1, 2]"})
    assert shell.user_ns["_"] == [1, 2]
    assert shell.user_ns["Out"][number] == [1, 2]
    shell.do("again = _")
    assert shell.user_ns["again"] == [1, 2]


def test_the_execution_count_is_this_cells(shell: RecordingShell, service: FakeService) -> None:
    shell.do("1")
    shell.do("%%aml\n2")
    assert only_job(service).spec["executionCount"] == shell.execution_count - 1


def test_a_last_value_that_cannot_come_back_is_still_known_by_its_looks(
    shell: RecordingShell, service: FakeService
) -> None:
    def behave(job: FakeJob) -> None:
        job.add("execute_result", data={"text/plain": "<Figure>"}, metadata={})
        job.end()

    service.behave = behave
    shell.do("%%aml\nfigure")
    assert repr(shell.user_ns["_"]) == "<Figure>"


# -- errors -------------------------------------------------------------------------------------


def test_a_remote_error_is_raised_as_its_own_class(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("%%aml\nx = 1\nraise KeyError('k')")
    assert type(shell.raised) is KeyError
    assert shell.raised.args == ("k",)
    assert shell.traceback[0] == "remote traceback"
    assert len(shell.traceback) == 2
    assert shell.user_ns["x"] == 1


def test_an_error_of_a_class_of_the_notebook_is_that_class(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("class Mine(Exception): pass")
    shell.do("%%aml\nraise Mine('why')")
    assert type(shell.raised) is shell.user_ns["Mine"]


def test_leaving_early_is_what_it_is_in_a_local_cell(
    shell: RecordingShell, service: FakeService
) -> None:
    def behave(job: FakeJob) -> None:
        job.add = lambda *a, **k: None if a[0] == "error" else FakeJob.add(job, *a, **k)  # type: ignore[method-assign]
        run_python(job)

    service.behave = behave
    with pytest.warns(UserWarning, match="To exit"):
        shell.do("%%aml\nimport sys\nsys.exit(3)")
    assert type(shell.raised) is SystemExit
    assert shell.raised.code == 3


def test_an_error_whose_class_is_not_here_keeps_its_name(
    shell: RecordingShell, service: FakeService
) -> None:
    def behave(job: FakeJob) -> None:
        job.add("error", ename="StrangeError", evalue="odd", traceback=["there"])
        job.end("Failed", error={"code": "RemoteError", "message": "StrangeError: odd"})

    service.behave = behave
    shell.do("%%aml\n1")
    assert isinstance(shell.raised, RemoteError)
    assert type(shell.raised).__name__ == shell.raised.ename == "StrangeError"
    assert (shell.raised.evalue, shell.traceback) == ("odd", ["there"])
    assert str(shell.raised) == "odd"


def test_a_job_that_fails_without_an_exception_says_why_and_how_to_fix_it(
    shell: RecordingShell, service: FakeService
) -> None:
    def behave(job: FakeJob) -> None:
        error = {"code": "JobFailed", "message": "Out of memory: 2 of 1 GB.", "hint": "More."}
        job.end("Failed", statusReason="OutOfMemory", error=error)

    service.behave = behave
    shell.do("%%aml\n1")
    assert type(shell.raised) is JobFailed
    assert "Out of memory: 2 of 1 GB." in shell.traceback[0]
    assert "Fix: More." in shell.traceback[0]
    assert len(shell.traceback) == 1


def test_a_job_that_somebody_else_canceled(shell: RecordingShell, service: FakeService) -> None:
    service.behave = lambda job: job.end("Canceled")
    shell.do("%%aml\n1")
    assert isinstance(shell.raised, AmlError)
    assert shell.raised.code == "JobCanceled"


def test_a_syntax_error_is_this_cells_and_nothing_is_sent(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("%%aml\nx = 1\ny = (")
    shown = plain(shell.traceback)
    assert type(shell.raised).__name__ == "SyntaxError"
    assert "line 3" in shown
    assert "y = (\n" in shown
    assert "was never closed" in shown
    assert "jupyter_aml" not in shown
    assert "interactiveshell" not in shown
    assert service.requests == []


def test_a_syntax_error_looks_as_in_a_plain_cell(shell: RecordingShell) -> None:
    source = "# %%aml\nif True:\nprint(1)"
    shell.do(source)
    as_plain = plain(shell.traceback)
    shell.do(source.removeprefix("# "))
    assert plain(shell.traceback).replace("In[2]", "In[1]") == as_plain


def test_a_syntax_error_that_the_cell_raises_shows_nothing_of_ours(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("%%aml\nexec('x = = 2')")
    assert service.jobs
    shown = plain(shell.traceback)
    assert type(shell.raised).__name__ == "SyntaxError"
    assert "x = = 2" in shown
    assert "kernel/magics" not in shown
    assert "run_cell_magic" not in shown


def plain(lines: list[str]) -> str:
    """A traceback without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%%aml --nonsense\n1", "There is no option --nonsense"),
        ("%%aml -n many\n1", "-n"),
        ("%%aml\n\n", "The cell is empty"),
        ("%%aml --env NOT_SET_ANYWHERE\n1", "NOT_SET_ANYWHERE is not set"),
        ("%%aml\nimport no_such_module_here", "no module no_such_module_here"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_sent(
    shell: RecordingShell, service: FakeService, cell: str, words: str
) -> None:
    shell.do(cell)
    assert isinstance(shell.raised, Invalid)
    assert words in shell.traceback[0]
    assert len(shell.traceback) == 1
    assert service.jobs == {}


@pytest.mark.parametrize(
    "cell",
    [
        "try:\n    import no_such_module_here\nexcept ImportError:\n    pass",
        "open('no_such_module_here.py', 'w').write('')\nimport no_such_module_here",
        "import sys\nsys.path.append('.')\nif 0: import no_such_module_here",
    ],
)
def test_a_missing_module_that_may_be_meant_is_not_refused(
    shell: RecordingShell, service: FakeService, cell: str
) -> None:
    shell.do(f"%%aml\n{cell}")
    assert shell.raised is None


def test_a_refusal_of_the_service_is_shown_in_short(
    shell: RecordingShell, service: FakeService, notebook: Notebook
) -> None:
    service.refuse = {"status": 404, "code": "NotFound", "message": "No compute c9."}
    shell.do("import numpy as np\na = np.zeros(1_000_000)")
    shell.do("%%aml -c c9\na")
    assert "NotFound" in shell.traceback[0]
    assert "No compute c9." in shell.traceback[0]
    assert notebook.pool.jobs() == set()


def test_a_variable_that_cannot_travel_is_named_before_anything_is_sent(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("import threading\nlog = open('log.txt', 'w')\nlock = threading.Lock()\nx = 1")
    shell.do("%%aml\nlog.write(str(x))\nlock.acquire()")
    shell.user_ns["log"].close()
    assert isinstance(shell.raised, CannotTravel)
    assert "log is an open file" in str(shell.raised)
    assert "lock is a lock of this process" in str(shell.raised)
    assert service.jobs == {}


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
        go_on.wait(5)
        run_python(job)

    service.behave = behave
    shell.do("x = 2")
    handle = shell.do("%%aml --detach\ny = x + 1")
    assert isinstance(handle, JobHandle)
    assert "y" not in shell.user_ns
    assert shell.user_ns["_"] is handle
    go_on.set()
    assert handle.result(10) == {"y": 3}
    assert handle.fetch() == {"y": 3}
    assert shell.user_ns["y"] == 3
