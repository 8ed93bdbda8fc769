"""What a cell shows, in which order, and how it ends."""

from __future__ import annotations

import textwrap

import psutil
import pytest

from tests.runner.driver import Node


def test_output_comes_in_the_order_of_the_cell(node: Node) -> None:
    job = node.cell(
        textwrap.dedent(
            """
            import sys, os
            print("one")
            print("two", file=sys.stderr)
            print("three")
            display("four")
            os.system("echo five")
            sys.stderr.write("six")
            display("seven")
            "eight"
            """
        )
    )
    assert job.wait()["code"] == 0
    assert job.shown() == [
        ("stdout", "one\n"),
        ("stderr", "two\n"),
        ("stdout", "three\n"),
        ("display_data", "'four'"),
        ("stdout", "five\n"),
        ("stderr", "six"),
        ("display_data", "'seven'"),
        ("execute_result", "'eight'"),
    ]


def test_a_line_without_end_is_shown_at_once(node: Node) -> None:
    job = node.cell(
        "import time\nprint('loading', end='')\n"
        "import os\nwhile not os.path.exists('go'): time.sleep(.01)"
    )
    job.started()
    from tests.runner.driver import wait_for

    wait_for(lambda: job.stdout() == "loading", "the unfinished line")
    (job.dir.parent / "work" / "go").touch()
    assert job.wait()["code"] == 0


def test_rich_output_has_its_ids_and_updates(node: Node) -> None:
    job = node.cell(
        textwrap.dedent(
            """
            from IPython.display import HTML, clear_output
            handle = display(HTML("<b>1</b>"), display_id="it")
            handle.update(HTML("<b>2</b>"))
            clear_output(wait=True)
            """
        )
    )
    assert job.wait()["code"] == 0
    shown, update, clear, _ = job.frames()
    assert shown["k"] == "display_data"
    assert shown["data"]["text/html"] == "<b>1</b>"
    assert shown["transient"] == update["transient"] == {"display_id": "it"}
    assert update["k"] == "update_display_data"
    assert update["data"]["text/html"] == "<b>2</b>"
    assert (clear["k"], clear["wait"]) == ("clear_output", True)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("1 + 1", "2"),
        ("1 + 1;", None),
        ("'a;b'", "'a;b'"),
        ("x = 5", None),
        ("None", None),
        ("_ = 3\n'own'", "'own'"),
        ("import asyncio\nawait asyncio.sleep(0, 'awaited')", "'awaited'"),
    ],
)
def test_the_last_expression_shows(node: Node, source: str, shown: str | None) -> None:
    job = node.cell(source)
    assert job.wait()["code"] == 0
    results = [f["data"]["text/plain"] for f in job.frames() if f["k"] == "execute_result"]
    assert results == ([] if shown is None else [shown])


def test_an_error_points_into_this_cell(node: Node) -> None:
    job = node.cell("def f(x):\n    return 1 / x\n\nf(0)", execution_count=12)
    assert job.wait()["code"] == 1
    error = job.frame("error")
    text = "\n".join(error["traceback"])
    assert (error["ename"], error["evalue"]) == ("ZeroDivisionError", "division by zero")
    plain = _without_colors(text)
    assert "Cell In[12], line 4" in plain
    assert "Cell In[12], line 2" in plain
    assert "return 1 / x" in plain
    assert "runner" not in plain
    assert job.frame("done")["status"] == "error"


