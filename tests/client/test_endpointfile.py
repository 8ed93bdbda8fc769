"""``az ml`` endpoint and deployment files, as Azure's own examples write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.client.endpointfile import load_deployment, load_endpoint
from jupyter_aml.client.requestdata import request_file, request_of
from jupyter_aml.model.errors import Invalid

ENDPOINT = """
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json
name: my-endpoint
auth_mode: key
traffic: {blue: 90, green: 10}
public_network_access: enabled
"""

DEPLOYMENT = """
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: blue
endpoint_name: my-endpoint
model:
  path: model/
code_configuration:
  code: onlinescoring/
  scoring_script: score.py
environment:
  conda_file: conda.yaml
  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:latest
instance_type: Standard_DS3_v2
instance_count: 2
request_settings:
  request_timeout_ms: 3000
  max_concurrent_requests_per_instance: 4
  max_queue_wait_ms: 500
liveness_probe:
  period: 5
  failure_threshold: 3
environment_variables:
  A: 1
"""


def test_an_endpoint_file_has_its_traffic_apart(tmp_path: Path) -> None:
    path = tmp_path / "endpoint.yml"
    path.write_text(ENDPOINT)
    found, warnings = load_endpoint(str(path))
    assert (found.spec.name, found.spec.auth_mode) == ("my-endpoint", "key")
    assert found.traffic == {"blue": 90, "green": 10}
    assert warnings == ["public_network_access is not used here."]
    changed, _ = load_endpoint(str(path), {"auth_mode": "aad_token"})
    assert changed.spec.auth_mode == "aml_token"


def test_a_deployment_file_brings_its_model_code_and_environment(tmp_path: Path) -> None:
    (tmp_path / "conda.yaml").write_text("dependencies: [python=3.11, pandas]")
    path = tmp_path / "blue.yml"
    path.write_text(DEPLOYMENT)
    found, warnings = load_deployment(str(path))
    spec = found.spec
    assert spec.code == str(tmp_path / "onlinescoring")
    assert spec.scoring_script == "score.py"
    assert (spec.scale_settings.min_instances, spec.scale_settings.max_instances) == (2, 2)
    assert spec.request_settings.request_timeout == 3.0
    assert spec.request_settings.max_concurrent_requests_per_instance == 4
    assert (spec.liveness_probe.period, spec.liveness_probe.failure_threshold) == (5.0, 3)
    assert spec.environment_variables == {"A": "1"}
    assert found.model is not None
    assert (found.model.name, found.model.path) == ("my-endpoint-blue", str(tmp_path / "model"))
    assert found.environment is not None
    assert "pandas" in found.environment.conda_file
    assert any("max_queue_wait_ms" in warning for warning in warnings)


def test_names_are_taken_as_names(tmp_path: Path) -> None:
    path = tmp_path / "blue.yml"
    path.write_text("name: blue\nmodel: azureml:digits@latest\nenvironment: azureml:trees:1\n")
    found, _ = load_deployment(str(path), {"endpoint_name": "digits"})
    assert (found.spec.model, found.spec.environment) == (
        "azureml:digits@latest",
        "azureml:trees:1",
    )
    assert found.spec.endpoint_name == "digits"
    assert found.model is None
    assert found.environment is None


def test_target_utilization_scales_between_two_numbers(tmp_path: Path) -> None:
    path = tmp_path / "blue.yml"
    path.write_text(
        "name: blue\nmodel: m:1\nscale_settings:\n  type: target_utilization\n"
        "  min_instances: 1\n  max_instances: 3\n  target_utilization_percentage: 60\n"
    )
    scale = load_deployment(str(path))[0].spec.scale_settings
    assert (scale.min_instances, scale.max_instances) == (1, 3)
    assert scale.target_utilization_percentage == 60


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model: m:1", "$.name"),
        ("name: blue", "$.model"),
        ("name: blue\nmodel: {name: m}", "$.model.path"),
        ("name: blue\nmodel: m:1\ncode_configuration: {code: src}", "scoring_script"),
        ("name: blue\nmodel: m:1\ninstance_cuont: 2", "instance_cuont"),
        (
            "name: blue\nmodel: m:1\nrequest_settings: {request_timeout_ms: 999999}",
            "request_timeout",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_path(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "blue.yml"
    path.write_text(text)
    with pytest.raises(Invalid) as refused:
        load_deployment(str(path))
    assert said in refused.value.message


def test_rows_become_azures_request() -> None:
    class Array:
        def tolist(self) -> list[list[int]]:
            return [[1, 2]]

    class Frame:
        columns = ("a", "b")

        def to_dict(self, orient: str) -> dict[str, object]:
            assert orient == "split"
            return {"index": [0], "columns": ["a", "b"], "data": [[1, 2]]}

    assert request_of(Array()) == '{"input_data": [[1, 2]]}'
    assert request_of([1, 2]) == '{"input_data": [1, 2]}'
    assert request_of(Frame()) == '{"input_data": {"columns": ["a", "b"], "data": [[1, 2]]}}'
    assert request_of({"data": Array()}) == '{"data": [[1, 2]]}'
    assert request_of("[1]") == "[1]"
    with pytest.raises(ValueError, match="Expecting value"):
        request_of("X_test")
    with pytest.raises(ValueError, match="JSON"):
        request_of([float("nan")])


def test_a_file_that_holds_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text("[1, 2]")
    assert request_file(str(path)) == "[1, 2]"
    path.write_text("[1, ")
    with pytest.raises(Invalid):
        request_file(str(path))
    with pytest.raises(Invalid):
        request_file(str(tmp_path / "none.json"))
