"""What goes wrong in a ``%%aml`` cell, or is refused before it is sent, in a real shell."""

from __future__ import annotations

import re

import pytest

from jupyter_aml.kernel.notebook import Notebook
from jupyter_aml.model.errors import AmlError, CannotTravel, Invalid, JobFailed, RemoteError
from tests.client.fake_service import FakeJob, FakeService
from tests.kernel.conftest import RecordingShell, run_python

pytestmark = pytest.mark.usefixtures("notebook")


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
