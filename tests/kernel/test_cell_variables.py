"""What a ``%%aml`` cell takes along and what comes back, in a real shell."""

from __future__ import annotations

import pytest

from jupyter_aml.kernel.notebook import Notebook
from jupyter_aml.model.errors import Invalid
from tests.client.fake_service import FakeJob, FakeService
from tests.kernel.conftest import RecordingShell, only_job

pytestmark = pytest.mark.usefixtures("notebook")


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
