"""A cell that is ended for its memory has said where it was; no program is disturbed by that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jupyter_aml.runner import whereabouts
from tests.runner.driver import Job, Node

pytestmark = pytest.mark.skipif(not whereabouts.SIGNAL, reason="this system has no spare signal")

MB = 1_000_000
GREEDY = """\
held = []
def grow():
    while True:
        held.append(b"x" * 4_000_000)

grow()
"""


def lines(job: Job) -> list[int]:
    """Of the cell, innermost first."""
    text = (job.dir / "where.0").read_text()
    return [int(number) for number in re.findall(r'File "(?:<ipy|Cell In).*?", line (\d+)', text)]


@pytest.mark.parametrize("session", ["", "s"])
def test_the_line_is_kept(node: Node, session: str) -> None:
    fields = {"session": session} if session else {}
    job = node.cell(GREEDY, memory=200 * MB, **fields)
    message = job.wait()
    assert (message["reason"], message["code"], message["signal"]) == ("OutOfMemory", None, 9)
    inner, outer = lines(job)
    assert inner in (3, 4)
    assert outer == 6


def test_the_second_cell_of_a_session_tells_of_itself(node: Node) -> None:
    first = node.cell("x = 1", session="s")
    first.wait()
    second = node.cell("\n" + GREEDY, session="s", memory=200 * MB)
    assert second.wait()["reason"] == "OutOfMemory"
    assert not (first.dir / "where.0").exists()
    assert lines(second)[-1] == 7


def test_children_of_the_cell_go_with_it(node: Node) -> None:
    source = "import subprocess\nsubprocess.Popen(['sleep', '600'])\n" + GREEDY
    assert node.cell(source, memory=200 * MB).wait()["reason"] == "OutOfMemory"


def test_a_thread_that_takes_the_memory_is_told(node: Node) -> None:
    called = (
        "import threading\nthread = threading.Thread(target=grow)\nthread.start()\nthread.join()"
    )
    job = node.cell(GREEDY.replace("\ngrow()", "\n" + called), memory=200 * MB)
    assert job.wait()["reason"] == "OutOfMemory"
    assert lines(job)[-1] in (3, 4, 9)  # where the main thread waits, or its own


def test_a_program_that_uses_the_signal_keeps_it(node: Node) -> None:
    """What it has set stays set, in this cell and in those of its session."""
    setting = "import signal\nseen = []\n"
    setting += f"signal.signal({whereabouts.SIGNAL}, lambda *_: seen.append(1))"
    node.cell(setting, session="s").wait()
    again = node.cell(f"signal.raise_signal({whereabouts.SIGNAL})\nprint(seen)", session="s")
    assert again.wait()["code"] == 0
    assert again.stdout() == "[1]\n"
    last = node.cell(GREEDY, session="s", memory=200 * MB)
    assert last.wait()["signal"] == 9
    assert not (last.dir / "where.0").exists()


def test_nothing_stays_behind_for_the_children_of_a_cell(node: Node) -> None:
    """The signal ends a program that was started by a cell, as it always did."""
    source = (
        "import subprocess, sys\n"
        f"code = 'import os; os.kill(os.getpid(), {whereabouts.SIGNAL})'\n"
        "print(subprocess.run([sys.executable, '-c', code]).returncode)"
    )
    job = node.cell(source)
    assert job.wait()["code"] == 0
    assert job.stdout() == f"-{whereabouts.SIGNAL}\n"


def test_a_program_that_gave_the_signal_up_again_is_told_of(node: Node) -> None:
    use = f"import signal\nsignal.signal({whereabouts.SIGNAL}, lambda *_: None)"
    node.cell(use, session="s").wait()
    node.cell("1", session="s").wait()
    node.cell(f"signal.signal({whereabouts.SIGNAL}, signal.SIG_DFL)", session="s").wait()
    job = node.cell(GREEDY, session="s", memory=200 * MB)
    assert job.wait()["reason"] == "OutOfMemory"
    assert lines(job)[-1] == 6


def test_a_file_of_the_cells_own_is_never_taken_for_the_answer(node: Node) -> None:
    """A program may close what it knows nothing of, and open files that get the same numbers."""
    source = (
        "import os\n"
        "[fd] = [fd for fd in range(3, 64)\n"
        "        if 'aml-where' in os.path.realpath(f'/proc/self/fd/{fd}')]\n"
        "os.close(fd)\n"
        "kept = [open('kept', 'w') for _ in range(20)]\n"
        "assert fd in [file.fileno() for file in kept]"
    )
    first = node.cell(source, session="s")
    assert first.wait()["code"] == 0
    job = node.cell(GREEDY, session="s", memory=200 * MB)
    assert job.wait()["reason"] == "OutOfMemory"
    assert not (job.dir / "where.0").exists()
    assert (Path(first.task["cwd"]) / "kept").read_bytes() == b""


def test_a_deep_stack_is_told_whole(node: Node) -> None:
    called = "def deep(n):\n    deep(n - 1) if n else grow()\ndeep(90)"
    source = GREEDY.replace("\ngrow()", f"\n{called}")
    job = node.cell(source, memory=200 * MB)
    assert job.wait()["reason"] == "OutOfMemory"
    assert len(lines(job)) == 93
