"""MLflow models deployed without code and without an environment: they run in what they name."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.client import Client
from jupyter_aml.model.batch import CreateBatchDeployment, CreateBatchEndpoint, InvokeBatch
from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    OnlineDeployment,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.registry import CreateModel
from jupyter_aml.service.environments import tools
from jupyter_aml.testing.waiting import eventually_sync
from tests.service.environments import packages
from tests.service.local.endpoint_world import EndpointWorld, blue
from tests.service.local.test_workspace import ended, text

PATIENCE = 120.0
OUT = "azureml://datastores/workspaceblobstore/paths/out"


async def deployed(world: EndpointWorld, **fields: Any) -> OnlineDeployment:
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    await world.deployments.create("digits", body=blue(**fields))
    return await world.becomes("digits", "blue", "Succeeded")


async def test_it_gets_what_its_model_names_and_says_so(world: EndpointWorld) -> None:
    world.add_model("line:1", type="mlflow_model")
    found = await deployed(world, model="line:1")
    assert found.environment == "of-line:1"
    assert found.spec.environment == ""
    assert found.warnings == ["azureml:line:1 has its own."]
    (command,) = [one for one in world.launcher.launched if one[2] == "score"]
    assert command[0] == "/env/bin/python"


async def test_another_model_under_the_same_name_gets_its_own(world: EndpointWorld) -> None:
    world.add_model("line:1", type="mlflow_model")
    world.add_model("line:2", type="mlflow_model")
    first = await deployed(world, model="line:1")
    spec = CreateOnlineDeployment(**fields_of(first.spec) | {"model": "line:2"})
    await world.deployments.update("digits", "blue", body=spec)
    found = await world.becomes("digits", "blue", "Succeeded")
    assert found.environment == "of-line:2"


async def test_it_goes_on_where_it_was_after_a_restart(world: EndpointWorld) -> None:
    world.add_model("line:1", type="mlflow_model")
    await deployed(world, model="line:1")
    await world.restart()
    found = await world.becomes("digits", "blue", "Succeeded")
    assert (found.environment, found.warnings) == ("of-line:1", ["azureml:line:1 has its own."])


@pytest.mark.parametrize(
    ("fields", "environment"),
    [({"environment": KERNEL}, KERNEL), ({"environment": "trees:1"}, "trees:1")],
)
async def test_an_environment_that_was_named_is_taken(
    world: EndpointWorld, fields: dict[str, str], environment: str
) -> None:
    world.add_model("line:1", type="mlflow_model")
    assert (await deployed(world, model="line:1", **fields)).environment == environment


async def test_an_object_of_the_notebook_stays_in_its_interpreter(world: EndpointWorld) -> None:
    found = await deployed(world)
    assert found.environment == KERNEL
    assert found.python
    assert found.warnings == []


async def test_packages_that_cannot_be_installed_are_not_tried_again_by_themselves(
    world: EndpointWorld,
) -> None:
    world.interpreters.error = ErrorBody(code="EnvironmentFailed", message="no such package")
    world.add_model("line:1", type="mlflow_model")
    await world.endpoints.create(body=CreateOnlineEndpoint(name="digits"))
    await world.deployments.create("digits", body=blue(model="line:1"))
    await world.becomes("digits", "blue", "Failed")
    live = world.engine.all["digits"]
    one = live.deployments["blue"]
    tried = one.preparing
    assert tried is not None
    await tried
    world.engine.loaded(live, one, 0.0)  # as every count of requests does
    assert one.preparing is tried
    assert (one.record.state, one.record.reason) == ("Failed", "no such package")

    world.interpreters.error = None
    world.add_model("line:2", type="mlflow_model")
    await world.deployments.update("digits", "blue", body=blue(model="line:2"))
    await world.becomes("digits", "blue", "Succeeded")


def fields_of(spec: CreateOnlineDeployment) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in spec.__struct_fields__}


# -- with real processes ----------------------------------------------------------------------

MLMODEL = "flavors:\n  python_function:\n    loader_module: tiny\n"
CONDA = "channels: [conda-forge]\ndependencies: [pip, {pip: [mlflow==0.1, %s]}]\n"
MLFLOW = {
    "mlflow/__init__.py": "",
    "mlflow/exceptions.py": "class MlflowException(Exception):\n    pass\n",
    "mlflow/pyfunc.py": (
        "import tiny\n"
        "class Schema:\n"
        "    def get_input_schema(self):\n"
        "        return None\n"
        "class Model:\n"
        "    metadata = Schema()\n"
        "    def predict(self, rows):\n"
        "        return [tiny.VERSION for row in rows]\n"
        "def load_model(path):\n"
        "    return Model()\n"
    ),
}
NUMPY = {"numpy.py": "def asarray(value):\n    return value\n"}
PANDAS = {
    "pandas.py": (
        "class DataFrame:\n    pass\n"
        "def read_csv(path, sep):\n"
        "    with open(path) as lines:\n"
        "        return [line.split(sep) for line in lines][1:]\n"
    )
}
"""As much of each as scoring needs: the real ones take a minute to install."""


@pytest.fixture
def client(index: Path, indexed_client: Client) -> Client:
    """A service whose index has these as well."""
    made: Mapping[str, Mapping[str, str]] = {"mlflow": MLFLOW, "numpy": NUMPY, "pandas": PANDAS}
    for name, files in made.items():
        packages.wheel(index, name, "0.1", files=files)
    return indexed_client


def model(client: Client, folder: Path, line: str) -> str:
    """Registered from a folder as MLflow lays it out."""
    saved = folder / "model"
    shutil.rmtree(saved, ignore_errors=True)
    saved.mkdir()
    (saved / "MLmodel").write_text(MLMODEL)
    (saved / "conda.yaml").write_text(CONDA % line)
    body = CreateModel(name="line", path=str(saved), type="mlflow_model")
    return client.models.create(body).reference


def deploy(client: Client, name: str, reference: str) -> OnlineDeployment:
    """As it is once it answers, or has failed."""
    spec = CreateOnlineDeployment(name=name, endpoint_name="some", model=reference)
    client.online_deployments.create(spec)

    def settled() -> OnlineDeployment | None:
        found = client.online_deployments.get("some", name)
        return found if found.state in ("Succeeded", "Failed") else None

    return eventually_sync(settled, seconds=PATIENCE)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(not tools.find_uv(), reason="uv is not installed: pip takes too long here")
def test_its_packages_are_installed_once_for_online_and_batch(
    client: Client, tmp_path: Path
) -> None:
    """Nothing of it is in the interpreter of the service, which is that of these tests."""
    client.online_endpoints.create(CreateOnlineEndpoint(name="some"))
    reference = model(client, tmp_path, "tiny==2.0")
    found = deploy(client, "blue", reference)
    assert found.state == "Succeeded", found.error
    assert "runs in an environment of the packages that it names" in found.warnings[0]
    client.online_endpoints.update("some", UpdateOnlineEndpoint(traffic={"blue": 100}))
    answer = client.online_endpoints.invoke("some", {"input_data": [[1], [2]]})
    assert answer.value == ["2.0", "2.0"]

    built = client.environments.get(found.environment)
    assert built.packages["tiny"] == "2.0"
    assert "ipython" not in built.packages  # what jobs need is no part of it
    scored(client, tmp_path, reference, found.environment)
    again = client.environments.get(found.environment)
    assert again.build_started_at == built.build_started_at

    failed = deploy(client, "green", model(client, tmp_path, "tiny==7.0"))
    assert failed.error is not None
    assert_says_how_to_go_on(failed.error)


def scored(client: Client, folder: Path, reference: str, environment: str) -> None:
    """A batch deployment of the same model runs in the same environment."""
    client.batch_endpoints.create(CreateBatchEndpoint(name="many"))
    body = CreateBatchDeployment(name="one", endpoint_name="many", model=reference)
    made = client.batch_deployments.create(body)
    assert (made.environment, made.spec.environment) == (environment, "")
    assert reference in made.warnings[0]
    (folder / "rows.csv").write_text("a,b\n1,2\n3,4\n")
    job = client.batch_endpoints.invoke(
        "many", InvokeBatch(input=str(folder / "rows.csv"), output=OUT)
    )
    done = ended(client, job.name)
    assert done.status == "Completed", text(client, job.name, "stderr")
    read = b"".join(client.datastores.read("workspaceblobstore", "out/predictions.csv"))
    assert read.splitlines() == [b"0,2.0,rows.csv", b"1,2.0,rows.csv"]


def assert_says_how_to_go_on(error: ErrorBody) -> None:
    """The line, and the ways out."""
    assert error.target == "tiny==7.0"
    assert "azureml:line:2" in error.message
    assert "tiny" in error.message
    assert "--environment" in error.hint
    assert "environment=" in error.hint
