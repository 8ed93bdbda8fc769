"""Files as Azure ML's own documentation and examples write them: which are read, which refused.

Each text is a schema's, with every field that a local workspace may meet.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from jupyter_aml.client import (
    batchfile,
    componentfile,
    computefile,
    datafile,
    endpointfile,
    environmentfile,
    jobfile,
    modelfile,
    schedulefile,
)
from jupyter_aml.model.errors import Invalid

Load = Callable[[str], Any]

SAMPLES = Path(__file__).parents[2] / "examples" / "azureml"
LOADS: dict[str, Load] = {
    "amlCompute": computefile.load,
    "batchDeployment": batchfile.load_deployment,
    "batchEndpoint": batchfile.load_endpoint,
    "commandComponent": componentfile.load,
    "commandJob": jobfile.load,
    "computeInstance": computefile.load,
    "data": datafile.load,
    "environment": environmentfile.load,
    "managedOnlineDeployment": endpointfile.load_deployment,
    "managedOnlineEndpoint": endpointfile.load_endpoint,
    "model": modelfile.load,
    "modelBatchDeployment": batchfile.load_deployment,
    "parallelComponent": componentfile.load,
    "pipelineComponent": componentfile.load,
    "pipelineJob": jobfile.load,
    "azureBlob": datafile.load_datastore,
    "azureDataLakeGen2": datafile.load_datastore,
    "azureFile": datafile.load_datastore,
    "schedule": schedulefile.load,
    "sweepJob": jobfile.load,
}
"""Reader by the name in ``$schema``."""


def schema(text: str) -> str:
    told = yaml.safe_load(text).get("$schema", "")
    return str(told).rpartition("/")[2].removesuffix(".schema.json")


@pytest.mark.parametrize(
    "file",
    [one for one in sorted(SAMPLES.rglob("*.yml")) if "$schema" in one.read_text()],
    ids=lambda file: file.relative_to(SAMPLES).as_posix(),
)
def test_every_sample_is_read_as_what_its_schema_says(file: Path) -> None:
    LOADS[schema(file.read_text())](str(file))


def test_there_is_a_sample_of_most_schemas() -> None:
    found = {schema(file.read_text()) for file in SAMPLES.rglob("*.yml")}
    assert len(found & LOADS.keys()) >= 12


WHOLE = {
    "amlCompute": """
name: low-pri-example
type: amlcompute
description: words
size: STANDARD_DS3_v2
location: westus
min_instances: 0
max_instances: 2
idle_time_before_scale_down: 120
tier: low_priority
network_settings: {vnet_name: a, subnet: b}
ssh_public_access_enabled: true
ssh_settings: {admin_username: azureuser, ssh_key_value: abc}
identity: {type: system_assigned}
enable_node_public_ip: false
tags: {a: b}
""",
    "computeInstance": """
name: ci-basic
type: computeinstance
size: Standard_DS3_v2
idle_time_before_shutdown_minutes: 60
ssh_public_access_enabled: true
create_on_behalf_of: {user_tenant_id: a, user_object_id: b}
schedules:
  compute_start_stop:
    - action: stop
      trigger: {type: cron, start_time: 2021-03-10T21:21:07, time_zone: UTC, expression: 0 18 * * *}
""",
    "environment": """
name: docker-image-plus-conda-example
version: 1
image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04
conda_file: {channels: [conda-forge], dependencies: [python=3.11, pip, {pip: [pandas]}]}
description: words
os_type: linux
inference_config:
  liveness_route: {path: /, port: 80}
  readiness_route: {path: /, port: 80}
  scoring_route: {path: /score, port: 80}
tags: {a: b}
""",
    "data": """
name: cloud-file-example
version: 1
description: words
type: uri_folder
path: .
tags: {a: b}
properties: {c: d}
""",
    "model": """
name: local-mlflow-example
version: 2
path: .
type: mlflow_model
stage: Production
description: words
flavors: {sklearn: {sklearn_version: 1.5.0}}
tags: {a: b}
properties: {c: d}
""",
    "commandJob": """
