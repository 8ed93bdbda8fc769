"""The rehearsal before the first fork leaves no trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_aml.runner import linux
from tests.runner.driver import Node

pytestmark = pytest.mark.skipif(not linux.FORKS, reason="nothing is forked here")

PROGRAM = """
import json, os, signal, sys
from jupyter_aml.runner import interrupts, linux
from jupyter_aml.runner.cell import Cell
from jupyter_aml.runner.rehearsal import rehearse

interrupts.begin()
folder = sys.argv[1]
cell = Cell()

def state():
    table = "/proc/self/fd"
    links = {fd: os.readlink(f"{table}/{fd}") for fd in os.listdir(table)
             if os.path.exists(f"{table}/{fd}")}
    mask = [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ())]
    umask = os.umask(0o022)
    os.umask(umask)
    return [dict(os.environ), os.getcwd(), umask, links, mask, sys.path,
            id(sys.stdout), id(sys.stderr), sorted(cell.shell.namespace)]

before = state()
rehearse(cell, linux.MarkerPlace(), folder)
after = state()
print(json.dumps([before, after]))
"""


def test_the_process_is_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "rehearsal"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "JUPYTER_AML_MARKER": linux.PLACEHOLDER},
    )
    before, after = json.loads(done.stdout)
    assert before == after
    assert not folder.exists()
    assert done.stderr == ""


def test_a_job_sees_nothing_of_it(node: Node) -> None:
    job = node.cell("print(sorted(name for name in globals() if name[0] != '_'), _ih)")
    assert job.wait()["code"] == 0
    assert job.stdout() == "['In', 'Out', 'exit', 'get_ipython', 'open', 'quit'] ['']\n"
