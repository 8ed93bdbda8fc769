"""How the end of a session's cell is noted on disk, and told."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

from jupyter_aml.runner import job as jobs
from jupyter_aml.runner.worker import Ended
from tests.runner.driver import Node


def test_the_end_of_a_cell_is_in_its_last_frame_and_has_no_file(node: Node) -> None:
    for source, code in (("sum(range(1000))", 0), ("1/0", 1), ("raise SystemExit(5)", 5)):
        job = node.cell(source, session="s")
        told, noted = job.wait(), job.frame("done")["exit"]
        assert (told["code"], told["cpu_seconds"]) == (noted["code"], noted["cpu_seconds"])
        assert code == noted["code"]
        assert 0 < told["peak_memory"] < noted["peak_memory"] + (1 << 20)
        ended = datetime.fromtimestamp(noted["ended"], timezone.utc).isoformat("T", "milliseconds")
        assert ended.replace("+00:00", "Z") <= told["ended"]
        assert not (job.dir / "exit.0").exists()


def test_what_the_process_does_not_know_of_an_end_is_in_a_file(node: Node) -> None:
    job = node.cell("print('up')\nimport time\ntime.sleep(600)", session="s")
    job.prints("up")
    job.cancel()
    told = job.wait()
    assert told["reason"] == "Canceled"
    assert json.loads((job.dir / "exit.0").read_text()) == told
    assert job.frame("done")["exit"]["code"] == told["code"] == 130


def test_a_cell_that_could_not_note_its_end_has_a_file(tmp_path: Path) -> None:
    task = {"job": "a", "attempt": 1, "rank": 0, "dir": str(tmp_path)}
    jobs.Job(task).exited(Ended(0, None, 0.1, 1), is_noted=True)
    assert not (tmp_path / "exit.0").exists()
    jobs.Job(task).exited(Ended(0, None, 0.1, 1), is_noted=False)
    assert json.loads((tmp_path / "exit.0").read_text())["code"] == 0


def test_of_a_fresh_cell_the_last_frame_is_not_the_end(node: Node) -> None:
    """What it left to do at its exit is still to come."""
    job = node.cell("import atexit\natexit.register(print, 'left to do')")
    assert job.wait()["code"] == 0
    assert "exit" not in job.frame("done")
    assert (job.dir / "exit.0").exists()


def test_begins_and_ends_are_told_in_the_order_in_which_they_were(node: Node) -> None:
    cells = [node.cell("pass", session="s") for _ in range(30)]
    for cell in cells:
        assert cell.wait()["code"] == 0
    told = [
        (message["op"], message["job"])
        for message in node.peer.past
        if message["op"] in ("started", "exited")
    ]
    assert told == [(op, cell.name) for cell in cells for op in ("started", "exited")]
