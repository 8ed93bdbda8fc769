"""``az ml`` files of data, datastores, batch endpoints and deployments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.client import batchfile, datafile
from jupyter_aml.model.batch import BatchSettings
from jupyter_aml.model.data import CreateData
from jupyter_aml.model.errors import Invalid

Load = Callable[[str], tuple[Any, list[str]]]


def written(folder: Path, text: str) -> str:
    path = folder / "file.yml"
    path.write_text(text)
    return str(path)


def test_a_data_file_of_azure(tmp_path: Path) -> None:
    made, warnings = datafile.load(
        written(
            tmp_path,
            "$schema: https://azuremlschemas.azureedge.net/latest/data.schema.json\n"
            "name: digits\nversion: 3\ndescription: words\ntags: {a: b}\n"
            "type: uri_file\npath: ./data/a.csv\nproperties: {x: y}\n",
        )
    )
    assert made == CreateData(
        name="digits",
        version="3",
        description="words",
        tags={"a": "b"},
        type="uri_file",
        path=str(tmp_path / "data" / "a.csv"),
    )
    assert warnings == ["properties is not used here."]
    assert datafile.load(written(tmp_path, "path: azureml:d:1"))[0].path == "azureml:d:1"
    assert datafile.load(written(tmp_path, "path: x"))[0].type == "uri_folder"


def test_a_datastore_file(tmp_path: Path) -> None:
    text = "name: mine\ntype: local_folder\npath: data\nread_only: true\n"
    made, _ = datafile.load_datastore(written(tmp_path, text))
    assert (made.name, made.path, made.read_only) == ("mine", str(tmp_path / "data"), True)


def test_a_datastore_of_azure_becomes_a_folder_and_its_secrets_are_left(tmp_path: Path) -> None:
    text = (
        "name: mine\ntype: azure_blob\naccount_name: acc\ncontainer_name: box\n"
        "protocol: https\ncredentials: {account_key: hidden}\n"
    )
    made, warnings = datafile.load_datastore(written(tmp_path, text))
    assert (made.name, made.path, made.azure) == ("mine", "", {"datastoreType": "AzureBlob"})
    assert warnings == [
        "azure_blob acc/box is not reached here: a folder of this machine stands for it.",
        "credentials are not kept.",
    ]
    assert "hidden" not in repr(made)


BATCH_DEPLOYMENT = """
$schema: https://azuremlschemas.azureedge.net/latest/modelBatchDeployment.schema.json
name: mnist-torch-dpl
description: words
endpoint_name: mnist-batch
type: model
model: azureml:mnist@latest
code_configuration:
  code: code
  scoring_script: batch_driver.py
environment: azureml:torch@latest
compute: azureml:batch-cluster
resources:
  instance_count: 2
settings:
  max_concurrency_per_instance: 2
  mini_batch_size: 10
  output_action: append_row
  output_file_name: predictions.csv
  retry_settings:
    max_retries: 4
    timeout: 40
  error_threshold: 5
  logging_level: info
"""


def test_a_batch_deployment_file_of_azure(tmp_path: Path) -> None:
    found, warnings = batchfile.load_deployment(written(tmp_path, BATCH_DEPLOYMENT))
    made = found.spec
    assert (made.name, made.endpoint_name, made.model) == (
        "mnist-torch-dpl",
        "mnist-batch",
        "azureml:mnist@latest",
    )
    assert (made.code, made.scoring_script) == (str(tmp_path / "code"), "batch_driver.py")
    assert (made.environment, made.compute, made.instance_count) == (
        "azureml:torch@latest",
        "batch-cluster",
        2,
    )
    assert made.settings == BatchSettings(
        max_concurrency_per_instance=2,
        mini_batch_size=10,
        max_retries=4,
        timeout=40.0,
        error_threshold=5,
    )
    assert warnings == []


def test_older_files_have_the_settings_on_top(tmp_path: Path) -> None:
    text = "name: d\nmodel: azureml:m:1\nmini_batch_size: 3\nretry_settings: {max_retries: 0}\n"
    made = batchfile.load_deployment(written(tmp_path, text))[0].spec
    assert (made.settings.mini_batch_size, made.settings.max_retries) == (3, 0)
    assert (made.code, made.scoring_script, made.compute) == ("", "", "local")


def test_a_batch_endpoint_file_of_azure(tmp_path: Path) -> None:
    text = "name: mnist-batch\nauth_mode: aad_token\ndefaults: {deployment_name: one}\n"
    made, warnings = batchfile.load_endpoint(written(tmp_path, text))
    assert made.name == "mnist-batch"
    assert len(warnings) == 2
    assert "--set-default" in warnings[1]


@pytest.mark.parametrize(
    ("load", "text", "where"),
    [
        (datafile.load, "name: d", "$.path"),
        (datafile.load, "path: x\ntype: text", "$.type"),
        (datafile.load, "path: x\npaht: y", "$.paht"),
        (datafile.load_datastore, "type: azure_blub\npath: x", "$.type"),
        (datafile.load_datastore, "name: x", "$.path"),
        (batchfile.load_deployment, "name: x", "$.model"),
        (batchfile.load_deployment, "model: {name: x}", "$.model.path"),
        (batchfile.load_deployment, "model: m\ntype: pipeline", "$.type"),
        (batchfile.load_deployment, "model: m\nmini_batch_size: 0", "$.mini_batch_size"),
        (
            batchfile.load_deployment,
            "model: m\nsettings: {retry_settings: {timeout: 0}}",
            "$.settings.retry_settings.timeout",
        ),
        (
            batchfile.load_deployment,
            "model: m\ncode_configuration: {code: x}",
            "$.code_configuration.scoring_script",
        ),
        (batchfile.load_endpoint, "name: e\nx: 1", "$.x"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(
    tmp_path: Path, load: Load, text: str, where: str
) -> None:
    with pytest.raises(Invalid) as refused:
        load(written(tmp_path, text))
    assert where in f"{refused.value.target} {refused.value.message}"
