"""Sessions: a process that keeps its state from cell to cell."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from jupyter_aml.runner import job as jobs
from jupyter_aml.runner.session import Session
from jupyter_aml.runner.worker import Ended
from tests.runner.driver import Job, Node


def test_state_stays_and_each_cell_has_its_own_files(node: Node) -> None:
    first = node.cell("x = [1]\nprint('first')", session="s")
    assert first.wait()["code"] == 0
    second = node.cell("x.append(2)\nprint(x)\nx", session="s", execution_count=8)
    assert second.wait()["code"] == 0
    assert first.started()["pid"] == second.started()["pid"]
    assert {first.started()["how"], second.started()["how"]} == {"session"}
    assert (first.stdout(), second.stdout()) == ("first\n", "[1, 2]\n")
    assert second.frame("execute_result")["data"]["text/plain"] == "[1, 2]"
    assert first.frame("done")["so"] == 6


def test_an_error_does_not_end_it_and_exit_codes_are_the_cells(node: Node) -> None:
    assert node.cell("x = 1\n1/0", session="s").wait()["code"] == 1
    assert node.cell("import sys; sys.exit(5)", session="s").wait()["code"] == 5
    last = node.cell("x", session="s")
    assert last.wait()["code"] == 0
    assert last.frame("execute_result")["data"]["text/plain"] == "1"


def test_cells_wait_for_each_other(node: Node) -> None:
    jobs = [node.cell(f"import time; time.sleep(0.05); print({i})", session="s") for i in range(3)]
    ends = [job.wait()["ended"] for job in jobs]
    assert ends == sorted(ends)
    assert [job.stdout() for job in jobs] == ["0\n", "1\n", "2\n"]


def test_each_cell_is_charged_its_own_cpu_time(node: Node) -> None:
    busy = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    first = node.cell(busy, session="s").wait()
    second = node.cell("1", session="s").wait()
    assert 0.3 <= first["cpu_seconds"] < 1
    assert second["cpu_seconds"] < 0.2
    assert second["peak_memory"] > 1_000_000


def test_its_state_is_told(node: Node) -> None:
    node.cell("1", session="s").wait()
    idle = node.peer.until("session", name="s", state="idle")
    assert idle["memory_bytes"] > 1_000_000
    assert psutil.Process(idle["pid"]).create_time() == idle["created"]
    [kept] = node.reconnect()["sessions"]
    assert (kept["name"], kept["state"], kept["pid"]) == ("s", "idle", idle["pid"])
    node.peer.send(op="end_session", name="s")
    ended = node.peer.until("session", name="s", state="ended")
    assert ended["reason"] == "it was ended"
    assert not psutil.pid_exists(idle["pid"])
    assert node.reconnect()["sessions"] == []


def test_that_it_is_free_is_told_at_once_after_it_was_told_to_run() -> None:
    """The next cell would wait for the word, and its variables be copied to disk meanwhile."""
    told: list[str] = []
    later: list[Callable[[], None]] = []
    crew: Any = SimpleNamespace(
        ear=SimpleNamespace(report=lambda message: told.append(message["state"])),
        loop=SimpleNamespace(
            call_later=lambda _, tell: later.append(tell) or SimpleNamespace(cancel=later.clear)
        ),
        table=SimpleNamespace(rss=lambda _: 0),
    )
    session: Any = Session.__new__(Session)
    session.name, session._crew, session._worker = "s", crew, SimpleNamespace(pid=1, created=0.0)
    session._current, session._telling, session._told, session._ending = object(), None, "", ""

    session._tell()
    session._current = None
    session._tell()
    assert (told, later) == (["running", "idle"], [])

    # A quick cell is not worth a word.
    session._current = object()
    session._tell()
    assert (told, len(later)) == (["running", "idle"], 1)

    # A long one is, and then its end.
    later[0]()
    session._current = None
    session._tell()
    assert (told, later) == (["running", "idle", "running", "idle"], [])


def test_it_ends_when_idle(node: Node) -> None:
    node.cell("1", session="s", session_idle=0.2).wait()
    assert node.peer.until("session", state="ended")["reason"] == "idle"


def test_cancel_interrupts_the_cell_and_keeps_the_state(node: Node) -> None:
    node.cell("x = 1", session="s").wait()
    job = node.cell("import time\nprint('up')\ntime.sleep(600)", session="s")
    waiting = node.cell("x = 2", session="s")
    job.started()
    job.prints("up")
    waiting.cancel()
    assert waiting.wait()["reason"] == "Canceled"
    job.cancel()
    message = job.wait()
    assert (message["reason"], message["code"]) == ("Canceled", 130)
    after = node.cell("x", session="s")
    after.wait()
    assert after.frame("execute_result")["data"]["text/plain"] == "1"


def test_a_dead_session_takes_its_cell_with_it_and_a_new_one_begins(node: Node) -> None:
    node.cell("x = 1", session="s").wait()
    job = node.cell("import os\nos.kill(os.getpid(), 9)", session="s")
    message = job.wait()
    assert (message["signal"], message["code"]) == (9, None)
    assert "signal 9" in node.peer.until("session", state="ended")["reason"]
    again = node.cell("print('x' in globals())", session="s")
    assert again.wait()["code"] == 0
    assert again.stdout() == "False\n"


def test_exit_ends_it_after_the_cell(node: Node) -> None:
    job = node.cell("print('bye')\nexit()", session="s")
    assert job.wait()["code"] == 0
    assert node.peer.until("session", state="ended")["reason"] == "exit was called"


def test_over_memory_ends_it(node: Node) -> None:
    node.cell("x = 1", session="s").wait()
    # It holds them until the node has looked.
    job = node.cell(
        "import time\nheld = [b'x' * 10**7 for _ in range(60)]\ntime.sleep(600)",
        session="s",
        memory=200_000_000,
    )
    assert job.wait()["reason"] == "OutOfMemory"
    assert node.peer.until("session", state="ended")["reason"] == "OutOfMemory"


def test_background_work_of_a_session_goes_on(node: Node) -> None:
    node.cell(
        "import subprocess, threading, time\np = subprocess.Popen(['sleep', '600'])\n"
        "seen = []\ndef work():\n  while True: seen.append(1); time.sleep(0.01)\n"
        "threading.Thread(target=work, daemon=True).start()",
        session="s",
    ).wait()
    # The cell goes on until the thread has, however long that takes.
    job = node.cell(
        "before = len(seen)\nwhile len(seen) == before: time.sleep(0.01)\nprint(p.poll())",
        session="s",
    )
    assert job.wait()["code"] == 0
    assert job.stdout() == "None\n"
    pid = psutil.Process(job.started()["pid"]).children()[0].pid
    node.peer.send(op="end_session", name="s")
    node.peer.until("session", state="ended")
    assert not psutil.pid_exists(pid)


def test_a_session_of_another_interpreter(node: Node) -> None:
    env = {"PYTHONHASHSEED": "1"}
    first = node.cell("x = 1", session="s", env=env)
    assert first.wait()["code"] == 0
    second = node.cell(
        "import os\nprint(x + 1, os.environ['PYTHONHASHSEED'])", session="s", env=env
    )
    assert second.wait()["code"] == 0
    assert second.stdout() == "2 1\n"


def test_each_cell_is_told_about_itself_and_the_first_about_its_place(node: Node) -> None:
    source = (
        "import os\n"
        "for name in ('AZUREML_RUN_ID', 'JUPYTER_AML_FRAMES', 'JUPYTER_AML_MARKER', 'SOME'):\n"
        "    print(os.environ[name])"
    )
    for _ in range(3):
        job = node.cell(source, session="s", env={"SOME": "1"})
        assert job.wait()["code"] == 0
        assert job.stdout().split() == [job.name, f"{job.dir}/frames.0", job.marker, "1"]


def test_a_session_whose_first_cell_was_refused_has_its_environment(node: Node) -> None:
    task = node.task("cell", source="1", session="s")
    Path(task["dir"], "claim.0").symlink_to("{}")
    assert node.submit(task).wait()["code"] == "Claimed"
    job = node.cell("import os\nprint(os.environ['SOME'])", session="s", env={"SOME": "1"})
    assert job.wait()["code"] == 0
    assert job.stdout() == "1\n"


def test_one_sent_ahead_never_becomes_the_first_cell(node: Node) -> None:
    """It brings no environment; sent again, in its turn, it does."""
    task = node.task("cell", source="1", session="s")
    Path(task["dir"], "claim.0").symlink_to("{}")
    ahead = node.task("cell", source="print('ran')", session="s", ahead=True)
    del ahead["env"]
    first, second = node.submit(task), node.submit(ahead)
    assert second.wait()["code"] == "SessionEnded"
    assert first.wait()["code"] == "Claimed"
    assert not (second.dir / "stdout.0").exists()
    node.peer.past.clear()
    assert node.submit(ahead).wait()["code"] == "SessionEnded"  # the session is there, and idle
    node.peer.past.clear()
    third = node.submit({**ahead, "ahead": False, "env": {"SOME": "1"}})
    assert third.wait()["code"] == 0
    assert third.stdout() == "ran\n"


def test_one_sent_ahead_has_the_environment_of_its_session(node: Node) -> None:
    source = "import os\nprint(os.environ['SOME'], os.environ['JUPYTER_AML_JOB'])"
    node.cell("1", session="s", env={"SOME": "1"}).wait()
    task = node.task("cell", source=source, session="s", ahead=True)
    del task["env"]
    job = node.submit(task)
    assert job.wait()["code"] == 0
    assert job.stdout() == f"1 {job.name}\n"


def test_streams_that_a_cell_closed_are_there_for_the_next(node: Node) -> None:
    node.cell("import sys\nsys.stdout.close()", session="s").wait()
    job = node.cell("print('again')", session="s")
    assert job.wait()["code"] == 0
    assert job.stdout() == "again\n"


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_descriptors_that_a_cell_closed_are_there_for_all_that_follow(
    node: Node, closed: tuple[int, ...]
) -> None:
    """A file that is made then gets their number, and is closed when the next cell begins."""
    source = f"import os\nkept = 1\nfor number in {closed}:\n    os.close(number)"
    assert node.cell(source, session="s").wait()["code"] == 0
    for number in range(3):
        source = f"import sys\nprint({number}, kept)\nprint('told', file=sys.stderr)"
        job = node.cell(source, session="s")
        assert job.wait()["code"] == 0
        assert (job.stdout(), job.stderr()) == (f"{number} 1\n", "told\n")


def test_the_claim_holds_in_a_session_too(node: Node) -> None:
    job = node.cell("print('once')", session="s")
    job.wait()
    node.peer.send(op="forget", job=job.name, attempt=1)
    node.peer.past.clear()
    assert node.submit(job.task).wait()["code"] == "Claimed"
    assert job.stdout() == "once\n"
    assert node.cell("1", session="s").wait()["code"] == 0


def without_folder(node: Node, **fields: Any) -> Job:
    """A cell of the session `s` for which nobody has made folders."""
    fields.setdefault("cwd", str(node.service.folder))
    task = node.task("cell", source="print('ran')", session="s", **fields)
    shutil.rmtree(Path(task["dir"]).parent)
    return node.submit(task)


def test_the_folders_of_one_sent_ahead_are_made_when_it_begins(node: Node) -> None:
    node.cell("1", session="s").wait()
    job = without_folder(node, ahead=True)
    assert job.wait()["code"] == 0
    assert job.stdout() == "ran\n"


def test_the_folders_of_no_other_are_made(node: Node) -> None:
    node.cell("1", session="s").wait()
    job = without_folder(node)
    assert job.wait()["reason"] == "StartFailed"
    assert not job.dir.exists()


def test_a_cell_that_finds_no_room_on_the_disk_leaves_its_session_alone(
    node: Node, tmp_path: Path
) -> None:
    node.cell("kept = 7", session="s").wait()
    (tmp_path / "file").touch()  # no folder can be made in it, as on a full disk
    task = node.task("cell", source="kept = 8", session="s", ahead=True)
    job = node.submit({**task, "dir": str(tmp_path / "file" / "job" / "1")})
    ended = job.wait()
    assert (ended["op"], ended["code"], ended["reason"]) == ("exited", None, "StartFailed")
    assert "file" in ended["message"]
    following = node.cell("print(kept)", session="s")
    assert following.wait()["code"] == 0
    assert following.stdout() == "7\n"


def test_a_cell_that_finds_no_room_for_its_errors_leaves_no_file_open(node: Node) -> None:
    """A session that outlives a full disk would run out of descriptors else."""
    first = node.cell("print('first')", session="s")
    process = psutil.Process(first.started()["pid"])
    first.wait()
    before = process.num_fds()
    for _ in range(3):
        task = node.task("cell", source="1", session="s")
        Path(task["dir"], "stderr.0").mkdir()  # no file can be made there, as on a full disk
        assert node.submit(task).wait()["reason"] == "StartFailed"
    following = node.cell("print('following')", session="s")
    assert following.wait()["code"] == 0
    assert process.num_fds() == before
    assert (first.stdout(), following.stdout()) == ("first\n", "following\n")


def test_one_sent_ahead_begins_no_session(node: Node) -> None:
    job = without_folder(node, ahead=True)
    assert job.wait()["code"] == "SessionEnded"
    assert node.reconnect()["sessions"] == []


def test_one_sent_ahead_and_canceled_leaves_nothing(node: Node) -> None:
    held = node.cell("import time\nprint('up')\ntime.sleep(600)", session="s")
    job = without_folder(node, ahead=True)
    held.prints("up")
    job.cancel()
    assert (job.wait()["op"], job.wait()["reason"]) == ("exited", "Canceled")
    assert not job.dir.exists()
    assert job.name not in node.service.log(node.name)


def test_what_was_sent_ahead_is_given_back_when_its_session_ends(
    node: Node, tmp_path: Path
) -> None:
    """In the order it came; what was not sent ahead has nowhere else to go."""
    ends = ("exit()", "import os; os.kill(os.getpid(), 9)", "import time; time.sleep(600)")
    for number, last in enumerate(ends):
        gate = tmp_path / f"gate{number}"
        os.mkfifo(gate)
        held = node.cell(f"print('up')\nopen({str(gate)!r}).close()\n{last}", session="s")
        jobs = [without_folder(node, ahead=True) for _ in range(3)]
        held.prints("up")
        node.peer.send(op="state")
        assert len(node.peer.until("state")["jobs"]) == 4
        gate.write_text("")
        if "sleep" in last:
            node.peer.send(op="end_session", name="s")
        held.wait()
        assert [job.wait()["code"] for job in jobs] == ["SessionEnded"] * 3
        refused = [m["job"] for m in node.peer.past if m["op"] == "refused"]
        assert refused[-3:] == [job.name for job in jobs]
        assert not any(job.dir.exists() for job in jobs)
        node.peer.until("session", name="s", state="ended")


def test_what_was_sent_ahead_is_given_back_when_the_node_leaves(own: Node) -> None:
    held = own.cell("import time\nprint('up')\ntime.sleep(600)", session="s")
    job = without_folder(own, ahead=True)
    held.prints("up")
    own.peer.send(op="leave")
    assert job.wait()["code"] == "SessionEnded"
    assert held.wait()["reason"] == "Canceled"


def test_a_cell_for_which_its_session_was_gone_already_has_not_begun(tmp_path: Path) -> None:
    """The process was killed between two cells. One that was sent ahead can begin elsewhere."""
    finished: list[tuple[str, str]] = []

    def send(*_: Any, **__: Any) -> None:
        raise BrokenPipeError

    crew: Any = SimpleNamespace(
        ear=SimpleNamespace(
            report=lambda _: None,
            finished=lambda job, message: finished.append((job.name, message["op"])),
        ),
        forest=SimpleNamespace(trees=[]),
        loop=None,
        order=lambda *_: {},
        settings=SimpleNamespace(affinity=(0,)),
        table=SimpleNamespace(rss=lambda _: 0),
    )
    worker: Any = SimpleNamespace(pid=1, created=0.0, channel=SimpleNamespace(send=send), how="")
    session = Session(crew, "s", worker, "fork")
    task = {"attempt": 1, "rank": 0, "kind": "cell", "marker": "m", "dir": str(tmp_path)}
    ahead, other = (
        jobs.Job({**task, "job": "ahead", "ahead": True}),
        jobs.Job({**task, "job": "other"}),
    )
    session.start(ahead, b"")
    assert (ahead.pid, session.busy) == (0, False)
    session.start(other, b"")
    session._over(Ended(None, 9, 0.0, 0))
    assert finished == [("ahead", "refused"), ("other", "exited")]
    assert (ahead.reason, other.reason) == ("", "StartFailed")
