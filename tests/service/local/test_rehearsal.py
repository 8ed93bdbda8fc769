"""A deployment that is rehearsed: real processes, which are gone afterwards."""

from __future__ import annotations

import operator
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_aml.client import Client
from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    OnlineDeployment,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.registry import CreateModel
from jupyter_aml.model.rehearsal import Rehearsal, RehearseDeployment
from jupyter_aml.testing.waiting import eventually_sync

PATIENCE = 60.0


def register(client: Client, folder: Path, name: str, value: object, sample: str = "") -> str:
    where = folder / name
    where.mkdir()
    (where / "model.pkl").write_bytes(pickle.dumps(value))
    body = CreateModel(
        name=name,
        path=str(where),
        flavors={"python_object": {}},
        python=sys.executable,
        sample=sample,
    )
    return client.models.create(body).reference


def rehearse(client: Client, request: object = None, **fields: Any) -> Rehearsal:
    spec = {"name": "blue", "endpoint_name": "digits", "model": "", **fields}
    body = RehearseDeployment(
        deployment=CreateOnlineDeployment(**spec),
        request_data=request,
    )
    return client.online_deployments.rehearse(body)


def scoring_processes(client: Client) -> list[psutil.Process]:
    """Of this home."""
    found = []
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
        except psutil.Error:
            continue
        if "score" in line and str(client.home) in line[-1]:
            found.append(process)
    return found


def test_it_is_asked_with_the_models_own_sample_and_leaves_nothing(
    client: Client, tmp_path: Path
) -> None:
    model = register(client, tmp_path, "second", operator.itemgetter(1), sample="[7, 8, 9]")
    found = rehearse(client, model=model)
    assert found.error is None
    assert found.answer is not None
    assert (found.answer.status, found.answer.value) == (200, 8)
    assert found.request_data == [7, 8, 9]
    assert found.load_seconds is not None
    assert found.answer.seconds > 0
    assert 0 < found.load_seconds < PATIENCE
    assert found.memory_bytes is not None
    assert 1_000_000 < found.memory_bytes < found.memory_limit_bytes
    assert (found.serving, found.is_same) == ("", None)
    assert scoring_processes(client) == []
    assert os.listdir(client.home / "rehearsals") == []
    assert client.online_endpoints.list().value == []


def test_a_script_that_fails_tells_its_line(client: Client, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "score.py").write_text(
        "def init():\n    print('loading')\n    {}['coef']\ndef run(data):\n    return 1\n"
    )
    found = rehearse(client, [1], code=str(code), scoring_script="score.py")
    assert found.error is not None
    assert found.error.target == "score.py, line 3: {}['coef']"
    assert "loading" in found.console
    assert (found.load_seconds, found.answer) == (None, None)


def test_a_script_that_refuses_the_request_has_answered(client: Client, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "score.py").write_text(
        "def init():\n    pass\ndef run(data):\n    raise ValueError('not a row')\n"
    )
    found = rehearse(client, [1], code=str(code), scoring_script="score.py")
    assert found.error is None
    assert found.answer is not None
    assert found.answer.status == 500
    assert found.is_same is None


def test_what_can_be_known_to_fail_is_refused(client: Client) -> None:
    with pytest.raises(NotFound, match="nobody"):
        rehearse(client, [1], model="azureml:nobody:1")


def test_it_is_compared_with_what_serves_now(client: Client, tmp_path: Path) -> None:
    second = register(client, tmp_path, "second", operator.itemgetter(1))
    last = register(client, tmp_path, "last", operator.itemgetter(-1))
    client.online_endpoints.create(CreateOnlineEndpoint(name="digits"))
    serving = CreateOnlineDeployment(name="blue", endpoint_name="digits", model=second)
    client.online_deployments.create(serving)

    def settled() -> OnlineDeployment | None:
        one = client.online_deployments.get("digits", "blue")
        return one if one.state in ("Succeeded", "Failed") else None

    assert eventually_sync(settled, seconds=PATIENCE).state == "Succeeded"
    client.online_endpoints.update("digits", UpdateOnlineEndpoint(traffic={"blue": 100}))
    same = rehearse(client, [1, 2], name="green", model=last)
    assert (same.serving, same.is_same) == ("blue", True)
    other = rehearse(client, [1, 2, 3], name="green", model=last)
    assert other.is_same is False
    assert other.serving_answer is not None
    assert (other.answer and other.answer.value, other.serving_answer.value) == (3, 2)
    assert len(scoring_processes(client)) == 1
