"""Both process tables, on processes made for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from jupyter_aml.runner.process_table import MARKER, ProcTable, PsutilTable, Table
from tests.runner.driver import wait_for

TABLES = [ProcTable(), PsutilTable()]


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    """Holds 30 MB, has a marker and a child of its own; says when it is ready."""
    source = (
        "import subprocess, sys, time\n"
        "held = b'x' * 30_000_000\n"
        "grandchild = subprocess.Popen(['sleep', '600'])\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
        "grandchild.kill(); grandchild.wait()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", source],
        env={**os.environ, MARKER: "m" * 32},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.communicate("")


@pytest.mark.parametrize("table", TABLES, ids=["proc", "psutil"])
def test_a_process_is_described(table: Table, child: subprocess.Popen[str]) -> None:
    process = table.look(child.pid)
    assert process is not None
    assert (process.parent, process.session, process.dead) == (os.getpid(), child.pid, False)
    assert process.rss > 30_000_000
    assert process.threads == 1
    assert table.marker(child.pid) == "m" * 32
    assert 30_000_000 < table.memory(child.pid) < 60_000_000
    assert table.created(child.pid) == psutil.Process(child.pid).create_time()
    assert len(table.children(child.pid)) == 1
    assert child.pid in table.children(os.getpid())
    assert len(table.disk(child.pid)) == 2


@pytest.mark.parametrize("table", TABLES, ids=["proc", "psutil"])
def test_the_memory_of_one_after_the_other_is_told(
    table: Table, child: subprocess.Popen[str]
) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        assert table.rss(child.pid) > 30_000_000
        assert 0 < table.rss(os.getpid()) != table.rss(child.pid)
    gone = subprocess.Popen(["sleep", "600"])
    assert table.rss(gone.pid) > 0
    gone.kill()
    gone.wait()
    assert (table.rss(gone.pid), table.rss(gone.pid)) == (0, 0)
    assert table.rss(child.pid) > 30_000_000
    assert len(os.listdir("/proc/self/fd")) <= before + 1


@pytest.mark.parametrize("table", TABLES, ids=["proc", "psutil"])
def test_what_is_gone_is_simply_not_there(table: Table) -> None:
    process = subprocess.Popen(["true"])
    wait_for(lambda: (seen := table.look(process.pid)) is not None and seen.dead, "a zombie")
    process.wait()
    assert table.look(process.pid) is None
    assert table.children(process.pid) == []
    assert table.created(process.pid) is None
    assert table.marker(process.pid) == ""
    assert table.memory(process.pid) == 0
    assert table.disk(process.pid) == (0, 0)


def test_a_name_with_brackets_and_spaces_is_no_trap(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    program = tmp_path_factory.mktemp("bin") / "a) b (c"
    program.symlink_to("/bin/sleep")
    process = subprocess.Popen([program, "600"])
    seen = wait_for(lambda: ProcTable().look(process.pid), "the process")
    assert seen.parent == os.getpid()
    process.kill()
    process.wait()


def test_without_lists_of_children_the_whole_table_is_read(child: subprocess.Popen[str]) -> None:
    table = ProcTable()
    table._lists_children = False  # a kernel without CONFIG_PROC_CHILDREN
    assert table.children(child.pid) == ProcTable().children(child.pid)


def test_the_boot_time_is_read_again_when_the_clock_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = ProcTable()
    true = table.created(os.getpid())
    table._booted -= 100
    assert table.created(os.getpid()) == pytest.approx(true - 100 if true else 0)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 50)
    assert table.created(os.getpid()) == true
