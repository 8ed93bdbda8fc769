"""What is installed here, and what of it is in use."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jupyter_aml.client import packages


def test_everything_installed_has_a_version() -> None:
    found = packages.installed()
    assert found["msgspec"]
    assert all(found.values())


def test_what_is_in_use_leaves_out_what_every_kernel_loads() -> None:
    code = (
        "import tqdm, sys, traitlets, msgspec\n"
        "from jupyter_aml.client import packages\n"
        "print(sorted(packages.used()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['tqdm']"


def test_packages_bring_others_along() -> None:
    found, is_complete = packages.brought_along(["pandas>=1; python_version>'3'"])
    assert is_complete
    assert {"pandas", "numpy", "python-dateutil"} <= found
    found, is_complete = packages.brought_along(["nobody-has-this-here"])
    assert (found, is_complete) == ({"nobody-has-this-here"}, False)


@pytest.mark.parametrize(
    ("requirement", "name"),
    [("Scikit_Learn[x]>=1", "scikit-learn"), ("--no-index", ""), ("/x/y.whl", "")],
)
def test_a_requirement_names_a_package(requirement: str, name: str) -> None:
    assert packages.name_of(requirement) == name
