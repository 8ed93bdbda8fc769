"""An MLflow model without code: every form of a request, with the signature's types.

In processes of their own: mlflow changes too much in the one that imports it.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving.processes import Processes

COLUMNS = ["a", "b"]
ROW = [1, 2.5]
FORMS: list[tuple[Any, Any]] = [
    ({"input_data": {"columns": COLUMNS, "data": [ROW]}}, [3.5]),
    ({"input_data": {"columns": COLUMNS, "index": [7], "data": [ROW]}}, [3.5]),
    ({"input_data": [ROW, ROW]}, [3.5, 3.5]),
    ({"input_data": {"a": [1], "b": [2.5]}}, [3.5]),
    ({"dataframe_split": {"columns": COLUMNS, "data": [ROW]}}, {"predictions": [3.5]}),
    ({"dataframe_records": [{"a": 1, "b": 2.5}]}, {"predictions": [3.5]}),
    ({"instances": [{"a": 1, "b": 2.5}]}, {"predictions": [3.5]}),
    ({"inputs": {"a": [1], "b": [2.5]}}, {"predictions": [3.5]}),
]
WRONG = ["{no", "[]", "{}", '{"input_data": {"columns": ["a"], "data": [[1]]}}']
SAVE = """
import sys

import mlflow.pyfunc
import pandas
from mlflow.models import infer_signature


class Sums(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input.sum(axis=1)


table = pandas.DataFrame([[1.5, 2.5]], columns=["a", "b"])
mlflow.pyfunc.save_model(
    sys.argv[1],
    python_model=Sums(),
    signature=infer_signature(table, table.sum(axis=1)),
    pip_requirements=["mlflow"],  # else it runs the model to find out
)
"""


@pytest.fixture
def processes(short_path: Path) -> Iterator[Processes]:
    started = Processes(short_path)
    yield started
    started.stop()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(not importlib.util.find_spec("mlflow"), reason="needs the extra [mlflow]")
def test_every_form_of_a_request_and_what_is_none(processes: Processes) -> None:
    model = processes.folder / "b1" / "model" / "inner"
    model.parent.mkdir(parents=True)
    command = [sys.executable, "-c", SAVE, str(model)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    instance = processes.score("b1", "", kind="mlflow", script="main.py", timeout_ms=60000)
    instance.wait_until("ready", seconds=100)
    spec = processes.spec("b1")
    table = {"traffic": {"blue": 100}, "deployments": {"blue": spec}, "model_errors": "plain"}
    processes.route(table)
    for request, answer in FORMS:
        status, body = processes.ask(json.dumps(request))
        assert (status, json.loads(body)) == (200, answer), request
    for text in WRONG:  # the client's fault
        status, body = processes.ask(text)
        assert status == 400, text
        assert json.loads(body)["message"]
    assert "input_data" in (instance.folder / "code" / "main.py").read_text()
