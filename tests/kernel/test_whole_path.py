"""A kernel, the real service, real nodes: cells from the keyboard to a process and back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_aml.client import discovery
from jupyter_aml.client.client import client_of
from jupyter_aml.kernel.handle import JobHandle
from tests.kernel.real_kernel import Kernel, error, first_words, running, text


@pytest.fixture
def kernel(home: Path, tmp_path: Path) -> Iterator[Kernel]:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "data.csv").write_text("a,b\n1,2\n3,4\n")
    (folder / "mine.py").write_text("def twice(x):\n    return 2 * x\n")
    with running(folder) as found:
        yield found
    discovery.stop(home, force=True)


def test_a_day_in_a_notebook(kernel: Kernel) -> None:
    # The first cell starts the service, a node, a process.
    first = kernel.do("%%aml\nprint('hello')\n6 * 7", cellId="c1")
    assert text(first) == "hello\n"
    assert [c["data"]["text/plain"] for k, c in first if k == "execute_result"] == ["42"]
    assert text(kernel.do("print(_ + 1)")) == "43\n"  # the value itself, not its looks

    # Variables, functions and modules go there; what the cell sets comes back.
    kernel.do(
        "import numpy as np\na = np.arange(500_000)\nk = 3\ndef f(v): return int(v.sum()) * k"
    )
    kernel.do(
        "%%aml\nimport mine\nk = 1\nb = mine.twice(a)\ns = f(b)\n"
        "rows = open('data.csv').read().count('\\n')",
        cellId="c2",
    )
    assert text(kernel.do("b[0] = 7\nprint(s, b[0], k, rows)")) == "249999500000 7 1 3\n"

    # Who asks for what the cell does not set is told so.
    unset = text(kernel.do("%%aml -o never\npass", cellId="c2b"))
    assert "never did not come back: the cell did not set it." in unset

    # Errors are raised here, with this cell's lines.
    raised = error(kernel.do("%%aml\nx = 1\n{}['missing']", cellId="c3"))
    assert (raised["ename"], raised["evalue"]) == ("KeyError", "'missing'")
    assert any("line 3" in line for line in raised["traceback"])
    assert not any("jupyter_aml" in line for line in raised["traceback"])
    assert text(kernel.do("print(x)")) == "1\n"

    # Stop means stopped, and what the cell says last is seen.
    messages = kernel.read(
        kernel.start(
            "%%aml\nimport time\ntry:\n    print('working', flush=True)\n    time.sleep(60)\n"
            "finally:\n    print('cleaned up')",
            cellId="c4",
        )
    )
    assert first_words(messages) == "working\n"
    kernel.manager.interrupt_kernel()
    rest = list(messages)
    assert "cleaned up" in text(rest)
    assert error(rest)["ename"] == "KeyboardInterrupt"

    # A session keeps its state.
    kernel.do("%%aml --session s\nstate = [1]", cellId="c5")
    kernel.do("%%aml --session s\nstate.append(2)", cellId="c6")
    assert text(kernel.do("%%aml --session s\nprint(state)", cellId="c7")) == "[1, 2]\n"

    # Detached, found again by name, from another kernel as from this one.
    kernel.do("%%aml --detach --name away\nz = [k] * 2", cellId="c8")
    kernel.do("import jupyter_aml as aml\naml.JobHandle('away').fetch('z')")
    assert text(kernel.do("print(z)")) == "[1, 1]\n"

    # Elsewhere the notebook's folder travels.
    kernel.do("%aml compute create cpu --size local.1cpu-2gb")
    away = kernel.do(
        "%%aml -c cpu\nimport mine\nprint(mine.twice(4), len(open('data.csv').read()))"
    )
    assert "8 12\n" in text(away)


def test_a_killed_service_costs_no_line_and_doubles_none(kernel: Kernel, home: Path) -> None:
    kernel.do("%%aml\n1", cellId="c0")
    before = discovery.find(home)
    assert before is not None
    cell = "import time\nfor i in range(150):\n    print(i)\n    time.sleep(0.01)\nlast = i"
    messages = kernel.read(kernel.start(f"%%aml\n{cell}", cellId="c1"))
    found = [next(messages)]
    os.kill(before.pid, signal.SIGKILL)
    found += messages
    assert [content for kind, content in found if kind == "error"] == []
    assert text(found) == "".join(f"{number}\n" for number in range(150))
    assert text(kernel.do("print(last)")) == "149\n"
    after = discovery.find(home)
    assert after is not None
    assert after.pid != before.pid


def test_a_restart_cancels_nothing(kernel: Kernel, home: Path) -> None:
    cell = "import pathlib, time\nprint('working')\nwhile not pathlib.Path('go').exists():\n"
    messages = kernel.read(kernel.start(f"%%aml\n{cell}    time.sleep(0.01)", cellId="c1"))
    assert first_words(messages) == "working\n"
    kernel.manager.restart_kernel(now=False)
    with closing(client_of(home)) as client:
        [row] = client.jobs.list().value
        assert client.jobs.get(row.name).status == "Running"
        (home.parent / "notebooks" / "go").touch()
        assert JobHandle(row.name, client=client).wait().status == "Completed"
