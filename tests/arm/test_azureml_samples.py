"""The samples of examples/azureml: the stock SDK in processes of its own, jobs that really run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import with_mlflow
from tests.arm import fenced
from tests.arm.live import Live

SAMPLES = Path(__file__).parents[2] / "examples" / "azureml"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), with_mlflow.needed]


class Samples:
    """A copy of the folder; `run` is ``python SCRIPT`` in it."""

    def __init__(self, live: Live, folder: Path) -> None:
        self._live = live
        self._folder = folder

    def run(self, script: str) -> Any:
        """What the script says at its end."""
        ran = fenced.run([script], environment=self._live.environment(), folder=self._folder)
        assert ran.code == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
        assert ran.refused == frozenset()
        return json.loads(ran.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service whose jobs have MLflow, as the samples ask for."""
    found = Live(tmp_path_factory.mktemp("samples") / "home", python=str(with_mlflow.PYTHON))
    try:
        found.open()
        yield found
    finally:
        found.service.stop()
        left = found.service.left_over()
        assert not left, left


@pytest.fixture
def samples(live: Live, tmp_path: Path) -> Samples:
    """Their environment is there already, as an image alone: nothing is installed for tests."""
    folder = tmp_path / "azureml"
    shutil.copytree(SAMPLES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    access = live.access
    where = (
        f"/subscriptions/{access.subscription_id}/resourceGroups/{access.resource_group}/providers"
        f"/Microsoft.MachineLearningServices/workspaces/{access.workspace_name}"
    )
    status, _, content = live.call(
        "PUT",
        f"{where}/environments/samples/versions/1",
        {"properties": {"image": "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"}},
        {"Authorization": f"Bearer {live.token()}"},
    )
    assert status in (200, 201), content
    return Samples(live, folder)


def test_jobs_and_a_sweep(samples: Samples) -> None:
    told = samples.run("jobs.py")
    assert told["status"] == "Completed"
    assert [Path(one).name for one in told["files"]] == ["tree.joblib"]


def test_pipelines_with_a_registered_component_and_a_schedule(samples: Samples) -> None:
    told = samples.run("pipelines.py")
    assert told["statuses"] == ["Completed", "Completed"]
    assert told["report"]["rows"] == 53
    assert told["report"]["accuracy"] > 0.8


def test_an_endpoint_goes_from_blue_to_green(samples: Samples) -> None:
    told = samples.run("endpoints.py")
    assert told["first"] == {"kinds": [0, 1, 1], "model": "DecisionTreeClassifier"}
    assert told["tried"] == {"kinds": [0, 1, 1], "model": "RandomForestClassifier"}
    assert told["traffic"] == {"green": 100}


def test_a_batch_endpoint_scores_tables(samples: Samples) -> None:
    told = samples.run("batch.py")
    assert told["jobs"] == 1
    assert [line.split(",")[:2] for line in told["lines"]] == [
        ["cellar-0.csv", "60"],
        ["cellar-1.csv", "59"],
        ["cellar-2.csv", "59"],
    ]
