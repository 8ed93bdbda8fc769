"""Jobs in environments, on a real service that takes its packages from a folder."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_aml.client import Client, connect
from jupyter_aml.model.environment import (
    CreateEnvironment,
    DiffEnvironment,
    Environment,
    EnvironmentContent,
)
from jupyter_aml.model.errors import Conflict, NotFound
from jupyter_aml.model.job import CellJob, CommandJob, Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.service.environments import tools
from jupyter_aml.testing.leaks import is_gone
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync
from tests.service.environments import packages

pytestmark = [
    pytest.mark.skipif(not tools.find_uv(), reason="uv is not installed: pip takes too long here"),
    pytest.mark.timeout(300),
]

soon = partial(eventually_sync, seconds=100)
"""Builds take long on a machine that is busy with other tests."""

SHOW = "python -c 'import tiny, sys; print(tiny.VERSION, sys.prefix)'"


@pytest.fixture
def client(indexed_client: Client) -> Client:
    """A service that installs from a folder of packages."""
    return indexed_client


@pytest.fixture
def gate(index: Path, tmp_path: Path) -> Gate:
    found = Gate(tmp_path)
    packages.gated(index, "gated", found.told, found.path)
    return found


class Gate:
    """A package ``gated`` whose build waits for this to be opened."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gate"
        self.told = folder / "told"

    def open(self) -> None:
        self.path.write_text("")

    def builds(self) -> list[int]:
        """Process ids of the builds so far."""
        return [int(line) for line in self.told.read_text().split()] if self.told.exists() else []

    def wait(self, count: int = 1) -> int:
        """Wait until `count` builds have begun; the process id of the newest."""
        soon(lambda: len(self.builds()) == count)
        return self.builds()[-1]


def create(client: Client, *requirements: str, name: str = "mine", **fields: Any) -> Environment:
    wanted = CreateEnvironment(name=name, requirements=list(requirements), **fields)
    return client.environments.create(wanted)


def submit(client: Client, command: str, environment: str = "mine", **fields: Any) -> Job:
    return client.jobs.create(CommandJob(command=command, environment=environment, **fields))


def ended(client: Client, job: Job) -> Job:
    for _ in client.jobs.follow(job.name):
        pass
    return soon(lambda: _final(client.jobs.get(job.name)))


def _final(job: Job) -> Job | None:
    return job if job.status in JOB.final else None


def text(client: Client, job: Job) -> str:
    found = client.jobs.follow(job.name, wait=False)
    return "".join(e.text for e in found if e.kind == "stdout")


def reasons(client: Client, job: Job) -> list[tuple[str, str]]:
    found = client.jobs.follow(job.name, wait=False)
    return [(e.status, e.reason) for e in found if e.kind == "status"]


def is_preparing(client: Client, job: Job) -> bool:
    found = client.jobs.get(job.name)
    return found.status == "Preparing" and "Building environment" in found.status_reason


def test_a_job_waits_for_its_environment_and_runs_in_it(
    client: Client, indexed_service: Any
) -> None:
    created = create(client, "tiny<2")
    assert (created.reference, created.state) == ("mine:1", "NotBuilt")
    first = submit(client, SHOW)
    assert (first.spec.environment, ended(client, first).status) == ("mine:1", "Completed")
    version, prefix = text(client, first).split()
    assert version == "1.0"
    assert Path(prefix).parent == indexed_service.home / "environments"
    built = client.environments.get("mine")
    assert (built.state, built.packages["tiny"]) == ("Succeeded", "1.0")
    assert {"tiny", "cloudpickle"} <= set(built.modules)
    assert built.usual_seconds == pytest.approx(built.build_seconds, abs=0.1)
    second = ended(client, submit(client, SHOW, "mine@latest"))
    assert "Preparing" not in [status for status, _ in reasons(client, second)]
    assert client.environments.get("mine").built_at == built.built_at
    lines = [line.text for line in client.environments.log("mine")]
    assert lines[-1].startswith("Built in ")


