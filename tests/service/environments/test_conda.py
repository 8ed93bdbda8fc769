"""A conda file is taken as far as the index has its packages; of the rest it is said."""

from __future__ import annotations

import pytest

from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.environments import conda

FILE = """
name: model
channels: [conda-forge, pytorch]
dependencies:
  - python=3.10
  - pip=23
  - conda-forge::numpy=1.26
  - pandas>=2,<3
  - pytorch=2.1.*
  - cudatoolkit=11.8
  - librosa
  - libgomp
  - pip:
      - mlflow==2.15
      - azureml-mlflow
variables:
  A: b
"""


def test_packages_get_their_names_on_the_index() -> None:
    found = conda.read(FILE)
    assert found.name == "model"
    assert found.python == "=3.10"
    assert found.requirements == [
        "numpy==1.26.*",
        "pandas>=2,<3",
        "torch==2.1.*",
        "librosa",
        "mlflow==2.15",
        "azureml-mlflow",
    ]


def test_what_cannot_be_given_is_said() -> None:
    said = " ".join(conda.read(FILE).warnings)
    for word in ("cudatoolkit", "libgomp", "conda-forge, pytorch", "variables"):
        assert word in said
    assert "librosa" not in said


@pytest.mark.parametrize(
    ("spec", "requirement", "is_said"),
    [
        ("scikit-learn", "scikit-learn", False),
        ("scikit-learn=1.4", "scikit-learn==1.4.*", False),
        ("scikit-learn==1.4", "scikit-learn==1.4", False),
        ("scikit-learn 1.4.*", "scikit-learn==1.4.*", False),
        ("scikit-learn 1.4.2", "scikit-learn==1.4.2", False),
        ("scikit-learn=1.4.2=py311_0", "scikit-learn==1.4.2", True),
        ("scikit-learn >=1.4", "scikit-learn>=1.4", False),
        ("scikit-learn<1|>2", "scikit-learn", True),
        ("scikit-learn[version='>1']", "scikit-learn", True),
    ],
)
def test_versions_are_written_as_pip_writes_them(
    spec: str, requirement: str, is_said: bool
) -> None:
    found = conda.read(f'dependencies: ["{spec}"]')
    assert found.requirements == [requirement]
    assert bool(found.warnings) is is_said


@pytest.mark.parametrize(
    "text", ["- a", "dependencies: 3", "dependencies: [{conda: [a]}]", "{", "'x'"]
)
def test_what_is_no_conda_file_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        conda.read(text)
    assert refused.value.target.startswith("condaFile")


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        (["scikit-learn=1.2.2", "numpy"], True),
        (["pandas=1.5"], True),
        (["scikit-learn=1.2.2", "numpy=1.24"], False),  # it says so itself
        (["pandas=2.2"], False),
        (["scikit-learn=1.5.0"], False),
        (["scikit-learn>=1.2"], False),
        (["numpy"], False),
    ],
)
def test_old_packages_of_conda_keep_the_numpy_that_they_were_made_for(
    asked: list[str], held: bool
) -> None:
    lines = "\n".join(f"  - {one}" for one in asked)
    found = conda.read(f"dependencies:\n{lines}\n")
    assert ("numpy<2" in found.requirements) is held