@pytest.mark.parametrize(
    ("source", "ename"),
    [
        ("x = = 1", "SyntaxError"),
        ("  x = 1\n y = 2", "IndentationError"),
        ("return 5", "SyntaxError"),
        ("%nosuchmagic", "UsageError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("%%python_nosuch\nx", "UsageError"),
        ("class Odd(Exception):\n  def __str__(self): 1/0\nraise Odd", "Odd"),
        ("input('name?')", "RuntimeError"),
    ],
)
def test_every_error_is_shown_exactly_once(node: Node, source: str, ename: str) -> None:
    job = node.cell(source)
    assert job.wait()["code"] in (1, 130)
    assert job.frame("error")["ename"] == ename
    assert job.stderr() == ""


@pytest.mark.skipif("sys.version_info < (3, 11)")
def test_an_exception_group_is_shown_as_an_error(node: Node) -> None:
    job = node.cell("raise ExceptionGroup('two', [ValueError(1), KeyError(2)])")
    assert job.wait()["code"] == 1
    text = "\n".join(job.frame("error")["traceback"])
    assert "ValueError: 1" in text
    assert "KeyError: 2" in text
    assert job.stderr() == ""


@pytest.mark.parametrize(
    ("source", "code", "stderr"),
    [
        ("import sys; sys.exit()", 0, ""),
        ("import sys; sys.exit(7)", 7, ""),
        ("raise SystemExit('no data')", 1, "no data\n"),
    ],
)
def test_exit_gives_the_exit_code(node: Node, source: str, code: int, stderr: str) -> None:
    job = node.cell(source)
    assert job.wait()["code"] == code
    assert job.stderr() == stderr
    assert [frame["k"] for frame in job.frames()] == ["done"]
    assert job.frame("done")["status"] == ("ok" if code == 0 else "error")


def test_magics_and_shell_lines_work(node: Node) -> None:
    job = node.cell("%env SOME=1\n!echo shell; echo err >&2\nfiles = !echo a b\nfiles")
    assert job.wait()["code"] == 0
    assert job.stdout() == "env: SOME=1\nshell\n"
    assert job.stderr() == "err\n"
    assert job.frame("execute_result")["data"]["text/plain"] == "['a b']"


def test_figures_show_at_the_end_of_the_cell(node: Node) -> None:
    job = node.cell("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint('after')")
    assert job.wait()["code"] == 0
    kinds = [kind for kind, _ in job.shown()]
    assert kinds == ["stdout", "display_data"]
    assert len(job.frame("display_data")["data"]["image/png"]) > 1000


def test_where_a_cell_runs_and_what_it_finds(node: Node) -> None:
    task = node.task("cell", source="import mine, os\nprint(mine.x, os.getcwd(), np.pi > 3)")
    work = task["cwd"]
    (task_module := f"{work}/mine.py")
    with open(task_module, "w") as file:
        file.write("x = 'found'")
    job = node.submit({**task, "path0": work, "imports": ["import numpy as np"]})
    assert job.wait()["code"] == 0
    assert job.stdout() == f"found {work} True\n"
    assert job.frame("done")["imports"] == ["mine", "numpy"]


def test_a_missing_module_of_the_notebook_is_the_cells_error(node: Node) -> None:
    job = node.cell("print('never')", imports=["import surely_not_here"])
    assert job.wait()["code"] == 1
    assert job.frame("error")["ename"] == "ModuleNotFoundError"
    assert job.stdout() == ""


def test_new_files_are_named(node: Node) -> None:
    task = node.task(
        "cell",
        source="import os\nos.mkdir('d')\nopen('d/a.txt', 'w')\nopen('.h', 'w')",
        own_folder=True,
    )
    with open(f"{task['cwd']}/old.txt", "w"):
        pass
    import time

    time.sleep(0.02)  # the clock that stamps files has moved on
    job = node.submit(task)
    assert job.wait()["code"] == 0
    assert job.frame("done")["files"] == ["d/a.txt"]


def test_a_folder_of_the_persons_own_is_not_walked(node: Node) -> None:
    job = node.cell("open('a.txt', 'w')")
    assert job.wait()["code"] == 0
    assert job.frame("done")["files"] == []


def test_threads_are_waited_for_and_atexit_runs(node: Node) -> None:
    job = node.cell(
        textwrap.dedent(
            """
            import atexit, threading, time
            atexit.register(print, "atexit")
            threading.Thread(target=lambda: (time.sleep(.2), print("thread"))).start()
            print("cell")
            """
        )
    )
    assert job.wait()["code"] == 0
    assert job.stdout() == "cell\nthread\natexit\n"


def test_a_crash_of_the_interpreter_is_told(node: Node) -> None:
    job = node.cell("print('so far')\nimport ctypes\nctypes.string_at(0)")
    assert job.wait()["signal"] == 11
    assert job.stdout() == "so far\n"
    assert "Segmentation fault" in job.stderr()


def test_a_child_that_the_cell_forgot_to_end_does_not_end_the_job_twice(node: Node) -> None:
    job = node.cell("import os, sys\npid = os.fork()\nif pid: os.wait()\nprint(len(sys.argv))\n1")
    assert job.wait()["code"] == 0
    assert job.stdout() == "1\n1\n"
    assert len([frame for frame in job.frames() if frame["k"] == "done"]) == 1


def test_a_cell_that_closes_its_streams_still_ends_well(node: Node) -> None:
    job = node.cell("import sys\nprint('out')\nsys.stdout.close()\nsys.stderr.close()\nx = 1")
    assert job.wait()["code"] == 0
    assert job.stdout() == "out\n"
    assert job.variables() == {"x": 1}


def test_output_that_cannot_be_written_ends_the_job_with_the_reason(node: Node) -> None:
    """As on a full disk."""
    job = node.cell(
        "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))\nprint('x' * 100)"
    )
    message = job.wait()
    assert (message["code"], message["reason"]) == (1, "")
    assert "could not be kept: File too large" in message["message"]


def test_a_large_task_arrives(node: Node) -> None:
    job = node.cell("print(len(text), len(text.encode()))", {"text": "é" * 5_000_000})
    assert job.wait()["code"] == 0
    assert job.stdout() == "5000000 10000000\n"


def test_progress_bars_are_seen(node: Node) -> None:
    job = node.cell("from tqdm import tqdm\nfor _ in tqdm(range(3), desc='load'): pass")
    assert job.wait()["code"] == 0
    last = [frame for frame in job.frames() if frame["k"] == "progress"][-1]
    assert (last["value"], last["total"], last["text"]) == (3, 3, "load")


def test_a_hundred_thousand_lines_arrive(node: Node) -> None:
    job = node.cell("for i in range(100_000): print('line', i)")
    assert job.wait()["code"] == 0
    assert job.stdout() == "".join(f"line {i}\n" for i in range(100_000))


def _without_colors(text: str) -> str:
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_a_thread_that_goes_on_is_gone_when_the_cells_end_is_told(node: Node) -> None:
    job = node.cell(
        "import os, threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "print(os.getpid())"
    )
    assert job.wait()["code"] == 0
    assert not psutil.pid_exists(int(job.stdout()))


def test_a_cell_that_is_over_has_its_figures(node: Node) -> None:
    exited = node.cell("x = bytearray(50_000_000)\nx[::4096] = x[::4096]").wait()
    assert (exited["code"], exited["signal"], exited["reason"]) == (0, None, "")
    assert exited["peak_memory"] > 40_000_000
    assert exited["cpu_seconds"] > 0
