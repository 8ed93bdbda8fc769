"""What an interpreter has against what is asked for."""

from __future__ import annotations

import sys

import pytest

from jupyter_aml.service.environments.satisfied import Installed, holds, lacks, look

THERE = Installed(
    (3, 11, 7),
    {"scikit-learn": "1.5.2", "torch": "2.1.0+cpu", "pandas": "2.2.0", "next": "3.0rc1"},
)


@pytest.mark.parametrize(
    ("version", "condition"),
    [
        ("1.5.2", ""),
        ("1.5.2", "==1.5.2"),
        ("1.5", "==1.5.0"),
        ("1.5.2", "==1.5.*"),
        ("1.5.2", ">=1.4,<2"),
        ("1.5.2", "(>=1.4, <2)"),
        ("1.5.2", "~=1.5"),
        ("1.10", ">1.9"),
        ("1.5.2", "!=1.5.1"),
        ("2.1.0+cpu", "==2.1.0"),
        ("2.1.0+cpu", "==2.1.0+cpu"),
        ("3.0rc1", "==3.0rc1"),
        ("1.5.2.post1", ">=1.5.2"),
    ],
)
def test_a_version_that_a_condition_allows(version: str, condition: str) -> None:
    assert holds(version, condition)


@pytest.mark.parametrize(
    ("version", "condition"),
    [
        ("1.5.2", "==1.5.1"),
        ("1.5.2", "==1.4.*"),
        ("1.15", "==1.1.*"),
        ("2.0", ">=1.4,<2"),
        ("2.0", "~=1.5"),
        ("1.5.2", "!=1.5.*"),
        ("2.1.0+cpu", "==2.1.0+cu118"),
        ("3.0rc1", ">=3.0"),
        ("1.5.2", "@ file:///x.whl"),
        ("1.5.2", "1.5.2"),
    ],
)
def test_one_that_it_does_not_or_that_cannot_be_decided(version: str, condition: str) -> None:
    assert not holds(version, condition)


@pytest.mark.parametrize(
    ("python", "lines", "why"),
    [
        ("3.11", ["Scikit_Learn==1.5.2", "pandas"], ""),
        ("", ["torch>=2", "--extra-index-url https://example.org/simple"], ""),
        ("3.8", [], "Python 3.11, not 3.8"),
        ("", ["pandas", "scikit-learn==1.3.0"], "scikit-learn 1.5.2, not ==1.3.0"),
        ("", ["lightgbm==4.0"], "no lightgbm==4.0"),
        ("", ["pandas[parquet]>=2"], "no pandas[parquet]>=2"),
        ("", ["/somewhere/own-1.0-py3-none-any.whl"], "no /somewhere/own-1.0-py3-none-any.whl"),
    ],
)
def test_the_first_thing_that_is_lacking_is_named(python: str, lines: list[str], why: str) -> None:
    assert lacks(THERE, python, lines) == why


def test_an_interpreter_says_what_it_has_and_no_interpreter_says_nothing(tmp_path: object) -> None:
    found = look(sys.executable)
    assert found is not None
    assert found.python == sys.version_info[:3]
    assert "msgspec" in found.packages
    assert look(f"{tmp_path}/no-python") is None
