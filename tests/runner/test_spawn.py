"""The same where processes are started instead of forked, as on macOS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.runner.driver import Node, Service, wait_for


@pytest.fixture
def spawning(home: Path) -> Iterator[Node]:
    service = Service(home, JUPYTER_AML_START_METHOD="spawn")
    yield service.node()
    service.close()


def test_cells_commands_and_sessions_run(spawning: Node) -> None:
    cell = spawning.cell("x += 1\nprint(x)\nx", {"x": 1})
    assert cell.wait()["code"] == 0
    assert cell.started()["how"] == "spawn"
    assert cell.stdout() == "2\n"
    assert cell.variables() == {"x": 2}
    environ = Path(f"/proc/{spawning.pid}/environ").read_bytes()
    assert b"JUPYTER_AML_MARKER=" in environ
    assert spawning.command("exit 4").wait()["code"] == 4
    spawning.cell("y = 1", session="s").wait()
    again = spawning.cell("print(y)", session="s")
    assert again.wait()["code"] == 0
    assert again.stdout() == "1\n"
    spawning.leave()


def test_cancel_and_the_marker_work(spawning: Node) -> None:
    job = spawning.cell("import time\nprint('up')\ntime.sleep(600)")
    pid = job.started()["pid"]
    wait_for(lambda: job.stdout(), "its first line")
    environ = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert f"JUPYTER_AML_MARKER={job.marker}".encode() in environ
    job.cancel()
    assert job.wait()["reason"] == "Canceled"
    assert job.frame("error")["ename"] == "KeyboardInterrupt"
    assert not psutil.pid_exists(pid)


def test_no_zygote_is_made(spawning: Node) -> None:
    for _ in range(2):
        assert spawning.cell("import numpy", preload=["numpy"]).wait()["code"] == 0
    assert len(psutil.Process(spawning.pid).children(recursive=True)) == 1
