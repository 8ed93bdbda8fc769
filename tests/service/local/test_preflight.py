"""Pre-flight of a real service: everything in one answer, fast, and nothing kept."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from jupyter_aml.client import Client
from jupyter_aml.model.component import CommandComponent, JobStep, PipelineComponent
from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.environment import CreateEnvironment
from jupyter_aml.model.job import CommandJob
from jupyter_aml.model.pipeline import PipelineJob
from jupyter_aml.model.preflight import CheckJob, Preflight, Problem


@pytest.fixture
def cluster(client: Client) -> str:
    size = "Standard_DS3_v2"
    client.compute.create(AmlCompute(name="cheap", size=size, max_instances=2, tier="low_priority"))
    return "cheap"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A notebook's folder; the service's home lies beside it."""
    made = tmp_path / "notebooks"
    made.mkdir()
    return made


def problem(found: Preflight, code: str) -> Problem:
    (one,) = [each for each in found.problems if each.code == code]
    return one


def test_the_strip_of_a_cell_that_a_browser_sees(
    client: Client, cluster: str, folder: Path
) -> None:
    (folder / "steps.py").write_text("x = 1\n")
    (folder / "large.bin").write_bytes(b"0" * 100_000)
    (folder / ".amlignore").write_text("*.log\n")
    (folder / "a.log").write_text("no")
    found = client.jobs.preflight(
        CheckJob(source="%%aml\nimport steps\n", compute=cluster, folder=str(folder))
    )
    assert found.problems == []
    assert (found.size, found.vcpus, found.memory_gb) == ("Standard_DS3_v2", 4, 14)
    assert found.low_priority
    assert found.rehearsal
    assert found.price_per_hour == pytest.approx(0.0586, abs=0.01)
    assert found.quota is not None
    assert found.quota.left == found.quota.limit  # what it holds itself is not lost to it
    assert found.quota.holders == []
    assert found.start is None  # nobody has started here yet
    assert found.ships is not None
    assert found.ships.complete
    assert found.ships.largest[0].path == "large.bin"
    assert found.ships.left_out == ["a.log"]


def test_on_local_nothing_travels_and_nothing_costs(client: Client, folder: Path) -> None:
    found = client.jobs.preflight(CheckJob(source="1", folder=str(folder)))
    assert (found.compute, found.ships, found.price_per_hour) == ("local", None, None)
    assert found.vcpus > 0


def test_what_create_refuses_is_a_problem_here(client: Client, cluster: str) -> None:
    unknown = client.jobs.preflight(CheckJob(source="1", compute="nowhere"))
    assert problem(unknown, "NotFound").where == "compute"
    wide = client.jobs.preflight(CheckJob(source="1", compute=cluster, instance_count=9))
    fix = problem(wide, "Invalid").fix
    assert fix is not None
    assert fix.value == "--nodes 1"
    lacking = client.jobs.preflight(CheckJob(source="1", compute=cluster, environment="nobody"))
    assert problem(lacking, "NotFound").where == "environment"
    typed = client.jobs.preflight(CheckJob(source="x = (", compute=cluster))
    assert problem(typed, "SyntaxError").where == "line 1"


def test_a_whole_spec_can_be_asked_about(client: Client, cluster: str, folder: Path) -> None:
    (folder / "train.py").write_text("1\n")
    spec = CommandJob(command="python train.py", compute=cluster, code=str(folder))
    found = client.jobs.preflight(CheckJob(spec=spec))
    assert found.ships is not None
    assert found.ships.files == 1
    assert client.jobs.list().value == []


def test_a_pipeline_names_what_its_steps_run_in(client: Client) -> None:
    client.environments.create(CreateEnvironment(name="fit", requirements=["six==1.17.0"]))
    inner = PipelineComponent(name="inner", jobs={"b": step(environment="fit:1")})
    jobs = {"a": step(), "b": step(environment="fit:1"), "c": JobStep(component=inner)}
    found = client.jobs.preflight(CheckJob(spec=PipelineJob(jobs=jobs)))
    assert found.environment is None
    assert [one.name for one in found.environments] == ["kernel", "fit:1"]
    assert problem(found, "EnvironmentNotBuilt").where == "environment"
    refused = PipelineJob(jobs={"a": step(environment="nobody:1")})
    assert client.jobs.preflight(CheckJob(spec=refused)).environments == []


def step(environment: str = "kernel") -> JobStep:
    return JobStep(component=CommandComponent(name="work", command="true", environment=environment))


def test_it_answers_while_a_person_types(client: Client, cluster: str, folder: Path) -> None:
    for number in range(2000):
        (folder / f"{number}.py").write_text("x")
    body = CheckJob(source="import numpy\n", compute=cluster, folder=str(folder))
    client.jobs.preflight(body)
    service = psutil.Process(client.service.status().pid)

    def work() -> float:
        return sum(service.cpu_times()[:2])

    before = work()
    for _ in range(10):
        client.jobs.preflight(body)
    # the service's own work: what else this machine is doing does not count
    assert (work() - before) / 10 < 0.1
