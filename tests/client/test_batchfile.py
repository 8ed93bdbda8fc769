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
    made, warnings = load_deployment(str(file))
    assert made.environment == environment
    assert warnings == []
