"""What is found in a model's folder, MLflow's own description before all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.models.inspection import inspect

MLMODEL = """
flavors:
  python_function: {loader_module: mlflow.sklearn, python_version: 3.11.7, env: {conda: c.yaml}}
  sklearn: {sklearn_version: 1.5.0, pickled_model: model.pkl}
run_id: maple_river
mlflow_version: 3.5.0
model_id: m-1
signature: {inputs: '[]'}
saved_input_example_info: {serving_input_path: serving_input_example.json}
"""


@pytest.fixture
def logged(tmp_path: Path) -> Path:
    (tmp_path / "MLmodel").write_text(MLMODEL)
    (tmp_path / "requirements.txt").write_text("# ours\nscikit-learn==1.5.0\n\nnumpy==2.0\n")
    (tmp_path / "serving_input_example.json").write_text('{"inputs": [[1, 2]]}')
    return tmp_path


def test_what_mlflow_wrote_is_recognised(logged: Path) -> None:
    found = inspect(logged, "")
    assert found.type == "mlflow_model"
    assert found.flavors["sklearn"] == {"version": "1.5.0", "pickled_model": "model.pkl"}
    assert "env" not in found.flavors["python_function"]
    assert found.requirements == ["scikit-learn==1.5.0", "numpy==2.0"]
    assert json.loads(found.sample) == {"input_data": [[1, 2]]}  # in Azure ML's words
    assert found.properties["python_version"] == "3.11.7"
    assert found.mlflow_run == "maple_river"


def test_who_says_custom_gets_custom(logged: Path) -> None:
    found = inspect(logged, "custom_model")
    assert (found.type, found.flavors) == ("custom_model", {})
    assert "MLmodel" in found.properties["files"]


def test_what_is_no_mlflow_model_is_not_called_one(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(b"")
    with pytest.raises(Invalid, match="no file MLmodel"):
        inspect(tmp_path, "mlflow_model")
    assert inspect(tmp_path / "model.pkl", "").type == "custom_model"


@pytest.mark.parametrize("text", ["a: [", "", "- 1\n- 2", "flavors: 3\nsignature: x"])
def test_a_broken_description_is_said_or_survived(tmp_path: Path, text: str) -> None:
    (tmp_path / "MLmodel").write_text(text)
    if text == "a: [":
        with pytest.raises(Invalid, match="not YAML"):
            inspect(tmp_path, "")
    else:
        assert inspect(tmp_path, "").type == "mlflow_model"


def test_a_sample_outside_of_the_model_is_not_read(logged: Path, tmp_path: Path) -> None:
    secret = tmp_path.parent / "secret.json"
    secret.write_text('{"inputs": 1}')
    changed = MLMODEL.replace("serving_input_example.json", "../secret.json")
    (logged / "MLmodel").write_text(changed)
    assert inspect(logged, "").sample == ""


def test_long_lists_of_files_are_cut(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"f{number:02}").touch()
    assert inspect(tmp_path, "").properties["files"].endswith("f19, …")