type: command
name: whole
display_name: whole
description: words
experiment_name: lightgbm-iris
command: python -c "print(1)" ${{inputs.iris}} ${{inputs.rate}} ${{outputs.model}}
code: .
environment: azureml:AzureML-sklearn-1.5@latest
environment_variables: {A: 1}
inputs:
  iris: {type: uri_file, path: https://azuremlexamples.blob.core.windows.net/datasets/iris.csv}
  rate: 0.1
  ready: true
outputs:
  model: {type: mlflow_model, mode: rw_mount}
compute: azureml:cpu-cluster
resources: {instance_count: 1, instance_type: Standard_D2s_v3, shm_size: 2g, docker_args: --ulimit}
distribution: {type: pytorch, process_count_per_instance: 1}
limits: {timeout: 3600}
identity: {type: user_identity}
services: {lab: {type: jupyter_lab}}
queue_settings: {job_tier: spot}
tags: {a: b}
properties: {c: d}
""",
    "sweepJob": """
type: sweep
trial:
  code: .
  command: python train.py --rate ${{search_space.rate}} --data ${{inputs.data}}
  environment: azureml:AzureML-sklearn-1.5@latest
  environment_variables: {A: 1}
  resources: {instance_count: 1}
inputs:
  data: {type: uri_folder, path: .}
compute: azureml:cpu-cluster
sampling_algorithm: {type: random, seed: 1, rule: sobol}
search_space:
  rate: {type: loguniform, min_value: -6, max_value: -1}
  layers: {type: choice, values: [1, 2]}
  units: {type: quniform, min_value: 1, max_value: 9, q: 2}
objective: {primary_metric: loss, goal: minimize}
limits: {max_total_trials: 4, max_concurrent_trials: 2, timeout: 3600, trial_timeout: 600}
early_termination: {type: median_stopping, delay_evaluation: 5, evaluation_interval: 1}
display_name: whole
experiment_name: whole
""",
    "pipelineJob": """
type: pipeline
display_name: whole
description: words
settings:
  default_compute: azureml:cpu-cluster
  default_datastore: azureml:workspaceblobstore
  continue_on_step_failure: false
  force_rerun: true
inputs: {learning_rate: 0.1, data: {type: uri_folder, path: ., mode: ro_mount}}
outputs: {model: {type: uri_folder, mode: upload}}
jobs:
  train:
    type: command
    code: .
    environment: azureml:AzureML-sklearn-1.5@latest
    command: echo ${{inputs.data}} ${{inputs.rate}} > ${{outputs.model}}/m
    inputs:
      data: ${{parent.inputs.data}}
      rate: ${{parent.inputs.learning_rate}}
    outputs: {model: "${{parent.outputs.model}}"}
  sweep_step:
    type: sweep
    sampling_algorithm: random
    trial:
      command: echo ${{inputs.x}}
      environment: azureml:AzureML-sklearn-1.5@latest
      inputs: {x: {type: number, default: 1}}
    search_space: {x: {type: uniform, min_value: 0, max_value: 1}}
    objective: {goal: minimize, primary_metric: loss}
    limits: {max_total_trials: 2, max_concurrent_trials: 1, timeout: 100}
  score:
    type: parallel
    mini_batch_size: "1"
    mini_batch_error_threshold: 5
    logging_level: DEBUG
    input_data: ${{inputs.files}}
    max_concurrency_per_instance: 2
    retry_settings: {max_retries: 2, timeout: 60}
    inputs: {files: "${{parent.jobs.train.outputs.model}}"}
    outputs: {scores: {type: uri_file}}
    task:
      type: function
      code: .
      entry_script: score.py
      program_arguments: --verbose
      environment: azureml:AzureML-sklearn-1.5@latest
      append_row_to: ${{outputs.scores}}
""",
    "commandComponent": """
name: my_train
version: 0.0.1
type: command
display_name: Train
description: words
is_deterministic: true
tags: {a: b}
code: .
environment: azureml:AzureML-sklearn-1.5@latest
inputs:
  data: {type: uri_folder, description: words}
  epochs: {type: integer, min: 1, max: 9, default: 3, optional: true}
  kind: {type: string, enum: [one, two], default: one}
outputs:
  model: {type: mlflow_model, description: words}
command: python train.py ${{inputs.data}} $[[--epochs ${{inputs.epochs}}]] ${{outputs.model}}
resources: {instance_count: 1}
distribution: {type: mpi, process_count_per_instance: 2}
""",
    "managedOnlineEndpoint": """
name: my-endpoint
auth_mode: key
description: words
tags: {a: b}
traffic: {blue: 100}
mirror_traffic: {green: 10}
public_network_access: enabled
identity: {type: system_assigned}
properties: {a: b}
""",
    "managedOnlineDeployment": """
name: blue
endpoint_name: my-endpoint
model: {name: m, version: 1, path: ., type: custom_model, properties: {a: b}}
model_mount_path: /var/tmp/model
code_configuration: {code: ., scoring_script: score.py}
environment:
  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:latest
  conda_file: {dependencies: [python=3.11, pandas]}
instance_type: Standard_DS3_v2
instance_count: 1
app_insights_enabled: false
egress_public_network_access: enabled
scale_settings: {type: target_utilization, min_instances: 1, max_instances: 2}
request_settings: {request_timeout_ms: 3000, max_concurrent_requests_per_instance: 2}
liveness_probe: {initial_delay: 9, period: 9, success_threshold: 1, failure_threshold: 3}
readiness_probe: {initial_delay: 9, period: 9, timeout: 2, failure_threshold: 3}
environment_variables: {A: 1}
data_collector: {collections: {model_inputs: {enabled: "True"}}}
tags: {a: b}
""",
    "azureBlob": """
name: my_blob_ds
type: azure_blob
description: words
account_name: my_account_name
container_name: my_container_name
endpoint: core.windows.net
protocol: https
credentials: {account_key: XXXxxxXXXxxxxXXX}
""",
    "azureFile": """
name: my_file_ds
type: azure_file
account_name: my_account_name
file_share_name: my_share
credentials: {sas_token: "?xx=XXX"}
""",
    "azureDataLakeGen2": """
name: my_lake_ds
type: azure_data_lake_gen2
account_name: my_account_name
filesystem: my_filesystem
credentials: {tenant_id: a, client_id: b, client_secret: c}
""",
    "batchEndpoint": """
name: heart-classifier-batch
description: words
auth_mode: aad_token
defaults: {deployment_name: one}
tags: {a: b}
""",
    "modelBatchDeployment": """
name: torch
endpoint_name: mnist-batch
type: model
description: words
model: {name: mnist, path: .}
code_configuration: {code: ., scoring_script: batch_driver.py}
environment:
  name: batch-torch-py38
  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest
  conda_file: {dependencies: [python=3.11, pandas]}
compute: azureml:batch-cluster
resources: {instance_count: 1}
environment_variables: {A: 1}
settings:
  max_concurrency_per_instance: 2
  mini_batch_size: 10
  output_action: append_row
  output_file_name: predictions.csv
  retry_settings: {max_retries: 3, timeout: 30}
  error_threshold: -1
  logging_level: info
tags: {a: b}
""",
    "schedule": """
name: simple_recurrence_job_schedule
display_name: words
description: words
trigger:
  type: recurrence
  frequency: week
  interval: 1
  schedule: {hours: [4, 5], minutes: [0, 10], week_days: [monday, friday]}
  start_time: "2030-07-10T10:00:00"
  time_zone: Pacific Standard Time
create_job: {type: command, command: echo hi, environment: azureml:AzureML-sklearn-1.5@latest}
tags: {a: b}
""",
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_with_every_documented_field_is_read(tmp_path: Path, name: str) -> None:
    told = "$schema: https://azuremlschemas.azureedge.net/latest/" + name + ".schema.json"
    file = tmp_path / "file.yml"
    file.write_text(told + WHOLE[name])
    LOADS[name](str(file))


@pytest.mark.parametrize(
    ("load", "text", "where"),
    [
        (computefile.load, "name: c-one\ntype: kubernetes\nresource_id: x\n", "$.type"),
        (computefile.load, "name: c-one\ntype: virtualmachine\nresource_id: x\n", "$.type"),
        (jobfile.load, "type: automl\ntask: classification\n", "$.type"),
        (batchfile.load_deployment, "name: d\ntype: pipeline\ncomponent: azureml:c:1\n", "$.type"),
        (schedulefile.load, "name: s\ncreate_monitor: {}\n", "$.create_monitor"),
        (datafile.load, "name: d\ntype: uri_file\npath: wasbs://c@a/x\n", "path"),
    ],
)
def test_what_needs_the_cloud_is_refused_where_it_says_so(
    tmp_path: Path, load: Load, text: str, where: str
) -> None:
    file = tmp_path / "file.yml"
    file.write_text(text)
    with pytest.raises(Invalid) as refused:
        load(str(file))
    assert where in refused.value.target
    assert refused.value.hint
