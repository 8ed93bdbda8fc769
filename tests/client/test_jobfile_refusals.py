"""Job files: what is refused, and how that is said."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from jupyter_aml.client.jobfile import load
from jupyter_aml.model.errors import Invalid, NotFound, TooLarge
from tests.client.job_folder import refusal


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("comand: x", "$.command", "Is comand meant to be it?"),
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
        ("command: x\ntype: pipeline", "$.jobs", "the steps by name"),
        ("jobs: {a: {}}", "$.jobs.a.command", "so is component"),
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
