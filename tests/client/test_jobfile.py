"""Job files: what is understood, what is set aside with a warning, what is refused and how."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_aml.client.jobfile import from_document, load, to_yaml
from jupyter_aml.model.errors import AmlError, Invalid, NotFound, TooLarge
from jupyter_aml.model.job import CommandJob, Distribution, Input, Job, Output
from jupyter_aml.model.job_document import READ_ONLY, job_document


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as people have it: code and data beside the job file."""
    place = tmp_path / "project"
    (place / "src").mkdir(parents=True)
    (place / "data").mkdir()
    (place / "data" / "a.csv").write_text("1,2")
    return place


def job_of(folder: Path, text: str, **changes: Any) -> CommandJob:
    path = folder / "job.yml"
    path.write_text(text, encoding="utf-8")
    return load(str(path), changes)[0]


def refusal(folder: Path, text: str, **changes: Any) -> AmlError:
    with pytest.raises(AmlError) as caught:
        job_of(folder, text, **changes)
    return caught.value


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
        ("properties: {a: b}", ["properties are not kept here."]),
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


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("comand: x", "$.command", "is missing"),
        ("command: x\ncomputee: y", "$.computee", "Did you mean compute?"),
        (
            "command: x\nresources: {instance_cont: 2}",
            "$.resources.instance_cont",
            "instance_count",
        ),
        (
            "command: x\nresources: {instance_count: 0}",
            "$.resources.instance_count",
            "from 1 to 100",
        ),
        ("command: x\nresources: {instance_count: 1.5}", "$.resources.instance_count", "whole"),
        ("command: x\nresources: 2", "$.resources", "has fields of its own"),
        ("command: x\nlimits: {timeout: 0}", "$.limits.timeout", "above 0"),
        ("command: x\nlimits: {timeout: .inf}", "$.limits.timeout", "cannot be inf"),
        ("command: x\nlimits: {timeout: ten}", "$.limits.timeout", "is a number"),
        ("command: x\nlimits: {timeout: true}", "$.limits.timeout", "is a number"),
        ("command: x\ndistribution: {type: ray}", "$.distribution.type", "pytorch, tensorflow"),
        ("command: x\ndistribution: {}", "$.distribution.type", "is missing"),
        (
            "command: x\ndistribution: {type: mpi, worker_count: 2}",
            "$.distribution.worker_count",
            "process_count_per_instance",
        ),
        ("command: ['x']", "$.command", "cannot be a list"),
        ("command: ''", "$.command", "is missing"),
        ("command: x\ntags: [a]", "$.tags", "cannot be a list"),
        ("command: x\ntags: {1: a}", "$.tags", "write it in quotes"),
        ("command: x\nenvironment: ''", "$.environment", "is a name"),
        ("command: x\nenvironment: {conda_file: 3}", "$.environment.conda_file", "a file's path"),
        ("command: x\nenvironment: {}", "$.environment", "needs one of image"),
        ("command: x\nenvironment: {image: a, imag: b}", "$.environment.imag", "mean image?"),
        ("command: x\nenvironment: 3", "$.environment", "is a name"),
        ("command: x\nenvironment_variables: {'A=B': c}", "$.environment_variables", "'A=B'"),
        ("command: x\ncode: nowhere", "$.code", "does not exist"),
        ("command: x\ncode: job.yml", "$.code", "is a file"),
        ("command: x\ncode: git+https://h/r.git", "$.code", "Clone it"),
        ("command: x\ninputs: {a: {path: nowhere}}", "$.inputs.a.path", "does not exist"),
        ("command: x\ninputs: {a: {type: uri_file}}", "$.inputs.a.path", "is missing"),
        ("command: x\ninputs: {a: {path: wasbs://c@a/x}}", "$.inputs.a.path", "cannot be"),
        ("command: x\ninputs: {a: {path: azureml:d@v1}}", "$.inputs.a.path", "no label"),
        ("command: x\noutputs: {a: {path: https://h/x}}", "$.outputs.a.path", "cannot be written"),
        ("command: x\ninputs: {a: {path: data, type: uri_file}}", "$.inputs.a.type", "is a folder"),
        ("command: x\ninputs: {a: {path: data, type: uri}}", "$.inputs.a.type", "uri_folder"),
        ("command: x\ninputs: {a: {path: data, mod: x}}", "$.inputs.a.mod", "mean mode?"),
        ("command: x\ninputs: {a: .nan}", "$.inputs.a", "in quotes"),
        ("command: x\ninputs: {a: 99999999999999999999}", "$.inputs.a", "too large"),
        ("command: x\ninputs: {a-b: 1}", "$.inputs.a-b", "cannot be the name"),
        ("command: x\noutputs: {a: b}", "$.outputs.a", "has fields of its own"),
        ("command: x\ntype: pipeline", "$.type", "Write type: command"),
        ("jobs: {a: {}}", "$.type", "'pipeline'"),
        ("command: x\ncomponent: azureml:c:1", "$.component", "not understood"),
        ("command: x\nretries: -1", "$.retries", "from 0 to 100"),
        ("command: x\nname: a/b", "name", "cannot name a job"),
        ("command: x\nwarnings: a", "$.warnings", "a list of texts"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(folder: Path, text: str, where: str, says: str) -> None:
    error = refusal(folder, text)
    assert isinstance(error, Invalid)
    assert error.target.endswith(where)
    assert says in f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    ("text", "says", "where"),
    [
        ("a: [", "not YAML", "line 2"),
        ("a: b: c", "not YAML", "line 1"),
        ("a: 1\na: 2", "twice", "line 2"),
        ("- a", "no fields", "job.yml"),
        ("", "no fields", "job.yml"),
        ("a: !!python/object:os.system {}", "not YAML", "line 1"),
        ("a: \x01", "not YAML", "job.yml"),
        ("command: &a [*a]", "cannot be a list", "$.command"),
        ("command: x\ntags: &a {b: *a}", "cannot be", "$.tags.b"),
    ],
)
def test_what_is_no_job_file(folder: Path, text: str, says: str, where: str) -> None:
    error = refusal(folder, text + "\n")
    assert says in error.message
    assert where in error.target


def test_files_that_cannot_be_read(folder: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        load(str(folder / "none.yml"))
    with pytest.raises(Invalid, match="cannot be read"):
        load(str(folder))
    with pytest.raises(Invalid, match="cannot be read"):
        load("a\0b")
    latin = folder / "latin.yml"
    latin.write_bytes(b"command: \xe4")
    with pytest.raises(Invalid, match="not UTF-8"):
        load(str(latin))
    huge = folder / "huge.yml"
    huge.write_bytes(b"#" * 1_000_001)
    with pytest.raises(TooLarge, match="1 MB"):
        load(str(huge))


def test_standard_input_is_relative_to_where_one_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    stdin = io.TextIOWrapper(io.BytesIO(b"command: x\ncode: src\n"))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert load("-")[0].code == str(folder / "src")


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


# -- there and back --------------------------------------------------------------------------------

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
        "e": Output(
            path="azureml://datastores/d/paths/x", mode="upload", name="made", version="3"
        ),
        "f": Output(type="uri_file", name="other", version="2"),
    }
    assert job.warnings == []
