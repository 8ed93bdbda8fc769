"""An MLflow model without code: every form of a request, with the signature's types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.serving.scoring.app import Application
from tests.serving.loading import Make, ask

COLUMNS = ["a", "b"]
ROW = [1, 2.5]


@pytest.fixture
def app(make: Make, tmp_path: Path) -> Application:
    pytest.importorskip("mlflow", reason="needs the extra [mlflow]")
    import mlflow.pyfunc
    import pandas
    from mlflow.models import infer_signature

    class Sums(mlflow.pyfunc.PythonModel):
        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            return model_input.sum(axis=1)

    table = pandas.DataFrame([[1.5, 2.5]], columns=COLUMNS)
    mlflow.pyfunc.save_model(
        str(tmp_path / "model" / "inner"),
        python_model=Sums(),
        pip_requirements=["mlflow"],  # else it runs the model to find out
        signature=infer_signature(table, table.sum(axis=1)),
    )
    return make("", kind="mlflow", script="main.py")


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
WRONG = [b"{no", b"[]", b"{}", b'{"input_data": {"columns": ["a"], "data": [[1]]}}']


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_every_form_of_a_request_and_what_is_none(app: Application) -> None:
    for request, answer in FORMS:
        given = ask(app, json.dumps(request).encode())
        assert (given.status, json.loads(given.body)) == (200, answer), request
    for body in WRONG:  # the client's fault
        given = ask(app, body)
        assert given.status == 400, body
        assert json.loads(given.body)["message"]
