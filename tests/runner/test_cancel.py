"""■, time limits and what will not be stopped."""

from __future__ import annotations

import textwrap

import psutil
import pytest

from tests.runner.driver import Node, wait_for
from tests.runner.test_command import _survivors


def test_a_canceled_cell_runs_its_finally_blocks(node: Node) -> None:
    job = node.cell(
        "import time\nx = 1\ntry:\n  print('up')\n  time.sleep(600)\nfinally:\n  print('finally')\n"
    )
    job.started()
    job.prints("up")
    job.cancel()
    message = job.wait()
    assert message["reason"] == "Canceled"
    assert message["code"] == 130
    assert job.stdout() == "up\nfinally\n"
    assert job.frame("error")["ename"] == "KeyboardInterrupt"
    assert job.variables() == {"x": 1}


def test_a_cell_that_catches_everything_is_killed_after_the_grace(node: Node) -> None:
    job = node.cell(
        "import time\nprint('up')\n"
        "while True:\n  try: time.sleep(600)\n  except BaseException: pass"
    )
    job.started()
    job.prints("up")
    job.cancel(reason="Timeout", grace=0.3)
    message = job.wait()
    assert (message["reason"], message["signal"]) == ("Timeout", 9)


def test_cancel_right_after_run_is_not_lost(node: Node) -> None:
    for _ in range(20):
        job = node.cell("import time\ntime.sleep(600)")
        job.cancel(grace=60)
        assert job.wait()["reason"] == "Canceled"


DEAF = """
import signal, threading, time
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
print('up')
time.sleep(600)
"""


@pytest.mark.parametrize("session", ["", "s"])
def test_a_cell_hears_it_also_when_its_system_call_goes_on(node: Node, session: str) -> None:
    """As if it had come just before the call: here another thread takes it, and Python waits."""
    job = node.cell(DEAF, session=session)
    job.started()
    job.prints("up")
    job.cancel(grace=20)
    message = job.wait()
    assert (message["code"], message["signal"]) == (130, None)
    assert job.frame("error")["ename"] == "KeyboardInterrupt"


def test_a_wake_that_comes_late_disturbs_no_finally_block(node: Node) -> None:
    job = node.cell(
        "import select, time\ntry:\n  print('up')\n  time.sleep(600)\n"
        "finally:\n  time.sleep(.5)\n  select.select([], [], [], .1)\n  print('finally')\n"
    )
    job.started()
    job.prints("up")
    job.cancel(grace=20)
    assert job.wait()["code"] == 130
    assert job.stdout() == "up\nfinally\n"


@pytest.mark.parametrize("source", ["print('ran')", "%time print('ran')"])
def test_a_cell_that_is_canceled_before_its_first_line_does_not_run(
    node: Node, source: str
) -> None:
    node.cell(
        "def canceled():\n  raise KeyboardInterrupt\n"
        "get_ipython().events.register('pre_execute', canceled)",
        session="s",
    ).wait()
    job = node.cell(source, session="s")
    assert job.wait()["code"] == 130
    assert job.stdout() == ""
    assert job.frame("error")["ename"] == "KeyboardInterrupt"


def test_a_canceled_command_gets_sigterm(node: Node) -> None:
    job = node.command("trap 'echo bye; exit 4' TERM; echo up; while :; do sleep 0.05; done")
    job.started()
    job.prints("up")
    job.cancel()
    message = job.wait()
    assert (message["reason"], message["code"]) == ("Canceled", 4)
    assert job.stdout().endswith("bye\n")


def test_nothing_escapes_a_cancel(node: Node) -> None:
    """Children that left the group and the session, ignore SIGTERM, and lost their parents."""
    stubborn = (
        "import os, signal, sys, time\n"
        "for _ in range(2):\n"
        "    if os.fork(): os._exit(0)\n"
        "    os.setsid()\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "open('pid', 'w').write(str(os.getpid()))\n"
        "time.sleep(600)\n"
    )
    job = node.command(f"python -c \"{stubborn}\"; trap '' TERM; echo up; sleep 600; sleep 600")
    job.started()
    pid_file = job.dir.parent / "work" / "pid"
    wait_for(lambda: pid_file.exists() and pid_file.read_text(), "the daemon")
    job.prints("up")
    job.cancel(grace=0.3)
    assert job.wait()["reason"] == "Canceled"
    assert not psutil.pid_exists(int(pid_file.read_text()))
    assert _survivors(job.marker) == []


def test_a_daemon_without_a_marker_is_found_too(node: Node) -> None:
    source = textwrap.dedent(
        """
        import subprocess, sys, time
        code = "import os, time; os.setsid(); print(os.getpid(), flush=True); time.sleep(600)"
        double = f"import os\\nif os.fork(): os._exit(0)\\n{code}"
        with open("daemon", "w") as file:
            subprocess.run([sys.executable, "-c", double], env={}, stdout=file)
        while not (pid := open("daemon").read()):
            time.sleep(0.01)
        print(pid)
        """
    )
    job = node.cell(source)
    assert job.wait()["code"] == 0
    assert not psutil.pid_exists(int(job.stdout()))


def test_cancelling_what_is_over_says_it_again(node: Node) -> None:
    job = node.cell("1")
    first = job.wait()
    job.cancel()
    assert node.peer.until("exited", job=job.name) == first
    assert first["reason"] == ""
