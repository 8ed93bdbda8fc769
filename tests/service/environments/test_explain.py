"""Real logs of uv and pip: which requirement, why, and what to write instead."""

# ruff: noqa: E501 - the logs are as they came

from __future__ import annotations

import pytest

from jupyter_aml.service.environments.explain import explain, nearest_name

UNKNOWN_UV = """
Using Python 3.11.7 environment at: .
error: No solution found when resolving dependencies
  cause: Because scikit-lern was not found in the package registry and you require scikit-lern, we
      can conclude that your requirements are unsatisfiable.
"""
OLD_UV = """
  x No solution found when resolving dependencies:
  ╰─▶ Because scikit-lern was not found in the provided package locations and you require
      scikit-lern, we can conclude that your requirements are unsatisfiable.
"""
UNKNOWN_PIP = """
Looking in links: /packages
ERROR: Could not find a version that satisfies the requirement scikit-lern (from versions: none)
ERROR: No matching distribution found for scikit-lern
"""
VERSION_UV = """
error: No solution found when resolving dependencies
  cause: Because there is no version of numpy==99.9 and you require numpy==99.9, we can conclude
      that your requirements are unsatisfiable.
"""
VERSION_PIP = """
ERROR: Ignored the following versions that require a different python version: 1.21.2 Requires-Python >=3.7,<3.11; 2.5.5 Requires-Python >=3.12
ERROR: Could not find a version that satisfies the requirement numpy==99.9 (from versions: 1.26.3, 1.26.4, 2.0.0)
ERROR: No matching distribution found for numpy==99.9
"""
CONFLICT_UV = """
error: No solution found when resolving dependencies
  cause: Because pandas==2.2.0 depends on numpy>=1.22.4 and you require pandas==2.2.0, we can
      conclude that you require numpy>=1.22.4. And because you require numpy<1.20, we can conclude
      that your requirements are unsatisfiable.
"""
CONFLICT_PIP = """
Collecting tqdm
ERROR: Cannot install numpy<1.20 and pandas==2.2.0 because these package versions have conflicting dependencies.

The conflict is caused by:
    The user requested numpy<1.20
    pandas 2.2.0 depends on numpy>=1.22.4
ERROR: ResolutionImpossible: for help visit the documentation
"""
PYTHON_UV = """
error: No solution found when resolving dependencies
  cause: Because the current Python version (3.11.7) does not satisfy Python>=3.13 and
      new-thing==1.0 depends on Python>=3.13, we can conclude that new-thing==1.0 cannot be used.
      And because you require new-thing, we can conclude that your requirements are unsatisfiable.
"""
PYTHON_PIP = """
ERROR: Ignored the following versions that require a different python version: 1.0 Requires-Python >=3.13
ERROR: Could not find a version that satisfies the requirement new-thing (from versions: none)
ERROR: No matching distribution found for new-thing
"""
BUILD_UV = """
Resolved 3 packages in 10ms
  x Failed to build `wont-build==1.0`
  ├─▶ The build backend returned an error
  ╰─▶ Call to `backend.build_wheel` failed (exit status: 1)
      [stderr]
      RuntimeError: command 'no-such-compiler' failed: not found
"""
BUILD_PIP = """
Processing /packages/wont-build-1.0.tar.gz
  Preparing metadata (pyproject.toml): finished with status 'done'
Building wheels for collected packages: wont-build
      RuntimeError: command 'no-such-compiler' failed: not found
  ERROR: Failed building wheel for wont-build
Failed to build wont-build
ERROR: Failed to build installable wheels for some pyproject.toml based projects (wont-build)
"""
OFFLINE = """
error: Failed to fetch: `https://index.invalid/simple/numpy/`
  Caused by: error sending request for url (https://index.invalid/simple/numpy/)
  Caused by: dns error: failed to lookup address information: Name or service not known
"""
FULL = """
error: Failed to install: numpy-2.0.0.whl (numpy==2.0.0)
  Caused by: failed to write to file: No space left on device (os error 28)
"""

WANTED = ["numpy<1.20", "pandas==2.2.0", "scikit-lern", "new-thing", "wont-build"]


@pytest.mark.parametrize(
    ("log", "target", "words", "hint"),
    [
        (UNKNOWN_UV, "scikit-lern", "no package scikit-lern", "scikit-learn"),
        (OLD_UV, "scikit-lern", "no package scikit-lern", "scikit-learn"),
        (UNKNOWN_PIP, "scikit-lern", "no package scikit-lern", "scikit-learn"),
        (VERSION_UV, "numpy==99.9", "no version that fits ==99.9", "open"),
        (VERSION_PIP, "numpy==99.9", "no version that fits ==99.9", "2.0.0"),
        (CONFLICT_UV, "numpy<1.20", "pandas==2.2.0 contradict", "depends on numpy>=1.22.4"),
        (CONFLICT_PIP, "numpy<1.20", "pandas==2.2.0 contradict", "Loosen"),
        (PYTHON_UV, "new-thing", "needs Python >=3.13", "another Python"),
        (PYTHON_PIP, "new-thing", "needs Python >=3.13", "another Python"),
        (BUILD_UV, "wont-build", "no-such-compiler", "wheel"),
        (BUILD_PIP, "wont-build", "no-such-compiler", "wheel"),
        (OFFLINE, "index", "could not be reached", "network"),
        (FULL, "disk", "disk is full", "room"),
    ],
)
def test_the_requirement_and_the_reason_are_named(
    log: str, target: str, words: str, hint: str
) -> None:
    wanted = [target] if target == "numpy==99.9" else WANTED
    found = explain(log.splitlines(), wanted, "installing packages")
    assert found.target == target
    assert words in found.message
    assert hint in found.hint
    assert found.code == "EnvironmentFailed"
    assert found.details


def test_what_is_not_understood_is_said_as_it_stands() -> None:
    log = ["doing things", "error: the moon is in the wrong phase", "bye"]
    assert explain(log, ["a"], "installing").message == "the moon is in the wrong phase."
    assert (
        explain([], ["a"], "installing packages").message == "It ended while installing packages."
    )


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("scikit-lern", "scikit-learn"),
        ("sklearn", "scikit-learn"),
        ("cv2", "opencv-python-headless"),
        ("pandsa", "pandas"),
        ("qqqqqqqq", ""),
    ],
)
def test_a_typo_finds_the_package_that_was_meant(name: str, near: str) -> None:
    assert nearest_name(name) == near
