"""Files that describe environments: what they name is read in, nothing is dropped unsaid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from jupyter_aml.client import environmentfile, jobfile
from jupyter_aml.model.environment import EnvironmentContent
from jupyter_aml.model.errors import AmlError, Invalid, NotFound

CONDA = "name: c\ndependencies:\n  - python=3.11\n  - pip\n  - pip:\n      - pandas\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "conda.yml").write_text(CONDA)
    (tmp_path / "env" / "requirements.txt").write_text("pandas\n-r more/other.txt\n")
    (tmp_path / "env" / "more").mkdir()
    (tmp_path / "env" / "more" / "other.txt").write_text("# plots\nmatplotlib\n./my-1.0.whl\n")
    return tmp_path


def written(folder: Path, text: str) -> str:
    path = folder / "environment.yml"
    path.write_text(text)
    return str(path)


def test_an_az_ml_environment_file(folder: Path) -> None:
    text = """
$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json
name: trees
version: 3
description: for trees
tags: {team: a}
image: mcr.invalid/base
conda_file: env/conda.yml
os_type: linux
"""
    found, warnings = environmentfile.load(written(folder, text))
    assert (found.name, found.version, found.description) == ("trees", "3", "for trees")
    assert (found.image, found.conda_file, found.tags) == ("mcr.invalid/base", CONDA, {"team": "a"})
    assert warnings == []


def test_a_conda_file_may_stand_in_the_file_itself(folder: Path) -> None:
    text = "name: a\nconda_file:\n  dependencies: [pip, {pip: [x, '-r env/requirements.txt']}]\n"
    found, _ = environmentfile.load(written(folder, text))
    whole = str(folder / "env" / "more" / "my-1.0.whl")
    pip = yaml.safe_load(found.conda_file)["dependencies"][1]["pip"]
    assert pip == ["x", "pandas", "# plots", "matplotlib", whole]


def test_what_set_changes_and_what_is_not_run_here(folder: Path) -> None:
    text = "name: a\nbuild: {path: docker}\n"
    found, warnings = environmentfile.load(
        written(folder, text), {"name": "b", "requirements": ["x"]}
    )
    assert (found.name, found.requirements) == ("b", ["x"])
    assert warnings == ["build docker is not run here."]


def test_a_requirements_file_with_those_that_it_names(folder: Path) -> None:
    found = environmentfile.read_requirements(str(folder / "env" / "requirements.txt"))
    assert found[:1] == ["pandas"]
    assert found[-1] == str(folder / "env" / "more" / "my-1.0.whl")


def test_files_that_name_each_other_end(folder: Path) -> None:
    path = folder / "round.txt"
    path.write_text("-r round.txt\n")
    with pytest.raises(Invalid, match="on and on"):
        environmentfile.read_requirements(str(path))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("name: a\nconda_file: nowhere.yml", NotFound),
        ("name: a\nimag: x", Invalid),
        ("name: a\nrequirements: {a: b}", Invalid),
        ("- a", Invalid),
    ],
)
def test_what_is_wrong_is_refused(folder: Path, text: str, kind: type[AmlError]) -> None:
    with pytest.raises(kind):
        environmentfile.load(written(folder, text))


# -- the environment of a job ------------------------------------------------------------------


def asked(folder: Path, environment: Any) -> tuple[str, EnvironmentContent | None, list[str]]:
    job, _ = jobfile.from_document({"command": "x", "environment": environment}, folder)
    return job.environment, job.environment_content, job.warnings


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("kernel", "kernel"),
        ("azureml:kernel@latest", "kernel"),
        ("trees:1", "trees:1"),
        ("azureml:trees@latest", "azureml:trees@latest"),
        (
            "azureml://registries/azureml/environments/sklearn-1.5/labels/latest",
            "azureml://registries/azureml/environments/sklearn-1.5/labels/latest",
        ),
    ],
)
def test_names_are_for_the_service_to_know(folder: Path, text: str, name: str) -> None:
    assert asked(folder, text) == (name, None, [])


def test_a_job_may_describe_its_environment(folder: Path) -> None:
    fields = {"image": "mcr.invalid/base", "conda_file": "env/conda.yml", "os_type": "linux"}
    name, content, warnings = asked(folder, fields)
    assert name == "kernel"
    assert content == EnvironmentContent(image="mcr.invalid/base", conda_file=CONDA)
    assert warnings == []  # that the image is not run is the service's to say


def test_a_job_may_name_an_environment_file(folder: Path) -> None:
    written(folder, "name: trees\nconda_file: env/conda.yml")
    assert asked(folder, "file:environment.yml") == asked(folder, "environment.yml")
    assert asked(folder, "environment.yml")[1] == EnvironmentContent(conda_file=CONDA)


def test_an_image_alone_is_the_kernel_and_is_said(folder: Path) -> None:
    name, content, warnings = asked(folder, {"image": "mcr.invalid/base"})
    assert (name, content) == ("kernel", None)
    assert "mcr.invalid/base is not run here" in warnings[0]
