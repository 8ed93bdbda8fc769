"""A node among kills: claims, reconnects, what is kept and what is left."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.runner.driver import Node, Service, wait_for
from tests.runner.test_command import _survivors


def test_an_attempt_starts_once_whoever_asks(service: Service) -> None:
    first, second = service.node(), service.node()
    task = first.task("cell", source="print('ran')")
    job = first.submit(task)
    assert job.wait()["code"] == 0
    again = second.submit(task)
    message = again.wait()
    assert (message["op"], message["code"]) == ("refused", "Claimed")
    assert first.submit(task).node.peer.until("refused")["code"] == "Claimed"
    assert job.stdout() == "ran\n"


def test_two_nodes_race_for_one_attempt(service: Service) -> None:
    nodes = [service.node(), service.node()]
    for _ in range(10):
        task = nodes[0].task("cell", source="print('ran')")
        jobs = [node.submit(task) for node in nodes]
        assert sorted(job.wait()["op"] for job in jobs) == ["exited", "refused"]
        assert jobs[0].stdout() == "ran\n"


def test_the_claim_says_who_runs_it(node: Node) -> None:
    import json

    job = node.cell("1")
    started = job.started()
    claim = json.loads(os.readlink(job.dir / "claim.0"))
    assert claim == {"pid": started["pid"], "created": started["created"]}


def test_a_start_says_when_it_was(node: Node, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    before = time.monotonic()
    job = node.cell(f"open({str(gate)!r}).close()")
    at = job.started()["at"]
    assert before < at <= time.monotonic()
    os.close(os.open(gate, os.O_WRONLY))
    assert job.wait()["code"] == 0


def test_created_is_what_psutil_says(node: Node) -> None:
    job = node.command("sleep 600")
    started = job.started()
    assert psutil.Process(started["pid"]).create_time() == started["created"]
    assert psutil.Process(node.pid).create_time() == node.created
    job.cancel()
    job.wait()


def test_a_new_service_finds_what_runs_and_what_ended(own: Node) -> None:
    running = own.command("echo up; sleep 600")
    started = running.started()
    ended = own.cell("1")
    message = ended.wait()
    own.peer.close()  # the service was killed
    unseen = own.reconnect()
    about = {key: started[key] for key in ("job", "attempt", "rank", "pid", "created")}
    assert unseen["jobs"] == [about]
    assert unseen["exits"] == [message]
    own.peer.send(op="forget", job=ended.name, attempt=1)
    own.peer.send(op="state")
    assert own.peer.until("state")["exits"] == []
    running.cancel()
    assert running.wait()["reason"] == "Canceled"


def test_an_end_while_nobody_listens_is_told_later(own: Node) -> None:
    job = own.command("sleep 0.2; echo end")
    job.started()
    own.peer.close()
    wait_for(lambda: (job.dir / "exit.0").exists(), "exit.0")
    state = own.reconnect()
    assert [(message["job"], message["code"]) for message in state["exits"]] == [(job.name, 0)]


def test_a_new_connection_replaces_the_old(own: Node) -> None:
    old = own.peer
    own.peer = type(old)(own.socket)
    assert own.peer.read()["op"] == "state"
    with pytest.raises(EOFError):
        old.until("never")
    old.close()
    assert own.cell("1").wait()["code"] == 0


def test_a_full_node_says_so(service: Service) -> None:
    node = service.node(max_jobs=1)
    first = node.command("sleep 600")
    assert node.command("true").wait()["code"] == "Busy"
    first.cancel()
    first.wait()
    assert node.command("true").wait()["code"] == 0


def test_jobs_run_side_by_side(own: Node) -> None:
    jobs = [own.cell(f"import time; time.sleep(0.1); print({i})") for i in range(4)]
    for i, job in enumerate(jobs):
        assert job.wait()["code"] == 0
        assert job.stdout() == f"{i}\n"


def test_a_killed_node_leaves_no_process(own: Node) -> None:
    """The double fork, the session of its own and the killed supervisor, all at once."""
    daemon = "(setsid sh -c 'sleep 600 & sleep 600' &) ; "
    jobs = [own.command(daemon + "echo up; sleep 600"), own.cell("import time; time.sleep(600)")]
    for job in jobs:
        job.started()
    wait_for(lambda: len(_survivors(jobs[0].marker)) >= 5, "the daemons")
    children = psutil.Process(own.pid).children(recursive=True)
    os.kill(own.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []
    for job in jobs:
        wait_for(lambda job=job: not _survivors(job.marker), "no survivor")


def test_nodes_and_jobs_outlive_a_killed_nursery(own: Node) -> None:
    job = own.command("sleep 0.5; echo still")
    job.started()
    os.kill(own.service.process.pid, signal.SIGKILL)
    own.service.process.wait()
    assert job.wait()["code"] == 0
    assert own.cell("print(1)").wait()["code"] == 0
    own.leave()


def test_nodes_go_on_when_the_nursery_is_told_to_leave(own: Node) -> None:
    own.service.nursery.send(op="leave")
    assert own.service.nursery.read() == {"op": "leave", "pid": own.service.process.pid}
    assert own.service.process.wait(30) == 0
    assert not own.service.socket.exists()
    assert own.cell("print(1)").wait()["code"] == 0
    own.leave()


def test_leave_ends_everything_and_says_how(own: Node) -> None:
    job = own.command("trap '' TERM; echo up; while :; do sleep 0.1; done")
    job.started()
    own.cell("1", session="s").wait()
    family = psutil.Process(own.pid).children(recursive=True)
    own.peer.send(op="leave")
    message = job.wait()
    assert message["reason"] == "Canceled"
    assert (job.dir / "exit.0").exists()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    wait_for(lambda: not own.socket.exists(), "removal of the socket")


def test_a_nursery_whose_socket_is_gone_ends(service: Service) -> None:
    service.socket.unlink()
    assert service.process.wait(30) == 0


def test_a_node_that_cannot_listen_is_an_error_not_a_hang(service: Service) -> None:
    service.nursery.send(
        op="node", name="bad", socket="/no/such/folder/s", log="", affinity=[], memory=0, gpus=[],
        threads=1, max_jobs=1, disk="",
    )  # fmt: skip
    answer = service.nursery.read()
    assert answer["op"] == "error"
    assert "bad" in answer["message"]


def test_a_dead_spare_is_replaced(own: Node) -> None:
    assert own.cell("1").wait()["code"] == 0
    spare = own.spare()
    nest = spare.parent()
    spare.kill()
    wait_for(lambda: own.spare() != spare, "another spare")
    assert own.spare().parent() == nest
    assert own.cell("print(2)").wait()["code"] == 0
    nest.kill()
    wait_for(lambda: not psutil.pid_exists(nest.pid), "end of the nest")
    assert own.cell("print(3)").wait()["code"] == 0
    assert own.spare().parent() != nest
    assert own.cell("print(4)").wait()["code"] == 0


def test_a_spare_that_dies_with_the_order_in_its_hands_costs_nothing(own: Node) -> None:
    assert own.cell("1").wait()["code"] == 0
    spare = own.spare()
    spare.suspend()
    job = own.cell("print('ran')")
    own.peer.send(op="state")
    own.peer.until("state")  # the order is given by now
    spare.kill()
    assert job.wait()["code"] == 0
    assert job.stdout() == "ran\n"
    assert job.started()["pid"] != spare.pid


def test_two_hundred_jobs_leave_nothing(own: Node) -> None:
    own.cell("1").wait()
    _rests(own)
    before = own.open_fds()
    for i in range(200):
        job = own.cell(f"x = {i}") if i % 2 else own.command("true")
        assert job.wait()["code"] == 0
        own.peer.send(op="forget", job=job.name, attempt=1)
    nest = _rests(own)
    # the node may be reading a file of /proc just now, for a sample
    wait_for(lambda: own.open_fds() <= before, "the descriptors of before")
    assert len(os.listdir(f"/proc/{nest.pid}/fd")) < 12
    assert len(own.reconnect()["exits"]) == 1  # the one that was not forgotten


def _rests(node: Node) -> psutil.Process:
    """Wait until the node has nothing but its nest, which is returned, and a spare."""
    spare = node.spare()
    nest = spare.parent()
    assert nest is not None
    wait_for(lambda: {*node.children(recursive=True)} == {nest, spare}, "nest and spare alone")
    return nest


def test_a_job_keeps_to_its_cpus(service: Service) -> None:
    """Of two CPUs the node has one; a task may say otherwise."""
    *_, last = sorted(os.sched_getaffinity(0))
    node = service.node(affinity=[last])
    source = "import os\nprint(*os.sched_getaffinity(0))"
    for job in (node.cell(source), node.command(f'exec python -c "{source}"')):
        assert job.wait()["code"] == 0
        assert job.stdout() == f"{last}\n"
    first = min(os.sched_getaffinity(0))
    job = node.cell(source, affinity=[first])
    job.wait()
    assert job.stdout() == f"{first}\n"


def test_samples_come_while_a_job_runs(own: Node) -> None:
    job = own.command("exec python -c 'x = b\"x\" * 60_000_000\nwhile True: pass'", memory=10**9)
    job.started()
    while True:  # how soon it has its memory, and what CPU it gets, is the machine's other load
        sample = own.peer.until("sample")
        mine = sample["jobs"].get(job.name, {"memoryBytes": 0, "cpu": 0})
        if mine["memoryBytes"] > 55e6 and mine["cpu"] > 0:
            break
    assert mine["cpu"] < 1.5
    assert mine["memoryBytes"] < 120e6
    assert mine["memoryLimitBytes"] == 10**9
    assert sample["node"]["memoryBytes"] == mine["memoryBytes"]
    assert sample["node"]["diskFreeBytes"] > 0
    assert sample["node"]["time"].endswith("Z")
    job.cancel(grace=0)
    job.wait()
