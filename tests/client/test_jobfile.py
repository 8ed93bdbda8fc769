"""Job files: what is understood, what is set aside with a warning, what --set changes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_aml.client.jobfile import load
from jupyter_aml.model.job import CommandJob, Distribution, Input, Output
from tests.client.job_folder import job_of, refusal

FULL = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
type: command
name: my_job
display_name: My job
experiment_name: digits
description: trains
tags: {team: a, year: 2024, quick: true, nothing: null}
command: >-
  python train.py --data ${{inputs.data}} --rate ${{inputs.rate}}
code: ./src
environment: azureml:kernel@latest
environment_variables:
  A: text
  B: 1.5
  C: yes
compute: azureml:cpu-cluster
resources:
  instance_count: 2
distribution:
  type: PyTorch
  process_count_per_instance: 3
limits:
  timeout: 600
inputs:
  rate: 0.1
  flag: true
  when: 2024-01-01
  data: {type: uri_file, path: data/a.csv, mode: download}
  all:
    path: ./data
outputs:
  model:
  table: {type: uri_file, mode: upload, path: out/table.csv}
retries: 2
"""


def test_every_field_of_a_job_file(folder: Path) -> None:
    path = folder / "job.yml"
    path.write_text(FULL)
    job, name = load(str(path))
    assert name == "my_job"
    assert job == CommandJob(
        display_name="My job",
        experiment_name="digits",
        description="trains",
        tags={"team": "a", "year": "2024", "quick": "true", "nothing": ""},
        command="python train.py --data ${{inputs.data}} --rate ${{inputs.rate}}",
        code=str(folder / "src"),
        environment="kernel",
        environment_variables={"A": "text", "B": "1.5", "C": "true"},
        compute="cpu-cluster",
        instance_count=2,
        distribution=Distribution(type="pytorch", process_count_per_instance=3),
        timeout=600,
        inputs={
            "rate": 0.1,
            "flag": True,
            "when": "2024-01-01",
            "data": Input(path=str(folder / "data/a.csv"), type="uri_file", mode="download"),
            "all": Input(path=str(folder / "data"), type="uri_folder"),
        },
        outputs={
            "model": Output(),
            "table": Output(path=str(folder / "out/table.csv"), type="uri_file", mode="upload"),
        },
        retries=2,
        python=sys.executable,
    )


def test_the_smallest_job_file(folder: Path) -> None:
    job = job_of(folder, "command: echo hi")
    assert job == CommandJob(command="echo hi", python=sys.executable)


@pytest.mark.parametrize(
    ("text", "compute"),
    [
        ("azureml:cpu-cluster", "cpu-cluster"),
        ("cpu-cluster", "cpu-cluster"),
        ("local", "local"),
        ("azureml:/subscriptions/s/resourceGroups/g/providers/x/computes/gpu", "gpu"),
        ("null", "local"),
    ],
)
def test_the_ways_to_name_a_compute(folder: Path, text: str, compute: str) -> None:
    assert job_of(folder, f"command: x\ncompute: {text}").compute == compute


def test_tensorflow_counts_workers(folder: Path) -> None:
    text = "command: x\ndistribution: {type: tensorflow, worker_count: 2}"
    expected = Distribution(type="tensorflow", worker_count=2)
    assert job_of(folder, text).distribution == expected


def test_retries_may_have_the_name_that_parallel_jobs_have(folder: Path) -> None:
    assert job_of(folder, "command: x\nretry_settings: {max_retries: 3}").retries == 3


# -- what does not happen here ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "warnings"),
    [
        (
            "environment: {image: python:3.12}",
            ["image python:3.12 is not run here: the notebook's interpreter is used."],
        ),
        (
            "environment: {build: {path: docker, dockerfile_path: Dockerfile}}",
            ["build docker is not run here: the notebook's interpreter is used."],
        ),
        (
            "resources: {instance_type: Standard_D2_v2, shm_size: 2g, instance_count: 1}",
            [
                "resources.instance_type is not used here: the compute's own size counts.",
                "resources.shm_size is not used here: this machine's own shared memory is.",
            ],
        ),
        ("identity: {type: managed}", ["identity is not used here: the job runs as you."]),
        ("services: {lab: {type: jupyter_lab}}", ["services are not started here."]),
        (
            "queue_settings: {job_tier: spot}",
            ["queue_settings are not used here: jobs wait in the order they came."],
        ),
        (
            "inputs: {m: {type: safe_model, path: data}}",
            ["inputs.m: type safe_model is read as uri_folder here."],
        ),
        (
            "outputs: {m: {type: safe_model}}",
            ["outputs.m: type safe_model is written as uri_folder here."],
        ),
        ("properties: {}\nidentity: null\nservices: {}", []),
    ],
)
def test_what_does_not_happen_here_is_a_stored_warning(
    folder: Path, fields: str, warnings: list[str]
) -> None:
    assert job_of(folder, f"command: x\n{fields}").warnings == warnings


# -- --set -----------------------------------------------------------------------------------------


def test_set_changes_fields_at_any_depth(folder: Path) -> None:
    text = "command: x\ninputs: {rate: 0.1}\ntags: &t {a: b}\nenvironment_variables: *t"
    changes = {
        "inputs.rate": 0.2,
        "inputs.new": "text",
        "resources.instance_count": 2,
        "tags.a": "changed",
        "display_name": "shown",
    }
    job = job_of(folder, text, **changes)
    assert job.inputs == {"rate": 0.2, "new": "text"}
    assert job.instance_count == 2
    assert job.display_name == "shown"
    # An anchor shares a mapping; a change of one place is not one of the other.
    assert (job.tags, job.environment_variables) == ({"a": "changed"}, {"a": "b"})


def test_set_to_null_takes_a_field_away(folder: Path) -> None:
    assert job_of(folder, "command: x\ncode: nowhere", code=None).code is None


def test_set_through_a_value_is_refused(folder: Path) -> None:
    error = refusal(folder, "command: x\ninputs: {a: 1}", **{"inputs.a.path": "y"})
    assert "inputs.a has no fields" in error.message
    assert error.target == "--set inputs.a.path"