def test_a_cell_runs_there_and_its_variables_come_back(client: Client) -> None:
    create(client, "tiny")
    source = "import tiny\nversion = tiny.VERSION\nprint(version)"
    done = ended(client, client.jobs.create(CellJob(source=source, environment="mine")))
    assert done.status == "Completed", done.error
    assert text(client, done) == "2.0\n"
    assert done.result is not None
    assert "version" in done.result.names


def test_a_session_keeps_its_environment(client: Client) -> None:
    create(client, "tiny")
    cell = CellJob(source="import tiny", environment="mine", session="work")
    assert ended(client, client.jobs.create(cell)).status == "Completed"
    soon(lambda: [s.name for s in client.sessions.list().value] == ["work"])
    with pytest.raises(Conflict, match="mine:1"):
        client.jobs.create(CellJob(source="1", session="work"))
    again = CellJob(source="print(tiny.VERSION)", environment="mine:1", session="work")
    assert ended(client, client.jobs.create(again)).status == "Completed"
    client.sessions.delete("work")
    soon(lambda: not client.sessions.list().value)
    fresh = CellJob(source="1", session="work")
    assert ended(client, client.jobs.create(fresh)).status == "Completed"


def test_what_the_environment_has_is_compared(client: Client) -> None:
    create(client, "tiny")
    client.environments.build("mine")
    soon(lambda: client.environments.get("mine").state == "Succeeded")
    body = DiffEnvironment(packages={"tiny": "1.0", "tqdm": "4.0"})
    found = client.environments.diff("mine", body)
    assert found.complete
    rows = {row.package: row.status for row in found.rows}
    assert (rows["tiny"], rows["tqdm"], rows["cloudpickle"]) == ("different", "missing", "extra")


def test_a_build_that_fails_is_the_jobs_end_with_the_cause(client: Client) -> None:
    create(client, "tiny", "scikit-lern")
    done = ended(client, submit(client, "echo never", retries=1))
    assert (done.status, done.status_reason, done.attempt) == ("Failed", "EnvironmentFailed", 1)
    assert done.error is not None
    assert done.error.target == "scikit-lern"
    assert "scikit-learn" in done.error.hint
    assert "mine:1" in done.error.message
    assert text(client, done) == ""
    assert client.environments.get("mine").state == "Failed"
    # Another content under the same name is the next version, which the next job takes.
    assert create(client, "tiny").version == "2"
    assert ended(client, submit(client, SHOW)).status == "Completed"


def test_jobs_of_the_same_content_wait_for_one_build(client: Client, gate: Gate) -> None:
    create(client, "gated", "tiny")
    create(client, "tiny", "gated", name="same")
    jobs = [submit(client, SHOW, name) for name in ("mine", "same", "mine:1")]
    gate.wait()
    for job in jobs:
        soon(lambda job=job: is_preparing(client, job))
    assert any(
        reason.startswith("Building environment same:1") for _, reason in reasons(client, jobs[1])
    )
    assert client.service.status().running["builds"] == 1
    gate.open()
    assert [ended(client, job).status for job in jobs] == ["Completed"] * 3
    assert len(gate.builds()) == 1


def test_canceling_a_waiting_job_leaves_the_build_to_others(client: Client, gate: Gate) -> None:
    create(client, "gated")
    job, other = submit(client, "echo one"), submit(client, "echo two")
    gate.wait()
    soon(lambda: is_preparing(client, job))
    client.jobs.cancel(job.name)
    assert ended(client, job).status == "Canceled"
    gate.open()
    assert ended(client, other).status == "Completed"


def test_canceling_the_build_ends_it_and_says_so_to_who_waits(client: Client, gate: Gate) -> None:
    create(client, "gated")
    job = submit(client, "echo never")
    backend = psutil.Process(gate.wait())
    soon(lambda: is_preparing(client, job))
    assert client.environments.cancel("mine").state == "Canceled"
    done = ended(client, job)
    assert (done.status, done.status_reason) == ("Failed", "EnvironmentFailed")
    assert done.error is not None
    assert "canceled" in done.error.message
    soon(lambda: is_gone(backend))
    gate.open()
    assert ended(client, submit(client, "echo again")).status == "Completed"


