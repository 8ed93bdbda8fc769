"""Jobs that do what no job should."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil
import pytest

from jupyter_aml.client import Client, connect
from jupyter_aml.model.compute import AmlCompute, Compute
from jupyter_aml.model.errors import AmlError, Conflict, Invalid, NotFound
from jupyter_aml.model.job import CommandJob
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync
from tests.misuse.following import ended, text

# Ignores SIGTERM, forks, and one child leaves group and session; each says its pid.
_STUBBORN = """
trap '' TERM INT
echo $$
sleep 600 & echo $!
setsid sh -c 'trap "" TERM; echo $$; sleep 600' &
wait; sleep 600
"""


def test_a_job_that_ignores_sigterm_and_forks_is_canceled_with_all_of_it(
    aml_home: Path,
) -> None:
    aml_home.mkdir(mode=0o700)
    (aml_home / "service_config.py").write_text("c.LocalSettings.cancel_grace_seconds = 0.2\n")
    service = ServiceProcess(aml_home)
    service.start()
    client = connect(home=aml_home, start=False)
    job = client.jobs.create(CommandJob(command=_STUBBORN))
    eventually_sync(lambda: text(client, job.name).count("\n") == 3)
    pids = [int(word) for word in text(client, job.name).split()]
    assert client.jobs.cancel(job.name).status in ("CancelRequested", "Canceled")
    assert ended(client, job.name).status == "Canceled"
    assert not [pid for pid in pids if psutil.pid_exists(pid)], "its end is the end of all of it"
    client.close()
    service.stop()
    assert not service.left_over()


def test_a_job_that_prints_without_end_has_bounded_output_and_says_so(aml_home: Path) -> None:
    aml_home.mkdir(mode=0o700)
    (aml_home / "service_config.py").write_text("c.ServiceSettings.stream_limit_mb = 1\n")
    service = ServiceProcess(aml_home)
    service.start()
    client = connect(home=aml_home, start=False)
    job = client.jobs.create(CommandJob(command="yes 'the same line again' | head -c 20000000"))
    assert ended(client, job.name).status == "Completed"
    held = sum(
        file.lstat().st_blocks * 512 for file in (aml_home / "jobs" / job.name / "1").iterdir()
    )
    assert held < 4_000_000
    notices = text(client, job.name, "notice")
    assert "MB" in notices
    assert text(client, job.name).endswith("the same line again\n"), "its newest part is kept"
    client.close()
    service.stop()
    assert not service.left_over()


def test_clients_that_create_the_same_compute_at_once_make_one(client: Client) -> None:
    made: list[Compute] = []
    refused: list[AmlError] = []

    def create(number: int) -> None:
        mine = connect(home=client.home, start=False)
        try:
            made.append(mine.compute.create(AmlCompute(name="cpu-cluster", max_instances=number)))
        except Conflict as error:
            refused.append(error)
        finally:
            mine.close()

    threads = [threading.Thread(target=create, args=(1 + n % 2,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted = {one.spec.max_instances for one in made if isinstance(one.spec, AmlCompute)}
    assert len(wanted) == 1, "one of the two was first"
    assert len(made) == len(refused) == 4
    assert all(error.hint for error in refused)
    assert [one.name for one in client.compute.list().value].count("cpu-cluster") == 1


@pytest.mark.parametrize(
    ("spec", "error", "word"),
    [
        (CommandJob(command="echo", compute="nowhere"), NotFound, "nowhere"),
        (CommandJob(command="echo", environment="torch"), NotFound, "torch"),
        (CommandJob(command="echo", python="/no/python"), NotFound, "/no/python"),
        (CommandJob(command="echo\0"), Invalid, "NUL"),
        (CommandJob(command="echo", environment_variables={"A=B": "1"}), Invalid, "A=B"),
        (CommandJob(command="echo", code="/no/such/folder"), AmlError, "/no/such/folder"),
        (CommandJob(command="echo", cwd="/no/such/folder"), NotFound, "/no/such/folder"),
        (CommandJob(command="echo", instance_count=9), Invalid, "9"),
    ],
)
def test_what_cannot_run_is_refused_before_anything_is_kept(
    client: Client, spec: CommandJob, error: type[AmlError], word: str
) -> None:
    with pytest.raises(error) as refused:
        client.jobs.create(spec)
    assert word in refused.value.message
    assert refused.value.target
    assert not client.jobs.list().value


def test_a_stale_runtime_file_with_another_programs_port_is_not_believed(
    aml_service: ServiceProcess, client: Client
) -> None:
    """The port belongs to somebody else by now, who refuses the token: nothing is sent there."""
    runtime = aml_service.home / "service.json"
    true = runtime.read_text()
    runtime.write_text(true.replace(aml_service.token, "an-older-token"))
    with pytest.raises(AmlError) as refused:
        connect(home=aml_service.home, start=False)
    assert "an-older-token" not in str(refused.value)
    runtime.write_text(true)
    assert client.service.status().pid == aml_service.pid


def test_a_damaged_database_is_kept_aside_and_the_jobs_files_stay(
    aml_service: ServiceProcess, client: Client
) -> None:
    job = client.jobs.create(CommandJob(command="echo kept"))
    ended(client, job.name)
    aml_service.kill()
    database = aml_service.home / "state.db"
    for part in aml_service.home.glob("state.db*"):
        part.write_bytes(b"no database any more" * 500)
    aml_service.start()
    (kept,) = aml_service.home.glob("state.db.damaged-*Z")
    assert kept.read_bytes().startswith(b"no database any more")
    assert database.exists()
    assert kept.name in aml_service.log()
    output = aml_service.home / "jobs" / job.name / "1" / "stdout.0"
    assert output.read_text() == "kept\n"
    fresh = connect(home=aml_service.home, start=False)
    done = fresh.jobs.create(CommandJob(command="echo goes on"))
    assert ended(fresh, done.name).status == "Completed"
    fresh.close()
