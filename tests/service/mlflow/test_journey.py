"""The real server and the real client: what a job logs, and that nothing of it needs the service
to live on. It takes as long as importing MLflow three times does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from jupyter_aml.client import Client, connect
from jupyter_aml.model.job import CommandJob, Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.registry import CreateModel
from jupyter_aml.testing.plugin import aml_home
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync
from tests.with_mlflow import PYTHON, needed

__all__ = ["aml_home"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    needed,
]

soon = partial(eventually_sync, seconds=400)

TRAIN = """
import mlflow, os, time
from sklearn.tree import DecisionTreeClassifier

for step, value in enumerate([0.5, 0.75]):
    mlflow.log_metric("accuracy", value, step=step)
mlflow.log_param("depth", 3)
mlflow.set_tag("who", "me")
print(mlflow.active_run().info.run_id)
model = DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1])
mlflow.sklearn.log_model(model, name="tree", serialization_format="cloudpickle")
open("waits", "w").close()
while not os.path.exists("go"):
    time.sleep(0.05)
mlflow.log_metric("afterwards", 1.0)
"""


@pytest.fixture
def service(aml_home: Path) -> Iterator[ServiceProcess]:
    with ServiceProcess(aml_home, python=str(PYTHON)) as started:
        yield started


def ended(client: Client, name: str) -> Job:
    def look() -> Job | None:
        job = client.jobs.get(name)
        return job if job.status in JOB.final else None

    found = soon(look)
    assert found is not None
    return found


def told(client: Client, job: str) -> str:
    """Why it ended, for a failure of the test."""
    events = client.jobs.follow(job, wait=False)
    return "".join(event.text for event in events)[-3000:]


def server(home: Path) -> int:
    return json.loads((home / "mlflow" / "server.json").read_bytes())["pid"]


def test_a_job_logs_and_goes_on_when_the_service_was_killed(
    service: ServiceProcess, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "train.py").write_text(TRAIN)
    spec = CommandJob(
        command="python train.py", python=str(PYTHON), cwd=str(work), experiment_name="trees"
    )
    client = connect(home=service.home, start=False)
    try:
        name = client.jobs.create(spec).name
        soon(lambda: (work / "waits").exists() or client.jobs.get(name).status in JOB.final)
        assert (work / "waits").exists(), told(client, name)
        before = server(service.home)

        service.kill()
        service.start()
        (work / "go").touch()
        job = ended(client, name)
        assert job.status == "Completed", told(client, name)
        assert server(service.home) == before  # adopted, not started again

        found = client.jobs.metrics(name)
        metrics = {metric.name: metric for metric in found.metrics}
        assert metrics["accuracy"].values == [0.5, 0.75]
        assert metrics["accuracy"].steps == [0, 1]
        assert metrics["afterwards"].values == [1.0]
        assert found.parameters == {"depth": "3"}
        assert found.tags["who"] == "me"
        assert found.mlflow_run == name

        events = list(client.jobs.follow(name, wait=False))
        seen = [(event.name, event.value) for event in events if event.kind == "metric"]
        assert seen[:2] == [("accuracy", 0.5), ("accuracy", 0.75)]
        assert name in "".join(event.text for event in events)  # the run's id is the job's name

        model = client.models.create(CreateModel(name="tree", path=f"runs:/{name}/tree"))
        assert model.type == "mlflow_model"
        assert "sklearn" in model.flavors
        assert any(line.startswith("scikit-learn==") for line in model.requirements)
        assert model.lineage.job == name
        assert client.jobs.get(name).models == ["azureml:tree:1"]
    finally:
        client.close()