def test_a_killed_service_leaves_nothing_half_built(
    client: Client, indexed_service: ServiceProcess, gate: Gate
) -> None:
    create(client, "gated")
    job = submit(client, "echo at last")
    backend = psutil.Process(gate.wait())
    soon(lambda: is_preparing(client, job))
    indexed_service.kill()
    indexed_service.start()
    gate.wait(2)  # the job is taken up and its environment built anew
    soon(lambda: is_gone(backend))
    gate.open()
    with connect_again(indexed_service) as again:
        done = ended(again, job)
        assert (done.status, text(again, done)) == ("Completed", "at last\n")
        assert again.environments.get("mine").state == "Succeeded"


def test_a_service_that_is_ended_takes_its_build_along(
    client: Client, indexed_service: ServiceProcess, gate: Gate
) -> None:
    create(client, "gated")
    client.environments.build("mine")
    backend = psutil.Process(gate.wait())
    indexed_service.terminate()
    soon(lambda: is_gone(backend))
    indexed_service.start()
    with connect_again(indexed_service) as again:
        assert again.environments.get("mine").state == "NotBuilt"
        assert not [
            p for p in (indexed_service.home / "environments").iterdir() if p.name != "logs"
        ]


def test_a_job_may_describe_its_environment_itself(client: Client) -> None:
    conda = "dependencies: [pip, cudatoolkit, {pip: ['tiny==1.0']}]"
    content = EnvironmentContent(conda_file=conda, image="registry.invalid/base")
    spec = CommandJob(command=SHOW, environment_content=content)
    job = client.jobs.create(spec)
    assert job.spec.environment.startswith("CliV2AnonymousEnvironment:")
    assert job.spec.environment_content is None
    said = " ".join(job.spec.warnings)
    assert "cudatoolkit" in said
    assert "registry.invalid/base is not run here" in said
    done = ended(client, job)
    assert (done.status, text(client, done).split()[0]) == ("Completed", "1.0")
    # As it is shown it can be asked for again.
    again = CommandJob(command=SHOW, environment=job.spec.environment)
    assert ended(client, client.jobs.create(again)).status == "Completed"
    assert client.jobs.create(spec, name=job.name).created_at == job.created_at


def test_names_that_nobody_knows_are_refused_and_azures_are_replaced(client: Client) -> None:
    with pytest.raises(NotFound, match="no environment 'kernl'") as refused:
        submit(client, "echo", "kernl")
    assert "kernel" in refused.value.hint
    checked = client.jobs.check(CommandJob(command="x", environment="AzureML-sklearn-1.5@latest"))
    assert checked.spec.environment == "sklearn:1"
    assert "AzureML-sklearn-1.5" in checked.spec.warnings[0]
    with pytest.raises(Conflict):
        client.environments.build("kernel")


def test_open_tabs_see_what_becomes_of_environments(client: Client) -> None:
    feed = client.feed.open("0123456789")
    lines = [json.loads(feed.read_line(30) or b"{}") for _ in range(2)]
    assert lines[0]["type"] == "hello"
    create(client, "tiny")
    client.environments.build("mine")
    seen: list[str] = []
    while "Succeeded" not in seen:
        change = json.loads(feed.read_line(60) or b"{}")
        if change.get("noun") == "environment" and change["name"] == "mine:1":
            seen.append(change["object"]["state"])
            assert change["object"]["modules"] == []
    feed.close()
    assert seen[-1] == "Succeeded"
    again = client.feed.open("9876543210")
    names = set()
    while "mine:1" not in names:
        change = json.loads(again.read_line(30) or b"{}")
        names.add(change.get("name"))
    again.close()


class connect_again:  # noqa: N801 - reads as the function that it stands for
    """A client of the service that was started anew."""

    def __init__(self, service: ServiceProcess) -> None:
        self._client = connect(home=service.home, start=False)

    def __enter__(self) -> Client:
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.close()
