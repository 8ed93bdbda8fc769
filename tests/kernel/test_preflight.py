"""What the kernel tells before a cell is sent: fast, without a service, without a trace."""

from __future__ import annotations

import json
import pickle
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jupyter_aml.kernel.preflight import Answer, preflight
from jupyter_aml.model.preflight import KernelPreflight, Problem
from tests.kernel.real_kernel import running

Look = Callable[..., KernelPreflight]


def bare_shell(**variables: Any) -> InteractiveShell:
    """Without a history, which would be a thread and a file."""
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    shell.user_ns.update(variables)
    return shell


@pytest.fixture
def look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Looks at a cell in a fresh namespace, which must be the same afterwards."""
    monkeypatch.chdir(tmp_path)
    shell = bare_shell()

    def at(source: str, *, compute: str = "", **variables: Any) -> KernelPreflight:
        shell.user_ns.update(variables)
        before = dict(shell.user_ns)
        # a minute: here it is the answer that counts, not the time of a busy machine
        found = preflight(source, shell, compute=compute, seconds=60)
        assert shell.user_ns == before
        return found

    return at


def problem(found: KernelPreflight, code: str) -> Problem:
    (one,) = [each for each in found.problems if each.code == code]
    return one


def test_the_line_s_options_are_read(look: Look) -> None:
    found = look("%%aml -c gpu -e train:2 -n 2 --session work\nx = 1\n")
    assert (found.compute, found.environment, found.instance_count) == ("gpu", "train:2", 2)
    assert found.session == "work"
    assert look("x = 1\n", compute="chosen").compute == "chosen"
    assert look("%%aml -c gpu\nx = 1\n", compute="chosen").compute == "gpu"


def test_a_wrong_option_and_text_that_is_no_python_are_problems(look: Look) -> None:
    assert problem(look("%%aml --nope\nx\n"), "Invalid").where == "--nope"
    assert problem(look("%%aml\n\nx = (\n"), "SyntaxError").where == "line 3"
    assert problem(look("\nx = (\n"), "SyntaxError").where == "line 2"


def test_only_what_the_cell_reads_travels_largest_first(look: Look) -> None:
    found = look("%%aml\ny = a.sum() + b\n", a=np.zeros(1000), b=3, c=np.zeros(99))
    assert [(one.name, one.type) for one in found.names] == [("a", "ndarray"), ("b", "int")]
    assert found.names[0].bytes == pytest.approx(8000, abs=500)
    assert found.bytes == sum(one.bytes for one in found.names)


@pytest.mark.parametrize(
    "value",
    [
        np.zeros((100, 100)),
        [{"key": n, "text": f"line {n}"} for n in range(2000)],
        {n: [float(n)] * 10 for n in range(1000)},
        "x" * 100_000,
        b"y" * 5000,
        list(range(5000)),
        {"nested": {"deeper": np.zeros(5000), "other": ["a"] * 100}},
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_estimate_is_of_the_right_size(look: Look, value: object) -> None:
    (told,) = look("%%aml\nvalue\n", value=value).names
    real = len(pickle.dumps(value, 5))
    assert real / 3 < told.bytes < real * 5


def test_what_is_in_two_variables_travels_once(look: Look) -> None:
    data = np.zeros(100_000)
    found = look("%%aml\na, b\n", a=data, b={"same": data})
    assert found.bytes < 900_000


def test_a_function_of_the_notebook_takes_along_what_it_uses() -> None:
    shell = bare_shell(table=np.zeros(100_000))
    exec("def use(x):\n    return table.sum() + x", shell.user_ns)
    found = preflight("%%aml\nuse(1)\n", shell, seconds=60)
    assert [one.name for one in found.names] == ["use"]
    assert found.bytes > 800_000


def test_what_cannot_travel_is_named_with_what_to_do(look: Look) -> None:
    with open(__file__) as log:
        found = look(
            "%%aml\nprint(log, config, gen, x)\n",
            log=log,
            config={"lock": threading.Lock()},
            gen=(n for n in range(3)),
            x=1,
        )
    by_name = {one.where: one for one in found.problems}
    assert set(by_name) == {"log", "config", "gen"}
    assert by_name["config"].cause.startswith("config['lock'] is a lock of this process")
    assert by_name["log"].fix is not None
    assert by_name["log"].fix.value == "--inputs x"
    assert [one.name for one in found.names] == ["x"]


def test_what_is_perhaps_not_needed_is_no_problem(look: Look) -> None:
    found = look("%%aml\nif flag:\n    gen = 1\nprint(gen)\n", flag=True, gen=(n for n in "ab"))
    assert found.problems == []


def test_foreign_code_is_not_run_to_find_out(look: Look) -> None:
    class Asked:
        def __reduce__(self) -> Any:
            raise AssertionError("nobody may ask")

    assert look("%%aml\nvalue\n", value=Asked()).problems == []


def test_a_missing_module_has_its_package(look: Look) -> None:
    found = look("%%aml\nimport nowhere_at_all, json\n")
    assert found.missing == ["nowhere_at_all"]
    fix = problem(found, "MissingModule").fix
    assert fix is not None
    assert fix.value == "%pip install nowhere-at-all"
    assert look("%%aml\n%pip install nowhere_at_all\nimport nowhere_at_all\n").missing == []
    assert look("%%aml -e other\nimport nowhere_at_all\n").missing == []


def test_files_that_stay_here_are_warned_of_only_where_they_would(
    look: Look, tmp_path: Path
) -> None:
    (tmp_path / ".amlignore").write_text("data/\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("1\n")
    source = "open('data/a.csv')\n"
    assert look(f"%%aml -c local\n{source}").problems == []
    found = problem(look(f"%%aml -c gpu\n{source}"), "FileStaysHere")
    assert (found.severity, found.where) == ("warning", "data/a.csv")
    assert found.fix is not None
    assert found.fix.value.endswith(".amlignore")


def test_history_does_not_travel(look: Look) -> None:
    assert problem(look("%%aml\nprint(Out)\n"), "CannotTravel").where == "Out"


def test_large_data_is_answered_for_while_a_person_types() -> None:
    shell = bare_shell(
        big=np.zeros(20_000_000),
        rows=[{"a": n, "b": [n] * 5} for n in range(200_000)],
        words=[f"word {n}" for n in range(300_000)],
    )

    def seconds() -> float:
        began = time.process_time()
        preflight("%%aml -c gpu\nprint(big, rows, words)\n", shell, seconds=60)
        return time.process_time() - began

    # the work's own time: what else this machine is doing does not count
    assert min(seconds() for _ in range(5)) < 0.15


def test_the_answer_is_json_in_both_forms() -> None:
    answer = Answer(KernelPreflight(compute="gpu", bytes=3))
    assert json.loads(repr(answer))["compute"] == "gpu"
    assert answer._repr_mimebundle_()["application/json"]["bytes"] == 3


def test_lab_asks_a_real_kernel_silently(tmp_path: Path) -> None:
    ask = (
        "__import__('jupyter_aml.kernel.preflight', fromlist=['_'])"
        ".aml_preflight('%%aml -c gpu\\nprint(a)\\n')"
    )
    with running(tmp_path) as kernel:
        kernel.do("a = [1, 2, 3]")
        content = {
            "code": "",
            "silent": True,
            "store_history": False,
            "allow_stdin": False,
            "user_expressions": {"aml": ask},
        }
        message = kernel.client.session.msg("execute_request", content)
        kernel.client.shell_channel.send(message)
        reply = kernel.client.get_shell_msg(timeout=60)
        while reply["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            reply = kernel.client.get_shell_msg(timeout=60)
        told = reply["content"]["user_expressions"]["aml"]
        assert told["status"] == "ok"
        assert json.loads(told["data"]["text/plain"])["names"][0]["name"] == "a"
        assert told["data"]["application/json"]["compute"] == "gpu"
        shown = kernel.do("print(sorted(n for n in globals() if 'aml' in n or 'preflight' in n))")
        assert shown == [("stream", {"name": "stdout", "text": "[]\n"})]
