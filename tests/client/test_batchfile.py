"""``az ml`` files of batch deployments."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.client.batchfile import load_deployment

PLAIN = "name: one\nendpoint_name: many\nmodel: azureml:line:1\n"


@pytest.mark.parametrize(
    ("line", "environment"),
    [
        ("", ""),
        ("environment: azureml:trees:1\n", "azureml:trees:1"),
        ("environment: azureml:kernel@latest\n", "kernel"),
    ],
)
def test_an_environment_that_is_not_named_is_left_to_the_model(
    tmp_path: Path, line: str, environment: str
) -> None:
    file = tmp_path / "deployment.yml"
    file.write_text(PLAIN + line)
    found, warnings = load_deployment(str(file))
    assert found.spec.environment == environment
    assert warnings == []


DESCRIBED = """\
name: torch
endpoint_name: mnist
model:
  name: mnist-torch
  path: model
environment:
  name: batch-torch
  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest
  conda_file: conda.yaml
code_configuration: {code: code, scoring_script: batch_driver.py}
"""


def test_a_deployment_file_brings_its_model_and_environment(tmp_path: Path) -> None:
    (tmp_path / "conda.yaml").write_text("dependencies: [python=3.11, pandas]")
    file = tmp_path / "deployment.yml"
    file.write_text(DESCRIBED)
    found, _ = load_deployment(str(file))
    assert (found.spec.model, found.spec.environment) == ("", "")
    assert found.model is not None
    assert (found.model.name, found.model.path) == ("mnist-torch", str(tmp_path / "model"))
    assert found.environment is not None
    assert "pandas" in found.environment.conda_file


def test_an_environment_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text("name: trees\nconda_file: conda.yml\n")
    (tmp_path / "conda.yml").write_text("dependencies: [python=3.11, pandas]")
    file = tmp_path / "deployment.yml"
    file.write_text(PLAIN + "environment: file:environment.yml\n")
    found, _ = load_deployment(str(file))
    assert found.environment is not None
    assert "pandas" in found.environment.conda_file
