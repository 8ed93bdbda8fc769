"""Command jobs, jobs of several processes, and what they leave behind."""

from __future__ import annotations

import json
import os
import sys
import textwrap

import psutil
import pytest

from tests.runner.driver import Node, wait_for


def test_a_commands_output_environment_and_exit_code(node: Node) -> None:
    job = node.command(
        'echo "out $GREETING $JUPYTER_AML_JOB"; echo err >&2; pwd; exit 3', env={"GREETING": "hi"}
    )
    message = job.wait()
    assert (message["code"], message["signal"], message["reason"]) == (3, None, "")
    assert job.stdout() == f"out hi {job.name}\n{job.task['cwd']}\n"
    assert job.stderr() == "err\n"
    assert job.started()["how"] == "exec"
    on_disk = json.loads((job.dir / "exit.0").read_text())
    assert on_disk == message


def test_the_environment_is_clean_and_says_what_the_job_is(node: Node) -> None:
    assert "SECRET_OF_THE_STARTER" in psutil.Process(node.pid).environ()
    job = node.command("env -0")
    job.wait()
    found = dict(item.split("=", 1) for item in job.stdout().split("\0") if item)
    assert "SECRET_OF_THE_STARTER" not in found
    assert found["AZUREML_RUN_ID"] == found["JUPYTER_AML_JOB"] == job.name
    assert found["JUPYTER_AML_MARKER"] == job.marker
    assert found["JUPYTER_AML_FRAMES"] == str(job.dir / "frames.0")
    assert found["OMP_NUM_THREADS"] == found["MKL_NUM_THREADS"] == "1"
    assert found["CUDA_VISIBLE_DEVICES"] == ""
    assert found["PATH"].split(":")[0] == os.path.dirname(job.task["python"])


def test_folders_that_azure_keeps_are_there_from_the_start(node: Node) -> None:
    own = {"own_folder": True, "folders": ["outputs", "logs"]}
    job = node.command("ls; echo 1 > outputs/a", **own)
    assert job.wait()["code"] == 0
    assert job.stdout() == "logs\noutputs\n"
    again = node.command("cat outputs/a", **own, cwd=job.task["cwd"])
    assert (again.wait()["code"], again.stdout()) == (0, "1\n")


def test_a_folder_that_is_not_the_jobs_stays_as_it_is(node: Node) -> None:
    job = node.command("ls", folders=["outputs", "logs"])
    assert (job.wait()["code"], job.stdout()) == (0, "")


def test_nobody_types_into_a_job(node: Node) -> None:
    job = node.command("cat; echo done")
    assert job.wait()["code"] == 0
    assert job.stdout() == "done\n"


def test_a_command_has_ordinary_signals_and_umask(node: Node) -> None:
    job = node.command("touch made; stat -c %a made; yes | head -1; grep SigBlk /proc/self/status")
    assert job.wait()["code"] == 0
    mode, yes, blocked = job.stdout().splitlines()
    current = os.umask(0)
    os.umask(current)
    assert int(mode, 8) == 0o666 & ~current
    assert yes == "y"
    assert int(blocked.split()[1], 16) == 0


def test_files_of_a_job_are_its_owners_alone(node: Node) -> None:
    job = node.cell("a = 1")
    job.wait()
    files = [path for path in job.dir.iterdir() if not path.is_symlink()]
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}


def test_what_a_command_leaves_running_ends_with_it(node: Node) -> None:
    job = node.command("sleep 600 & echo $!; (setsid sleep 601 &) ; sleep 0.3")
    assert job.wait()["code"] == 0
    assert not psutil.pid_exists(int(job.stdout()))
    assert _survivors(job.marker) == []


@pytest.mark.skipif(sys.platform != "linux", reason="markers are read from /proc")
def test_a_service_that_a_command_started_outlives_it(node: Node) -> None:
    start = "JUPYTER_AML_MARKER=service setsid sleep 600 & p=$!; echo $p"
    job = node.command(f"{start}; until grep -q sleep /proc/$p/comm; do sleep 0.01; done")
    assert job.wait()["code"] == 0
    service = psutil.Process(int(job.stdout()))
    try:
        assert service.is_running()
        assert service.status() != psutil.STATUS_STOPPED
        later = node.command("true")
        assert later.wait()["code"] == 0
        assert service.is_running()
    finally:
        service.kill()


def test_a_survivor_that_ignores_sigterm_is_killed(node: Node) -> None:
    job = node.command("sh -c 'trap \"\" TERM; echo up; while :; do sleep 0.1; done' & sleep 0.3")
    assert job.wait()["code"] == 0
    assert _survivors(job.marker) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cwd": "/no/such/folder"}, "/no/such/folder"),
        ({"python": "/no/such/python"}, "/no/such/python"),
    ],
)
def test_a_job_that_cannot_start_says_why(node: Node, fields: dict[str, str], words: str) -> None:
    job = node.cell("1", **fields)
    message = job.wait()
    assert message["reason"] == "StartFailed"
    assert words in message["message"]
    assert message["code"] is None


def test_several_processes_have_their_own_output_and_environment(node: Node) -> None:
    processes = [
        {"rank": 4 + i, "env": {"RANK": str(4 + i), "LOCAL_RANK": str(i)}} for i in range(3)
    ]
    job = node.command("echo rank $RANK local $LOCAL_RANK", rank=2, processes=processes)
    message = job.wait()
    assert (message["rank"], message["code"]) == (2, 0)
    for i in range(3):
        assert job.stdout(4 + i) == f"rank {4 + i} local {i}\n"
        assert os.path.lexists(job.dir / f"claim.{4 + i}")
    assert (job.dir / "exit.2").exists()


def test_one_failing_process_ends_the_others(node: Node) -> None:
    processes = [{"rank": i, "env": {"RANK": str(i)}} for i in range(3)]
    source = textwrap.dedent(
        """
        import os, time, sys
        if os.environ["RANK"] == "1":
            sys.exit(9)
        time.sleep(600)
        """
    )
    job = node.cell(source, processes=processes)
    assert job.wait()["code"] == 9
    assert _survivors(job.marker) == []


def _survivors(marker: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("JUPYTER_AML_MARKER") == marker:
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_zombies_are_reaped(node: Node) -> None:
    for _ in range(3):
        assert node.command("(sleep 0.01 &) ; (true &)").wait()["code"] == 0
    wait_for(lambda: not any(map(_is_zombie, node.children())), "reaping of orphans")


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False  # reaped since it was listed
