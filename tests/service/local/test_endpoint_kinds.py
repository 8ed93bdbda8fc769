"""Endpoints of every kind with real processes: a named environment, MLflow, tokens, mirroring,
sleep, and Azure's own server."""

from __future__ import annotations

import http.client
import importlib.util
import json
import operator
import pickle
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from jupyter_aml.client import Client
from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    OnlineDeployment,
    ScaleSettings,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.environment import CreateEnvironment
from jupyter_aml.model.registry import CreateModel
from jupyter_aml.service.environments import tools
from jupyter_aml.testing.waiting import eventually_sync
from tests import with_mlflow

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PATIENCE = 120.0

TINY = "import tiny\ndef init():\n    pass\ndef run(data):\n    return tiny.VERSION\n"
ECHO = "def init():\n    pass\ndef run(data):\n    print('saw', data)\n    return data\n"
MLMODEL = """
flavors:
  python_function:
    code: code
    loader_module: line
"""
LINE = """
class Line:
    def predict(self, table):
        return [10.0 * row[0] for row in getattr(table, 'values', table)]

def _load_pyfunc(path):
    return Line()
"""
"""As ``mlflow.pyfunc.save_model`` lays it out; saving would import MLflow once more."""


@pytest.fixture
def client(indexed_client: Client) -> Client:
    """A service that installs from a folder of packages."""
    return indexed_client


def script(folder: Path, text: str) -> dict[str, str]:
    folder.mkdir()
    (folder / "score.py").write_text(text)
    return {"code": str(folder), "scoring_script": "score.py"}


def register(client: Client, folder: Path, name: str, value: object) -> str:
    where = folder / name
    where.mkdir()
    (where / "model.pkl").write_bytes(pickle.dumps(value))
    return client.models.create(
        CreateModel(
            name=name, path=str(where), flavors={"python_object": {}}, python=sys.executable
        )
    ).reference


def deploy(client: Client, name: str = "blue", **fields: Any) -> OnlineDeployment:
    """Returns when it answers; "some" has no endpoint before the first."""
    spec = CreateOnlineDeployment(**{"name": name, "endpoint_name": "some", "model": "", **fields})
    client.online_deployments.create(spec)

    def settled() -> OnlineDeployment | None:
        found = client.online_deployments.get("some", name)
        return found if found.state in ("Succeeded", "Failed") else None

    found = eventually_sync(settled, seconds=PATIENCE)
    assert found.state == "Succeeded", found.error
    return found


def endpoint(client: Client, **fields: Any) -> None:
    client.online_endpoints.create(CreateOnlineEndpoint(name="some", **fields))


def route(client: Client, **fields: Any) -> None:
    client.online_endpoints.update("some", UpdateOnlineEndpoint(**fields))


def ask(client: Client, body: object, bearer: str) -> tuple[int, Any]:
    where = urlsplit(client.online_endpoints.get("some").scoring_uri)
    connection = http.client.HTTPConnection(where.netloc, timeout=PATIENCE)
    try:
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        connection.request("POST", where.path, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.skipif(not tools.find_uv(), reason="uv is not installed: pip takes too long here")
def test_a_deployment_has_the_packages_of_its_environment(client: Client, tmp_path: Path) -> None:
    """Built when the deployment needs it, and not before."""
    wanted = CreateEnvironment(name="mine", requirements=["tiny==1.0"])
    reference = f"mine:{client.environments.create(wanted).version}"
    endpoint(client)
    found = deploy(client, environment=reference, **script(tmp_path / "code", TINY))
    assert found.spec.environment == reference
    route(client, traffic={"blue": 100})
    assert client.online_endpoints.invoke("some", [1]).value == "1.0"


@with_mlflow.needed
def test_an_mlflow_model_needs_no_code(client: Client, tmp_path: Path) -> None:
    saved = tmp_path / "model"
    (saved / "code").mkdir(parents=True)
    (saved / "MLmodel").write_text(MLMODEL)
    (saved / "code" / "line.py").write_text(LINE)
    model = client.models.create(
        CreateModel(
            name="line", path=str(saved), type="mlflow_model", python=str(with_mlflow.PYTHON)
        )
    )
    endpoint(client)
    deploy(client, model=model.reference)
    route(client, traffic={"blue": 100})
    answer = client.online_endpoints.invoke("some", {"input_data": [[3.0]]})
    assert answer.status == 200
    assert answer.value == pytest.approx([30.0])


def test_a_token_opens_an_endpoint_with_tokens_and_nothing_else_does(
    client: Client, tmp_path: Path
) -> None:
    endpoint(client, auth_mode="aml_token")
    deploy(client, model=register(client, tmp_path, "last", operator.itemgetter(-1)))
    route(client, traffic={"blue": 100})
    token = client.online_endpoints.token("some")
    assert ask(client, [1, 2], token.access_token) == (200, 2)
    assert token.expiry_time_utc > token.refresh_after_time_utc
    assert ask(client, [1, 2], token.access_token[:-2])[0] in (401, 403)
    assert ask(client, [1, 2], "")[0] == 401


def test_a_mirror_gets_copies_and_nobody_hears_its_answers(client: Client, tmp_path: Path) -> None:
    endpoint(client)
    deploy(client, model=register(client, tmp_path, "last", operator.itemgetter(-1)))
    deploy(client, "green", **script(tmp_path / "code", ECHO))
    route(client, traffic={"blue": 100})
    route(client, mirror_traffic={"green": 50})

    def copies() -> int:
        """Requests are sent until one was copied: a half of them is, by chance."""
        assert client.online_endpoints.invoke("some", [7, 8]).value == 8
        (instance,) = client.online_deployments.get("some", "green").instances
        return instance.requests

    eventually_sync(copies, seconds=PATIENCE)


def test_one_that_sleeps_is_woken_by_a_request_and_sleeps_again(
    client: Client, tmp_path: Path
) -> None:
    endpoint(client)
    model = register(client, tmp_path, "last", operator.itemgetter(-1))
    scale = ScaleSettings(
        min_instances=0, max_instances=1, polling_interval=0.2, idle_seconds_before_scale_down=0.5
    )
    deploy(client, model=model, scale_settings=scale)
    route(client, traffic={"blue": 100})

    def instances() -> int:
        return len(client.online_deployments.get("some", "blue").instances)

    eventually_sync(lambda: instances() == 0, seconds=PATIENCE)
    assert client.online_endpoints.invoke("some", [1, 2, 3]).value == 3
    eventually_sync(lambda: instances() == 0, seconds=PATIENCE)


@pytest.mark.skipif(
    not importlib.util.find_spec("azureml_inference_server_http"),
    reason="azureml-inference-server-http is not installed: Azure's own engine is not proven here",
)
def test_azures_own_server_answers_the_same(client: Client, tmp_path: Path) -> None:
    endpoint(client)
    deploy(client, engine="azmlinfsrv", **script(tmp_path / "code", ECHO))
    route(client, traffic={"blue": 100})
    assert client.online_endpoints.invoke("some", {"a": 1}).value is not None
