"""What MLflow wrote of a model's packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.models.packages import packages_of

MLMODEL = """
mlflow_version: 2.9.2
flavors:
  python_function:
    env: {conda: conda.yaml, virtualenv: python_env.yaml}
    loader_module: mlflow.sklearn
    python_version: 3.9.18
"""
CONDA = """
name: mlflow-env
channels: [conda-forge]
dependencies:
- python=3.9.18
- pip<=23.3
- pip: [mlflow==2.9.2, scikit-learn==1.3.0, code/own-1.0-py3-none-any.whl]
"""


def test_the_conda_file_is_what_counts_as_in_azure(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text(MLMODEL)
    (tmp_path / "conda.yaml").write_text(CONDA)
    (tmp_path / "requirements.txt").write_text("something==else\n")
    found = packages_of(tmp_path)
    wheel = str(tmp_path / "code/own-1.0-py3-none-any.whl")
    assert found.requirements == ["mlflow==2.9.2", "scikit-learn==1.3.0", wheel]
    assert (found.python, found.mlflow) == ("3.9", "2.9.2")
    assert found.left_out == []  # the channel is nothing that a package comes from


@pytest.mark.parametrize(
    ("asked", "python"), [("python=3.12", "3.12"), ("python>=3.10,<3.13", "3.9"), ("pip", "3.9")]
)
def test_the_python_of_the_conda_file_goes_before_the_one_that_saved_the_model(
    tmp_path: Path, asked: str, python: str
) -> None:
    (tmp_path / "MLmodel").write_text(MLMODEL)
    (tmp_path / "conda.yaml").write_text(CONDA.replace("python=3.9.18", asked))
    assert packages_of(tmp_path).python == python


def test_packages_of_a_channel_say_so(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text(MLMODEL)
    text = CONDA.replace("- pip<=23.3", "- pip<=23.3\n- xgboost=1.7")
    (tmp_path / "conda.yaml").write_text(text)
    found = packages_of(tmp_path)
    assert "xgboost==1.7.*" in found.requirements
    assert "conda-forge" in found.left_out[0]


def test_without_one_the_requirements_count(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text("flavors: {python_function: {loader_module: x}}\n")
    (tmp_path / "requirements.txt").write_text("# made by MLflow\nmlflow\nlightgbm==4.0\n")
    found = packages_of(tmp_path)
    assert found.requirements[-1] == "lightgbm==4.0"
    assert (found.python, found.mlflow) == ("", "")


def test_a_model_that_says_nothing_asks_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text("- not\n- fields\n")
    assert packages_of(tmp_path).requirements == []


def test_a_conda_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text(MLMODEL)
    (tmp_path / "conda.yaml").write_text("dependencies: [")
    with pytest.raises(Invalid, match="not YAML"):
        packages_of(tmp_path)
