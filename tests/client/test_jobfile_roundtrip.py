"""Job files: a job written as one is the same job."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_aml.client.jobfile import from_document, to_yaml
from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.job import CommandJob, Distribution, Input, Job, Output
from jupyter_aml.model.job_document import READ_ONLY, job_document
from tests.client.job_folder import job_of

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\x85\ufeff"),
    max_size=20,
)
LITERALS = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
DISTRIBUTIONS = st.one_of(
    st.none(),
    st.builds(
        Distribution,
        type=st.sampled_from(["pytorch", "mpi"]),
        process_count_per_instance=st.integers(1, 64),
    ),
    st.builds(
        Distribution,
        type=st.just("tensorflow"),
        worker_count=st.integers(0, 9),
        parameter_server_count=st.integers(0, 9),
    ),
)
FOLDER = str(Path(__file__).parent)
JOBS = st.builds(
    CommandJob,
    command=TEXTS.filter(str.strip),
    compute=st.sampled_from(["local", "cpu-cluster"]),
    display_name=TEXTS,
    description=TEXTS,
    experiment_name=TEXTS.filter(bool),
    tags=st.dictionaries(NAMES, TEXTS, max_size=3),
    properties=st.dictionaries(NAMES, TEXTS, max_size=3),
    environment_variables=st.dictionaries(NAMES, TEXTS, max_size=3),
    code=st.sampled_from([None, FOLDER, "snapshot:0123abc"]),
    python=st.just(sys.executable),
    instance_count=st.integers(1, 100),
    distribution=DISTRIBUTIONS,
    timeout=st.none() | st.floats(0.001, 1e8) | st.integers(1, 10**8).map(float),
    retries=st.integers(0, 100),
    inputs=st.dictionaries(
        NAMES,
        st.one_of(
            LITERALS,
            st.builds(
                Input,
                path=st.just(FOLDER),
                type=st.just("uri_folder"),
                mode=st.sampled_from(["ro_mount", "download", "direct"]),
            ),
        ),
        max_size=4,
    ),
    outputs=st.dictionaries(
        NAMES,
        st.builds(
            Output,
            path=st.sampled_from(["", FOLDER]),
            type=st.sampled_from(["uri_file", "uri_folder"]),
            mode=st.sampled_from(["rw_mount", "upload", "direct"]),
        ),
        max_size=3,
    ),
    cwd=st.sampled_from(["", FOLDER]),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(JOBS, st.sampled_from(["", "a_name"]))
def test_a_job_written_as_a_file_is_the_same_job(job: CommandJob, name: str) -> None:
    text = yaml.safe_dump(to_yaml(job, name), allow_unicode=True)
    assert from_document(yaml.safe_load(text), Path("/")) == (job, name)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(JOBS)
def test_a_shown_job_less_its_read_only_fields_is_a_job_file(job: CommandJob) -> None:
    home = Path("/home-of-ours")
    shown = job_document(
        Job(
            name="shown_job",
            spec=job,
            status="Completed",
            created_at="2026-01-01T00:00:00Z",
            outputs={
                name: output.path or str(home / "jobs" / "shown_job" / "outputs" / name)
                for name, output in job.outputs.items()
            },
        )
    )
    asked = {key: value for key, value in shown.items() if key not in READ_ONLY}
    again, name = from_document(asked, Path("/"), home=home)
    assert name == "shown_job"
    assert again == job
    # With its read-only fields it means the same.
    assert from_document(shown, Path("/"), home=home)[0] == job


@given(st.recursive(LITERALS | st.none(), lambda v: st.lists(v) | st.dictionaries(NAMES, v)))
def test_no_document_ends_in_anything_but_a_refusal(value: Any) -> None:
    keys = ["command", "inputs", "outputs", "resources", "limits", "tags", "environment", "code"]
    for key in keys:
        try:
            from_document({"command": "x", key: value}, Path("/"))
        except AmlError as error:
            refused = error
            assert refused.message


def test_references_are_left_to_the_service(folder: Path) -> None:
    job = job_of(
        folder,
        """command: x
inputs:
  a: {path: "azureml:digits@latest"}
  b: {path: "azureml://jobs/j/outputs/o/paths/p", type: uri_folder, mode: download}
  c: {path: "https://host/a.csv", type: uri_file, mode: direct}
  d: {path: "azureml:table:1", type: mltable, mode: eval_mount}
outputs:
  e: {path: "azureml://datastores/d/paths/x", mode: upload, name: made, version: 3}
  f: {name: "azureml:other:2", type: uri_file}
""",
    )
    assert job.inputs == {
        "a": Input(path="azureml:digits@latest"),
        "b": Input(path="azureml://jobs/j/outputs/o/paths/p", type="uri_folder", mode="download"),
        "c": Input(path="https://host/a.csv", type="uri_file", mode="direct"),
        "d": Input(path="azureml:table:1", type="mltable", mode="eval_mount"),
    }
    assert job.outputs == {
        "e": Output(path="azureml://datastores/d/paths/x", mode="upload", name="made", version="3"),
        "f": Output(type="uri_file", name="other", version="2"),
    }
    assert job.warnings == []
