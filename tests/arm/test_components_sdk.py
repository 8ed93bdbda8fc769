"""The stock SDK: components. What it sends comes back as it was; what cannot run is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

COMMAND = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json
name: {name}
display_name: Train
version: {version}
type: command
description: trains
tags: {{k: v}}
inputs:
  data: {{type: uri_folder, description: where}}
  rate: {{type: number, default: 0.1, min: 0, max: 1, optional: true}}
  kind: {{type: string, enum: [a, b], default: a}}
outputs:
  model: {{type: uri_folder}}
code: ./src
environment: azureml:kernel:1
command: >-
  python main.py ${{{{inputs.data}}}} ${{{{outputs.model}}}} $[[--rate ${{{{inputs.rate}}}}]]
resources: {{instance_count: 2}}
distribution: {{type: pytorch, process_count_per_instance: 2}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.py").write_text(f"print({str(tmp_path)!r})\n")
    made = tmp_path / "component.yml"
    made.write_text(COMMAND.format(name="sdk_train", version="1"))
    return made


def created(ml_client: Any, file: Path, name: str, **more: Any) -> Any:
    from azure.ai.ml import load_component

    file.write_text(COMMAND.format(name=name, version="1"))
    loaded = load_component(str(file))
    for field, value in more.items():
        setattr(loaded, field, value)
    return ml_client.components.create_or_update(loaded)


def test_a_command_component_comes_back(ml_client: Any, file: Path, tmp_path: Path) -> None:
    made = created(ml_client, file, "sdk_train")
    assert (made.name, made.version, made.display_name) == ("sdk_train", "1", "Train")
    found = ml_client.components.get("sdk_train", version="1")
    assert found.command == made.command
    assert (found.description, found.tags) == ("trains", {"k": "v"})
    assert (found.inputs["rate"].type, found.inputs["rate"].optional) == ("number", True)
    assert found.inputs["kind"].enum == ["a", "b"]
    assert found.outputs["model"].type == "uri_folder"
    assert "/codes/" in found.code
    assert ml_client.components.get("sdk_train").id == found.id
    ml_client.components.download("sdk_train", str(tmp_path / "back"), version="1")
    sent = (tmp_path / "src" / "main.py").read_text()
    assert (tmp_path / "back" / "code" / "main.py").read_text() == sent


def test_the_domain_has_what_a_pipeline_runs(ml_client: Any, live: Any, file: Path) -> None:
    created(ml_client, file, "sdk_domain")
    found = live.service.request("GET", "/components/sdk_domain")
    spec = found["spec"]
    assert spec["command"].startswith("python main.py")
    assert spec["code"].startswith("snapshot:")
    assert spec["inputs"]["rate"]["default"] == 0.1
    assert spec["instanceCount"] == 2
    assert spec["distribution"]["processCountPerInstance"] == 2


def test_versions_are_numbered_and_stay(ml_client: Any, file: Path) -> None:
    from azure.core.exceptions import ResourceExistsError

    first = created(ml_client, file, "sdk_versions", version=None)
    assert first.version == "1"
    second = created(ml_client, file, "sdk_versions", version=None, command="python main.py")
    assert second.version == "2"
    assert [one.version for one in ml_client.components.list("sdk_versions")] == ["2", "1"]
    with pytest.raises(ResourceExistsError):
        created(ml_client, file, "sdk_versions", version="1", command="python other.py")


def test_archiving_hides_and_restoring_shows(ml_client: Any, file: Path) -> None:
    created(ml_client, file, "sdk_archived")
    ml_client.components.archive("sdk_archived", version="1")
    assert list(ml_client.components.list("sdk_archived")) == []
    ml_client.components.restore("sdk_archived", version="1")
    ml_client.components.archive("sdk_archived")
    assert "sdk_archived" not in [one.name for one in ml_client.components.list()]
    ml_client.components.restore("sdk_archived")
    assert "sdk_archived" in [one.name for one in ml_client.components.list()]


def test_a_parallel_and_a_pipeline_component(ml_client: Any, file: Path) -> None:
    from azure.ai.ml import Input, Output, dsl
    from azure.ai.ml.parallel import RunFunction, parallel_run_function

    step = parallel_run_function(
        name="sdk_parallel",
        inputs={"files": Input(type="uri_folder"), "n": Input(type="integer", default=1)},
        outputs={"rows": Output(type="uri_file")},
        input_data="${{inputs.files}}",
        instance_count=1,
        mini_batch_size="5",
        retry_settings={"max_retries": 2, "timeout": 60},
        task=RunFunction(
            code=str(file.parent / "src"),
            entry_script="main.py",
            environment="azureml:kernel:1",
            append_row_to="${{outputs.rows}}",
        ),
    )
    made = ml_client.components.create_or_update(step.component)
    assert (made.name, made.task.entry_script) == ("sdk_parallel", "main.py")
    train = created(ml_client, file, "sdk_step")

    def pipeline(data: Any) -> Any:
        one = train(data=data, rate=0.5)
        two = train(data=one.outputs.model)
        return {"model": two.outputs.model}

    pipeline.__annotations__ = {"data": Input}  # the SDK does not take annotations that are texts
    made = ml_client.components.create_or_update(
        dsl.pipeline(name="sdk_pipeline")(pipeline), version="1"
    )
    assert made.name == "sdk_pipeline"
    found = ml_client.components.get("sdk_pipeline", version="1")
    assert sorted(found.jobs) == ["one", "two"]


def test_what_cannot_run_is_refused(ml_client: Any) -> None:
    from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

    operations = ml_client.components._version_operation
    for spec, where in (
        ({"type": "spark", "command": "x"}, "componentSpec.type"),
        ({"type": "command"}, "componentSpec"),
        ({"type": "command", "command": "x", "inputs": {"a": {"type": "nothing"}}}, "inputs.a"),
        ({"type": "command", "command": "x", "code": "azureml:none:1"}, "componentSpec.code"),
    ):
        body = {"properties": {"componentSpec": spec}}
        with pytest.raises(HttpResponseError) as raised:
            operations.create_or_update(
                ml_client.resource_group_name, ml_client.workspace_name, "sdk_wrong", "1", body
            )
        assert raised.value.status_code == 400
        assert where in str(raised.value.error.target)
    with pytest.raises(ResourceNotFoundError):
        ml_client.components.get("sdk_wrong", version="1")
